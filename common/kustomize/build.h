// Building a kustomization: the engine of `kustomize build` (5.8.1) over a file tree.
//
//   const BuildResult result = Build(tree, "clusters/prod", {}).value();
//   for (const Value& object : result.resources) ...
//
// Nothing is fetched and nothing is executed: bases and files must be in the tree, plugins other
// than the built-in ones are refused, Helm charts as well unless something renders them. A build
// shares no state with another, so builds may run in parallel as long as each has its own result.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/kustomize/chart_renderer.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// Which files a kustomization may name apart from other kustomizations.
enum class LoadRestriction : uint8_t {
  kRootOnly,  // those in or below its own folder, as kustomize by default
  kNone,      // all of the tree, as Flux
};

// The order of the result where the kustomization itself does not set `sortOptions`.
enum class Reorder : uint8_t {
  kLegacy,  // by kind, as `kustomize build` by default
  kNone,    // as accumulated, as Flux
};

// Bounds on what a tree from outside can make a build do. Reaching one is kResourceExhausted.
struct BuildLimits {
  size_t max_depth = 64;                       // kustomizations within kustomizations
  size_t max_kustomizations = 2'000;           // folders built, each use counted
  size_t max_resources = 200'000;              // objects read, patches and repeated bases included
  size_t max_file_bytes = size_t{16} << 20;    // one file
  size_t max_total_bytes = size_t{512} << 20;  // all files read
  size_t max_nodes = 16'000'000;               // values of objects and patches, copies included
};

struct BuildOptions {
  LoadRestriction load_restriction = LoadRestriction::kNone;
  Reorder reorder = Reorder::kNone;
  // Whether types of `openapi.path` in the folder the build starts in add to the built-in ones, as
  // with Flux; kustomize alone puts them in their place.
  bool schema_adds_to_builtin = true;
  // Adds the label app.kubernetes.io/managed-by to every object.
  bool managed_by_label = false;
  // What stands before paths in messages: where the tree is on disk; "" names paths as "/...".
  // Links with an absolute target are followed only where it lies below this; "/" says that the
  // tree is the whole file system.
  std::string tree_root;
  HelmOptions helm;
  BuildLimits limits;
};

struct BuildResult {
  std::vector<Value> resources;  // in output order
  std::vector<std::string> warnings;
  // Every path of the tree whose content, presence or absence the result depends on.
  std::set<std::string> inputs;

  // As `kustomize build` prints: documents separated by "---".
  std::string ToYaml() const;
};

// Builds the kustomization in the folder `path` of `tree` ("" is the root). Errors are
// kInvalidArgument unless a file or object is missing (kNotFound), a path leads where the build may
// not read (kPermissionDenied), two objects have one id (kAlreadyExists) or a limit is reached
// (kResourceExhausted); their messages are kustomize's where it has one.
absl::StatusOr<BuildResult> Build(const fs::Tree& tree, absl::string_view path,
                                  const BuildOptions& options = {});

}  // namespace sluice::kustomize
