// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/build_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::kustomize {

absl::StatusOr<Resource*> BuildState::NewResource(Node* root) {
  if (resources_.size() >= options_.limits.max_resources) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", options_.limits.max_resources, " resources in one build"));
  }
  Resource& resource = resources_.emplace_back();
  resource.root = root;
  AbsorbInternalAnnotations(resource);
  return &resource;
}

absl::StatusOr<Resource*> BuildState::CopyResource(const Resource& resource) {
  if (arena_.full()) return arena_.TooLarge();
  Resource& copy = resources_.emplace_back(resource);
  copy.root = arena_.Copy(resource.root);
  return &copy;
}

absl::Status BuildState::CountKustomization() {
  if (++kustomizations_ <= options_.limits.max_kustomizations) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("more than ", options_.limits.max_kustomizations,
                                                   " kustomizations in one build"));
}

absl::Status BuildState::UseSchema(absl::string_view text, bool at_root) {
  ASSIGN_OR_RETURN(schema_, MergeSchema::Parse(text));
  builtin_types_ = !at_root || options_.schema_adds_to_builtin;
  schema_decided_ = true;
  return absl::OkStatus();
}

FieldType BuildState::TypeOf(const Gvk& gvk) const {
  if (schema_ != nullptr) {
    const FieldType type = schema_->TypeOf(gvk);
    if (type.known()) return type;
  }
  return builtin_types_ ? BuiltinType(gvk) : FieldType();
}

FieldType BuildState::TypeFromComment(const Node* node) {
  if (node == nullptr || node->comments == nullptr) return FieldType();
  const NodeComments& comments = *node->comments;
  absl::string_view text = comments.line.empty() ? comments.head : comments.line;
  while (absl::ConsumePrefix(&text, "#")) {
  }
  text = absl::StripAsciiWhitespace(text);
  if (!absl::StartsWith(text, "{")) return FieldType();
  absl::StatusOr<Value> definition = value::ParseJson(text);
  if (!definition.ok() || definition->members().empty()) return FieldType();
  if (schema_ == nullptr && no_schema_ == nullptr) {
    absl::StatusOr<std::unique_ptr<MergeSchema>> none = MergeSchema::Parse("{}");
    if (!none.ok()) return FieldType();
    no_schema_ = *std::move(none);
  }
  const MergeSchema& schema = schema_ != nullptr ? *schema_ : *no_schema_;
  return schema.TypeFrom(comment_types_.emplace_back(*std::move(definition)));
}

ResourceId BuildState::CurrentId(const Resource& resource) const {
  ResourceId id;
  id.gvk = resource.gvk();
  id.name = resource.name();
  id.namespace_name = resource.namespace_name();
  id.cluster_scoped = IsClusterScoped(id.gvk, schema_.get());
  return id;
}

ResourceId BuildState::OriginalId(const Resource& resource) const {
  return resource.previous.empty() ? CurrentId(resource) : PreviousIdAt(resource, 0);
}

ResourceId BuildState::PreviousIdAt(const Resource& resource, size_t index) const {
  const PreviousId& previous = resource.previous[index];
  ResourceId id;
  ParseApiVersion(resource.api_version(), id.gvk);
  id.gvk.kind = previous.kind;
  id.name = previous.name;
  id.namespace_name = previous.namespace_name;
  return id;
}

void BuildState::RememberId(Resource& resource) const {
  const ResourceId id = CurrentId(resource);
  resource.previous.push_back({id.name, id.EffectiveNamespace(), id.gvk.kind});
}

void BuildState::Warn(std::string message) {
  if (std::find(warnings_.begin(), warnings_.end(), message) == warnings_.end()) {
    warnings_.push_back(std::move(message));
  }
}

}  // namespace sluice::kustomize
