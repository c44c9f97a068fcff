// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/value/go_syntax.h"
#include "common/value/json.h"
#include "common/value/utf8.h"
#include "common/value/yaml_format.h"
#include "common/value/yaml_limits.h"
#include "common/value/yaml_parser.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;

constexpr size_t kMaxReported = 100;  // repeated keys in an error
constexpr absl::string_view kMapType = "map[interface {}]interface {}";

// Builds values from events by go-yaml v2's rules as sigs.k8s.io/yaml uses it. go-yaml first reads
// the document, then decodes it, then turns it into JSON; a fault of an earlier step hides those of
// later ones, so they are collected apart.
class Composer {
 public:
  Composer(absl::string_view text, const YamlOptions& options,
           YamlFloats floats = YamlFloats::kByJson)
      : parser_(text, YamlScanner::Comments::kDrop), options_(options), floats_(floats) {
    Advance();
  }

  // The next document, nothing at the end of the stream.
  absl::StatusOr<std::optional<YamlDocument>> Next() {
    if (event_.kind == Kind::kStreamStart) Advance();
    if (failed_) return syntax_error_;
    if (event_.kind == Kind::kStreamEnd) return std::nullopt;
    anchors_.clear();
    expansion_ = AliasExpansion();
    Count(1, 0);
    Advance();  // the document's start
    YamlDocument document;
    document.line = event_.start.line + 1;
    Node node;
    if (!failed_) Compose(node, 0);
    if (failed_) return syntax_error_;
    RETURN_IF_ERROR(decode_error_);
    if (!repeated_keys_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: unmarshal errors:\n  ", absl::StrJoin(repeated_keys_, "\n  ")));
    }
    document.value = Finished(std::move(node.value));
    RETURN_IF_ERROR(json_error_);
    Advance();  // the document's end
    return document;
  }

 private:
  // A member as it was written, for messages about repeated keys.
  struct Written {
    std::string key;  // its kind (a digit) and Go's syntax: 1 and 1.0 differ
    std::string name;
    int32_t line;  // of the value
  };
  struct Node {
    enum class Type : uint8_t { kScalar, kSequence, kMapping };
    Type type = Type::kScalar;
    bool is_merge_key = false;
    Value value;                                    // a float is still one
    size_t height = 0;                              // of collections, this one included
    std::shared_ptr<std::vector<Written>> written;  // of a mapping in strict documents
  };
  struct Anchor {
    Node node;
    size_t cost = 0;  // nodes decoded for it
    bool open = true;
  };
  using Keys = absl::flat_hash_set<std::string>;

  void Advance() {
    if (parser_.Next(event_)) return;
    failed_ = true;
    syntax_error_ = absl::InvalidArgumentError(parser_.error().Message(/*v3=*/false));
  }

  void FailDecoding(absl::string_view message) {
    if (decode_error_.ok()) decode_error_ = absl::InvalidArgumentError(message);
  }
  void FailJson(absl::string_view message) {
    if (json_error_.ok()) json_error_ = absl::InvalidArgumentError(message);
  }
  void Count(size_t nodes, size_t expanded) {
    if (const absl::Status status = expansion_.Count(nodes, expanded); !status.ok()) {
      FailDecoding(status.message());
    }
  }

  // Reads the node that begins at event_, inside `depth` collections; leaves event_ after it.
  void Compose(Node& node, size_t depth) {
    switch (event_.kind) {
      case Kind::kAlias:
        Alias(node, depth);
        return;
      case Kind::kScalar:
        Scalar(node);
        return;
      case Kind::kSequenceStart:
      case Kind::kMappingStart:
        Collection(node, depth);
        return;
      default:
        failed_ = true;
        syntax_error_ = absl::InternalError("yaml: a node was expected");
        return;
    }
  }

  void Alias(Node& node, size_t depth) {
    Count(1, 0);
    const auto found = anchors_.find(event_.anchor);
    if (found == anchors_.end()) {
      failed_ = true;
      syntax_error_ = absl::InvalidArgumentError(
          absl::StrCat("yaml: unknown anchor '", event_.anchor, "' referenced"));
      return;
    }
    if (found->second.open) {
      FailDecoding(absl::StrCat("yaml: anchor '", event_.anchor, "' value contains itself"));
    } else if (depth + found->second.node.height > kMaxDepth) {
      FailDecoding(absl::StrCat("yaml: line ", event_.start.line + 1, ": exceeded max depth of ",
                                kMaxDepth));
    } else {
      Count(found->second.cost, found->second.cost);
      node = found->second.node;
      node.is_merge_key = false;
    }
    Advance();
  }

  void Scalar(Node& node) {
    node.is_merge_key =
        event_.value == "<<" && (event_.implicit || event_.tag == "tag:yaml.org,2002:merge");
    Count(1, 0);
    ScalarValue(node);
    if (!event_.anchor.empty()) anchors_[event_.anchor] = Anchor{node, 1, false};
    Advance();
  }

