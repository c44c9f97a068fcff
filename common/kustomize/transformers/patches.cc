// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/patches.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/resource_reader.h"
#include "common/kustomize/strategic_merge.h"
#include "common/value/json.h"
#include "common/value/json_patch.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

// `text` in Go's double quotes.
std::string Quote(absl::string_view text) {
  return value::FormatJson(Value(text), {.escape_html = false});
}

// The operations of a JSON patch, which may be written in YAML.
absl::StatusOr<Value> ParseOperations(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("empty json patch operations");
  ASSIGN_OR_RETURN(Value operations,
                   text[0] == '[' ? value::ParseJson(text) : value::ParseYaml(text));
  if (operations.is_null()) operations = Value::EmptyArray();
  if (!operations.is_array()) {
    return absl::InvalidArgumentError("a JSON patch is a list of operations");
  }
  for (const Value& operation : operations.items()) {
    if (!operation.is_object() && !operation.is_null()) {
      return absl::InvalidArgumentError(
          "an operation of a JSON patch is an object with op and path");
    }
  }
  return operations;
}

// Lays one patch over one resource; its nodes become part of it.
absl::Status MergeOne(BuildState& state, Resource& resource, Resource& patch) {
  const absl::string_view name = resource.name();
  const absl::string_view namespace_name = resource.namespace_name();
  const absl::string_view kind = resource.kind();
  if (patch.allow_name_change || patch.allow_kind_change) state.RememberId(resource);
  ASSIGN_OR_RETURN(const Node* const result, StrategicMerge(state, resource.root, patch.root));
  if (result == nullptr) {
    resource.root = nullptr;
    return absl::OkStatus();
  }
  if (resource.deleted()) return absl::OkStatus();
  NodeArena& arena = state.arena();
  if (!patch.allow_kind_change) {
    RETURN_IF_ERROR(SetField(arena, resource.root, "kind", arena.Scalar(kind)));
  }
  if (!patch.allow_name_change) RETURN_IF_ERROR(SetName(arena, resource.root, name));
  return SetNamespace(arena, resource.root, namespace_name);
}

// A copy of `patch` for `resource`: of its version, labels and annotations as texts.
absl::StatusOr<Resource*> CopyFor(BuildState& state, const Resource& patch,
                                  const Resource& resource) {
  NodeArena& arena = state.arena();
  ASSIGN_OR_RETURN(Resource * copy, state.CopyResource(patch));
  for (absl::string_view field : {"labels", "annotations"}) {
    RETURN_IF_ERROR(SetMetadataTexts(arena, copy->root, field, MetadataTexts(copy->root, field)));
  }
  RETURN_IF_ERROR(SetName(arena, copy->root, patch.name()));
  RETURN_IF_ERROR(SetNamespace(arena, copy->root, patch.namespace_name()));
  RETURN_IF_ERROR(SetField(arena, copy->root, "apiVersion", arena.Scalar(resource.api_version())));
  return copy;
}

absl::Status MergeIntoEach(ResMap& map, const std::vector<Resource*>& selected,
                           const Resource& patch) {
  BuildState& state = map.state();
  for (Resource* resource : selected) {
    ASSIGN_OR_RETURN(Resource * copy, CopyFor(state, patch, *resource));
    RETURN_IF_ERROR(MergeOne(state, *resource, *copy));
  }
  map.DropDeleted();
  if (!patch.allow_name_change && !patch.allow_kind_change) return absl::OkStatus();
  return map.CheckUnique();
}

absl::StatusOr<std::vector<Resource*>> SelectAll(const ResMap& map, const Selector& selector) {
  ASSIGN_OR_RETURN(const CompiledSelector compiled, CompiledSelector::Compile(selector));
  std::vector<Resource*> selected;
  for (Resource* resource : map.resources()) {
    if (!resource->deleted() && compiled.Matches(map.state(), *resource)) {
      selected.push_back(resource);
    }
  }
  return selected;
}

