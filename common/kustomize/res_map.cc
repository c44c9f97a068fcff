// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/res_map.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"

namespace sluice::kustomize {
namespace {

// The members of `old_map` and, on top of them, those of `new_map`.
TextMap Union(const TextMap& old_map, const TextMap& new_map) {
  TextMap result = old_map;
  for (const auto& [key, text] : new_map) SetText(result, key, text);
  return result;
}

TextMap DataTexts(const Node* root, absl::string_view field) {
  TextMap texts;
  const Node* data = FieldOf(root, field);
  if (data == nullptr || !data->is_map()) return texts;
  for (size_t i = 0; i + 1 < data->content.size(); i += 2) {
    SetText(texts, TextOf(data->content[i]), TextOf(data->content[i + 1]));
  }
  return texts;
}

void SetDataTexts(NodeArena& arena, Node* root, absl::string_view field, const TextMap& texts) {
  ClearField(root, field);
  if (texts.empty()) return;
  Node* data = arena.Map();
  for (const auto& [key, text] : texts) {
    Node* value = arena.String(text);
    if (text.find('\n') != absl::string_view::npos) value->style = Node::kLiteral;
    AppendField(arena, data, key, value);
  }
  AppendField(arena, root, field, data);
}

// Gives a generated object the identity and metadata of the one it is merged into.
absl::Status TakeMetadata(NodeArena& arena, Resource& generated, const Resource& old) {
  for (absl::string_view field : {"labels", "annotations"}) {
    RETURN_IF_ERROR(SetMetadataTexts(
        arena, generated.root, field,
        Union(MetadataTexts(old.root, field), MetadataTexts(generated.root, field))));
  }
  RETURN_IF_ERROR(SetName(arena, generated.root, old.name()));
  RETURN_IF_ERROR(SetNamespace(arena, generated.root, old.namespace_name()));
  generated.needs_hash = generated.needs_hash && old.needs_hash;
  generated.generated = old.generated;
  generated.behavior = old.behavior;
  generated.previous = old.previous;
  generated.prefixes = old.prefixes;
  generated.suffixes = old.suffixes;
  generated.allow_name_change = old.allow_name_change;
  generated.allow_kind_change = old.allow_kind_change;
  generated.var_names = old.var_names;
  return absl::OkStatus();
}

}  // namespace

void ResMap::NeedIndex() {
  if (indexed_) return;
  current_.clear();
  any_.clear();
  indexed_ = true;
  for (Resource* resource : list_) AddToIndex(resource);
}

void ResMap::AddToIndex(Resource* resource) {
  if (!indexed_ || resource->deleted()) return;
  const std::string key = state_->CurrentId(*resource).Key();
  current_[key].push_back(resource);
  any_[key].push_back(resource);
  for (size_t i = 0; i < resource->previous.size(); ++i) {
    std::vector<Resource*>& row = any_[state_->PreviousIdAt(*resource, i).Key()];
    if (row.empty() || row.back() != resource) row.push_back(resource);
  }
}

void ResMap::IdsChanged() { indexed_ = false; }

void ResMap::IdChanged(Resource* resource, const ResourceId& before) {
  if (!indexed_) return;
  std::vector<Resource*>& row = current_[before.Key()];
  row.erase(std::remove(row.begin(), row.end(), resource), row.end());
  const std::string key = state_->CurrentId(*resource).Key();
  current_[key].push_back(resource);
  std::vector<Resource*>& any = any_[key];
  if (std::find(any.begin(), any.end(), resource) == any.end()) any.push_back(resource);
}

absl::Status ResMap::Append(Resource* resource) {
  NeedIndex();
  const ResourceId id = state_->CurrentId(*resource);
  const auto it = current_.find(id.Key());
  if (it != current_.end() &&
      std::any_of(it->second.begin(), it->second.end(),
                  [](const Resource* other) { return !other->deleted(); })) {
    return absl::AlreadyExistsError(
        absl::StrCat("may not add resource with an already registered id: ", id.ToString()));
  }
  list_.push_back(resource);
  AddToIndex(resource);
  return absl::OkStatus();
}

absl::Status ResMap::AppendAll(const std::vector<Resource*>& resources) {
  for (Resource* resource : resources) RETURN_IF_ERROR(Append(resource));
  return absl::OkStatus();
}

std::vector<Resource*> ResMap::AllById(const ResourceId& id) {
  NeedIndex();
  const auto it = any_.find(id.Key());
  if (it == any_.end()) return {};
  std::vector<Resource*> matches;
  for (Resource* resource : it->second) {
    if (!resource->deleted()) matches.push_back(resource);
  }
  return matches;
}

size_t ResMap::CountById(const ResourceId& id) {
  NeedIndex();
  const auto it = current_.find(id.Key());
  return it == current_.end() ? 0 : it->second.size();
}

absl::StatusOr<Resource*> ResMap::ById(const ResourceId& id) {
  const std::vector<Resource*> matches = AllById(id);
  if (matches.size() == 1) return matches[0];
  const std::string text = id.ToString();
  const std::string message =
      absl::StrCat(matches.empty() ? "no matches" : "multiple matches", " for Id ", text,
                   "; failed to find unique target for patch ", text);
  return matches.empty() ? absl::NotFoundError(message) : absl::InvalidArgumentError(message);
}

absl::Status ResMap::Absorb(Resource* generated) {
  const ResourceId id = state_->CurrentId(*generated);
  const std::vector<Resource*> matches = AllById(id);
  const bool adds =
      generated->behavior != Behavior::kMerge && generated->behavior != Behavior::kReplace;
  if (matches.empty()) {
    if (adds) return Append(generated);
    return absl::NotFoundError(
        absl::StrCat("id ", id.ToString(), " does not exist; cannot merge or replace"));
  }
  if (matches.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found multiple objects that could accept merge of ", id.ToString(), ": ",
        absl::StrJoin(matches, ", ", [this](std::string* out, const Resource* resource) {
          absl::StrAppend(out, state_->CurrentId(*resource).ToString());
        })));
  }
  if (adds) {
    return absl::AlreadyExistsError(
        absl::StrCat("id ", id.ToString(), " exists; can not use behavior: '",
                     BehaviorName(generated->behavior), "', behavior must be merge or replace"));
  }
  Resource* const old = matches[0];
  const bool merge = generated->behavior == Behavior::kMerge;
  NodeArena& arena = state_->arena();
  const TextMap old_annotations = MetadataTexts(old->root, "annotations");
  const absl::string_view* origin = FindText(old_annotations, kOriginAnnotation);
  RETURN_IF_ERROR(TakeMetadata(arena, *generated, *old));
  if (merge) {
    for (absl::string_view field : {"data", "binaryData"}) {
      SetDataTexts(arena, generated->root, field,
                   Union(DataTexts(old->root, field), DataTexts(generated->root, field)));
    }
    if (origin != nullptr) {
      TextMap annotations = MetadataTexts(generated->root, "annotations");
      SetText(annotations, kOriginAnnotation, *origin);
      RETURN_IF_ERROR(SetMetadataTexts(arena, generated->root, "annotations", annotations));
    }
  }
  std::replace(list_.begin(), list_.end(), old, generated);
  IdsChanged();
  return absl::OkStatus();
}

void ResMap::DropDeleted() {
  const size_t before = list_.size();
  std::erase_if(list_, [](const Resource* resource) { return resource->deleted(); });
  if (list_.size() != before) IdsChanged();
}

absl::Status ResMap::CheckUnique() {
  std::vector<Resource*> list = std::move(list_);
  list_.clear();
  IdsChanged();
  return AppendAll(list);
}

void ResMap::Replace(std::vector<Resource*> resources) {
  list_ = std::move(resources);
  IdsChanged();
}

}  // namespace sluice::kustomize
