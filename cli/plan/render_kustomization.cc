// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/plan/render.h"
#include "cli/plan/source_tree.h"
#include "common/age/decrypt.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/clean_path.h"
#include "common/kustomization_build/build.h"
#include "common/kustomization_build/decryption.h"
#include "common/kustomization_build/substitute.h"
#include "common/sops/data_key.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

using kustomization_build::Decryption;
using kustomization_build::Variables;

// The age keys of whoever runs the program.
class LocalKeys : public sops::KeyService {
 public:
  LocalKeys(const age::Identities& identities, std::atomic<bool>& used)
      : identities_(identities), used_(used) {}

  absl::StatusOr<Secret> Decrypt(const Context&, const sops::MasterKey& key) override {
    if (key.type != sops::KeyType::kAge || identities_.empty()) {
      return absl::PermissionDeniedError("no local key of this kind");
    }
    ASSIGN_OR_RETURN(Secret plain, age::Decrypt(key.encrypted_key, identities_));
    used_ = true;
    return plain;
  }

 private:
  const age::Identities& identities_;
  std::atomic<bool>& used_;
};

// The variables of postBuild as far as they are at hand.
class PostBuildVariables {
 public:
  // False if a source may still come.
  bool Load(const Context& ctx, const World& world, const api::KustomizationSpec& spec,
            Unit& unit) {
    if (!spec.post_build.has_value()) return true;
    api::PostBuild at_hand = *spec.post_build;
    std::erase_if(at_hand.substitute_from, [&](const api::SubstituteReference& reference) {
      const kube::ObjectKey key{unit.key.ns, reference.name};
      const auto place = world.plan.Find("", reference.kind, key);
      if (place.object != nullptr && !IsEncrypted(place.object->Parse())) {
        unit.secret |= place.unit->secret;
        return false;
      }
      const std::string subject = absl::StrCat(reference.kind, "/", key.ToString());
      if (place.object == nullptr && reference.optional && world.last_resort) return true;
      missing.push_back(place.object == nullptr
                            ? absl::StrCat(subject, " is not in the repository")
                            : absl::StrCat(subject, " is encrypted, and no local key opens it"));
      return true;
    });
    if (!missing.empty() && !world.last_resort) return false;
    PlanClient client(world.plan);
    auto loaded = kustomization_build::LoadVariables(ctx, client, unit.key.ns, at_hand);
    if (loaded.ok() && loaded->empty() && !at_hand.always) return true;
    variables = std::move(loaded);
    return true;
  }

  std::vector<std::string> missing;
  std::optional<absl::StatusOr<Variables>> variables;
};

std::string RecipeOf(const Unit& unit, const std::optional<absl::StatusOr<Variables>>& variables,
                     bool strict, bool keys) {
  std::string text =
      absl::StrCat("kustomization\n", unit.object["apiVersion"].str(), "\n", unit.key.ToString(),
                   "\n", strict, keys, "\n", value::FormatJson(unit.object["spec"]), "\n");
  if (variables.has_value() && variables->ok()) {
    for (const auto& [name, value] : **variables) {
      absl::StrAppend(&text, name, "=", value.size(), ":", value, "\n");
    }
  }
  return crypto::Digest(crypto::Algorithm::kSha256, text);
}

// One build, by itself or out of the memo.
class Build {
 public:
  Build(const Context& ctx, const World& world, const api::KustomizationSpec& spec,
        const fs::Tree& tree, const std::string& path, const PostBuildVariables& variables,
        Unit& unit)
      : ctx_(ctx),
        world_(world),
        spec_(spec),
        tree_(tree),
        path_(path),
        variables_(variables),
        unit_(unit) {}

  absl::Status Run() {
    const bool known = variables_.missing.empty();
    absl::Status status = WithStrictness(known);
    if (known && absl::StrContains(status.message(), "variable not set")) {
      unit_.Add(kVariableMissing, "", std::string(status.message()));
      status = WithStrictness(false);
    }
    return status;
  }

