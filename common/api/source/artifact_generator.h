// ArtifactGenerator (source.extensions.fluxcd.io/v1beta1): composes ExternalArtifacts out of parts
// of other sources. Facts: fluxcd/source-watcher 2.2.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/meta/condition.h"
#include "common/api/meta/reference.h"
#include "common/value/value.h"

namespace sluice::api {

inline constexpr char kGeneratorFinalizer[] = "source.extensions.fluxcd.io/finalizer";
// On an ExternalArtifact: the uid of the generator that made it.
inline constexpr char kGeneratorLabel[] = "source.extensions.fluxcd.io/generator";
// "disabled", in any case, switches the generator off.
inline constexpr char kGeneratorReconcileAnnotation[] = "source.extensions.fluxcd.io/reconcile";

struct GeneratorSource {
  std::string alias;
  SourceReference reference;
};

enum class CopyStrategy { kOverwrite, kMerge, kExtract };

struct CopyOperation {
  std::string from;  // "@alias/pattern"
  std::string to;    // "@artifact/path"
  std::vector<std::string> exclude;
  CopyStrategy strategy = CopyStrategy::kOverwrite;
};

struct OutputArtifact {
  std::string name;
  std::string revision;         // alias without "@"; "": that of the content
  std::string origin_revision;  // alias without "@"; "": none
  std::vector<CopyOperation> copy;
};

struct ArtifactGeneratorSpec {
  std::map<std::string, std::string> labels;  // of spec.commonMetadata
  std::map<std::string, std::string> annotations;
  std::vector<GeneratorSource> sources;
  std::string path_pattern;  // "@alias/pattern", or ""
  std::vector<OutputArtifact> artifacts;
};

// One ExternalArtifact that the generator has made.
struct GeneratedArtifact {
  std::string name;
  std::string ns;
  std::string digest;
  std::string file_name;

  friend bool operator==(const GeneratedArtifact&, const GeneratedArtifact&) = default;
};

struct ArtifactGeneratorStatus {
  Conditions conditions;
  std::vector<GeneratedArtifact> inventory;
  std::string observed_sources_digest;
  std::string last_handled_reconcile_at;

  static ArtifactGeneratorStatus Decode(const Value& status);
  Value Encode() const;
};

// References without a namespace are to `ns`, that of the generator.
std::vector<GeneratorSource> GeneratorSourcesOf(const Value& spec, const std::string& ns);

// kInvalidArgument names the field at fault.
absl::StatusOr<ArtifactGeneratorSpec> DecodeArtifactGeneratorSpec(const Value& spec,
                                                                  const std::string& ns);

}  // namespace sluice::api
