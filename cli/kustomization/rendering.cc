// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/rendering.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/offline/input.h"
#include "cli/plan/local_sources.h"
#include "cli/steer/apply.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/gitignore/filtered_tree.h"
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

// The live Kustomization with the spec of `given`, or what there is of the two; null if that is
// nothing, unless it has to be in the cluster.
absl::StatusOr<Value> Merge(const Context& ctx, Connection* connection, const kube::ObjectKey& key,
                            const Value& given, bool ignore_not_found) {
  if (connection == nullptr) return given;
  auto live = FindObject(ctx, *connection, {FindView("Kustomization"), key});
  if (absl::IsNotFound(live.status()) && ignore_not_found) return given;
  RETURN_IF_ERROR(live.status());
  if (!given.is_null()) live->Set("spec", given["spec"]);
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

absl::StatusOr<std::string> FolderAt(const std::string& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(path, error);
  if (error || !std::filesystem::is_directory(folder, error)) {
    return UsageError(absl::StrCat("invalid resource path \"", path, "\""));
  }
  return std::string(absl::StripPrefix(folder.string(), "/"));
}

// One Kustomization and the folder, from the root of the disk, that stands for its path.
struct Unit {
  kube::ObjectKey key;
  Value object;
  std::string folder;
};

class Renderer {
 public:
  Renderer(const Context& ctx, Connection* connection, const RenderingOptions& options)
      : ctx_(ctx), connection_(connection), options_(options) {}

  absl::Status Open() {
    auto folders = plan::ParseLocalSources(options_.local_sources);
    if (!folders.ok()) return UsageError(folders.status().message());
    local_sources_ = *std::move(folders);
    // From the root of the disk, since a folder may refer to others beside it.
    ASSIGN_OR_RETURN(tree_, disk::DiskTree::Open("/"));
    return absl::OkStatus();
  }

  absl::StatusOr<Unit> Root() {
    if (options_.path.empty()) return UsageError("which folder? --path DIR");
    Unit unit;
    ASSIGN_OR_RETURN(unit.folder, FolderAt(options_.path));
    ASSIGN_OR_RETURN(unit.key.ns, NamespaceOf(options_.connection));
    unit.key.name = options_.name;
    Value given;
    if (!options_.kustomization_file.empty()) {
      ASSIGN_OR_RETURN(given, FromFile(options_.kustomization_file, unit.key));
    }
    ASSIGN_OR_RETURN(unit.object,
                     Merge(ctx_, connection_, unit.key, given, options_.ignore_not_found));
    return unit;
  }

  // The Kustomizations among the objects of `parent` that were not met before.
  absl::StatusOr<std::vector<Unit>> Nested(const Rendering& parent) {
    std::vector<Unit> units;
    for (const Value& object : parent.objects) {
      const kube::GroupVersionKind gvk = kube::GvkOf(object);
      const kube::ObjectKey key = kube::KeyOf(object);
      if (gvk.group != api::kKustomizeGroup || gvk.kind != "Kustomization" ||
          !seen_.insert(key).second) {
        continue;
      }
      if (options_.existing_only) {
        ASSIGN_OR_RETURN(const bool compared, IsCompared(key, object));
        if (!compared) continue;
      }
      ASSIGN_OR_RETURN(const api::KustomizationSpec spec,
                       api::DecodeKustomizationSpec(key, object["spec"]));
      const std::string source = spec.source.ToString();
      const auto local = local_sources_.find(source);
      if (local == local_sources_.end()) {
        return UsageError(absl::StrCat("Kustomization ", key.ToString(), " is of ", source,
                                       ", for which no folder stands: --local-sources ", source,
                                       "=DIR"));
      }
      Unit unit{.key = key};
      ASSIGN_OR_RETURN(unit.folder, FolderAt(absl::StrCat(local->second, "/", spec.path)));
      ASSIGN_OR_RETURN(unit.object, Merge(ctx_, connection_, key, object,
                                          /*ignore_not_found=*/true));
      units.push_back(std::move(unit));
    }
    return units;
  }

  // Whether a diff can descend into a nested Kustomization.
  absl::StatusOr<bool> IsCompared(const kube::ObjectKey& key, const Value& object) {
    if (object["spec"].Has("kubeConfig")) {
      PrintProgress(Mark::kSuspended, absl::StrCat("Kustomization ", key.ToString(),
                                                   " applies to another cluster: left out"));
      return false;
    }
    const auto live = FindObject(ctx_, *connection_, {FindView("Kustomization"), key});
    if (!live.ok() && !absl::IsNotFound(live.status())) return live.status();
    return live.ok();
  }

  absl::StatusOr<Rendering> Render(Unit unit) {
    seen_.insert(unit.key);
    Rendering rendering;
    ASSIGN_OR_RETURN(rendering.spec, api::DecodeKustomizationSpec(unit.key, unit.object["spec"]));
    ASSIGN_OR_RETURN(const auto variables,
                     LoadVariables(ctx_, connection_, unit.key.ns, rendering.spec,
                                   rendering.secrets));
    std::optional<absl::StatusOr<kustomization_build::Variables>> given;
    if (variables.has_value()) given = *variables;
    gitignore::Rules ignored;
    RETURN_IF_ERROR(ignored.Add(absl::StrJoin(options_.ignore_paths, "\n"), unit.folder));
    const gitignore::FilteredTree tree(*tree_, ignored);
    auto manifests = kustomization_build::BuildManifests(
        ctx_, tree, unit.folder, unit.object, rendering.spec,
        given.has_value() ? &*given : nullptr, options_.strict_substitute, /*decryption=*/nullptr);
    if (!manifests.ok()) {
      return WithMessage(manifests.status(),
                         rendering.secrets.Masked(manifests.status().message()));
    }
    rendering.kustomization = std::move(unit.object);
    rendering.objects = std::move(manifests->objects);
    for (Value& object : rendering.objects) MaskEncrypted(object);
    std::stable_sort(rendering.objects.begin(), rendering.objects.end(),
                     [](const Value& a, const Value& b) {
                       return ssa::AppliedBefore(ssa::ObjectId::Of(a), ssa::ObjectId::Of(b));
                     });
    return rendering;
  }

 private:
  const Context& ctx_;
  Connection* const connection_;
  const RenderingOptions& options_;
  std::map<std::string, std::string> local_sources_;
  std::unique_ptr<disk::DiskTree> tree_;
  std::set<kube::ObjectKey> seen_;
};

}  // namespace

