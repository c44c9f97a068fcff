// What is to be released.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/helm/parsed_chart.h"
#include "common/helm/release.h"
#include "common/helm_release/record.h"
#include "common/value/value.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {

struct ReleaseRequest {
  std::string name;  // of the release, no longer than Helm allows
  std::string ns;
  std::shared_ptr<const helm::ParsedChart> chart;
  Value values = Value::EmptyObject();
  // From a stream of documents to another (helm/release.h).
  std::function<absl::StatusOr<std::string>(const std::string& stream)> post_render;
  helm::PostRenderStrategy post_render_strategy = helm::PostRenderStrategy::kCombined;
  int64_t max_history = 5;
  // Stored beside each revision; its action is filled in.
  helm_release::Intent intent;
  bool allow_dns = false;  // getHostByName
};

// The chart of `request` with `values` for the release as it will be; lookups see the cluster.
absl::StatusOr<helm::RenderedRelease> RenderChart(const Context& ctx, const Environment& with,
                                                  const ReleaseRequest& request,
                                                  const Value& values, int64_t revision,
                                                  bool is_upgrade, bool skip_schema);

// What a record has of a rendering: chart, manifest, hooks, notes.
void PutRendered(const ReleaseRequest& request, const helm::RenderedRelease& rendered,
                 const Value& values, helm_release::Record& record);

// `record` as failed, for `error`, stored even if `ctx` has ended. `prefix` is "Release" and so on:
// its description becomes `Release "name" failed: …`. The error is `error`, or that of the storage.
absl::Status StoreFailure(const Context& ctx, const Environment& with, absl::string_view prefix,
                          const absl::Status& error, helm_release::Record& record);

// Those of `revisions`, as they were listed, that are deployed become superseded; `except` is the
// caller's to change.
absl::Status SupersedeDeployed(const Context& ctx, const Environment& with,
                               const std::vector<helm_release::Revision>& revisions,
                               int64_t except);

// A context to finish with: `ctx`, or one of five seconds if that has ended.
Context LastContext(const Context& ctx);

}  // namespace sluice::helm_controller
