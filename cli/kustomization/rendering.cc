// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/rendering.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/offline/input.h"
#include "cli/steer/apply.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/kube/object.h"
#include "common/kustomization_build/build.h"
#include "common/kustomization_build/substitute.h"
#include "common/ssa/kind_order.h"

namespace sluice::cli {
namespace {

constexpr char kMask[] = "**SOPS**";

// The Kustomization of that name in the file; without namespace it is in ours.
absl::StatusOr<Value> FromFile(const std::string& file, const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  ASSIGN_OR_RETURN(const std::vector<Value> objects, ReadManifests(file, text));
  for (const Value& object : objects) {
    const absl::string_view ns = kube::Namespace(object);
    if (object["kind"].str() == "Kustomization" && kube::Name(object) == key.name &&
        (ns.empty() || ns == key.ns)) {
      Value found = object;
      found.Ensure("metadata").Set("namespace", key.ns);
      return found;
    }
  }
  return absl::NotFoundError(
      absl::StrCat(file, ": failed find kustomization with name '", key.name, "'"));
}

absl::StatusOr<Value> FindKustomization(const Context& ctx, Connection* connection,
                                        const kube::ObjectKey& key,
                                        const RenderingOptions& options) {
  absl::StatusOr<Value> live = Value();
  if (connection != nullptr) {
    live = FindObject(ctx, *connection, {FindView("Kustomization"), key});
    if (!live.ok() && !(absl::IsNotFound(live.status()) && options.ignore_not_found)) {
      return live.status();
    }
  }
  if (options.kustomization_file.empty()) return live;
  ASSIGN_OR_RETURN(const Value file, FromFile(options.kustomization_file, key));
  if (!live.ok() || live->is_null()) return file;
  live->Set("spec", file["spec"]);
  return live;
}

absl::StatusOr<std::optional<kustomization_build::Variables>> LoadVariables(
    const Context& ctx, Connection* connection, const std::string& ns,
    const api::KustomizationSpec& spec, value::SecretTexts& secrets) {
  if (!spec.post_build.has_value()) return std::nullopt;
  kustomization_build::Variables variables = spec.post_build->substitute;
  if (connection != nullptr) {
    ASSIGN_OR_RETURN(variables, kustomization_build::LoadVariables(ctx, *connection->client, ns,
                                                                   *spec.post_build, &secrets));
  }
  if (variables.empty() && !spec.post_build->always) return std::nullopt;
  return variables;
}

void MaskValues(Value* data, absl::string_view mask) {
  if (data == nullptr || !data->is_object()) return;
  for (value::Member& entry : data->mutable_members()) entry.value = mask;
}

// Encrypted data stays in the Secret, and is of no use to a reader.
void MaskEncrypted(Value& object) {
  if (object["kind"].str() != "Secret" || !object.Has("sops")) return;
  object.Erase("sops");
  MaskValues(object.FindMutable("data"), absl::Base64Escape(kMask));
  MaskValues(object.FindMutable("stringData"), kMask);
}

}  // namespace

void AddRenderingFlags(Command& command, RenderingOptions& options) {
  command.Positional("NAME", options.name, "of the Kustomization", /*required=*/true);
  AddConnectionFlags(command, options.connection);
  command.Text("--path", options.path, "folder that stands for spec.path");
  command.Text("--kustomization-file", options.kustomization_file,
               "file with the Kustomization whose spec to use");
  command.Bool("--strict-substitute", options.strict_substitute,
               "an absent variable without default is an error");
  command.Bool("--in-memory-build", options.in_memory, "always so: nothing is written");
}

absl::StatusOr<Rendering> RenderKustomization(const Context& ctx, Connection* connection,
                                              const RenderingOptions& options) {
  if (options.path.empty()) return UsageError("which folder? --path DIR");
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(options.path, error);
  if (error || !std::filesystem::is_directory(folder, error)) {
    return UsageError(absl::StrCat("invalid resource path \"", options.path, "\""));
  }
  ASSIGN_OR_RETURN(const std::string ns, NamespaceOf(options.connection));
  const kube::ObjectKey key{ns, options.name};
  Rendering rendering;
  ASSIGN_OR_RETURN(rendering.kustomization, FindKustomization(ctx, connection, key, options));
  ASSIGN_OR_RETURN(rendering.spec,
                   api::DecodeKustomizationSpec(key, rendering.kustomization["spec"]));
  ASSIGN_OR_RETURN(const auto variables,
                   LoadVariables(ctx, connection, ns, rendering.spec, rendering.secrets));
  std::optional<absl::StatusOr<kustomization_build::Variables>> given;
  if (variables.has_value()) given = *variables;
  // From the root of the disk, since the folder may refer to others beside it.
  ASSIGN_OR_RETURN(const std::unique_ptr<disk::DiskTree> tree, disk::DiskTree::Open("/"));
  auto manifests = kustomization_build::BuildManifests(
      ctx, *tree, std::string(absl::StripPrefix(folder.string(), "/")), rendering.kustomization,
      rendering.spec, given.has_value() ? &*given : nullptr, options.strict_substitute,
      /*decryption=*/nullptr);
  if (!manifests.ok()) {
    return WithMessage(manifests.status(), rendering.secrets.Masked(manifests.status().message()));
  }
  rendering.objects = std::move(manifests->objects);
  for (Value& object : rendering.objects) MaskEncrypted(object);
  std::stable_sort(rendering.objects.begin(), rendering.objects.end(),
                   [](const Value& a, const Value& b) {
                     return ssa::AppliedBefore(ssa::ObjectId::Of(a), ssa::ObjectId::Of(b));
                   });
  return rendering;
}

}  // namespace sluice::cli
