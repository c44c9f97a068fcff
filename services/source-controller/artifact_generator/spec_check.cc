// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_generator/spec_check.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/artifact_composition/path_pattern.h"

namespace sluice::source_controller {

SpecRefusal CheckSpec(const api::ArtifactGeneratorSpec& spec, absl::string_view ns,
                      bool no_cross_namespace_refs) {
  std::set<absl::string_view> aliases;
  for (const api::GeneratorSource& source : spec.sources) {
    if (!aliases.insert(source.alias).second) {
      return {"ValidationFailed",
              absl::StrCat("duplicate source alias '", source.alias, "' found")};
    }
    if (no_cross_namespace_refs && source.reference.key.ns != ns) {
      return {"AccessDenied", absl::StrCat("cross-namespace reference to source ",
                                           source.reference.ToString(), " is not allowed")};
    }
  }
  std::set<absl::string_view> names;
  for (const api::OutputArtifact& artifact : spec.artifacts) {
    if (!names.insert(artifact.name).second) {
      return {"ValidationFailed",
              absl::StrCat("duplicate artifact name '", artifact.name, "' found")};
    }
    const std::string problem = spec.path_pattern.empty()
                                    ? artifact_composition::ObjectNameProblem(artifact.name)
                                    : std::string();
    if (!problem.empty()) {
      return {"ValidationFailed",
              absl::StrCat("artifact name \"", artifact.name,
                           "\" is not a valid Kubernetes object name: ", problem)};
    }
    if (!artifact.revision.empty() && !aliases.contains(artifact.revision)) {
      return {"ValidationFailed",
              absl::StrCat("artifact ", artifact.name, " revision source alias '",
                           artifact.revision, "' not found")};
    }
  }
  return {};
}

}  // namespace sluice::source_controller
