// `sluice build DIR`: what `kustomize build` 5.8.1 prints, with its flags.
//
// This command starts in the small `sluice` program without the parts that talk to clusters
// (docs/adr/0013): what it includes must stay free of network libraries.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/flags/command.h"
#include "common/kustomize/build.h"

namespace sluice::cli {

struct BuildOptions {
  std::string folder = ".";
  std::string output;  // a file or an existing folder; "": standard output
  std::string reorder = "legacy";
  std::string load_restrictor = "LoadRestrictionsRootOnly";
  bool managed_by_label = false;
  bool enable_helm = false;
  std::string helm_kube_version;
  std::vector<std::string> helm_api_versions;

  // Taken so that command lines made for kustomize work, and without effect: nothing is executed
  // and nothing is fetched, whatever they say.
  struct Ignored {
    bool alpha_plugins = false;
    bool exec = false;
    bool as_current_user = false;
    bool network = false;
    bool helm_debug = false;
    bool stack_trace = false;
    std::string network_name = "bridge";
    std::string helm_command = "helm";
    std::vector<std::string> env;
    std::vector<std::string> mounts;
  } ignored;
};

void AddBuild(Command& command);

// Builds the folder. A relative one is below `working_directory`, an absolute path. Errors as of
// kustomize::Build(), with kustomize's words and absolute paths.
absl::StatusOr<kustomize::BuildResult> BuildFolder(const BuildOptions& options,
                                                   absl::string_view working_directory);

// Writes the result to standard output ("") or `output`: into an existing folder as one file per
// object; over whatever file is there; else to a new file.
absl::Status WriteResult(const kustomize::BuildResult& result, const std::string& output);

// A whole program whose only command is `build`. Exit codes as of Main() in app.h; the reason of 1
// is one line "Error: ..." on standard error, warnings are lines "# Warning: ...".
int BuildMain(int argc, const char* const* argv);

}  // namespace sluice::cli
