// What kustomize-controller would apply for a Kustomization, from a folder on this machine
// (spec/cli.md §6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

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

// `connection` is null for a dry run, in which variables of ConfigMaps and Secrets are left out.
// Nothing in the folder is changed.
absl::StatusOr<Rendering> RenderKustomization(const Context& ctx, Connection* connection,
                                              const RenderingOptions& options);

}  // namespace sluice::cli