  void ScalarValue(Node& node) {
    YamlScalar scalar;
    if (!event_.tag.empty()) {
      const std::string tag = ShortYamlTag(event_.tag);
      if (tag == "!!binary") {
        Binary(node);
        return;
      }
      const auto resolved = ResolveTaggedYamlScalar(tag, event_.value, YamlDialect::kV2);
      if (resolved.ok()) {
        scalar = *resolved;
      } else {
        FailDecoding(resolved.status().message());
      }
    } else if (event_.implicit) {
      scalar = ResolveYamlScalar(event_.value, YamlDialect::kV2);
    }
    switch (scalar.kind) {
      case YamlScalar::Kind::kNull:
        break;
      case YamlScalar::Kind::kBool:
        node.value = scalar.boolean;
        break;
      case YamlScalar::Kind::kInt:
        node.value = scalar.integer;
        break;
      case YamlScalar::Kind::kUint:
        node.value = scalar.unsigned_integer;
        break;
      case YamlScalar::Kind::kFloat:
        node.value = scalar.number;
        break;
      case YamlScalar::Kind::kTimestamp:
      case YamlScalar::Kind::kMerge:
      case YamlScalar::Kind::kString:
        node.value = event_.value;
        break;
    }
  }

  void Binary(Node& node) {
    if (const std::optional<std::string> bytes = DecodeYamlBinary(event_.value)) {
      node.value = ToValidUtf8(*bytes);
    } else {
      FailDecoding("yaml: !!binary value contains invalid base64 data");
    }
  }

  // As JSON holds it.
  Value Finished(Value value) {
    if (value.kind() != Value::Kind::kDouble || floats_ == YamlFloats::kAsTheyAre) return value;
    const double number = value.double_or(0);
    if (std::isfinite(number)) return NumberFromDouble(number);
    FailJson(absl::StrCat("json: unsupported value: ", GoFloat(number)));
    return Value();
  }

  void Collection(Node& node, size_t depth) {
    const absl::string_view name = event_.anchor;
    const size_t before = expansion_.nodes();
    if (!name.empty()) anchors_[name] = Anchor{};
    Count(1, 0);
    if (event_.kind == Kind::kMappingStart) {
      node.type = Node::Type::kMapping;
      Mapping(node, depth);
    } else {
      node.type = Node::Type::kSequence;
      Sequence(node, depth);
    }
    ++node.height;
    if (name.empty()) return;
    // Inside, the name may have been given again.
    Anchor& anchor = anchors_[name];
    if (anchor.open) anchor = Anchor{node, expansion_.nodes() - before, false};
  }

