// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/crds.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/instance.h"
#include "common/value/yaml.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

constexpr absl::Duration kEstablished = absl::Seconds(60);

const kube::Resource& Definitions() {
  static const auto* const kDefinitions = new kube::Resource{
      "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false};
  return *kDefinitions;
}

bool HasDefinitions(const helm::Chart& chart) {
  return std::any_of(chart.files.begin(), chart.files.end(),
                     [](const helm::ChartFile& f) { return absl::StartsWith(f.name, "crds/"); }) ||
         std::any_of(chart.dependencies.begin(), chart.dependencies.end(),
                     [](const auto& below) { return HasDefinitions(*below); });
}

// Whether it was written: with the policy Create one that is there stays.
absl::StatusOr<bool> ApplyOne(const Context& ctx, const Environment& with, const Value& definition,
                              api::CrdPolicy policy, bool server_side) {
  if (server_side) {
    const auto applied = with.client.Apply(ctx, Definitions(), definition,
                                           {.field_manager = kFieldManager, .force = true});
    RETURN_IF_ERROR(applied.status());
    return true;
  }
  const auto created =
      with.client.Create(ctx, Definitions(), definition, {.field_manager = kFieldManager});
  if (created.ok()) return true;
  if (!absl::IsAlreadyExists(created.status())) return created.status();
  if (policy == api::CrdPolicy::kCreate) return false;
  ASSIGN_OR_RETURN(const Value live, with.client.Get(ctx, Definitions(), kube::KeyOf(definition)));
  Value replacement = definition;
  replacement.Ensure("metadata").Set("resourceVersion", kube::ResourceVersion(live));
  RETURN_IF_ERROR(
      with.client.Update(ctx, Definitions(), replacement, {.field_manager = kFieldManager})
          .status());
  return true;
}

}  // namespace

absl::StatusOr<std::vector<Value>> ChartDefinitions(
    const ReleaseRequest& request, const std::map<std::string, std::string>& labels) {
  std::vector<Value> definitions;
  if (!HasDefinitions(*request.chart->chart())) return definitions;
  helm::Instance instance(request.chart->chart(), {});
  RETURN_IF_ERROR(instance.ProcessDependencies(request.values));
  for (const helm::ChartFile& file : helm::CrdsOf(instance.root())) {
    auto documents = value::ParseYamlStream(file.data);
    if (!documents.ok()) {
      return Annotate(documents.status(),
                      absl::StrCat("failed to parse CustomResourceDefinitions from ", file.name));
    }
    for (value::YamlDocument& document : *documents) {
      if (document.value["kind"].str() != Definitions().kind) continue;
      for (const auto& [key, text] : labels) {
        kube::SetMetadataEntry(document.value, "labels", key, text);
      }
      definitions.push_back(std::move(document.value));
    }
  }
  return definitions;
}

absl::Status ApplyDefinitions(const Context& ctx, const Environment& with,
                              const std::vector<Value>& definitions, api::CrdPolicy policy,
                              bool server_side) {
  if (policy == api::CrdPolicy::kSkip) return absl::OkStatus();
  Resources touched;
  for (const Value& definition : definitions) {
    const auto applied = ApplyOne(ctx, with, definition, policy, server_side);
    if (!applied.ok()) {
      return Annotate(applied.status(), absl::StrCat("failed to create CustomResourceDefinition ",
                                                     kube::Name(definition)));
    }
    if (*applied) touched.push_back({definition, Definitions()});
  }
  if (touched.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Annotate(WaitUntilReady(ctx, with, touched, {.timeout = kEstablished}),
                           "failed to wait for CustomResourceDefinitions"));
  with.discovery.Invalidate();
  with.capabilities.Invalidate(with.cluster);
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
