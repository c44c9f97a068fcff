// A chart rendered for a release: what `helm template` prints and what an install applies.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/engine.h"
#include "common/helm/manifests.h"

namespace sluice::helm {

// What goes through the post-renderer.
enum class PostRenderStrategy : uint8_t {
  kCombined,  // manifests and hooks in one stream
  kSeparate,  // each in a stream of its own
  kNoHooks,   // manifests only
};

struct ReleaseOptions {
  RenderOptions render;
  bool include_crds = false;
  bool subchart_notes = false;
  // From a stream of documents to another; none by default. In Helm 3 it sees the manifests as they
  // will be printed.
  std::function<absl::StatusOr<std::string>(const std::string& stream)> post_render = nullptr;
  PostRenderStrategy post_render_strategy = PostRenderStrategy::kCombined;
  // Where to put the files if they cannot be sorted into manifests; not owned, may be null.
  RenderedFiles* unsorted = nullptr;
};

struct RenderedRelease {
  std::vector<ChartFile> crds;  // of crds/, by their full path; only if they were asked for
  std::vector<Manifest> manifests;
  std::vector<Hook> hooks;
  // What is stored and applied: "---\n# Source: PATH\n…" for each of the two first.
  std::string manifest;
  std::string notes;
  std::vector<std::string> warnings;
  // Of the root chart, with its dependencies as they were processed and what it imported from them:
  // what Helm stores with the release.
  Metadata metadata;
  Value values = Value::EmptyObject();
};

// A payload of errors that came up after the values were known to be good: Helm's command has a
// hint for them.
inline constexpr char kRenderError[] = "sluice/helm/render";

// Everything from dependencies to manifests. `values` are the user's (instance.h).
// kFailedPrecondition if the cluster's version does not suit the chart; else the errors of the
// steps.
absl::StatusOr<RenderedRelease> RenderRelease(std::shared_ptr<const Chart> chart,
                                              const Value& values, const Target& target,
                                              const ReleaseOptions& options);

// kFailedPrecondition, naming them, if the chart declares dependencies that it does not have.
absl::Status CheckDependencies(const Chart& chart);

// The same in the words of Helm's commands, which refuse library charts, too.
absl::Status CheckInstallable(const Chart& chart, Dialect dialect);

// What `helm template` prints: the manifest, then hooks.
std::string PrintedTemplates(const RenderedRelease& release, bool hooks, bool tests);

// The files of crds/ of the chart and its dependencies, by their full path.
std::vector<ChartFile> CrdsOf(const ChartNode& root);

}  // namespace sluice::helm
