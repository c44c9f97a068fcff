// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/sops/stores.h"
#include "common/value/utf8.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_timestamp.h"

namespace sluice::sops {
namespace {

using value::YamlNode;
using value::YamlScalar;
using Kind = YamlNode::Kind;

constexpr int kIndent = 4;

bool IsString(const YamlNode& node) {
  return (node.style & YamlNode::kTagged) == 0 && (node.style & YamlNode::kScalarStyles) != 0;
}

// A text that does not fit its tag is null, as in SOPS.
Node ScalarOf(const YamlNode& node) {
  if (IsString(node)) return Node::Text(Node::Kind::kString, node.value);
  const auto scalar =
      value::ResolveTaggedYamlScalar(node.ShortTag(), node.value, value::YamlDialect::kV3);
  if (!scalar.ok()) return Node();
  switch (scalar->kind) {
    case YamlScalar::Kind::kNull:
      return Node();
    case YamlScalar::Kind::kBool:
      return Node::Of(scalar->boolean);
    case YamlScalar::Kind::kInt:
      return Node::Of(scalar->integer);
    case YamlScalar::Kind::kUint: {
      Node large;
      large.kind = Node::Kind::kUint;
      return large;
    }
    case YamlScalar::Kind::kFloat:
      return Node::Of(scalar->number);
    case YamlScalar::Kind::kTimestamp:
      return Node::Text(Node::Kind::kTime,
                        value::YamlTimestampToRfc3339(node.value).value_or(node.value));
    case YamlScalar::Kind::kMerge:
    case YamlScalar::Kind::kString:
      break;
  }
  if (node.ShortTag() == "!!binary") {
    return Node::Text(Node::Kind::kString, value::DecodeYamlBinary(node.value).value_or(""));
  }
  return Node::Text(Node::Kind::kString, node.value);
}

// YAML's nodes as SOPS takes them apart: which comment goes where is its doing.
class Reader {
 public:
  absl::StatusOr<Document> Read(const YamlNode& node) {
    Document document;
    if (node.kind == Kind::kDocument) {
      AddComments(node.head_comment, document);
      AddComments(node.line_comment, document);
      for (const auto& root : node.content) RETURN_IF_ERROR(Root(*root, document));
      AddComments(node.foot_comment, document);
    } else {
      RETURN_IF_ERROR(Root(node, document));
    }
    return document;
  }

 private:
  static absl::string_view WithoutMark(absl::string_view line) { return line.substr(1); }

  static void AddComments(absl::string_view text, Document& document) {
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      Entry entry;
      entry.comment = true;
      entry.key = std::string(WithoutMark(line));
      document.push_back(std::move(entry));
    }
  }
  static void AddComments(absl::string_view text, std::vector<Node>& items) {
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      items.push_back(Node::Text(Node::Kind::kComment, WithoutMark(line)));
    }
  }

  absl::Status Count() {
    if (++nodes_ > kMaxNodes) return absl::ResourceExhaustedError("the document is too large");
    if (depth_ > kMaxDepth) return absl::ResourceExhaustedError("the document nests too deep");
    return absl::OkStatus();
  }

  absl::Status Root(const YamlNode& node, Document& document) {
    if (node.kind == Kind::kSequence) {
      return absl::InvalidArgumentError("YAML documents that are sequences are not supported");
    }
    if (node.kind == Kind::kScalar) {
      AddComments(node.head_comment, document);
      AddComments(node.line_comment, document);
      if (node.ShortTag() == "!!null") return absl::OkStatus();
      return absl::InvalidArgumentError("YAML documents that are values are not supported");
    }
    if (node.kind != Kind::kMapping) return absl::OkStatus();
    return Map(node, /*comments_done=*/false, document);
  }

