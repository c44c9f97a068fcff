// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_value.h"

#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_timestamp.h"

namespace sluice::kustomize {
namespace {

using value::YamlDialect;
using value::YamlScalar;
using Tag = Node::Tag;

struct TagEntry {
  Tag tag;
  absl::string_view name;
};
constexpr TagEntry kTags[] = {
    {Tag::kNone, ""},
    {Tag::kString, "!!str"},
    {Tag::kInt, "!!int"},
    {Tag::kFloat, "!!float"},
    {Tag::kBool, "!!bool"},
    {Tag::kNull, "!!null"},
    {Tag::kTimestamp, "!!timestamp"},
    {Tag::kBinary, "!!binary"},
    {Tag::kMerge, "!!merge"},
    {Tag::kMap, "!!map"},
    {Tag::kList, "!!seq"},
};

Tag TagOf(YamlScalar::Kind kind) {
  switch (kind) {
    case YamlScalar::Kind::kNull:
      return Tag::kNull;
    case YamlScalar::Kind::kBool:
      return Tag::kBool;
    case YamlScalar::Kind::kInt:
    case YamlScalar::Kind::kUint:
      return Tag::kInt;
    case YamlScalar::Kind::kFloat:
      return Tag::kFloat;
    case YamlScalar::Kind::kTimestamp:
      return Tag::kTimestamp;
    case YamlScalar::Kind::kMerge:
      return Tag::kMerge;
    case YamlScalar::Kind::kString:
      break;
  }
  return Tag::kString;
}

// How go-yaml v3 would write a scalar: with which tag, if any, and whether in quotes.
struct Written {
  Tag tag = Tag::kNone;
  bool quoted = false;
};

Written Write(const Node& scalar) {
  const bool styled = (scalar.style & Node::kAnyQuoting) != 0;
  Written written{scalar.tag, styled || scalar.text.find('\n') != absl::string_view::npos};
  if (scalar.tag == Tag::kNone || (scalar.style & Node::kTagged) != 0) return written;
  if (scalar.tag == Tag::kString && styled) {
    written.tag = Tag::kNone;
    return written;
  }
  const Tag resolved = ResolvedTag(scalar.text);
  if (resolved == scalar.tag) {
    written.tag = Tag::kNone;
  } else if (scalar.tag == Tag::kString) {
    written.tag = Tag::kNone;
    written.quoted = true;
  }
  return written;
}

absl::StatusOr<Value> FromScalar(const YamlScalar& scalar, absl::string_view text) {
  switch (scalar.kind) {
    case YamlScalar::Kind::kNull:
      return Value();
    case YamlScalar::Kind::kBool:
      return Value(scalar.boolean);
    case YamlScalar::Kind::kInt:
      return Value(scalar.integer);
    case YamlScalar::Kind::kUint:
      return Value(scalar.unsigned_integer);
    case YamlScalar::Kind::kFloat:
      if (!std::isfinite(scalar.number)) {
        return absl::InvalidArgumentError(
            absl::StrCat("json: unsupported value: ", text, "; quote it to make it a string"));
      }
      return Value(scalar.number);
    case YamlScalar::Kind::kTimestamp: {
      const std::optional<std::string> rfc3339 = value::YamlTimestampToRfc3339(text);
      return Value(rfc3339.has_value() ? absl::string_view(*rfc3339) : text);
    }
    case YamlScalar::Kind::kMerge:
    case YamlScalar::Kind::kString:
      break;
  }
  return Value(text);
}

// Whether JSON text of it could read differently as YAML: it holds DEL, a control character of
// U+0080 to U+009F, U+FFFE or U+FFFF, or a key that is too long for one.
bool TextNeedsPrinting(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x7f) return true;
    if (i + 1 >= text.size() || byte < 0xc2) continue;
    const auto next = static_cast<unsigned char>(text[i + 1]);
    if ((byte == 0xc2 && next < 0xa0) || (byte == 0xef && next == 0xbf)) return true;
  }
  return false;
}

bool NeedsPrinting(const Value& value) {
  if (value.is_string()) return TextNeedsPrinting(value.str());
  for (const Value& item : value.items()) {
    if (NeedsPrinting(item)) return true;
  }
  for (const value::Member& member : value.members()) {
    constexpr size_t kLongKey = 1000;
    if (member.key.size() > kLongKey || TextNeedsPrinting(member.key) ||
        NeedsPrinting(member.value)) {
      return true;
    }
  }
  return false;
}

