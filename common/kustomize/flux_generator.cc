// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/flux_generator.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/memory_tree.h"
#include "common/fs/overlay_tree.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/resource_reader.h"
#include "common/kustomize/typed_kustomization.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

std::string Join(absl::string_view folder, absl::string_view name) {
  return folder.empty() ? std::string(name) : absl::StrCat(folder, "/", name);
}

class Generator {
 public:
  Generator(const fs::Tree& tree, absl::string_view folder, const Value& object,
            const FluxGeneratorOptions& options)
      : options_(options),
        build_options_(FluxBuildOptions(options)),
        tree_(tree),
        reader_(tree, build_options_),
        folder_(folder),
        spec_(object["spec"]) {}

  absl::StatusOr<GeneratedKustomization> Run() {
    GeneratedKustomization result;
    Value document;
    RETURN_IF_ERROR(FindOrMake(result, document));
    absl::StatusOr<Value> typed = TypedKustomization(document);
    if (!typed.ok()) return Annotate(typed.status(), reader_.Display(result.path));
    kustomization_ = *std::move(typed);
    if (!result.created && kustomization_["resources"].empty()) {
      // So that it builds even if it says nothing else.
      kustomization_.Set("buildMetadata", Value(Value::Array{Value("originAnnotations")}));
    }
    for (absl::string_view field : {"resources", "components", "crds"}) {
      RETURN_IF_ERROR(DropIgnored(field));
    }
    RETURN_IF_ERROR(ApplySpec());
    ASSIGN_OR_RETURN(const Value printed, AsPrinted(kustomization_));
    result.content = value::FormatYaml(printed);
    result.inputs = std::move(reader_.inputs());
    return result;
  }

 private:
  bool IsFile(const std::string& path) {
    const absl::StatusOr<TreeReader::Place> place = reader_.Resolve(path);
    return place.ok() && !place->is_directory;
  }

  bool HasKustomization(const std::string& folder) {
    for (absl::string_view name : kKustomizationFileNames) {
      if (IsFile(Join(folder, name))) return true;
    }
    return false;
  }

  absl::Status FindOrMake(GeneratedKustomization& result, Value& document) {
    for (absl::string_view name : kKustomizationFileNames) {
      const std::string path = Join(folder_, name);
      if (!IsFile(path)) continue;
      result.path = path;
      ASSIGN_OR_RETURN(const TreeReader::Place place, reader_.Resolve(path));
      ASSIGN_OR_RETURN(const std::string text, reader_.Read(place.path));
      absl::StatusOr<Value> parsed = value::ParseYaml(text);
      if (!parsed.ok()) return Annotate(parsed.status(), reader_.Display(path));
      document = *std::move(parsed);
      return absl::OkStatus();
    }
    result.path = Join(folder_, kKustomizationFileNames[0]);
    result.created = true;
    Value resources = Value::EmptyArray();
    RETURN_IF_ERROR(Scan(folder_, 0, resources));
    if (resources.empty()) {
      document = {{"namespace", Value("_placeholder")}};
    } else {
      document = {{"resources", std::move(resources)}};
    }
    return absl::OkStatus();
  }

