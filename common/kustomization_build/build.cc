// SPDX-License-Identifier: Apache-2.0
#include "common/kustomization_build/build.h"

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/kube/object.h"
#include "common/kustomize/build.h"
#include "common/kustomize/flux_generator.h"
#include "common/ssa/object_id.h"
#include "common/value/yaml.h"

namespace sluice::kustomization_build {
namespace {

std::string DigestOf(const std::vector<Value>& objects) {
  crypto::Digester digester(crypto::Algorithm::kSha256);
  absl::string_view separator = "";
  for (const Value& object : objects) {
    digester.Update(separator);
    digester.Update(value::FormatYaml(object));
    separator = "---\n";
  }
  return absl::StrCat("sha256:", absl::BytesToHexString(digester.Finish()));
}

// Lists are applied item by item; kustomize's own documents and what is no object are dropped
// (spec/kustomize.md §2.7).
void AddObject(Value object, std::vector<Value>& objects) {
  const absl::string_view kind = object["kind"].str();
  if (absl::EndsWith(kind, "List") && object["items"].is_array()) {
    for (const Value& item : object["items"].items()) AddObject(item, objects);
    return;
  }
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  if (gvk.version.empty() || kube::Name(object).empty() || gvk.group == "kustomize.config.k8s.io") {
    return;
  }
  objects.push_back(std::move(object));
}

void SetAll(Value& object, absl::string_view field,
            const std::map<std::string, std::string>& entries) {
  for (const auto& [key, text] : entries) kube::SetMetadataEntry(object, field, key, text);
}

absl::Status CheckIdentity(const Value& object) {
  if (object["kind"].str().empty() || object["apiVersion"].str().empty() ||
      kube::Name(object).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "failed to decode Kubernetes apiVersion, kind and name from: ", value::FormatYaml(object)));
  }
  return absl::OkStatus();
}

// How messages name a built object.
std::string ResourceName(const Value& resource) {
  const kube::GroupVersionKind gvk = kube::GvkOf(resource);
  return absl::StrCat("'", gvk.kind, ".", gvk.version, ".",
                      gvk.group.empty() ? "[noGrp]" : gvk.group, "/", kube::Name(resource), "'");
}

absl::StatusOr<Value> SubstituteWith(const absl::StatusOr<Variables>& variables,
                                     const Value& resource, bool strict) {
  if (!variables.ok()) return variables.status();
  return Substitute(resource, *variables, strict);
}

}  // namespace

absl::StatusOr<Manifests> BuildManifests(const Context& ctx, const fs::Tree& artifact,
                                         const std::string& path, const Value& kustomization,
                                         const api::KustomizationSpec& spec,
                                         const absl::StatusOr<Variables>* variables,
                                         bool strict_substitution, Decryption* decryption) {
  ASSIGN_OR_RETURN(const kustomize::GeneratedKustomization generated,
                   kustomize::GenerateFluxKustomization(artifact, path, kustomization));
  ASSIGN_OR_RETURN(std::shared_ptr<const fs::Tree> tree,
                   kustomize::WithKustomization(artifact, generated));
  if (decryption != nullptr) {
    ASSIGN_OR_RETURN(tree, decryption->DecryptSources(ctx, std::move(tree), path));
  }
  auto built = kustomize::Build(*tree, path, kustomize::FluxBuildOptions());
  if (!built.ok()) return Annotate(built.status(), "kustomize build failed");
  for (Value& resource : built->resources) {
    RETURN_IF_ERROR(CheckIdentity(resource));
    if (decryption != nullptr) {
      auto decrypted = decryption->DecryptObject(ctx, resource);
      if (!decrypted.ok()) {
        return Annotate(decrypted.status(),
                        absl::StrCat("decryption failed for ", ResourceName(resource)));
      }
      resource = *std::move(decrypted);
    }
    if (variables == nullptr) continue;
    auto substituted = SubstituteWith(*variables, resource, strict_substitution);
    if (!substituted.ok()) {
      return Annotate(substituted.status(),
                      absl::StrCat("post build failed for ", ResourceName(resource)));
    }
    resource = std::move(substituted).value();
  }
  Manifests manifests;
  manifests.inputs = std::move(built->inputs);
  manifests.inputs.insert(generated.inputs.begin(), generated.inputs.end());
  manifests.digest = DigestOf(built->resources);
  for (Value& resource : built->resources) AddObject(std::move(resource), manifests.objects);
  for (Value& object : manifests.objects) {
    kube::SetMetadataEntry(object, "labels", api::kOwnerNameLabel, kube::Name(kustomization));
    kube::SetMetadataEntry(object, "labels", api::kOwnerNamespaceLabel,
                           kube::Namespace(kustomization));
    SetAll(object, "labels", spec.common_labels);
    SetAll(object, "annotations", spec.common_annotations);
  }
  return manifests;
}

std::set<std::string> VanishingJobs(const std::vector<Value>& objects) {
  std::set<std::string> jobs;
  for (const Value& object : objects) {
    const ssa::ObjectId id = ssa::ObjectId::Of(object);
    if (id.gvk.kind == "Job" && id.gvk.group == "batch" &&
        object["spec"]["ttlSecondsAfterFinished"].is_integer()) {
      jobs.insert(id.ToString());
    }
  }
  return jobs;
}

}  // namespace sluice::kustomization_build