// Whether the way into YAML text and back may change a string.
bool MayChange(const Node& node) {
  if ((node.style & Node::kFolded) != 0) return true;
  const absl::string_view text = node.text;
  const bool block =
      (node.style & Node::kLiteral) != 0 ||
      ((node.style & Node::kAnyQuoting) == 0 && text.find('\n') != absl::string_view::npos);
  if (!block || text.empty()) return false;
  return absl::StrContains(" \t\n\r", text.substr(0, 1)) || TextNeedsPrinting(text);
}

// Takes that way.
absl::StatusOr<Value> Reread(const Node& node) {
  value::YamlNode document;
  document.kind = value::YamlNode::Kind::kMapping;
  for (absl::string_view text : {absl::string_view("k"), node.text}) {
    auto scalar = std::make_unique<value::YamlNode>();
    scalar->value = std::string(text);
    document.content.push_back(std::move(scalar));
  }
  document.content[1]->tag = "!!str";
  document.content[1]->style = node.style & Node::kAnyQuoting;
  ASSIGN_OR_RETURN(const std::unique_ptr<value::YamlNode> reread,
                   value::ParseYamlNode(value::FormatYamlNode(document)));
  return Value(reread->content[0]->content[1]->value);
}

// `in_flow`: written inside brackets, where what could be mistaken is quoted.
absl::StatusOr<Value> ScalarToValue(const Node& node, bool in_flow) {
  // Most scalars are strings and say so.
  if (node.tag == Tag::kString && (node.style & Node::kTagged) == 0) {
    return MayChange(node) ? Reread(node) : absl::StatusOr<Value>(Value(node.text));
  }
  Written written = Write(node);
  if (in_flow && written.tag == Tag::kNone) {
    written.quoted |= node.text.empty() || absl::StrContains(node.text, ":");
  }
  if (written.tag == Tag::kNone) {
    if (written.quoted) return Value(node.text);
    return FromScalar(value::ResolveYamlScalar(node.text, YamlDialect::kV3), node.text);
  }
  if (written.tag == Tag::kBinary) {
    std::string bytes;
    std::string packed(node.text);
    std::erase_if(packed, [](char c) { return c == '\n' || c == '\r'; });
    if (!absl::Base64Unescape(packed, &bytes)) {
      return absl::InvalidArgumentError("!!binary value contains invalid base64 data");
    }
    return Value(bytes);
  }
  const absl::string_view name = written.tag == Tag::kOther ? node.other_tag : TagName(written.tag);
  ASSIGN_OR_RETURN(const YamlScalar scalar,
                   value::ResolveTaggedYamlScalar(name, node.text, YamlDialect::kV3));
  return FromScalar(scalar, node.text);
}

absl::Status Repeated(const Node& map, const Node& first, const Node& again) {
  std::string message = absl::StrCat("mapping key \"", again.text, "\" already defined");
  if (first.line > 0) absl::StrAppend(&message, " at line ", first.line);
  if (again.line > 0) message = absl::StrCat("line ", again.line, ": ", message);
  (void)map;
  return absl::InvalidArgumentError(absl::StrCat("yaml: unmarshal errors: ", message));
}