  absl::Status Map(const YamlNode& node, bool comments_done, Document& document) {
    if (!comments_done) {
      AddComments(node.head_comment, document);
      AddComments(node.line_comment, document);
    }
    for (size_t i = 0; i + 1 < node.content.size(); i += 2) {
      const YamlNode& key = *node.content[i];
      const YamlNode& member = *node.content[i + 1];
      AddComments(key.head_comment, document);
      AddComments(key.line_comment, document);
      const bool own_comments = member.kind == Kind::kScalar || member.kind == Kind::kAlias;
      if (own_comments) {
        AddComments(member.head_comment, document);
        AddComments(member.line_comment, document);
      }
      Entry entry;
      if (key.kind == Kind::kScalar) {
        const Node name = ScalarOf(key);
        entry.text_key = name.kind == Node::Kind::kString;
        entry.key = name.text;
      } else {
        entry.text_key = false;
      }
      ASSIGN_OR_RETURN(entry.value, Any(member, own_comments));
      document.push_back(std::move(entry));
      if (own_comments) AddComments(member.foot_comment, document);
      AddComments(key.foot_comment, document);
    }
    if (!comments_done) AddComments(node.foot_comment, document);
    return absl::OkStatus();
  }

  absl::StatusOr<Node> List(const YamlNode& node, bool comments_done) {
    Node list;
    list.kind = Node::Kind::kList;
    if (!comments_done) {
      AddComments(node.head_comment, list.items);
      AddComments(node.line_comment, list.items);
    }
    for (const auto& item : node.content) {
      AddComments(item->head_comment, list.items);
      AddComments(item->line_comment, list.items);
      ASSIGN_OR_RETURN(Node element, Any(*item, /*comments_done=*/true));
      list.items.push_back(std::move(element));
      AddComments(item->foot_comment, list.items);
    }
    if (!comments_done) AddComments(node.foot_comment, list.items);
    return list;
  }

  absl::StatusOr<Node> Any(const YamlNode& node, bool comments_done) {
    ++depth_;
    const absl::Status counted = Count();
    auto result = counted.ok() ? Collection(node, comments_done) : absl::StatusOr<Node>(counted);
    --depth_;
    return result;
  }

  absl::StatusOr<Node> Collection(const YamlNode& node, bool comments_done) {
    switch (node.kind) {
      case Kind::kSequence:
        return List(node, comments_done);
      case Kind::kMapping: {
        Node map;
        map.kind = Node::Kind::kMap;
        RETURN_IF_ERROR(Map(node, comments_done, map.entries));
        return map;
      }
      case Kind::kAlias:
        if (node.alias == nullptr) return Node();
        return Any(*node.alias, /*comments_done=*/false);
      case Kind::kScalar:
        return ScalarOf(node);
      case Kind::kDocument:
        break;
    }
    return Node();
  }

  size_t nodes_ = 0;
  size_t depth_ = 0;
};

// The metadata with every scalar as the text that is written: fingerprints may look like numbers.
absl::StatusOr<Value> MetadataOf(const YamlNode& node, size_t& nodes) {
  if (++nodes > kMaxNodes / 10) return absl::ResourceExhaustedError("the metadata is too large");
  switch (node.kind) {
    case Kind::kScalar:
      if (!IsString(node) && node.ShortTag() == "!!null") return Value();
      return Value(node.value);
    case Kind::kSequence: {
      Value list = Value::EmptyArray();
      for (const auto& item : node.content) {
        ASSIGN_OR_RETURN(Value element, MetadataOf(*item, nodes));
        list.Append(std::move(element));
      }
      return list;
    }
    case Kind::kMapping: {
      Value map = Value::EmptyObject();
      for (size_t i = 0; i + 1 < node.content.size(); i += 2) {
        ASSIGN_OR_RETURN(Value member, MetadataOf(*node.content[i + 1], nodes));
        map.Set(node.content[i]->value, std::move(member));
      }
      return map;
    }
    default:
      return absl::InvalidArgumentError("sops metadata has an alias");
  }
}

const YamlNode* MetadataNode(const YamlNode& document) {
  if (document.kind != Kind::kDocument) return document.Find("sops");
  if (document.content.empty() || document.content[0]->kind != Kind::kMapping) return nullptr;
  return document.content[0]->Find("sops");
}

void AddHead(std::vector<std::string>& comments, YamlNode& node) {
  if (comments.empty()) return;
  const std::string text = absl::StrCat("#", absl::StrJoin(comments, "\n#"));
  node.head_comment =
      node.head_comment.empty() ? text : absl::StrCat(text, "\n", node.head_comment);
  comments.clear();
}
void AddFoot(std::vector<std::string>& comments, YamlNode& node) {
  if (comments.empty()) return;
  absl::StrAppend(&node.foot_comment, node.foot_comment.empty() ? "#" : "\n#",
                  absl::StrJoin(comments, "\n#"));
  comments.clear();
}

