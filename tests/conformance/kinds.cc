// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/kinds.h"

namespace sluice::conformance {

absl::Status RunEnvsubst(const std::filesystem::path& path, Report& report);     // envsubst.cc
absl::Status RunGitops(const std::filesystem::path& path, Report& report);       // gitops.cc
absl::Status RunGotemplate(const std::filesystem::path& path, Report& report);   // gotemplate.cc
absl::Status RunHelm(const std::filesystem::path& path, Report& report);         // helm.cc
absl::Status RunHelmCommand(const std::filesystem::path& path, Report& report);  // helm_command.cc
absl::Status RunHelmValues(const std::filesystem::path& path, Report& report);   // helm_values.cc
absl::Status RunKustomize(const std::filesystem::path& path, Report& report);    // kustomize.cc
absl::Status RunKustomizeCommand(const std::filesystem::path& path,
                                 Report& report);  // kustomize_command.cc
// kustomize_generate.cc
absl::Status RunKustomizeGenerate(const std::filesystem::path& path, Report& report);
absl::Status RunSemver(const std::filesystem::path& path, Report& report);  // semver.cc
absl::Status RunYaml(const std::filesystem::path& path, Report& report);    // yaml.cc

std::span<const Kind> Kinds() {
  static constexpr Kind kKinds[] = {
      {"envsubst", RunEnvsubst},
      {"gitops", RunGitops},
      {"gotemplate", RunGotemplate},
      {"helm", RunHelm},
      {"helm-command", RunHelmCommand},
      {"helm-values", RunHelmValues},
      {"kustomize", RunKustomize},
      {"kustomize-command", RunKustomizeCommand},
      {"kustomize-generate", RunKustomizeGenerate},
      {"semver", RunSemver},
      {"yaml", RunYaml},
  };
  return kKinds;
}

}  // namespace sluice::conformance