 private:
  absl::Status WithStrictness(bool strict) {
    if (variables_.variables.has_value()) RETURN_IF_ERROR(variables_.variables->status());
    const bool decrypts = spec_.raw["decryption"]["provider"].str() == "sops";
    const std::string recipe = RecipeOf(unit_, variables_.variables, strict, !world_.keys.empty());
    unit_.record = world_.memo.Find(
        recipe, [&](const std::set<std::string>& inputs) { return InputsId(tree_, inputs); });
    if (unit_.record != nullptr) return absl::OkStatus();
    std::atomic<bool> opened = false;
    absl::StatusOr<kustomization_build::Manifests> built = Once(strict, decrypts, opened);
    if (decrypts && (absl::IsPermissionDenied(built.status()) || world_.keys.empty())) {
      opened = false;
      built = Once(strict, false, opened);
    }
    if (!built.ok()) return built.status();
    unit_.secret |= opened;
    std::vector<Record::Rendered> objects;
    for (Value& object : built->objects) objects.push_back({std::move(object)});
    unit_.record = Record::Make(built->inputs, objects);
    world_.memo.Put(recipe, InputsId(tree_, built->inputs), unit_.record, !unit_.secret);
    return absl::OkStatus();
  }

  absl::StatusOr<kustomization_build::Manifests> Once(bool strict, bool decrypts,
                                                      std::atomic<bool>& opened) {
    std::unique_ptr<Decryption> decryption;
    if (decrypts && !world_.keys.empty()) {
      decryption = std::make_unique<Decryption>(std::make_unique<LocalKeys>(world_.keys, opened),
                                                /*verify_mac=*/true);
    }
    return kustomization_build::BuildManifests(
        ctx_, tree_, path_, unit_.object, spec_,
        variables_.variables.has_value() ? &*variables_.variables : nullptr, strict,
        decryption.get());
  }

  const Context& ctx_;
  const World& world_;
  const api::KustomizationSpec& spec_;
  const fs::Tree& tree_;
  const std::string& path_;
  const PostBuildVariables& variables_;
  Unit& unit_;
};

}  // namespace

bool RenderKustomization(const Context& ctx, const World& world, Unit& unit) {
  const auto spec = api::DecodeKustomizationSpec(unit.key, unit.object["spec"]);
  if (!spec.ok()) {
    unit.Add(kBuildFailed, "", std::string(spec.status().message()));
    return true;
  }
  unit.path = spec->path;
  unit.source = spec->source.ToString();
  unit.suspended = spec->suspend;
  unit.prune = spec->prune;
  const auto tree = world.sources.Find(ctx, spec->source);
  if (absl::IsNotFound(tree.status()) && !world.last_resort) return false;
  PostBuildVariables variables;
  if (!variables.Load(ctx, world, *spec, unit)) return false;
  for (const api::Dependency& dependency : spec->depends_on) {
    unit.depends_on.push_back(absl::StrCat(dependency.same_kind() ? unit.kind : dependency.kind,
                                           "/", dependency.key.ToString()));
  }
  if (!tree.ok()) {
    const bool elsewhere = absl::IsUnavailable(tree.status());
    unit.Add(elsewhere ? kNotRendered : kBuildFailed, "", std::string(tree.status().message()));
    return true;
  }
  for (const std::string& missing : variables.missing) unit.Add(kReferenceElsewhere, "", missing);
  const auto path = fs::SecureJoin("", spec->path);
  absl::Status status = path.ok() ? (*tree)->Stat(*path).status() : path.status();
  if (!status.ok()) {
    status = Annotate(status, "kustomization path not found");
  } else {
    status = Build(ctx, world, *spec, **tree, *path, variables, unit).Run();
  }
  if (!status.ok()) {
    unit.Add(kBuildFailed, "", std::string(status.message()));
    return true;
  }
  for (const PlannedObject& object : unit.record->objects()) {
    if (object.is_secret() && IsEncrypted(object.Parse())) {
      unit.Add(kEncrypted, object.id.Subject(), "no local key decrypts it");
    }
  }
  return true;
}

}  // namespace sluice::plan