// With the tag that its text has by itself: 0.0 becomes 0, an integer.
std::unique_ptr<YamlNode> PlainNode(std::string text) {
  auto node = std::make_unique<YamlNode>();
  node->value = std::move(text);
  return node;
}

std::unique_ptr<YamlNode> TextNode(absl::string_view text) {
  if (text != "<<") return value::YamlNodeFromValue(Value(text));
  auto node = PlainNode("<<");
  node->tag = "!!merge";
  return node;
}

std::unique_ptr<YamlNode> MapNode(const Document& document);
std::unique_ptr<YamlNode> AnyNode(const Node& node);

std::unique_ptr<YamlNode> ListNode(const std::vector<Node>& items) {
  auto list = std::make_unique<YamlNode>();
  list->kind = Kind::kSequence;
  std::vector<std::string> comments;
  for (const Node& item : items) {
    if (item.kind == Node::Kind::kComment) {
      comments.push_back(value::ToValidUtf8(item.text));
      continue;
    }
    if (list->content.empty()) AddHead(comments, *list);
    list->content.push_back(AnyNode(item));
    AddHead(comments, *list->content.back());
  }
  if (list->content.empty()) {
    AddHead(comments, *list);
  } else {
    AddFoot(comments, *list->content.back());
  }
  return list;
}

std::unique_ptr<YamlNode> MapNode(const Document& document) {
  auto map = std::make_unique<YamlNode>();
  map->kind = Kind::kMapping;
  std::vector<std::string> comments;
  for (const Entry& entry : document) {
    if (entry.comment) {
      comments.push_back(value::ToValidUtf8(entry.key));
      continue;
    }
    if (map->content.empty()) AddHead(comments, *map);
    map->content.push_back(TextNode(entry.key));
    AddHead(comments, *map->content.back());
    map->content.push_back(AnyNode(entry.value));
  }
  if (map->content.empty()) {
    AddHead(comments, *map);
  } else {
    AddFoot(comments, *map->content[map->content.size() - 2]);
  }
  return map;
}

std::unique_ptr<YamlNode> AnyNode(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kList:
      return ListNode(node.items);
    case Node::Kind::kMap:
      return MapNode(node.entries);
    case Node::Kind::kNull:
      return PlainNode("null");
    case Node::Kind::kBool:
      return PlainNode(node.boolean ? "true" : "false");
    case Node::Kind::kInt:
    case Node::Kind::kUint:
      return PlainNode(absl::StrCat(node.integer));
    case Node::Kind::kFloat:
      return PlainNode(value::FormatYamlFloat(node.number));
    case Node::Kind::kTime:
      return PlainNode(node.text);
    default:
      return TextNode(node.text);
  }
}

}  // namespace

absl::StatusOr<EncryptedFile> LoadYaml(absl::string_view text) {
  constexpr absl::string_view kError = "Error unmarshaling input YAML";
  auto nodes = value::ParseYamlNodes(text);
  if (!nodes.ok()) return Annotate(nodes.status(), kError);
  const YamlNode* sops = nodes->empty() ? nullptr : MetadataNode(*nodes->front());
  if (sops == nullptr) return absl::InvalidArgumentError("sops metadata not found");
  size_t count = 0;
  ASSIGN_OR_RETURN(const Value metadata, MetadataOf(*sops, count));
  EncryptedFile file;
  ASSIGN_OR_RETURN(file.metadata, ParseMetadata(metadata));
  Reader reader;
  for (const auto& node : *nodes) {
    auto document = reader.Read(*node);
    if (!document.ok()) return Annotate(document.status(), kError);
    std::erase_if(*document,
                  [](const Entry& entry) { return !entry.comment && entry.key == "sops"; });
    file.documents.push_back(*std::move(document));
  }
  return file;
}

absl::StatusOr<std::string> EmitYaml(const Documents& documents) {
  value::YamlNodeWriter writer(kIndent);
  for (const Document& document : documents) {
    YamlNode root;
    root.kind = Kind::kDocument;
    root.content.push_back(MapNode(document));
    writer.Write(root, /*compact_sequences=*/false);
  }
  return writer.Finish();
}

}  // namespace sluice::sops