absl::Status ApplyOperations(BuildState& state, Resource& resource, const Value& operations) {
  NodeArena& arena = state.arena();
  ASSIGN_OR_RETURN(Value before, ToValue(resource.root));
  if (resource.has_notes() && before["metadata"]["annotations"].empty()) {
    before.Ensure("metadata").Set("annotations", Value::EmptyObject());
  }
  absl::StatusOr<Value> after = value::ApplyJsonPatch(before, operations);
  if (!after.ok()) {
    return WithMessage(after.status(), absl::StrCat(after.status().message(), " (patching ",
                                                    state.CurrentId(resource).ToString(), ")"));
  }
  if (!after->is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the patch leaves no object of ", state.CurrentId(resource).ToString()));
  }
  *resource.root = *FromValue(arena, *after, NumberText::kDouble);
  return SetMetadataTexts(arena, resource.root, "annotations",
                          MetadataTexts(resource.root, "annotations"));
}

std::string Describe(const Selector& selector) {
  ReplacementSource named;
  named.id = selector;
  return absl::StrCat(named.ToString(), ":a=", selector.annotation_selector,
                      ":l=", selector.label_selector);
}

std::string DescribePatch(const Patch& patch) {
  std::vector<std::string> lines;
  if (!patch.patch.empty()) lines.push_back(absl::StrCat("patch: ", Quote(patch.patch)));
  if (!patch.path.empty()) lines.push_back(absl::StrCat("path: ", patch.path));
  if (patch.target.has_value()) lines.push_back(absl::StrCat("target: ", Describe(*patch.target)));
  return lines.empty() ? "{}" : absl::StrJoin(lines, "\n");
}

}  // namespace

absl::StatusOr<PatchTransformer> PatchTransformer::Load(BuildState& state, const FileLoader& loader,
                                                        const Patch& patch) {
  PatchTransformer result;
  result.target_ = patch.target;
  std::string text(absl::StripAsciiWhitespace(patch.patch));
  if (text.empty() && patch.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("must specify one of patch and path in\n", DescribePatch(patch)));
  }
  if (!text.empty() && !patch.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("patch and path can't be set at the same time\n", DescribePatch(patch)));
  }
  if (!text.empty()) {
    result.source_ = absl::StrCat("[patch: ", Quote(text), "]");
  } else {
    absl::StatusOr<std::string> file = loader.Load(patch.path);
    if (!file.ok()) {
      return Annotate(file.status(),
                      absl::StrCat("failed to get the patch file from path(", patch.path, ")"));
    }
    text = *std::move(file);
    result.source_ = absl::StrCat("[path: ", Quote(patch.path), "]");
  }
  absl::StatusOr<std::vector<Resource*>> merges = ReadResources(state, text);
  absl::StatusOr<Value> operations = ParseOperations(text);
  if (merges.ok() && operations.ok() && !merges->empty() && !operations->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("illegally qualifies as both an SM and JSON patch: ", result.source_));
  }
  if (!merges.ok() && !operations.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unable to parse SM or JSON patch from ", result.source_, " (as a strategic merge: ",
        merges.status().message(), "; as a JSON patch: ", operations.status().message(), ")"));
  }
  if (merges.ok()) {
    result.merges_ = *std::move(merges);
    for (Resource* merge : result.merges_) {
      merge->allow_name_change |= patch.allow_name_change;
      merge->allow_kind_change |= patch.allow_kind_change;
    }
  } else {
    result.operations_ = *std::move(operations);
  }
  return result;
}

absl::Status PatchTransformer::Run(ResMap& map) const {
  if (!merges_.empty()) return MergeInto(map);
  return operations_.has_value() ? PatchJson(map) : absl::OkStatus();
}

absl::Status PatchTransformer::MergeInto(ResMap& map) const {
  if (target_.has_value()) {
    if (merges_.size() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("Multiple Strategic-Merge Patches in one `patches` entry is not allowed to "
                       "set `patches.target` field: ",
                       source_));
    }
    absl::StatusOr<std::vector<Resource*>> selected = SelectAll(map, *target_);
    if (!selected.ok()) {
      return Annotate(selected.status(),
                      absl::StrCat("unable to find patch target ", Quote(Describe(*target_)),
                                   " in `resources`"));
    }
    return MergeIntoEach(map, *selected, *merges_[0]);
  }
  for (Resource* patch : merges_) {
    const ResourceId id = map.state().OriginalId(*patch);
    absl::StatusOr<Resource*> target = map.ById(id);
    if (!target.ok()) {
      return WithMessage(
          target.status(),
          absl::StrCat("no resource matches strategic merge patch ", Quote(id.ToString()), ": ",
                       target.status().message(),
                       "; it must be the apiVersion, kind, name and namespace of one object, or "
                       "the patch needs a target"));
    }
    RETURN_IF_ERROR(MergeOne(map.state(), **target, *patch));
    if (patch->allow_name_change || patch->allow_kind_change) map.IdsChanged();
  }
  return absl::OkStatus();
}