void AddRenderingFlags(Command& command, RenderingOptions& options) {
  command.Positional("NAME", options.name, "of the Kustomization", /*required=*/true);
  AddConnectionFlags(command, options.connection);
  command.Text("--path", options.path, "folder that stands for spec.path");
  command.Text("--kustomization-file", options.kustomization_file,
               "file with the Kustomization whose spec to use");
  command.List("--ignore-paths", options.ignore_paths,
               "patterns of what to leave out of the folder, as in .gitignore");
  command.Bool("-r,--recursive", options.recursive, "the Kustomizations among the objects too");
  command.List("--local-sources", options.local_sources,
               "folders for the sources of nested Kustomizations: Kind/namespace/name=DIR");
  command.Bool("--strict-substitute", options.strict_substitute,
               "an absent variable without default is an error");
  command.Bool("--in-memory-build", options.in_memory, "always so: nothing is written");
}

absl::Status RenderKustomizations(const Context& ctx, Connection* connection,
                                  const RenderingOptions& options,
                                  const std::function<absl::Status(const Rendering&)>& visit) {
  Renderer renderer(ctx, connection, options);
  RETURN_IF_ERROR(renderer.Open());
  std::vector<Unit> units(1);
  ASSIGN_OR_RETURN(units[0], renderer.Root());
  while (!units.empty()) {
    const Unit unit = std::move(units.back());
    units.pop_back();
    ASSIGN_OR_RETURN(const Rendering rendering, renderer.Render(unit));
    RETURN_IF_ERROR(visit(rendering));
    if (!options.recursive) break;
    ASSIGN_OR_RETURN(std::vector<Unit> nested, renderer.Nested(rendering));
    // The first of them is next, and what is nested in it.
    std::move(nested.rbegin(), nested.rend(), std::back_inserter(units));
  }
  return absl::OkStatus();
}

}  // namespace sluice::cli
