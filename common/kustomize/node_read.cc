// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_read.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_value.h"
#include "common/value/json.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_parser.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

using value::YamlEvent;
using value::YamlScalarStyle;
using value::YamlScanner;

constexpr absl::string_view kMalformed = "MalformedYAMLError: ";

Node::Style StyleOf(YamlScalarStyle style) {
  switch (style) {
    case YamlScalarStyle::kDoubleQuoted:
      return Node::kDoubleQuoted;
    case YamlScalarStyle::kSingleQuoted:
      return Node::kSingleQuoted;
    case YamlScalarStyle::kLiteral:
      return Node::kLiteral;
    case YamlScalarStyle::kFolded:
      return Node::kFolded;
    case YamlScalarStyle::kPlain:
      break;
  }
  return 0;
}

absl::Status TooDeep(int line) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "yaml: line ", line, ": document nests deeper than ", value::kMaxDepth, " levels"));
}

// The maps that the value of a "<<" names, the one that yields to all others first.
absl::Status MergeSources(Node* value, std::vector<Node*>& sources) {
  if (value->is_map()) {
    sources.push_back(value);
    return absl::OkStatus();
  }
  if (!value->is_list()) {
    return absl::InvalidArgumentError("map merge requires map or sequence of maps as the value");
  }
  for (auto it = value->content.rbegin(); it != value->content.rend(); ++it) {
    if ((*it)->is_list()) {
      return absl::InvalidArgumentError("invalid map merge: received a nested sequence");
    }
    RETURN_IF_ERROR(MergeSources(*it, sources));
  }
  return absl::OkStatus();
}

// The reference enters a null key a second time while it looks for "<<"; what has one fails when it
// is printed.
void RepeatNullKeys(NodeArena& arena, Node& map) {
  const size_t size = map.content.size();
  for (size_t i = 0; i < size; i += 2) {
    if (!IsTaggedNull(map.content[i]) || map.content[i]->text.empty()) continue;
    map.content.push_back(arena.Copy(map.content[i]));
    map.content.push_back(arena.Copy(map.content[i + 1]));
  }
}

// Gives `map` the members that its "<<" brings in and it does not have itself.
absl::Status ApplyMergeKey(NodeArena& arena, Node& map) {
  int at = -1;
  for (size_t i = 0; i < map.content.size(); i += 2) {
    if (map.content[i]->tag != Node::Tag::kMerge) continue;
    if (at >= 0) return absl::InvalidArgumentError("duplicate merge key");
    at = static_cast<int>(i);
  }
  if (at < 0) return absl::OkStatus();
  std::vector<Node*> sources;
  RETURN_IF_ERROR(MergeSources(map.content[static_cast<size_t>(at) + 1], sources));
  map.content.erase(map.content.begin() + at, map.content.begin() + at + 2);
  const size_t own = map.content.size();
  for (const Node* source : sources) {
    for (absl::string_view name : FieldNames(source)) {
      const auto from = static_cast<size_t>(FieldIndex(source, name));
      const int index = FieldIndex(&map, name);
      if (index >= 0 && static_cast<size_t>(index) < own) continue;
      Node* key = arena.Copy(source->content[from]);
      Node* value = arena.Copy(source->content[from + 1]);
      if (index >= 0) {
        map.content[static_cast<size_t>(index)] = key;
        map.content[static_cast<size_t>(index) + 1] = value;
      } else {
        map.content.push_back(key);
        map.content.push_back(value);
      }
    }
  }
  return absl::OkStatus();
}

class TreeBuilder {
 public:
  TreeBuilder(NodeArena& arena, absl::string_view text)
      : arena_(arena), parser_(text, YamlScanner::Comments::kDrop) {}

  // The root of the first document, or null.
  absl::StatusOr<Node*> Run() {
    RETURN_IF_ERROR(Advance());  // the stream's start
    RETURN_IF_ERROR(Advance());
    if (event_.kind == YamlEvent::Kind::kStreamEnd) return nullptr;
    do {
      RETURN_IF_ERROR(Advance());
      RETURN_IF_ERROR(Take());
    } while (!open_.empty());
    // A root that is followed by more than the document's end is none.
    RETURN_IF_ERROR(Advance());
    return root_;
  }

 private:
  absl::Status Advance() {
    if (parser_.Next(event_)) return absl::OkStatus();
    return absl::InvalidArgumentError(parser_.error().Message(/*v3=*/true));
  }