absl::Status CheckKeysDiffer(const Node& map) {
  const size_t size = map.content.size();
  if (size <= 32) {
    for (size_t i = 0; i < size; i += 2) {
      for (size_t j = i + 2; j < size; j += 2) {
        if (map.content[i]->text == map.content[j]->text) {
          return Repeated(map, *map.content[i], *map.content[j]);
        }
      }
    }
    return absl::OkStatus();
  }
  absl::flat_hash_map<absl::string_view, const Node*> seen;
  for (size_t i = 0; i < size; i += 2) {
    const auto [it, fresh] = seen.emplace(map.content[i]->text, map.content[i]);
    if (!fresh) return Repeated(map, *it->second, *map.content[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> Convert(const Node* node, size_t depth, bool in_flow) {
  if (node == nullptr || node->kind == Node::Kind::kNone) return Value();
  if (depth > value::kMaxDepth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("document nests deeper than ", value::kMaxDepth, " levels"));
  }
  if (node->is_scalar()) return ScalarToValue(*node, in_flow);
  in_flow |= (node->style & Node::kFlow) != 0;
  if (node->is_list()) {
    Value::Array items;
    items.reserve(node->content.size());
    for (const Node* item : node->content) {
      ASSIGN_OR_RETURN(Value value, Convert(item, depth + 1, in_flow));
      items.push_back(std::move(value));
    }
    return Value(std::move(items));
  }
  RETURN_IF_ERROR(CheckKeysDiffer(*node));
  Value::Object members;
  members.reserve(node->content.size() / 2);
  for (size_t i = 0; i + 1 < node->content.size(); i += 2) {
    const Node& key = *node->content[i];
    if (!key.is_scalar()) {
      return absl::InvalidArgumentError("json: unsupported type: a map key must be a string");
    }
    const Tag tag = EffectiveTag(&key);
    // At the root a null key cannot be stored and is passed over.
    if (depth == 0 && tag == Tag::kNull) continue;
    if (depth > 0 && tag != Tag::kString && tag != Tag::kMerge) {
      return absl::InvalidArgumentError(absl::StrCat(
          "json: unsupported type: the key `", key.text, "` is no string (write it in quotes)",
          key.line > 0 ? absl::StrCat(" at line ", key.line) : ""));
    }
    ASSIGN_OR_RETURN(Value value, Convert(node->content[i + 1], depth + 1, in_flow));
    members.push_back({std::string(key.text), std::move(value)});
  }
  return Value::FromMembers(std::move(members));
}

}  // namespace

absl::StatusOr<Value> AsPrinted(Value value) {
  if (!NeedsPrinting(value)) return value;
  ASSIGN_OR_RETURN(const std::string yaml, value::JsonToYaml(value::FormatJson(value)));
  return value::ParseYaml(yaml);
}

absl::string_view TagName(Tag tag) {
  for (const TagEntry& entry : kTags) {
    if (entry.tag == tag) return entry.name;
  }
  return "";
}

Tag TagFromName(absl::string_view name) {
  for (const TagEntry& entry : kTags) {
    if (entry.name == name) return entry.tag;
  }
  return Tag::kOther;
}

Tag ResolvedTag(absl::string_view text) {
  return TagOf(value::ResolveYamlScalar(text, YamlDialect::kV3).kind);
}

Tag EffectiveTag(const Node* scalar) {
  const Written written = Write(*scalar);
  if (written.tag != Tag::kNone) return written.tag;
  return written.quoted ? Tag::kString : ResolvedTag(scalar->text);
}

absl::StatusOr<Value> ToValue(const Node* node) { return Convert(node, 0, /*in_flow=*/false); }

Node* FromValue(NodeArena& arena, const Value& value, NumberText numbers) {
  switch (value.kind()) {
    case Value::Kind::kNull: {
      Node* node = arena.Scalar("null");
      node->tag = Tag::kNull;
      return node;
    }
    case Value::Kind::kBool: {
      Node* node = arena.Scalar(value.bool_or(false) ? "true" : "false");
      node->tag = Tag::kBool;
      return node;
    }
    case Value::Kind::kInt:
    case Value::Kind::kUint:
    case Value::Kind::kDouble: {
      Node* node =
          arena.Scalar(numbers == NumberText::kDouble ? value::FormatYamlFloat(value.double_or(0))
                                                      : value::FormatJson(value));
      node->tag = ResolvedTag(node->text);
      return node;
    }
    case Value::Kind::kString: {
      Node* node = arena.String(value.str());
      if (numbers == NumberText::kJson) {
        node->style = Node::kDoubleQuoted;
      } else if (value.str().find('\n') != absl::string_view::npos) {
        node->style = Node::kLiteral;
      } else if (ResolvedTag(value.str()) != Tag::kString || IsYaml11NonString(value.str())) {
        node->style = Node::kDoubleQuoted;
      }
      return node;
    }
    case Value::Kind::kArray: {
      Node* node = arena.List();
      node->tag = Tag::kList;
      for (const Value& item : value.items()) {
        node->content.push_back(FromValue(arena, item, numbers));
      }
      return node;
    }
    case Value::Kind::kObject: {
      Node* node = arena.Map();
      node->tag = Tag::kMap;
      for (const value::Member& member : value.members()) {
        node->content.push_back(arena.String(member.key));
        node->content.push_back(FromValue(arena, member.value, numbers));
      }
      return node;
    }
  }
  return arena.Scalar("null");
}

}  // namespace sluice::kustomize
