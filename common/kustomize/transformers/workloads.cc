// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/workloads.h"

#include <re2/re2.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

class ImageChanger {
 public:
  ImageChanger(NodeArena& arena, const Image& image)
      : arena_(arena),
        image_(image),
        pattern_(
            absl::StrCat("^", image.name, "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$"),
            re2::RE2::Quiet) {}

  absl::Status Change(Node* node) const {
    RETURN_IF_ERROR(ExpectKind(node, Node::Kind::kScalar));
    const absl::string_view text = node->text;
    if (!pattern_.ok() ||
        !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern_)) {
      return absl::OkStatus();
    }
    ImageParts parts = SplitImage(text);
    if (!image_.new_name.empty()) parts.name = image_.new_name;
    // A new tag or digest replaces both of the old ones.
    if (!image_.new_tag.empty() || !image_.digest.empty()) {
      parts.tag = image_.new_tag;
      parts.digest = image_.digest;
    } else if (!image_.tag_suffix.empty()) {
      parts.tag += image_.tag_suffix;
      parts.digest.clear();
    }
    std::string changed = parts.name;
    if (!parts.tag.empty()) absl::StrAppend(&changed, ":", parts.tag);
    if (!parts.digest.empty()) absl::StrAppend(&changed, "@", parts.digest);
    return SetScalar(node, arena_.Scalar(changed));
  }

  // Everywhere below `node` where a list has the name of a container list.
  absl::Status Scan(Node* node, size_t depth) const {
    if (node == nullptr || node->is_scalar()) return absl::OkStatus();
    if (depth > value::kMaxDepth) return absl::ResourceExhaustedError("object nests too deep");
    if (node->is_list()) {
      for (Node* item : node->content) RETURN_IF_ERROR(Scan(item, depth + 1));
      return absl::OkStatus();
    }
    for (size_t i = 0; i + 1 < node->content.size(); i += 2) {
      Node* const value = node->content[i + 1];
      RETURN_IF_ERROR(Scan(value, depth + 1));
      const absl::string_view key = node->content[i]->text;
      if ((key != "containers" && key != "initContainers") || !value->is_list()) continue;
      for (Node* container : value->content) {
        RETURN_IF_ERROR(ExpectKind(container, Node::Kind::kMap));
        Node* image = FieldOf(container, "image");
        if (image != nullptr) RETURN_IF_ERROR(Change(image));
      }
    }
    return absl::OkStatus();
  }

 private:
  NodeArena& arena_;
  const Image& image_;
  const re2::RE2 pattern_;
};

}  // namespace

ImageParts SplitImage(absl::string_view image) {
  // A colon before the first slash belongs to the registry's port.
  const size_t slash = image.find('/');
  const size_t from = slash == absl::string_view::npos ? 0 : slash;
  const size_t at = image.find('@', from);
  size_t colon = image.find(':', from);
  if (colon != absl::string_view::npos && at != absl::string_view::npos && colon > at) {
    colon = absl::string_view::npos;
  }
  ImageParts parts;
  parts.name = std::string(image.substr(0, std::min(colon, at)));
  if (colon != absl::string_view::npos) {
    parts.tag =
        std::string(image.substr(colon + 1, at == absl::string_view::npos ? at : at - colon - 1));
  }
  if (at != absl::string_view::npos) parts.digest = std::string(image.substr(at + 1));
  return parts;
}

absl::Status ChangeImages(ResMap& map, const Image& image, const FieldSpecs& specs) {
  NodeArena& arena = map.state().arena();
  const ImageChanger changer(arena, image);
  for (Resource* resource : map.resources()) {
    if (resource->kind() == "CustomResourceDefinition") continue;
    RETURN_IF_ERROR(changer.Scan(resource->root, 0));
    for (const FieldSpec& spec : specs) {
      RETURN_IF_ERROR(VisitField(arena, resource->root, spec, Creation{},
                                 [&](Node* node) { return changer.Change(node); }));
    }
  }
  return absl::OkStatus();
}

absl::Status ChangeReplicas(ResMap& map, const Replica& replica, const FieldSpecs& specs) {
  BuildState& state = map.state();
  NodeArena& arena = state.arena();
  bool found = false;
  for (const FieldSpec& spec : specs) {
    for (Resource* resource : map.resources()) {
      if (resource->deleted()) continue;
      const auto fits = [&](const ResourceId& id) {
        return id.name == replica.name && id.gvk.IsSelected(spec.gvk());
      };
      bool matches = fits(state.CurrentId(*resource));
      for (size_t i = 0; i < resource->previous.size() && !matches; ++i) {
        matches = fits(state.PreviousIdAt(*resource, i));
      }
      if (!matches) continue;
      found = true;
      RETURN_IF_ERROR(VisitField(arena, resource->root, spec,
                                 Creation{Node::Kind::kScalar, Node::Tag::kInt}, [&](Node* node) {
                                   Node* count = arena.Scalar(absl::StrCat(replica.count));
                                   count->tag = Node::Tag::kInt;
                                   return SetScalar(node, count);
                                 }));
    }
  }
  if (found) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(
      "resource with name ", replica.name, " does not match a config with the following GVK [",
      absl::StrJoin(specs, " ",
                    [](std::string* out, const FieldSpec& spec) {
                      absl::StrAppend(out, spec.gvk().ToString());
                    }),
      "]"));
}

}  // namespace sluice::kustomize
