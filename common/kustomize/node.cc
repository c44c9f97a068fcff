// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

absl::string_view KindName(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kScalar:
      return "ScalarNode";
    case Node::Kind::kList:
      return "SequenceNode";
    case Node::Kind::kMap:
      return "MappingNode";
    case Node::Kind::kNone:
      break;
  }
  return "";
}

}  // namespace

absl::string_view NodeArena::Keep(absl::string_view text) {
  // Not a null view: absl::StrSplit takes that for nothing at all.
  if (text.empty()) return "";
  if (text.size() > kTextBlock / 4) {
    large_texts_.push_back(std::make_unique<char[]>(text.size()));
    std::memcpy(large_texts_.back().get(), text.data(), text.size());
    return absl::string_view(large_texts_.back().get(), text.size());
  }
  if (text_used_ + text.size() > kTextBlock) {
    text_blocks_.push_back(std::make_unique<char[]>(kTextBlock));
    text_used_ = 0;
  }
  char* const place = text_blocks_.back().get() + text_used_;
  std::memcpy(place, text.data(), text.size());
  text_used_ += text.size();
  return absl::string_view(place, text.size());
}

const NodeComments* NodeArena::KeepComments(NodeComments comments) {
  comments_.push_back(std::make_unique<NodeComments>(std::move(comments)));
  return comments_.back().get();
}

Node* NodeArena::Scalar(absl::string_view text) {
  Node* node = New();
  node->kind = Node::Kind::kScalar;
  node->text = Keep(text);
  return node;
}

Node* NodeArena::String(absl::string_view text) {
  Node* node = Scalar(text);
  node->tag = Node::Tag::kString;
  return node;
}

Node* NodeArena::Map() {
  Node* node = New();
  node->kind = Node::Kind::kMap;
  return node;
}

Node* NodeArena::List() {
  Node* node = New();
  node->kind = Node::Kind::kList;
  return node;
}

absl::Status NodeArena::TooLarge() const {
  return absl::ResourceExhaustedError(
      absl::StrCat("the objects and patches of this build have more than ", max_nodes_,
                   " values; split the kustomization"));
}

Node* NodeArena::Copy(const Node* node) {
  if (node == nullptr) return nullptr;
  Node* copy = New();
  *copy = *node;
  for (Node*& child : copy->content) child = Copy(child);
  return copy;
}

bool IsNilOrEmpty(const Node* node) {
  if (IsMissingOrNull(node) || node->kind == Node::Kind::kNone) return true;
  return !node->is_scalar() && node->content.empty();
}

bool IsStringNode(const Node* node) {
  return node != nullptr && node->is_scalar() &&
         (node->tag == Node::Tag::kString || node->tag == Node::Tag::kNone);
}

int FieldIndex(const Node* map, absl::string_view key) {
  if (map == nullptr) return -1;
  for (size_t i = 0; i + 1 < map->content.size(); i += 2) {
    if (map->content[i]->text == key) return static_cast<int>(i);
  }
  return -1;
}

Node* FieldOf(const Node* map, absl::string_view key) {
  if (map == nullptr || !map->is_map()) return nullptr;
  const int index = FieldIndex(map, key);
  return index < 0 ? nullptr : map->content[static_cast<size_t>(index) + 1];
}

std::vector<absl::string_view> FieldNames(const Node* map) {
  std::vector<absl::string_view> names;
  if (map == nullptr || !map->is_map()) return names;
  names.reserve(map->content.size() / 2);
  for (size_t i = 0; i + 1 < map->content.size(); i += 2) names.push_back(map->content[i]->text);
  return names;
}

Node* Dig(Node* node, std::initializer_list<absl::string_view> path) {
  for (absl::string_view key : path) node = FieldOf(node, key);
  return node;
}

absl::Status ExpectKind(const Node* node, Node::Kind kind) {
  if (IsMissingOrNull(node) || node->kind == kind) return absl::OkStatus();
  std::string message =
      absl::StrCat("wrong node kind: expected ", KindName(kind), " but got ", KindName(node->kind));
  if (node->is_scalar() && node->text.size() <= 200) {
    absl::StrAppend(&message, ": node contents:\n", node->text, "\n");
  } else if (node->is_map()) {
    absl::StrAppend(&message, ": node contents:\n");
    for (absl::string_view name : FieldNames(node)) absl::StrAppend(&message, name, ": ...\n");
  }
  if (node->line > 0) absl::StrAppend(&message, " (line ", node->line, ")");
  return absl::InvalidArgumentError(message);
}

absl::Status SetScalar(Node* scalar, Node* value) {
  if (absl::Status status = ExpectKind(scalar, Node::Kind::kScalar); !status.ok()) return status;
  if (IsMissingOrNull(value)) return absl::OkStatus();
  value->style = scalar->style;
  const NodeComments* comments = scalar->comments;
  *scalar = *value;
  scalar->comments = comments;
  return absl::OkStatus();
}

void AppendField(NodeArena& arena, Node* map, absl::string_view key, Node* value) {
  map->content.push_back(arena.Scalar(key));
  map->content.push_back(value);
}

absl::Status SetField(NodeArena& arena, Node* map, absl::string_view key, Node* value,
                      Node::Style key_style) {
  if (value != nullptr && IsStringNode(value) && value->style == 0 &&
      IsYaml11NonString(value->text)) {
    value->style = Node::kDoubleQuoted;
  }
  if (absl::Status status = ExpectKind(map, Node::Kind::kMap); !status.ok()) return status;
  if (value == nullptr || (IsTaggedNull(value) && !value->keep_null)) {
    ClearField(map, key);
    return absl::OkStatus();
  }
  Node* const existing = IsMissingOrNull(map) ? nullptr : FieldOf(map, key);
  if (existing == nullptr) {
    AppendField(arena, map, key, value);
    map->content[map->content.size() - 2]->style = key_style;
  } else if (existing != value) {
    value->style = existing->style;
    *existing = *value;
  }
  return absl::OkStatus();
}

bool ClearField(Node* map, absl::string_view key) {
  const int index = FieldIndex(map, key);
  if (index < 0) return false;
  const auto begin = map->content.begin() + index;
  map->content.erase(begin, begin + 2);
  return true;
}

bool IsYaml11NonString(absl::string_view text) {
  if (text.empty() || text.find('\n') != absl::string_view::npos) return false;
  using Kind = value::YamlScalar::Kind;
  const Kind kind = value::ResolveYamlScalar(text, value::YamlDialect::kV2).kind;
  // go-yaml v2 hands dates out as strings.
  return kind != Kind::kString && kind != Kind::kTimestamp && kind != Kind::kMerge;
}

}  // namespace sluice::kustomize
