// From rendered files to manifests and hooks: documents cut apart, their heads read, hooks told
// from the rest, both in the order of installing.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"
#include "common/helm/engine.h"

namespace sluice::helm {

// A document that is no hook.
struct Manifest {
  std::string path;  // of the template it came from
  std::string content;
  std::string api_version;
  std::string kind;
  std::string name;
};

// When a hook runs.
enum class HookEvent : uint8_t {
  kPreInstall,
  kPostInstall,
  kPreDelete,
  kPostDelete,
  kPreUpgrade,
  kPostUpgrade,
  kPreRollback,
  kPostRollback,
  kTest,
};

// "pre-install"
absl::string_view ToText(HookEvent event);

// A document with the annotation helm.sh/hook.
struct Hook {
  std::string name;
  std::string kind;
  std::string path;
  std::string manifest;
  std::vector<HookEvent> events;  // as written, one that is written twice runs twice
  int64_t weight = 0;
  std::vector<std::string> delete_policies;
  std::vector<std::string> output_log_policies;

  bool runs_at(HookEvent event) const;
};

struct SortedManifests {
  std::vector<Hook> hooks;
  std::vector<Manifest> manifests;
  std::vector<std::string> warnings;
};

// The documents of one file. They are cut at "---" at the start of a line, whatever follows it.
std::vector<std::string> SplitManifests(absl::string_view text, Dialect dialect);

// All documents of `files`, sorted by kind and within a kind by path and place. A hook for an event
// that does not exist is dropped, with a warning. kInvalidArgument, "YAML parse error on PATH: …",
// for a document that cannot be read.
absl::StatusOr<SortedManifests> SortManifests(const RenderedFiles& files, Dialect dialect);

}  // namespace sluice::helm