  absl::Status Take() {
    switch (event_.kind) {
      case YamlEvent::Kind::kScalar:
        return Add(Scalar());
      case YamlEvent::Kind::kAlias:
        return Alias();
      case YamlEvent::Kind::kSequenceStart:
      case YamlEvent::Kind::kMappingStart:
        return Open();
      case YamlEvent::Kind::kSequenceEnd:
        open_.pop_back();
        return absl::OkStatus();
      case YamlEvent::Kind::kMappingEnd: {
        Node* const closed = open_.back();
        open_.pop_back();
        RETURN_IF_ERROR(ApplyMergeKey(arena_, *closed));
        RepeatNullKeys(arena_, *closed);
        return absl::OkStatus();
      }
      default:
        return absl::InternalError("unexpected YAML event");
    }
  }

  int line() const { return event_.start.line + 1; }

  Node* Scalar() {
    Node* node = arena_.Scalar(event_.value);
    node->style = StyleOf(event_.style);
    if (!event_.tag.empty() && event_.tag != "!") {
      SetTag(*node);
    } else if (node->style != 0) {
      node->tag = Node::Tag::kString;
    } else {
      node->tag = node->text == "<<" ? Node::Tag::kMerge : ResolvedTag(node->text);
    }
    return node;
  }

  void SetTag(Node& node) {
    const std::string name = value::ShortYamlTag(event_.tag);
    node.tag = TagFromName(name);
    if (node.tag == Node::Tag::kOther) node.other_tag = arena_.Keep(name);
    node.style |= Node::kTagged;
  }

  absl::Status Open() {
    if (open_.size() >= value::kMaxDepth) return TooDeep(line());
    const bool is_map = event_.kind == YamlEvent::Kind::kMappingStart;
    Node* node = is_map ? arena_.Map() : arena_.List();
    node->tag = is_map ? Node::Tag::kMap : Node::Tag::kList;
    if (event_.flow) node->style |= Node::kFlow;
    if (!event_.tag.empty() && event_.tag != "!") SetTag(*node);
    RETURN_IF_ERROR(Add(node));
    open_.push_back(node);
    return absl::OkStatus();
  }

  absl::Status Alias() {
    const auto it = anchors_.find(event_.anchor);
    if (it == anchors_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: unknown anchor '", event_.anchor, "' referenced"));
    }
    if (std::find(open_.begin(), open_.end(), it->second) != open_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("yaml: line ", line(), ": anchor '",
                                                     event_.anchor, "' value contains itself"));
    }
    Node* const copy = CopyWithin(it->second, 0);
    event_.anchor = absl::string_view();
    return Add(copy);
  }

  // A copy, or null once the arena is full: a short text can stand for a huge tree.
  Node* CopyWithin(const Node* node, size_t depth) {
    if (arena_.full() || open_.size() + depth > value::kMaxDepth) return nullptr;
    Node* copy = arena_.New();
    *copy = *node;
    for (Node*& child : copy->content) {
      child = CopyWithin(child, depth + 1);
      if (child == nullptr) return nullptr;
    }
    return copy;
  }

  absl::Status Add(Node* node) {
    if (arena_.full()) {
      return Annotate(arena_.TooLarge(), absl::StrCat("yaml: line ", line()));
    }
    if (node == nullptr) return TooDeep(line());
    node->line = line();
    if (!event_.anchor.empty()) anchors_[event_.anchor] = node;
    if (open_.empty()) {
      root_ = node;
    } else {
      open_.back()->content.push_back(node);
    }
    return absl::OkStatus();
  }

  NodeArena& arena_;
  value::YamlParser parser_;
  YamlEvent event_;
  Node* root_ = nullptr;
  std::vector<Node*> open_;
  absl::flat_hash_map<absl::string_view, Node*> anchors_;  // views into the parser's text
};

void KeepComments(NodeArena& arena, const value::YamlNode& from, Node* node) {
  if (!from.head_comment.empty() || !from.line_comment.empty() || !from.foot_comment.empty()) {
    node->comments = arena.KeepComments({from.head_comment, from.line_comment, from.foot_comment});
  }
}

Node* FromYamlNode(NodeArena& arena, const value::YamlNode& from) {
  using Kind = value::YamlNode::Kind;
  if (from.kind == Kind::kDocument) return FromYamlNode(arena, *from.content[0]);
  Node* node = arena.New();
  node->kind = from.kind == Kind::kMapping    ? Node::Kind::kMap
               : from.kind == Kind::kSequence ? Node::Kind::kList
                                              : Node::Kind::kScalar;
  node->style = from.style;
  node->line = from.line;
  node->tag = TagFromName(from.tag);
  if (node->tag == Node::Tag::kOther) node->other_tag = arena.Keep(from.tag);
  node->text = arena.Keep(from.value);
  KeepComments(arena, from, node);
  for (const auto& child : from.content) node->content.push_back(FromYamlNode(arena, *child));
  return node;
}

