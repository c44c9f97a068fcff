// ConfigMaps and Secrets made from literals, files and env files.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/kustomization_file.h"

namespace sluice::kustomize {

enum class GeneratedKind : uint8_t { kConfigMap, kSecret };

// kInvalidArgument for an unnamed object, a malformed source or a key given twice.
absl::StatusOr<Resource*> GenerateKeyValues(BuildState& state, const FileLoader& loader,
                                            GeneratedKind kind, const GeneratorArgs& args);

// `args` with the kustomization's generatorOptions filled in where it says nothing.
GeneratorArgs WithOptions(GeneratorArgs args, const std::optional<GeneratorOptions>& defaults);

// Base64 as kustomize writes it: more than 70 characters are broken into lines of 70, each ended by
// a newline, the last one, too.
std::string WrappedBase64(absl::string_view bytes);

}  // namespace sluice::kustomize