  void Sequence(Node& node, size_t depth) {
    Advance();
    const size_t first = items_.size();
    while (!failed_ && event_.kind != Kind::kSequenceEnd) {
      Node item;
      Compose(item, depth + 1);
      node.height = std::max(node.height, item.height);
      items_.push_back(Finished(std::move(item.value)));
    }
    const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first);
    node.value =
        Value(Value::Array(std::make_move_iterator(begin), std::make_move_iterator(items_.end())));
    items_.erase(begin, items_.end());
    if (!failed_) Advance();
  }

  void Mapping(Node& node, size_t depth) {
    if (options_.strict) node.written = std::make_shared<std::vector<Written>>();
    Advance();
    const size_t first = members_.size();
    Keys keys;
    while (!failed_ && event_.kind != Kind::kMappingEnd) {
      std::string name;
      std::string key;
      std::string unusable;  // why it is no key in JSON
      if (PlainKey(name)) {
        if (options_.strict) key = KeyId(Value(name));
        Advance();
      } else {
        Node key_node;
        Compose(key_node, depth + 1);
        if (failed_) break;
        if (key_node.is_merge_key) {
          Merge(node, depth, keys);
          continue;
        }
        node.height = std::max(node.height, key_node.height);
        if (options_.strict) key = KeyId(key_node.value);
        unusable = KeyName(key_node, name);
      }
      if (failed_) break;
      const int32_t line = event_.start.line;
      Node value;
      Compose(value, depth + 1);
      node.height = std::max(node.height, value.height);
      if (options_.strict && !AddKey(node, keys, {key, name, line})) continue;
      if (!unusable.empty()) {
        FailJson(absl::StrCat(unusable, ", value: ", GoSyntax(value.value, kMapType)));
        continue;
      }
      members_.push_back(Member{std::move(name), Finished(std::move(value.value))});
    }
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    node.value = Value::FromMembers(
        Value::Object(std::make_move_iterator(begin), std::make_move_iterator(members_.end())));
    members_.erase(begin, members_.end());
    if (!failed_) Advance();
  }

  // Whether event_ is a key that simply is a string, as most are.
  bool PlainKey(std::string& name) {
    if (event_.kind != Kind::kScalar || !event_.tag.empty() || !event_.anchor.empty()) return false;
    if (event_.implicit &&
        (event_.value == "<<" ||
         ResolveYamlScalar(event_.value, YamlDialect::kV2).kind != YamlScalar::Kind::kString)) {
      return false;
    }
    Count(1, 0);
    name.assign(event_.value.data(), event_.value.size());
    return true;
  }

  std::string KeyId(const Value& key) {
    // No NaN equals another.
    const bool nan = std::isnan(key.double_or(0));
    return absl::StrCat(static_cast<int>(key.kind()), GoSyntax(key, kMapType),
                        nan ? absl::StrCat(expansion_.nodes()) : "");
  }

  // Strict documents: false, and an error, if the map has the key already.
  bool AddKey(Node& mapping, Keys& keys, Written member) {
    if (!keys.insert(member.key).second) {
      if (repeated_keys_.size() < kMaxReported) {
        repeated_keys_.push_back(absl::StrCat("line ", member.line + 1, ": key ",
                                              member.key.substr(1), " already set in map"));
      }
      return false;
    }
    mapping.written->push_back(std::move(member));
    return true;
  }

  // Gives the key as a JSON string, or returns why there is none.
  std::string KeyName(const Node& key, std::string& name) {
    const Value& value = key.value;
    if (key.type != Node::Type::kScalar) {
      FailDecoding(absl::StrCat("yaml: invalid map key: ", GoSyntax(value, kMapType)));
      return "no scalar";
    }
    switch (value.kind()) {
      case Value::Kind::kString:
        name = std::string(value.str());
        return "";
      case Value::Kind::kBool:
        name = value.bool_or(false) ? "true" : "false";
        return "";
      case Value::Kind::kInt:
        name = absl::StrCat(value.int_or(0));
        return "";
      case Value::Kind::kDouble:
        name = FormatYamlFloat(value.double_or(0), 32);
        return "";
      default:
        break;
    }
    return absl::StrCat("unsupported map key of type: ", value.is_null() ? "%!s(<nil>)" : "uint64",
                        ", key: ", GoSyntax(value, kMapType));
  }

  // The value of "<<" goes into the mapping at this place: over what came before it, under what
  // follows. Of a list the first wins.
  void Merge(Node& mapping, size_t depth, Keys& keys) {
    if (failed_) return;
    std::vector<Node> sources;
    if (event_.kind == Kind::kSequenceStart) {
      if (!event_.anchor.empty()) anchors_[event_.anchor] = Anchor{};
      Advance();
      while (!failed_ && event_.kind != Kind::kSequenceEnd) {
        Compose(sources.emplace_back(), depth + 1);
      }
      if (!failed_) Advance();
    } else {
      Compose(sources.emplace_back(), depth);
    }
    for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
      if (source->type != Node::Type::kMapping) {
        FailDecoding("yaml: map merge requires map or sequence of maps as the value");
        return;
      }
      mapping.height = std::max(mapping.height, source->height - 1);
      if (options_.strict) {
        for (const Written& member : *source->written) {
          if (AddKey(mapping, keys, member)) {
            members_.push_back(Member{member.name, source->value[member.name]});
          }
        }
      } else {
        const auto members = source->value.members();
        members_.insert(members_.end(), members.begin(), members.end());
      }
    }
  }

  YamlParser parser_;
  const YamlOptions options_;
  const YamlFloats floats_;
  YamlEvent event_;
  bool failed_ = false;
  absl::flat_hash_map<absl::string_view, Anchor> anchors_;
  AliasExpansion expansion_;
  // The children of the collections that are open, so that each is allocated once.
  Value::Array items_;
  Value::Object members_;
  absl::Status syntax_error_;
  absl::Status decode_error_;
  absl::Status json_error_;
  std::vector<std::string> repeated_keys_;
};

}  // namespace

absl::StatusOr<Value> ParseYaml(absl::string_view text, const YamlOptions& options) {
  Composer composer(text, options);
  ASSIGN_OR_RETURN(std::optional<YamlDocument> document, composer.Next());
  return document.has_value() ? std::move(document->value) : Value();
}

absl::StatusOr<std::vector<YamlDocument>> ParseYamlStream(absl::string_view text,
                                                          const YamlOptions& options) {
  Composer composer(text, options);
  std::vector<YamlDocument> documents;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<YamlDocument> document, composer.Next());
    if (!document.has_value()) return documents;
    if (!document->value.is_null()) documents.push_back(std::move(*document));
  }
}

absl::StatusOr<std::string> JsonToYaml(absl::string_view json) {
  Composer composer(json, {}, YamlFloats::kAsTheyAre);
  ASSIGN_OR_RETURN(const std::optional<YamlDocument> document, composer.Next());
  return FormatYaml(document.has_value() ? document->value : Value(), YamlFloats::kAsTheyAre);
}

}  // namespace sluice::value