  // The manifests below `folder` and the folders that are kustomizations of their own.
  absl::Status Scan(const std::string& folder, size_t depth, Value& resources) {
    if (depth > options_.limits.max_depth) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "folders nest deeper than ", options_.limits.max_depth, " levels at ", folder));
    }
    reader_.inputs().insert(absl::StrCat(folder, "/"));
    ASSIGN_OR_RETURN(const std::vector<fs::Entry> entries, tree_.List(folder));
    for (const fs::Entry& entry : entries) {
      const std::string path = Join(folder, entry.name);
      if (entry.type == fs::EntryType::kDirectory) {
        if (HasKustomization(path)) {
          resources.Append(Relative(path));
        } else {
          RETURN_IF_ERROR(Scan(path, depth + 1, resources));
        }
        continue;
      }
      if (!absl::EndsWith(entry.name, ".yaml") && !absl::EndsWith(entry.name, ".yml")) continue;
      if (options_.ignore != nullptr && options_.ignore->Ignores(path, false)) continue;
      RETURN_IF_ERROR(CheckManifest(path));
      resources.Append(Relative(path));
    }
    return absl::OkStatus();
  }

  absl::Status CheckManifest(const std::string& path) {
    ASSIGN_OR_RETURN(const TreeReader::Place place, reader_.Resolve(path));
    ASSIGN_OR_RETURN(const std::string text, reader_.Read(place.path));
    BuildState state(build_options_);
    const absl::Status status = ReadResources(state, text).status();
    if (status.ok()) return status;
    return Annotate(status,
                    absl::StrCat("failed to decode Kubernetes YAML from ", reader_.Display(path)));
  }

  Value Relative(const std::string& path) const {
    return absl::StrCat("./", folder_.empty() ? path : path.substr(folder_.size() + 1));
  }

  absl::Status DropIgnored(absl::string_view field) {
    if (options_.ignore == nullptr) return absl::OkStatus();
    Value kept = Value::EmptyArray();
    for (const Value& entry : kustomization_[field].items()) {
      const bool url = field != "crds" && absl::StrContains(entry.str(), "://");
      if (!url) {
        ASSIGN_OR_RETURN(const TreeReader::Place place,
                         reader_.Resolve(Join(folder_, entry.str())));
        if (options_.ignore->Ignores(place.path, place.is_directory)) continue;
      }
      kept.Append(entry);
    }
    if (kept.empty()) {
      kustomization_.Erase(field);
    } else {
      kustomization_.Set(field, std::move(kept));
    }
    return absl::OkStatus();
  }

  absl::Status Wrong(absl::string_view field, absl::string_view wanted) const {
    return absl::InvalidArgumentError(
        absl::StrCat(".spec.", field, " accessor error: ", value::FormatJson(spec_[field]),
                     " is not of the type expected, ", wanted));
  }

  absl::Status ApplySpec() {
    RETURN_IF_ERROR(SetText("targetNamespace", "namespace"));
    RETURN_IF_ERROR(SetText("namePrefix", "namePrefix"));
    RETURN_IF_ERROR(SetText("nameSuffix", "nameSuffix"));
    RETURN_IF_ERROR(AddPatches());
    RETURN_IF_ERROR(AddComponents());
    RETURN_IF_ERROR(AddLegacyPatches());
    RETURN_IF_ERROR(MergeImages());
    ASSIGN_OR_RETURN(Value metadata, Texts("buildMetadata"));
    if (!metadata.empty()) kustomization_.Set("buildMetadata", std::move(metadata));
    return absl::OkStatus();
  }

  absl::Status SetText(absl::string_view field, absl::string_view target) {
    const Value* text = spec_.Find(field);
    if (text == nullptr) return absl::OkStatus();
    if (!text->is_string()) return Wrong(field, "string");
    if (text->str().empty()) {
      kustomization_.Erase(target);
    } else {
      kustomization_.Set(target, *text);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Value> Texts(absl::string_view field) const {
    const Value* list = spec_.Find(field);
    if (list == nullptr) return Value::EmptyArray();
    if (!list->is_array()) return Wrong(field, "list of strings");
    for (const Value& item : list->items()) {
      if (!item.is_string()) return Wrong(field, "list of strings");
    }
    return *list;
  }

  // A list of maps.
  absl::StatusOr<Value> Objects(absl::string_view field) const {
    const Value* list = spec_.Find(field);
    if (list == nullptr) return Value::EmptyArray();
    if (!list->is_array()) return Wrong(field, "list");
    for (size_t i = 0; i < list->size(); ++i) {
      if (!list->at(i).is_object()) {
        return absl::InvalidArgumentError(
            absl::StrCat("unable to get ", field, ": unable to convert patch ", i, " to a map"));
      }
    }
    return *list;
  }

  Value& ListOf(absl::string_view field) {
    if (!kustomization_[field].is_array()) kustomization_.Set(field, Value::EmptyArray());
    return *kustomization_.FindMutable(field);
  }

  static Value Target(const Value& selector) {
    Value target = Value::EmptyObject();
    for (absl::string_view field :
         {"group", "version", "kind", "name", "namespace", "annotationSelector", "labelSelector"}) {
      if (!selector[field].str().empty()) target.Set(field, selector[field]);
    }
    return target;
  }

  absl::Status AddPatches() {
    ASSIGN_OR_RETURN(const Value patches, Objects("patches"));
    for (const Value& patch : patches.items()) {
      Value added = Value::EmptyObject();
      if (!patch["patch"].str().empty()) added.Set("patch", patch["patch"]);
      if (patch["target"].is_object()) added.Set("target", Target(patch["target"]));
      ListOf("patches").Append(std::move(added));
    }
    return absl::OkStatus();
  }

  static bool IsLocalRelative(absl::string_view path) {
    for (absl::string_view prefix :
         {"git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/"}) {
      if (path.size() > prefix.size() && absl::StartsWithIgnoreCase(path, prefix)) return false;
    }
    if (absl::StartsWithIgnoreCase(path, "file://")) path.remove_prefix(7);
    return !absl::StartsWith(path, "/");
  }

  absl::Status AddComponents() {
    absl::StatusOr<Value> components = Texts("components");
    if (!components.ok()) return Annotate(components.status(), "unable to get components");
    for (const Value& component : components->items()) {
      const absl::string_view path = component.str();
      if (!IsLocalRelative(path)) {
        return absl::InvalidArgumentError(
            absl::StrCat("component path '", path, "' must be local and relative"));
      }
      if (spec_["ignoreMissingComponents"].bool_or(false) &&
          !reader_.Resolve(Join(folder_, path)).ok()) {
        continue;
      }
      ListOf("components").Append(component);
    }
    return absl::OkStatus();
  }

  // Fields of older versions of the API.
  absl::Status AddLegacyPatches() {
    ASSIGN_OR_RETURN(const Value merges, Objects("patchesStrategicMerge"));
    for (const Value& merge : merges.items()) {
      ListOf("patchesStrategicMerge").Append(Value(value::FormatJson(merge)));
    }
    ASSIGN_OR_RETURN(const Value patches, Objects("patchesJson6902"));
    for (const Value& patch : patches.items()) {
      // In the order of the reference's struct, which is not that of their names.
      std::string operations;
      for (const Value& operation : patch["patch"].items()) {
        std::string text = absl::StrCat("\"op\":", value::FormatJson(operation["op"].str()),
                                        ",\"path\":", value::FormatJson(operation["path"].str()));
        if (!operation["from"].str().empty()) {
          absl::StrAppend(&text, ",\"from\":", value::FormatJson(operation["from"]));
        }
        if (const Value* value = operation.Find("value"); value != nullptr) {
          absl::StrAppend(&text, ",\"value\":", value::FormatJson(*value));
        }
        absl::StrAppend(&operations, operations.empty() ? "" : ",", "{", text, "}");
      }
      Value added = {{"patch", Value(absl::StrCat("[", operations, "]"))},
                     {"target", Target(patch["target"])}};
      ListOf("patchesJson6902").Append(std::move(added));
    }
    return absl::OkStatus();
  }

  absl::Status MergeImages() {
    ASSIGN_OR_RETURN(const Value images, Objects("images"));
    for (const Value& image : images.items()) {
      Value* known = nullptr;
      for (Value& candidate : ListOf("images").mutable_items()) {
        if (candidate["name"].str() == image["name"].str()) {
          known = &candidate;
          break;
        }
      }
      if (known == nullptr) known = &ListOf("images").Append(Value::EmptyObject());
      const auto set = [known, &image](absl::string_view field) {
        if (image[field].str().empty()) {
          known->Erase(field);
        } else {
          known->Set(field, image[field]);
        }
      };
      set("name");
      if (!image["newName"].str().empty()) set("newName");
      // Tag and digest choose the version together.
      if (!image["newTag"].str().empty() || !image["digest"].str().empty()) {
        set("newTag");
        set("digest");
      }
    }
    if (kustomization_["images"].empty()) kustomization_.Erase("images");
    return absl::OkStatus();
  }

  const FluxGeneratorOptions& options_;
  const BuildOptions build_options_;
  const fs::Tree& tree_;
  TreeReader reader_;
  const std::string folder_;
  const Value& spec_;
  Value kustomization_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const fs::Tree>> WithKustomization(
    const fs::Tree& tree, const GeneratedKustomization& generated) {
  auto file = std::make_shared<fs::MemoryTree>();
  RETURN_IF_ERROR(file->AddFile(generated.path, generated.content));
  const std::shared_ptr<const fs::Tree> borrowed(std::shared_ptr<void>(), &tree);
  return fs::OverlayTree::Create(borrowed, generated.path, std::move(file), generated.path);
}

BuildOptions FluxBuildOptions(const FluxGeneratorOptions& options) {
  BuildOptions build;
  build.load_restriction = LoadRestriction::kNone;
  build.reorder = Reorder::kNone;
  build.schema_adds_to_builtin = true;
  build.tree_root = options.tree_root;
  build.limits = options.limits;
  return build;
}

absl::StatusOr<GeneratedKustomization> GenerateFluxKustomization(
    const fs::Tree& tree, absl::string_view folder, const Value& kustomization,
    const FluxGeneratorOptions& options) {
  return Generator(tree, folder, kustomization, options).Run();
}

}  // namespace sluice::kustomize
