// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/setters.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/image_setters/scalar_span.h"
#include "common/value/yaml_node.h"

namespace sluice::image_setters {
namespace {

using value::YamlNode;
using Documents = std::vector<std::unique_ptr<YamlNode>>;

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string ScalarAt(const YamlNode& mapping, absl::string_view key) {
  const YamlNode* node = mapping.kind == YamlNode::Kind::kMapping ? mapping.Find(key) : nullptr;
  return node != nullptr && node->kind == YamlNode::Kind::kScalar ? node->value : "";
}

ObjectId IdOf(const YamlNode& root) {
  ObjectId id = {ScalarAt(root, "apiVersion"), ScalarAt(root, "kind"), "", ""};
  if (root.kind != YamlNode::Kind::kMapping) return id;
  if (const YamlNode* metadata = root.Find("metadata"); metadata != nullptr) {
    id.name = ScalarAt(*metadata, "name");
    id.ns = ScalarAt(*metadata, "namespace");
  }
  return id;
}

// Collects the changes of a text's documents.
class Editor {
 public:
  Editor(absl::string_view text, const Setters& setters) : layout_(text), setters_(setters) {}

  absl::Status Document(const YamlNode& document) {
    if (document.content.empty()) return absl::OkStatus();
    const YamlNode& root = *document.content.front();
    object_ = IdOf(root);
    const YamlNode* const items =
        object_.kind == "List" && object_.api_version == "v1" ? root.Find("items") : nullptr;
    if (items == nullptr || items->kind != YamlNode::Kind::kSequence) return Visit(root, -1);
    for (size_t i = 1; i < root.content.size(); i += 2) {
      if (root.content[i].get() != items) RETURN_IF_ERROR(Visit(*root.content[i], Column(root)));
    }
    for (const auto& item : items->content) {
      object_ = IdOf(*item);
      RETURN_IF_ERROR(Visit(*item, Column(*items)));
    }
    return absl::OkStatus();
  }

  const ObjectChanges& changes() const { return changes_; }
  std::vector<Splice>& splices() { return splices_; }
  // The text that a node gets, null if it stays.
  const std::string* NewValue(const YamlNode* node) const {
    const auto it = new_values_.find(node);
    return it == new_values_.end() ? nullptr : it->second;
  }

 private:
  static int Column(const YamlNode& node) { return node.column - 1; }

  absl::Status Visit(const YamlNode& node, int indent) {
    switch (node.kind) {
      case YamlNode::Kind::kMapping:
        for (size_t i = 1; i < node.content.size(); i += 2) {
          RETURN_IF_ERROR(Visit(*node.content[i], Column(node)));
        }
        return absl::OkStatus();
      case YamlNode::Kind::kSequence:
        for (const auto& item : node.content) RETURN_IF_ERROR(Visit(*item, Column(node)));
        return absl::OkStatus();
      case YamlNode::Kind::kScalar:
        return Scalar(node, indent);
      case YamlNode::Kind::kDocument:
      case YamlNode::Kind::kAlias:
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  absl::Status Scalar(const YamlNode& node, int indent) {
    // A comment on the line hides one above, whatever it says.
    const std::string& comment = node.line_comment.empty() ? node.head_comment : node.line_comment;
    if (!absl::StrContains(comment, "{")) return absl::OkStatus();
    const std::string marker = MarkerIn(comment);
    const auto setter = setters_.find(marker);
    if (marker.empty() || setter == setters_.end() || node.value == setter->second) {
      return absl::OkStatus();
    }
    auto splices = layout_.Rewrite(node, indent, setter->second);
    if (!splices.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "line ", node.line, ": the value of marker '", marker, "' cannot be exchanged"));
    }
    for (Splice& splice : *splices) splices_.push_back(std::move(splice));
    new_values_[&node] = &setter->second;
    changes_[object_].push_back({node.value, setter->second, marker});
    return absl::OkStatus();
  }

  const Layout layout_;
  const Setters& setters_;
  ObjectId object_;
  ObjectChanges changes_;
  std::vector<Splice> splices_;
  absl::flat_hash_map<const YamlNode*, const std::string*> new_values_;
};

// Whether `after` is `before` with the new values, comments included.
bool IsEdited(const YamlNode& before, const YamlNode& after, const Editor& editor) {
  if (before.kind != after.kind || before.anchor != after.anchor ||
      before.head_comment != after.head_comment || before.line_comment != after.line_comment ||
      before.foot_comment != after.foot_comment || before.content.size() != after.content.size()) {
    return false;
  }
  if (const std::string* text = editor.NewValue(&before); text != nullptr) {
    if (after.value != *text) return false;
  } else if (before.value != after.value || before.style != after.style ||
             before.tag != after.tag) {
    return false;
  }
  for (size_t i = 0; i < before.content.size(); ++i) {
    if (!IsEdited(*before.content[i], *after.content[i], editor)) return false;
  }
  return true;
}

bool AreEdited(const Documents& before, const Documents& after, const Editor& editor) {
  if (before.size() != after.size()) return false;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!IsEdited(*before[i], *after[i], editor)) return false;
  }
  return true;
}

std::string Spliced(absl::string_view text, std::vector<Splice> splices) {
  std::sort(splices.begin(), splices.end(),
            [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
  std::string result;
  size_t at = 0;
  for (const Splice& splice : splices) {
    absl::StrAppend(&result, text.substr(at, splice.begin - at), splice.text);
    at = splice.end;
  }
  absl::StrAppend(&result, text.substr(at));
  return result;
}

}  // namespace

absl::StatusOr<std::optional<EditedFile>> ApplySetters(absl::string_view text,
                                                       const Setters& setters) {
  if (!absl::StrContains(text, kScreen)) return std::optional<EditedFile>();
  absl::string_view body = text;
  const bool marked = absl::ConsumePrefix(&body, kByteOrderMark);
  ASSIGN_OR_RETURN(const Documents documents, value::ParseYamlNodes(body));
  Editor editor(body, setters);
  for (const auto& document : documents) RETURN_IF_ERROR(editor.Document(*document));
  if (editor.splices().empty()) return std::optional<EditedFile>();

  EditedFile edited = {Spliced(body, std::move(editor.splices())), editor.changes()};
  // A proof rather than a hope: what was written reads as what was meant.
  const auto reread = value::ParseYamlNodes(edited.content);
  if (!reread.ok() || !AreEdited(documents, *reread, editor)) {
    return absl::FailedPreconditionError("values cannot be exchanged without other changes");
  }
  if (marked) edited.content.insert(0, kByteOrderMark.data(), kByteOrderMark.size());
  return std::optional<EditedFile>(std::move(edited));
}

}  // namespace sluice::image_setters
