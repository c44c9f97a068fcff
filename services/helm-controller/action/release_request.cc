// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/release_request.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/lookup.h"
#include "common/kube/object.h"
#include "common/template_environment/resolving_environment.h"
#include "common/template_environment/system_environment.h"
#include "common/text/quote.h"

namespace sluice::helm_controller {
namespace {

constexpr absl::Duration kTimeToFinish = absl::Seconds(5);

// `lookup` under the release's identity.
class ClusterLookup : public helm::Lookup {
 public:
  ClusterLookup(const Context& ctx, const Environment& with) : ctx_(ctx), with_(with) {}

  absl::StatusOr<Value> Find(absl::string_view api_version, absl::string_view kind,
                             absl::string_view namespace_name, absl::string_view name) override {
    const auto at = with_.discovery.Resolve(ctx_, kube::ParseGvk(api_version, kind));
    if (!at.ok()) {
      return Annotate(at.status(), absl::StrCat("unable to get apiresource from unstructured: ",
                                                api_version, ", Kind=", kind));
    }
    const std::string ns(at->namespaced ? namespace_name : "");
    if (!name.empty()) {
      auto object = with_.client.Get(ctx_, *at, {ns, std::string(name)});
      if (absl::IsNotFound(object.status())) return Value::EmptyObject();
      return object;
    }
    ASSIGN_OR_RETURN(kube::ObjectList list, with_.client.List(ctx_, *at, ns));
    return Value{{"apiVersion", api_version},
                 {"kind", absl::StrCat(kind, "List")},
                 {"metadata", {{"resourceVersion", list.resource_version}}},
                 {"items", Value(std::move(list.items))}};
  }

 private:
  const Context& ctx_;
  const Environment& with_;
};

}  // namespace

absl::StatusOr<helm::RenderedRelease> RenderChart(const Context& ctx, const Environment& with,
                                                  const ReleaseRequest& request,
                                                  const Value& values, int64_t revision,
                                                  bool is_upgrade, bool skip_schema) {
  RETURN_IF_ERROR(helm::CheckInstallable(*request.chart->chart(), helm::Dialect::kHelm4));
  helm::Target target{.release = {.name = request.name,
                                  .namespace_name = request.ns,
                                  .revision = revision,
                                  .is_upgrade = is_upgrade}};
  ASSIGN_OR_RETURN(const auto capabilities, with.capabilities.Get(ctx, with.cluster, with.client));
  target.capabilities = *capabilities;
  template_environment::SystemEnvironment plain;
  template_environment::ResolvingEnvironment resolving;
  ClusterLookup lookup(ctx, with);
  helm::ReleaseOptions options;
  options.render.environment = request.allow_dns ? &resolving : &plain;
  options.render.lookup = &lookup;
  options.render.skip_schema = skip_schema;
  options.render.parsed = request.chart.get();
  options.post_render = request.post_render;
  options.post_render_strategy = request.post_render_strategy;
  return helm::RenderRelease(request.chart->chart(), values, target, options);
}

void PutRendered(const ReleaseRequest& request, const helm::RenderedRelease& rendered,
                 const Value& values, helm_release::Record& record) {
  record.chart =
      helm_release::ChartJson(*request.chart->chart(), rendered.metadata, rendered.values);
  record.config = values;
  record.manifest = rendered.manifest;
  record.info.notes = rendered.notes;
  record.hooks.clear();
  for (const helm::Hook& hook : rendered.hooks) record.hooks.push_back({hook, {}});
}

Context LastContext(const Context& ctx) {
  return ctx.Check().ok() ? ctx : Context::Background().WithTimeout(kTimeToFinish);
}

absl::Status SupersedeDeployed(const Context& ctx, const Environment& with,
                               const std::vector<helm_release::Revision>& revisions,
                               int64_t except) {
  for (const helm_release::Revision& revision : revisions) {
    if (revision.status() != helm_release::Status::kDeployed || revision.version() == except) {
      continue;
    }
    ASSIGN_OR_RETURN(helm_release::Record deployed, revision.Decode());
    deployed.info.status = helm_release::Status::kSuperseded;
    const absl::Status updated = with.storage.Update(ctx, deployed);
    // It may have been deleted to make room.
    if (!updated.ok() && !absl::IsNotFound(updated)) return updated;
  }
  return absl::OkStatus();
}

absl::Status StoreFailure(const Context& ctx, const Environment& with, absl::string_view prefix,
                          const absl::Status& error, helm_release::Record& record) {
  record.info.status = helm_release::Status::kFailed;
  record.info.description =
      absl::StrCat(prefix, " ", text::Quote(record.name), " failed: ", error.message());
  const absl::Status stored = with.storage.Update(LastContext(ctx), record);
  return stored.ok() ? error : Annotate(stored, absl::StrCat(error.message()));
}

}  // namespace sluice::helm_controller
