// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/error_position.h"

#include <algorithm>
#include <memory>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/value/yaml_node.h"

namespace sluice::kustomize {
namespace {

using ::sluice::value::YamlNode;

constexpr char kFieldPayload[] = "sluice/kustomize-field";        // the kind's number, the field
constexpr char kPositionPayload[] = "sluice/kustomize-position";  // that there is one

// The document's root, or null if it cannot be read.
std::unique_ptr<YamlNode> Document(absl::string_view text) {
  absl::StatusOr<std::unique_ptr<YamlNode>> document = value::ParseYamlNode(text);
  if (!document.ok() || *document == nullptr || (*document)->content.empty()) return nullptr;
  return std::move((*document)->content[0]);
}

bool IsKind(const YamlNode& node, Value::Kind kind) {
  const std::string tag = node.ShortTag();
  switch (kind) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return tag == "!!bool";
    case Value::Kind::kInt:
    case Value::Kind::kUint:
    case Value::Kind::kDouble:
      return tag == "!!int" || tag == "!!float";
    case Value::Kind::kString:
      return tag == "!!str";
    case Value::Kind::kArray:
      return node.kind == YamlNode::Kind::kSequence;
    case Value::Kind::kObject:
      return node.kind == YamlNode::Kind::kMapping;
  }
  return false;
}

// The line of the first member `key` of such a kind below `node`, or of an element of its list.
int LineOfMember(const YamlNode& node, absl::string_view key, Value::Kind kind) {
  const bool map = node.kind == YamlNode::Kind::kMapping;
  for (size_t i = 0; i < node.content.size(); i += map ? 2 : 1) {
    const YamlNode& value = *node.content[map ? i + 1 : i];
    if (map && absl::EqualsIgnoreCase(node.content[i]->value, key)) {
      // An element at fault, as a list within a list, says more than the list that holds it.
      for (const auto& element : value.content) {
        if (kind != Value::Kind::kNull && IsKind(*element, kind)) return element->line;
      }
      if (IsKind(value, kind)) return node.content[i]->line;
    }
    if (const int line = LineOfMember(value, key, kind); line > 0) return line;
  }
  return 0;
}

int LineOfElement(const YamlNode& node, absl::string_view text) {
  const bool list = node.kind == YamlNode::Kind::kSequence;
  for (const auto& child : node.content) {
    if (list && child->kind == YamlNode::Kind::kScalar && child->value == text) return child->line;
    if (const int line = LineOfElement(*child, text); line > 0) return line;
  }
  return 0;
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

absl::Status WithField(absl::Status status, absl::string_view field, Value::Kind found) {
  status.SetPayload(kFieldPayload, absl::Cord(absl::StrCat(static_cast<int>(found), field)));
  return status;
}

absl::Status SourceFile::At(const absl::Status& status, int line) const {
  absl::Status result =
      WithMessage(status, absl::StrCat(status.message(), " (", name_,
                                       line > 0 ? absl::StrCat(", line ", line) : "", ")"));
  result.SetPayload(kPositionPayload, absl::Cord());
  return result;
}

absl::Status SourceFile::AtField(const absl::Status& status) const {
  if (status.ok() || status.GetPayload(kPositionPayload).has_value()) return status;
  const auto note = status.GetPayload(kFieldPayload);
  const std::unique_ptr<YamlNode> root = note.has_value() ? Document(text_) : nullptr;
  if (root == nullptr) return At(status, 0);
  const std::string text(*note);
  const absl::string_view field = absl::string_view(text).substr(1);
  const int line = LineOfMember(*root, field, static_cast<Value::Kind>(text[0] - '0'));
  if (line > 0) return At(status, line);
  // YAML 1.1, by which kustomizations are read, has more booleans than a node tells.
  return At(status, LineOfMember(*root, field, Value::Kind::kNull));
}

absl::Status SourceFile::AtText(const absl::Status& status, absl::string_view text) const {
  if (status.ok() || status.GetPayload(kPositionPayload).has_value()) return status;
  const std::unique_ptr<YamlNode> root = Document(text_);
  return At(status, root == nullptr ? 0 : LineOfElement(*root, text));
}

absl::Status SourceFile::AtItem(const absl::Status& status, absl::string_view key,
                                size_t index) const {
  if (status.ok() || status.GetPayload(kPositionPayload).has_value()) return status;
  const std::unique_ptr<YamlNode> root = Document(text_);
  if (root == nullptr || root->kind != YamlNode::Kind::kMapping) return At(status, 0);
  for (size_t i = 0; i + 1 < root->content.size(); i += 2) {
    if (!absl::EqualsIgnoreCase(root->content[i]->value, key)) continue;
    const YamlNode& value = *root->content[i + 1];
    const bool has = value.kind == YamlNode::Kind::kSequence && index < value.content.size();
    return At(status, has ? value.content[index]->line : root->content[i]->line);
  }
  return At(status, 0);
}

absl::string_view Nearest(absl::string_view text, const std::vector<absl::string_view>& known) {
  constexpr size_t kLongest = 64;  // of what is compared at all
  absl::string_view nearest;
  if (text.size() > kLongest) return nearest;
  size_t least = std::max<size_t>(2, text.size() / 3) + 1;
  for (absl::string_view one : known) {
    const size_t distance = EditDistance(text, one);
    if (distance >= least || distance >= one.size()) continue;
    least = distance;
    nearest = one;
  }
  return nearest;
}

}  // namespace sluice::kustomize
