// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/resource_reader.h"

#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"

namespace sluice::kustomize {
namespace {

std::string WhereIs(const Node* root) {
  return root != nullptr && root->line > 0 ? absl::StrCat(" (document at line ", root->line, ")")
                                           : "";
}

}  // namespace

absl::Status CheckMetadata(const Node* root) {
  const Node* kind = FieldOf(root, "kind");
  const Node* api_version = FieldOf(root, "apiVersion");
  const Node* metadata = FieldOf(root, "metadata");
  const Node* name = FieldOf(metadata, "name");
  const bool nothing = IsNilOrEmpty(kind) && IsNilOrEmpty(api_version) && IsNilOrEmpty(name) &&
                       IsNilOrEmpty(FieldOf(metadata, "namespace")) &&
                       IsNilOrEmpty(FieldOf(metadata, "labels")) &&
                       IsNilOrEmpty(FieldOf(metadata, "annotations"));
  if (nothing) {
    return absl::InvalidArgumentError(absl::StrCat("missing Resource metadata", WhereIs(root)));
  }
  Resource resource;
  resource.root = const_cast<Node*>(root);
  const absl::string_view kind_text = IsNilOrEmpty(kind) ? absl::string_view() : kind->text;
  if (kind_text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("missing kind in object {apiVersion: ", resource.api_version(),
                     ", name: ", resource.name(), "}", WhereIs(root)));
  }
  if (!absl::EndsWith(kind_text, "List") && resource.name().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("missing metadata.name in object {apiVersion: ", resource.api_version(),
                     ", kind: ", kind_text, "}", WhereIs(root)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Resource*>> ReadResources(BuildState& state, absl::string_view text) {
  NodeArena& arena = state.arena();
  ASSIGN_OR_RETURN(const std::vector<Node*> documents, ReadDocuments(arena, text));
  std::deque<Node*> left;
  for (Node* document : documents) {
    if (IsNilOrEmpty(document)) continue;
    RETURN_IF_ERROR(CheckMetadata(document));
    left.push_back(document);
  }
  std::vector<Resource*> resources;
  while (!left.empty()) {
    Node* const node = left.front();
    left.pop_front();
    const absl::string_view kind = TextOf(FieldOf(node, "kind"));
    const Node* items = absl::EndsWith(kind, "List") ? FieldOf(node, "items") : nullptr;
    if (items == nullptr) {
      ASSIGN_OR_RETURN(Resource * resource, state.NewResource(node));
      resources.push_back(resource);
      continue;
    }
    if (IsTaggedNull(items)) continue;
    if (!items->is_list()) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected array in ", kind, "/items, but found something else"));
    }
    // The reference takes the list through JSON here, and what JSON cannot hold is refused.
    const absl::StatusOr<Value> list = ToValue(node);
    if (!list.ok()) {
      return Annotate(list.status(), absl::StrCat("trouble expanding list of ", kind));
    }
    for (const Value& item : (*list)["items"].items()) {
      Node* inner = FromValue(arena, item, NumberText::kJson);
      if (IsNilOrEmpty(inner)) continue;
      RETURN_IF_ERROR(CheckMetadata(inner));
      left.push_back(inner);
    }
  }
  return resources;
}

}  // namespace sluice::kustomize
