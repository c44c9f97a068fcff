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
#include "common/value/yaml_events.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

using value::YamlEvent;

constexpr absl::string_view kMalformed = "MalformedYAMLError: ";

Node::Style StyleOf(YamlEvent::Quoting quoting) {
  switch (quoting) {
    case YamlEvent::Quoting::kDoubleQuoted:
      return Node::kDoubleQuoted;
    case YamlEvent::Quoting::kSingleQuoted:
      return Node::kSingleQuoted;
    case YamlEvent::Quoting::kLiteral:
      return Node::kLiteral;
    case YamlEvent::Quoting::kFolded:
      return Node::kFolded;
    case YamlEvent::Quoting::kPlain:
      break;
  }
  return 0;
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

class TreeBuilder : public value::YamlEventSink {
 public:
  explicit TreeBuilder(NodeArena& arena) : arena_(arena) {}

  absl::Status On(const YamlEvent& event) override {
    switch (event.kind) {
      case YamlEvent::Kind::kScalar:
        return Add(Scalar(event), event);
      case YamlEvent::Kind::kAlias:
        return Alias(event);
      case YamlEvent::Kind::kListStart:
      case YamlEvent::Kind::kMapStart:
        return Open(event);
      case YamlEvent::Kind::kEnd:
        break;
    }
    Node* const closed = open_.back();
    open_.pop_back();
    if (closed->is_map()) return ApplyMergeKey(arena_, *closed);
    return absl::OkStatus();
  }

  Node* root() const { return root_; }

 private:
  Node* Scalar(const YamlEvent& event) {
    Node* node = arena_.Scalar(event.text);
    node->style = StyleOf(event.quoting);
    if (!event.tag.empty() && event.tag != "!") {
      SetTag(*node, event.tag);
    } else if (node->style != 0) {
      node->tag = Node::Tag::kString;
    } else {
      node->tag = node->text == "<<" ? Node::Tag::kMerge : ResolvedTag(node->text);
    }
    return node;
  }

  void SetTag(Node& node, absl::string_view tag) {
    const std::string name = value::ShortYamlTag(tag);
    node.tag = TagFromName(name);
    if (node.tag == Node::Tag::kOther) node.other_tag = arena_.Keep(name);
    node.style |= Node::kTagged;
  }

  absl::Status Open(const YamlEvent& event) {
    if (open_.size() >= value::kMaxDepth) {
      return absl::ResourceExhaustedError(absl::StrCat("yaml: line ", event.line,
                                                       ": document nests deeper than ",
                                                       value::kMaxDepth, " levels"));
    }
    const bool is_map = event.kind == YamlEvent::Kind::kMapStart;
    Node* node = is_map ? arena_.Map() : arena_.List();
    node->tag = is_map ? Node::Tag::kMap : Node::Tag::kList;
    if (event.flow) node->style |= Node::kFlow;
    if (!event.tag.empty() && event.tag != "!") SetTag(*node, event.tag);
    RETURN_IF_ERROR(Add(node, event));
    open_.push_back(node);
    return absl::OkStatus();
  }

  absl::Status Alias(const YamlEvent& event) {
    const auto it = anchors_.find(event.text);
    if (it == anchors_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: unknown anchor '", event.text, "' referenced"));
    }
    if (std::find(open_.begin(), open_.end(), it->second) != open_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("yaml: line ", event.line, ": anchor '",
                                                     event.text, "' value contains itself"));
    }
    return Add(arena_.Copy(it->second), event);
  }

  absl::Status Add(Node* node, const YamlEvent& event) {
    if (arena_.count() > kMaxNodes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "yaml: more than ", kMaxNodes, " values, aliases expanded (line ", event.line, ")"));
    }
    node->line = event.line;
    if (!event.anchor.empty()) anchors_[std::string(event.anchor)] = node;
    if (open_.empty()) {
      root_ = node;
    } else {
      open_.back()->content.push_back(node);
    }
    return absl::OkStatus();
  }

  NodeArena& arena_;
  Node* root_ = nullptr;
  std::vector<Node*> open_;
  absl::flat_hash_map<std::string, Node*> anchors_;
};

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
      return absl::InvalidArgumentError(
          absl::StrCat("invalid document separator: ",
                       absl::StripAsciiWhitespace(text.substr(at, end - at))));
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
  TreeBuilder builder(arena);
  RETURN_IF_ERROR(value::ReadYamlEvents(text, builder));
  return builder.root();
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
  for (absl::string_view document : documents) {
    absl::StatusOr<Node*> node = ReadNode(arena, document);
    if (!node.ok()) {
      return WithMessage(node.status(), absl::StrCat(kMalformed, node.status().message()));
    }
    if (IsMissingOrNull(*node)) continue;
    const absl::string_view kind = TextOf(FieldOf(*node, "kind"));
    if (documents.size() == 1 && (kind == "List" || kind == "ResourceList")) {
      const Node* items = FieldOf(*node, "items");
      if (items != nullptr || FieldOf(*node, "functionConfig") != nullptr) {
        if (items != nullptr) nodes.insert(nodes.end(), items->content.begin(), items->content.end());
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