bool HasAlias(const value::YamlNode& node) {
  return node.kind == value::YamlNode::Kind::kAlias || !node.anchor.empty() ||
         std::any_of(node.content.begin(), node.content.end(),
                     [](const auto& child) { return HasAlias(*child); });
}

// Gives `node` the comments of `from`, the same document without aliases.
void CopyComments(NodeArena& arena, const value::YamlNode& from, Node* node) {
  KeepComments(arena, from, node);
  if (from.content.size() != node->content.size()) return;  // "<<" was merged in
  for (size_t i = 0; i < node->content.size(); ++i) {
    CopyComments(arena, *from.content[i], node->content[i]);
  }
}

// A document of a manifest. Comments count where one may hold a schema.
absl::StatusOr<Node*> ReadDocument(NodeArena& arena, absl::string_view text) {
  ASSIGN_OR_RETURN(Node* const node, TreeBuilder(arena, text).Run());
  if (node == nullptr || (!absl::StrContains(text, "# {") && !absl::StrContains(text, "#{"))) {
    return node;
  }
  const absl::StatusOr<std::unique_ptr<value::YamlNode>> noted = value::ParseYamlNode(text);
  if (!noted.ok() || *noted == nullptr || HasAlias(**noted)) return node;
  const bool wrapped = (*noted)->kind == value::YamlNode::Kind::kDocument;
  CopyComments(arena, wrapped ? *(*noted)->content[0] : **noted, node);
  return node;
}

// `text` cut at the lines that start with "---".
absl::StatusOr<std::vector<absl::string_view>> SplitDocuments(absl::string_view text) {
  std::vector<absl::string_view> documents;
  size_t start = 0;
  size_t from = 0;
  while (true) {
    const size_t at = text.find("\n---", from);
    const size_t end = at == absl::string_view::npos ? at : text.find('\n', at + 1);
    if (end == absl::string_view::npos) break;
    const absl::string_view rest = absl::StripAsciiWhitespace(text.substr(at + 4, end - at - 4));
    if (!rest.empty() && rest[0] != '#') {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid document separator: ", absl::StripAsciiWhitespace(text.substr(at, end - at))));
    }
    // The line end before the separator belongs to the document: it may end a block of text.
    documents.push_back(text.substr(start, at + 1 - start));
    start = from = end + 1;
  }
  documents.push_back(text.substr(start));
  return documents;
}

}  // namespace

absl::StatusOr<Node*> ReadNode(NodeArena& arena, absl::string_view text) {
  return TreeBuilder(arena, text).Run();
}

absl::StatusOr<Node*> ReadNodeWithComments(NodeArena& arena, absl::string_view text) {
  ASSIGN_OR_RETURN(const std::unique_ptr<value::YamlNode> document, value::ParseYamlNode(text));
  if (document == nullptr) return nullptr;
  // Comments and aliases together are not worth a tree that holds both.
  if (HasAlias(*document)) return ReadNode(arena, text);
  return FromYamlNode(arena, *document);
}

absl::StatusOr<std::vector<Node*>> ReadDocuments(NodeArena& arena, absl::string_view text) {
  std::vector<Node*> nodes;
  if (text.empty()) return nodes;
  std::string unix_text;
  if (absl::StrContains(text, "\r\n")) {
    unix_text = absl::StrReplaceAll(text, {{"\r\n", "\n"}});
    text = unix_text;
  }
  ASSIGN_OR_RETURN(const auto documents, SplitDocuments(text));
  int line = 1;  // where the document starts
  for (absl::string_view document : documents) {
    absl::StatusOr<Node*> node = ReadDocument(arena, document);
    if (!node.ok()) {
      return WithMessage(
          node.status(),
          absl::StrCat(kMalformed, node.status().message(),
                       line > 1 ? absl::StrCat(", in the document at line ", line) : ""));
    }
    if (*node != nullptr) (*node)->line += line - 1;
    // And the separator.
    line += static_cast<int>(std::count(document.begin(), document.end(), '\n')) + 1;
    if (IsMissingOrNull(*node)) continue;
    const absl::string_view kind = TextOf(FieldOf(*node, "kind"));
    if (documents.size() == 1 && (kind == "List" || kind == "ResourceList")) {
      const Node* items = FieldOf(*node, "items");
      if (items != nullptr || FieldOf(*node, "functionConfig") != nullptr) {
        if (items != nullptr)
          nodes.insert(nodes.end(), items->content.begin(), items->content.end());
        continue;
      }
    }
    nodes.push_back(*node);
  }
  return nodes;
}

bool IsMalformedYaml(const absl::Status& status) {
  return absl::StrContains(status.message(), kMalformed);
}

}  // namespace sluice::kustomize
