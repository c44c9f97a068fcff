// What kustomize-controller would apply for a Kustomization, from a folder on this machine
// (spec/cli.md §6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/connection.h"
#include "common/api/kustomize/kustomization.h"
#include "common/flags/command.h"
#include "common/value/secret_texts.h"
#include "common/value/value.h"

namespace sluice::cli {

struct RenderingOptions {
  ConnectionOptions connection;
  std::string name;
  std::string path;
  std::string kustomization_file;
  std::vector<std::string> ignore_paths;   // patterns as in .gitignore, about the folder
  std::vector<std::string> local_sources;  // cli/plan/local_sources.h
  bool recursive = false;
  // Of nested ones, only those that are in the cluster, and apply to it.
  bool existing_only = false;
  bool strict_substitute = false;
  bool dry_run = false;           // no cluster is asked
  bool ignore_not_found = false;  // of the Kustomization in the cluster
  bool in_memory = true;          // Flux's flag; it is never otherwise here
};
void AddRenderingFlags(Command& command, RenderingOptions& options);

struct Rendering {
  Value kustomization;  // the live one, with the spec of the file if there is one
  api::KustomizationSpec spec;
  value::SecretTexts secrets;  // that variables were filled in from
  std::vector<Value> objects;  // in the order of applying; what SOPS encrypted is masked
};

// Calls `visit` with the Kustomization, and, if it is to be recursive, with those that are among
// its objects, and theirs; parents first. `connection` is null for a dry run, in which variables of
// ConfigMaps and Secrets are left out. Nothing on disk is changed. Ends with the first error, also
// of `visit`; kInvalidArgument for a nested one whose source no folder stands for.
absl::Status RenderKustomizations(const Context& ctx, Connection* connection,
                                  const RenderingOptions& options,
                                  const std::function<absl::Status(const Rendering&)>& visit);

}  // namespace sluice::cli
