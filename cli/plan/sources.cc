// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/sources.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact_composition/composition.h"
#include "common/artifact_composition/path_pattern.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::plan {
namespace {

// Where a source is, for people.
std::string Address(const Value& source) {
  const Value& spec = source["spec"];
  std::string address(spec["url"].str());
  if (address.empty())
    address = absl::StrCat(spec["endpoint"].str(), "/", spec["bucketName"].str());
  for (const char* field : {"branch", "tag", "semver", "digest", "name", "commit"}) {
    if (const absl::string_view ref = spec["ref"][field].str(); !ref.empty()) {
      absl::StrAppend(&address, " at ", field, " ", ref);
    }
  }
  return address;
}

}  // namespace

bool Sources::IsRepository(const api::SourceReference& reference, const Value& declared) const {
  if (reference == root_) return true;
  if (reference.kind != root_.kind) return false;
  const Value root = [&]() -> Value {
    const auto place = plan_.Find(api::kSourceGroup, root_.kind, root_.key);
    return place.object == nullptr ? Value() : place.object->Parse();
  }();
  return root["spec"]["url"].is_string() && root["spec"]["url"] == declared["spec"]["url"] &&
         root["spec"]["ref"] == declared["spec"]["ref"];
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Sources::Find(
    const Context& ctx, const api::SourceReference& reference) {
  if (const auto local = local_.find(reference.ToString()); local != local_.end()) {
    return local->second;
  }
  if (reference.kind == "ExternalArtifact") return Generated(ctx, reference.key);
  const auto declared = plan_.Find(api::kSourceGroup, reference.kind, reference.key);
  // What the cluster syncs from is often declared by what installed Flux, not by the repository.
  if (declared.object == nullptr) return repository_;
  const Value source = declared.object->Parse();
  if (IsRepository(reference, source)) return repository_;
  return absl::UnavailableError(
      absl::StrCat(reference.ToString(), " is elsewhere: ", Address(source)));
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Sources::Generated(
    const Context& ctx, const kube::ObjectKey& artifact) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = generated_.find(artifact); found != generated_.end()) {
      return found->second;
    }
  }
  for (const auto& place : plan_.OfKind(api::kSourceExtensionsGroup, "ArtifactGenerator")) {
    const kube::ObjectKey& generator = place.object->id.key;
    if (generator.ns != artifact.ns) continue;
    const Value object = place.object->Parse();
    const auto spec = api::DecodeArtifactGeneratorSpec(object["spec"], generator.ns);
    const std::string what = absl::StrCat("ArtifactGenerator/", generator.ToString());
    if (!spec.ok()) return Annotate(spec.status(), what);
    artifact_composition::SourceTrees trees;
    for (const api::GeneratorSource& source : spec->sources) {
      auto tree = Find(ctx, source.reference);
      if (!tree.ok()) return Annotate(tree.status(), what);
      trees[source.alias] = *std::move(tree);
    }
    const auto planned = artifact_composition::PlanArtifacts(*spec, trees);
    if (!planned.ok()) return Annotate(planned.status(), what);
    for (const artifact_composition::PlannedArtifact& output : *planned) {
      if (output.output.name != artifact.name) continue;
      auto tree = std::make_shared<artifact_composition::Composition>();
      const absl::Status copied =
          artifact_composition::ApplyCopies(ctx, output.output.copy, trees, *tree);
      if (!copied.ok()) return Annotate(copied, what);
      absl::MutexLock lock(&mutex_);
      return generated_[artifact] = std::move(tree);
    }
  }
  return absl::NotFoundError(absl::StrCat("no ArtifactGenerator here makes the ExternalArtifact '",
                                          artifact.ToString(), "'"));
}

}  // namespace sluice::plan