absl::Status PatchTransformer::PatchJson(ResMap& map) const {
  if (!target_.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("must specify a target for JSON patch ", source_));
  }
  ASSIGN_OR_RETURN(const std::vector<Resource*> selected, SelectAll(map, *target_));
  for (Resource* resource : selected) {
    map.state().RememberId(*resource);
    RETURN_IF_ERROR(ApplyOperations(map.state(), *resource, *operations_));
  }
  if (!selected.empty()) map.IdsChanged();
  return absl::OkStatus();
}

absl::StatusOr<StrategicMergeTransformer> StrategicMergeTransformer::Load(
    BuildState& state, const FileLoader& loader, const std::vector<std::string>& paths,
    absl::string_view inline_text) {
  if (paths.empty() && inline_text.empty()) {
    return absl::InvalidArgumentError("empty file path and empty patch content");
  }
  StrategicMergeTransformer result;
  for (const std::string& path : paths) {
    // The entry may be the patch itself.
    absl::StatusOr<std::vector<Resource*>> patches = ReadResources(state, path);
    if (!patches.ok()) {
      ASSIGN_OR_RETURN(const std::string text, loader.Load(path));
      patches = ReadResources(state, text);
      if (!patches.ok()) {
        return WithMessage(patches.status(),
                           absl::StrCat(patches.status().message(), " in File: ", path));
      }
    }
    result.patches_.insert(result.patches_.end(), patches->begin(), patches->end());
  }
  if (!inline_text.empty()) {
    ASSIGN_OR_RETURN(const std::vector<Resource*> patches, ReadResources(state, inline_text));
    result.patches_.insert(result.patches_.end(), patches.begin(), patches.end());
  }
  if (result.patches_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "patch appears to be empty; files=[", absl::StrJoin(paths, " "), "], Patch=", inline_text));
  }
  return result;
}

absl::Status StrategicMergeTransformer::Run(ResMap& map) const {
  for (const Resource* patch : patches_) {
    ASSIGN_OR_RETURN(Resource * target, map.ById(map.state().OriginalId(*patch)));
    RETURN_IF_ERROR(MergeIntoEach(map, {target}, *patch));
  }
  return absl::OkStatus();
}

absl::StatusOr<JsonPatchTransformer> JsonPatchTransformer::Load(
    const FileLoader& loader, const std::optional<Selector>& target, const std::string& path,
    const std::string& inline_text) {
  if (!target.has_value() || target->name.empty()) {
    return absl::InvalidArgumentError("must specify the target name");
  }
  if (path.empty() && inline_text.empty()) {
    return absl::InvalidArgumentError("empty file path and empty jsonOp");
  }
  if (!path.empty() && !inline_text.empty()) {
    return absl::InvalidArgumentError("must specify a file path or jsonOp, not both");
  }
  JsonPatchTransformer result;
  result.target_ = *target;
  std::string text = inline_text;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(text, loader.Load(path));
    if (text.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("patch file '", path, "' empty seems to be empty"));
    }
  }
  absl::StatusOr<Value> operations = ParseOperations(text);
  if (!operations.ok()) {
    return Annotate(operations.status(), absl::StrCat("decoding ", path.empty() ? text : path));
  }
  if (operations->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("patch appears to be empty; file=", path, ", JsonOp=", text));
  }
  result.operations_ = *std::move(operations);
  return result;
}

absl::Status JsonPatchTransformer::Run(ResMap& map) const {
  ASSIGN_OR_RETURN(const std::vector<Resource*> selected, SelectAll(map, target_));
  for (Resource* resource : selected) {
    RETURN_IF_ERROR(ApplyOperations(map.state(), *resource, operations_));
  }
  if (!selected.empty()) map.IdsChanged();
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
