// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/artifact_generator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"

namespace sluice::api {
namespace {

absl::StatusOr<CopyStrategy> DecodeStrategy(const Value& value) {
  const absl::string_view text = value.str();
  if (text.empty() || text == "Overwrite") return CopyStrategy::kOverwrite;
  if (text == "Merge") return CopyStrategy::kMerge;
  if (text == "Extract") return CopyStrategy::kExtract;
  return absl::InvalidArgumentError(
      absl::StrCat("spec.artifacts[].copy[].strategy '", text,
                   "' is not supported: must be one of Overwrite, Merge, Extract"));
}

std::string Alias(const Value& value) { return std::string(absl::StripPrefix(value.str(), "@")); }

}  // namespace

std::vector<GeneratorSource> GeneratorSourcesOf(const Value& spec, const std::string& ns) {
  std::vector<GeneratorSource> sources;
  for (const Value& item : spec["sources"].items()) {
    const std::string given = Text(item["namespace"]);
    sources.push_back({Text(item["alias"]),
                       {Text(item["kind"]), {given.empty() ? ns : given, Text(item["name"])}}});
  }
  return sources;
}

absl::StatusOr<ArtifactGeneratorSpec> DecodeArtifactGeneratorSpec(const Value& spec,
                                                                  const std::string& ns) {
  ArtifactGeneratorSpec result;
  result.labels = TextMap(spec["commonMetadata"]["labels"]);
  result.annotations = TextMap(spec["commonMetadata"]["annotations"]);
  result.sources = GeneratorSourcesOf(spec, ns);
  result.path_pattern = Text(spec["pathPattern"]);
  for (const Value& item : spec["artifacts"].items()) {
    OutputArtifact artifact;
    artifact.name = Text(item["name"]);
    artifact.revision = Alias(item["revision"]);
    artifact.origin_revision = Alias(item["originRevision"]);
    for (const Value& copy : item["copy"].items()) {
      ASSIGN_OR_RETURN(const CopyStrategy strategy, DecodeStrategy(copy["strategy"]));
      artifact.copy.push_back(
          {Text(copy["from"]), Text(copy["to"]), TextList(copy["exclude"]), strategy});
    }
    result.artifacts.push_back(std::move(artifact));
  }
  return result;
}

ArtifactGeneratorStatus ArtifactGeneratorStatus::Decode(const Value& status) {
  ArtifactGeneratorStatus result;
  result.conditions = Conditions::Decode(status["conditions"]);
  for (const Value& item : status["inventory"].items()) {
    result.inventory.push_back({Text(item["name"]), Text(item["namespace"]), Text(item["digest"]),
                                Text(item["filename"])});
  }
  result.observed_sources_digest = Text(status["observedSourcesDigest"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value ArtifactGeneratorStatus::Encode() const {
  Value status = Value::EmptyObject();
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (!inventory.empty()) {
    Value list = Value::EmptyArray();
    for (const GeneratedArtifact& item : inventory) {
      list.Append({{"name", item.name},
                   {"namespace", item.ns},
                   {"digest", item.digest},
                   {"filename", item.file_name}});
    }
    status.Set("inventory", std::move(list));
  }
  if (!observed_sources_digest.empty()) {
    status.Set("observedSourcesDigest", observed_sources_digest);
  }
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

}  // namespace sluice::api
