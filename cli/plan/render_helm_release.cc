// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/plan/fixed_environment.h"
#include "cli/plan/render.h"
#include "common/api/helm/helm_release.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm/release.h"
#include "common/helm_rendering/post_render.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"
#include "common/kustomize/merge_schema.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::plan {
namespace {

// The values as far as what they refer to is at hand; false if it may still come.
bool ComposeValues(const Context& ctx, const World& world, api::HelmReleaseSpec& spec, Unit& unit,
                   absl::StatusOr<Value>& values) {
  std::vector<std::string> missing;
  std::erase_if(spec.values_from, [&](const api::ValuesReference& reference) {
    const kube::ObjectKey key{unit.key.ns, reference.name};
    const auto place = world.plan.Find("", reference.kind, key);
    const std::string subject = absl::StrCat(reference.kind, "/", key.ToString());
    if (place.object == nullptr) {
      if (!reference.optional || !world.last_resort) {
        missing.push_back(absl::StrCat(subject, " is not in the repository"));
      }
      return true;
    }
    unit.secret |= place.unit->secret;
    if (!IsEncrypted(place.object->Parse())) return false;
    missing.push_back(absl::StrCat(subject, " is encrypted, and no local key opens it"));
    return true;
  });
  if (!missing.empty() && !world.last_resort) return false;
  for (const std::string& text : missing) unit.Add(kReferenceElsewhere, "", text);
  PlanClient client(world.plan);
  values = helm_rendering::ComposeValues(ctx, client, unit.key.ns, spec);
  return true;
}

// What charts may ask for: the cluster's, and what the plan's own definitions add.
helm::Capabilities CapabilitiesOf(const World& world) {
  helm::Capabilities capabilities = world.capabilities;
  for (const auto& place : world.plan.OfKind("apiextensions.k8s.io", "CustomResourceDefinition")) {
    const std::vector<std::string> parts = absl::StrSplit(place.object->defines, ' ');
    if (parts.size() != 4) continue;
    for (const absl::string_view version : absl::StrSplit(parts[3], ',')) {
      const std::string served = absl::StrCat(parts[0], "/", version);
      capabilities.api_versions.push_back(served);
      capabilities.api_versions.push_back(absl::StrCat(served, "/", parts[1]));
    }
  }
  std::sort(capabilities.api_versions.begin(), capabilities.api_versions.end());
  return capabilities;
}

// Adds the objects of a stream of documents; those of built-in namespaced kinds that name no
// namespace are in the release's.
absl::Status AddObjects(absl::string_view stream, const std::string& ns, Role role,
                        std::vector<Record::Rendered>& objects) {
  ASSIGN_OR_RETURN(std::vector<value::YamlDocument> documents, value::ParseYamlStream(stream));
  std::vector<Value> pending;
  for (value::YamlDocument& document : documents) {
    if (absl::EndsWith(document.value["kind"].str(), "List") &&
        document.value["items"].is_array()) {
      for (const Value& item : document.value["items"].items()) pending.push_back(item);
    } else {
      pending.push_back(std::move(document.value));
    }
  }
  for (Value& object : pending) {
    const kube::GroupVersionKind gvk = kube::GvkOf(object);
    if (gvk.kind.empty() || kube::Name(object).empty()) continue;
    const bool namespaced =
        kustomize::BuiltinScope({gvk.group, gvk.version, gvk.kind}) != kustomize::Scope::kCluster;
    if (namespaced && kube::Namespace(object).empty()) {
      object.Ensure("metadata").Set("namespace", ns);
    }
    objects.push_back({std::move(object), role});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Record>> Rendered(const Unit& unit,
                                                       const api::HelmReleaseSpec& spec,
                                                       const Value& values,
                                                       const helm::ParsedChart& chart,
                                                       const helm::Capabilities& capabilities) {
  RETURN_IF_ERROR(helm::CheckInstallable(*chart.chart(), helm::Dialect::kHelm4));
  helm::Target target{.release = {.name = spec.release_name,
                                  .namespace_name = spec.target_namespace,
                                  .revision = 1}};
  target.capabilities = capabilities;
  const helm_rendering::PostRendering rendering = helm_rendering::PostRenderingOf(unit.key, spec);
  FixedEnvironment environment;
  helm::ReleaseOptions options;
  options.render.environment = &environment;
  options.render.skip_schema = spec.install.disable_schema_validation;
  options.render.parsed = &chart;
  options.include_crds = spec.install.crds != api::CrdPolicy::kSkip;
  options.post_render = [&](const std::string& stream) {
    return helm_rendering::PostRender(rendering, stream);
  };
  options.post_render_strategy = helm_rendering::StrategyOf(spec, /*helm3_defaults=*/false);
  ASSIGN_OR_RETURN(const helm::RenderedRelease release,
                   helm::RenderRelease(chart.chart(), values, target, options));
  std::vector<Record::Rendered> objects;
  const std::string& ns = spec.target_namespace;
  if (spec.install.create_namespace) {
    objects.push_back({Value{{"apiVersion", "v1"},
                             {"kind", "Namespace"},
                             {"metadata", {{"name", ns}, {"labels", {{"name", ns}}}}}},
                       Role::kChartFile});
  }
  for (const helm::ChartFile& file : release.crds) {
    RETURN_IF_ERROR(AddObjects(file.data, ns, Role::kChartFile, objects));
  }
  RETURN_IF_ERROR(AddObjects(release.manifest, ns, Role::kObject, objects));
  for (const helm::Hook& hook : release.hooks) {
    if (hook.runs_at(helm::HookEvent::kTest)) continue;
    RETURN_IF_ERROR(AddObjects(hook.manifest, ns, Role::kHook, objects));
  }
  return Record::Make({}, objects);
}

}  // namespace

bool RenderHelmRelease(const Context& ctx, const World& world, Unit& unit) {
  auto spec = api::DecodeHelmReleaseSpec(unit.key, unit.object["spec"]);
  if (!spec.ok()) {
    unit.Add(kBuildFailed, "", std::string(spec.status().message()));
    return true;
  }
  const auto found = world.charts.Find(ctx, unit.object, *spec, world.plan, world.sources);
  if (absl::IsNotFound(found.status()) && !world.last_resort) return false;
  absl::StatusOr<Value> values = Value::EmptyObject();
  if (!ComposeValues(ctx, world, *spec, unit, values)) return false;
  unit.suspended = spec->suspend;
  for (const api::Dependency& dependency : spec->depends_on) {
    unit.depends_on.push_back(absl::StrCat(dependency.same_kind() ? unit.kind : dependency.kind,
                                           "/", dependency.key.ToString()));
  }
  if (!found.ok()) {
    unit.source = absl::StrCat("Chart/", api::HelmChartOf(unit.object));
    const bool not_at_hand = absl::StartsWith(found.status().message(), "not rendered");
    unit.Add(not_at_hand ? kNotRendered : kBuildFailed, "", std::string(found.status().message()));
    return true;
  }
  unit.source = absl::StrCat("Chart ", found->name);
  if (!values.ok()) {
    unit.Add(kBuildFailed, "", std::string(values.status().message()));
    return true;
  }
  const helm::Capabilities capabilities = CapabilitiesOf(world);
  std::string recipe = absl::StrCat("helm release\n", unit.key.ToString(), "\n", found->identity,
                                    "\n", capabilities.kube_version.version, "\n");
  for (const std::string& version : capabilities.api_versions) {
    absl::StrAppend(&recipe, version, ",");
  }
  absl::StrAppend(&recipe, "\n", value::FormatJson(unit.object["spec"]), "\n",
                  value::FormatJson(*values));
  recipe = crypto::Digest(crypto::Algorithm::kSha256, recipe);
  const auto no_files = [](const std::set<std::string>&) { return std::string(); };
  unit.record = world.memo.Find(recipe, no_files);
  if (unit.record != nullptr) return true;
  const auto chart = found->Load();
  auto record = chart.ok() ? Rendered(unit, *spec, *values, **chart, capabilities)
                           : absl::StatusOr<std::shared_ptr<const Record>>(chart.status());
  if (!record.ok()) {
    unit.Add(kBuildFailed, "", std::string(record.status().message()));
    return true;
  }
  unit.record = *std::move(record);
  world.memo.Put(recipe, "", unit.record, !unit.secret);
  return true;
}

}  // namespace sluice::plan
