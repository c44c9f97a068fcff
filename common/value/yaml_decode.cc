// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_decode.h"

#include <cmath>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"
#include "common/value/go_syntax.h"
#include "common/value/json.h"
#include "common/value/yaml_limits.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_timestamp.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

constexpr size_t kMaxReported = 100;  // of go-yaml's list of type errors
constexpr size_t kMaxShown = 100;     // of a collection in a message

bool IsMergeKey(const YamlNode& node) {
  return node.kind == Kind::kScalar && node.value == "<<" &&
         (node.tag.empty() || node.tag == "!" || node.tag == "!!merge");
}

bool HasStringKeys(const YamlNode& mapping) {
  for (size_t i = 0; i < mapping.content.size(); i += 2) {
    const std::string tag = mapping.content[i]->ShortTag();
    if (tag != "!!str" && tag != "!!merge") return false;
  }
  return true;
}

// As Go's %#v.
std::string Syntax(const DecodedYaml& decoded, bool element = false) {
  switch (decoded.kind) {
    case DecodedYaml::Kind::kScalar:
      return decoded.scalar.is_null() && element ? "interface {}(nil)"
                                                 : GoSyntax(decoded.scalar, "");
    case DecodedYaml::Kind::kTime:
      return absl::StrCat("time.Time(", decoded.scalar.str(), ")");
    case DecodedYaml::Kind::kSequence: {
      std::string out;
      for (const DecodedYaml& item : decoded.items) {
        absl::StrAppend(&out, out.empty() ? "" : ", ", Syntax(item, /*element=*/true));
        if (out.size() > kMaxShown) break;
      }
      return absl::StrCat("[]interface {}{", out, "}");
    }
    case DecodedYaml::Kind::kMapping:
      break;
  }
  std::map<std::string, std::string> members;  // printed in order
  for (const auto& [key, value] : decoded.members) {
    members[Syntax(key, /*element=*/true)] = Syntax(value, /*element=*/true);
    if (members.size() > kMaxShown) break;
  }
  return absl::StrCat(
      decoded.string_keys ? "map[string]interface {}{" : "map[interface {}]interface {}{",
      absl::StrJoin(members, ", ", absl::PairFormatter(":")), "}");
}

class Decoder {
 public:
  absl::StatusOr<DecodedYaml> Run(const YamlNode& node, DecodeTarget target) {
    const YamlNode* root = &node;
    if (node.kind == Kind::kDocument) {
      RETURN_IF_ERROR(expansion_.Count(0));
      if (node.content.size() != 1) return DecodedYaml{};
      root = node.content[0].get();
    }
    DecodedYaml result;
    if (target == DecodeTarget::kMapOrList && !IsNullNode(*root)) {
      const YamlNode& shape = root->alias != nullptr ? *root->alias : *root;
      if (shape.kind == Kind::kScalar) {
        DecodedYaml unused;
        RETURN_IF_ERROR(Scalar(shape, unused));
        TypeError(shape, shape.ShortTag(), "map[string]interface {}");
      } else {
        string_root_ = shape.kind == Kind::kMapping;
      }
    }
    if (errors_.empty()) RETURN_IF_ERROR(Any(*root, result, 0));
    if (!errors_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: unmarshal errors:\n  ", absl::StrJoin(errors_, "\n  ")));
    }
    return result;
  }

 private:
  using Keys = absl::flat_hash_set<std::string>;

  static bool IsNullNode(const YamlNode& node) { return node.ShortTag() == "!!null"; }

  void AddError(std::string error) {
    if (errors_.size() < kMaxReported) errors_.push_back(std::move(error));
  }

  void TypeError(const YamlNode& node, absl::string_view tag, absl::string_view into) {
    std::string value;
    if (tag != "!!seq" && tag != "!!map") {
      value = node.value.size() > 10 ? absl::StrCat(" `", node.value.substr(0, 7), "...`")
                                     : absl::StrCat(" `", node.value, "`");
    }
    AddError(absl::StrCat("line ", node.line, ": cannot unmarshal ", tag, value, " into ", into));
  }

  // Runs `decode` on what `alias` stands for.
  template <class Decode>
  absl::Status ThroughAlias(const YamlNode& alias, Decode decode) {
    if (!open_aliases_.insert(&alias).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: anchor '", alias.value, "' value contains itself"));
    }
    ++alias_depth_;
    const absl::Status status = decode(*alias.alias);
    --alias_depth_;
    open_aliases_.erase(&alias);
    return status;
  }

  absl::Status Any(const YamlNode& node, DecodedYaml& out, size_t depth) {
    RETURN_IF_ERROR(expansion_.Count(alias_depth_));
    switch (node.kind) {
      case Kind::kAlias:
        return ThroughAlias(node, [&](const YamlNode& target) { return Any(target, out, depth); });
      case Kind::kScalar:
        return Scalar(node, out);
      case Kind::kSequence:
        if (depth >= kMaxDepth) return TooDeep(node);
        out.kind = DecodedYaml::Kind::kSequence;
        out.items.reserve(node.content.size());
        for (const auto& child : node.content) {
          RETURN_IF_ERROR(Any(*child, out.items.emplace_back(), depth + 1));
        }
        return absl::OkStatus();
      case Kind::kMapping:
        if (depth >= kMaxDepth) return TooDeep(node);
        out.kind = DecodedYaml::Kind::kMapping;
        out.string_keys = (depth == 0 && string_root_) || HasStringKeys(node);
        RETURN_IF_ERROR(Mapping(node, out, depth, nullptr));
        if (!out.string_keys) DropRepeated(out);
        return absl::OkStatus();
      case Kind::kDocument:
        break;
    }
    return absl::InvalidArgumentError("yaml: document inside a document");
  }

  static absl::Status TooDeep(const YamlNode& node) {
    return absl::InvalidArgumentError(
        absl::StrCat("yaml: line ", node.line, ": exceeded max depth of ", kMaxDepth));
  }

  absl::Status Scalar(const YamlNode& node, DecodedYaml& out) {
    const std::string tag = node.ShortTag();
    if (tag == "!!binary") {
      const std::optional<std::string> bytes = DecodeYamlBinary(node.value);
      if (!bytes.has_value()) {
        return absl::InvalidArgumentError("yaml: !!binary value contains invalid base64 data");
      }
      out.scalar = *bytes;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const YamlScalar scalar,
                     ResolveTaggedYamlScalar(tag, node.value, YamlDialect::kV3));
    switch (scalar.kind) {
      case YamlScalar::Kind::kNull:
        break;
      case YamlScalar::Kind::kBool:
        out.scalar = scalar.boolean;
        break;
      case YamlScalar::Kind::kInt:
        out.scalar = scalar.integer;
        break;
      case YamlScalar::Kind::kUint:
        out.scalar = scalar.unsigned_integer;
        break;
      case YamlScalar::Kind::kFloat:
        out.scalar = scalar.number;
        break;
      case YamlScalar::Kind::kTimestamp:
        out.kind = DecodedYaml::Kind::kTime;
        out.scalar = YamlTimestampToRfc3339(node.value).value_or(node.value);
        break;
      case YamlScalar::Kind::kMerge:
      case YamlScalar::Kind::kString:
        out.scalar = node.value;
        break;
    }
    return absl::OkStatus();
  }

  // A key into a Go string: null gives none, collections an error.
  absl::Status StringKey(const YamlNode& node, DecodedYaml& key, bool& good) {
    RETURN_IF_ERROR(expansion_.Count(alias_depth_));
    good = false;
    if (node.kind == Kind::kAlias) {
      return ThroughAlias(node,
                          [&](const YamlNode& target) { return StringKey(target, key, good); });
    }
    if (node.kind != Kind::kScalar) {
      TypeError(node, node.ShortTag(), "string");
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Scalar(node, key));
    good = !key.scalar.is_null();
    if (good && node.ShortTag() != "!!binary") key = DecodedYaml{.scalar = node.value};
    return absl::OkStatus();
  }

  // Identifies a key within a Go map.
  static std::string KeyId(const DecodedYaml& key) {
    return absl::StrCat(static_cast<int>(key.kind), "/", static_cast<int>(key.scalar.kind()), "/",
                        key.scalar.is_string() ? key.scalar.str() : FormatKey(key.scalar));
  }
  static std::string FormatKey(const Value& scalar) {
    return scalar.kind() == Value::Kind::kDouble ? FormatYamlFloat(scalar.double_or(0))
                                                 : FormatJson(scalar);
  }

  static void DropRepeated(DecodedYaml& mapping) {
    absl::flat_hash_map<std::string, size_t> places;
    size_t kept = 0;
    for (size_t i = 0; i < mapping.members.size(); ++i) {
      const auto [place, added] = places.emplace(KeyId(mapping.members[i].key), kept);
      if (place->second != i) mapping.members[place->second] = std::move(mapping.members[i]);
      if (added) ++kept;
    }
    mapping.members.resize(kept);
  }

  // Adds the members of `node` to `out`; those in `merged`, where given, are there already.
  absl::Status Mapping(const YamlNode& node, DecodedYaml& out, size_t depth, Keys* merged) {
    if (ReportsRepeatedKeys(node)) return absl::OkStatus();
    const YamlNode* merge = nullptr;
    for (size_t i = 0; i + 1 < node.content.size(); i += 2) {
      const YamlNode& key_node = *node.content[i];
      if (IsMergeKey(key_node)) {
        merge = node.content[i + 1].get();
        continue;
      }
      DecodedYaml key;
      bool good = true;
      if (out.string_keys) {
        RETURN_IF_ERROR(StringKey(key_node, key, good));
      } else {
        RETURN_IF_ERROR(Any(key_node, key, depth + 1));
      }
      if (!good) continue;
      if (merged != nullptr && !merged->insert(KeyId(key)).second) continue;
      if (key.kind == DecodedYaml::Kind::kSequence || key.kind == DecodedYaml::Kind::kMapping) {
        return absl::InvalidArgumentError(absl::StrCat("yaml: invalid map key: ", Syntax(key)));
      }
      DecodedYaml value;
      RETURN_IF_ERROR(Any(*node.content[i + 1], value, depth + 1));
      out.members.push_back(DecodedMember{std::move(key), std::move(value)});
    }
    if (merge == nullptr) return absl::OkStatus();
    Keys own;
    if (merged == nullptr) {
      merged = &own;
      for (size_t i = 0; i < node.content.size(); i += 2) {
        DecodedYaml key;
        RETURN_IF_ERROR(Any(*node.content[i], key, depth + 1));
        own.insert(KeyId(key));
      }
    }
    return Merge(*merge, out, depth, *merged);
  }

  absl::Status Merge(const YamlNode& node, DecodedYaml& out, size_t depth, Keys& merged) {
    if (node.kind != Kind::kSequence) return MergeOne(node, out, depth, merged);
    for (const auto& child : node.content) {
      RETURN_IF_ERROR(MergeOne(*child, out, depth, merged));
    }
    return absl::OkStatus();
  }

  absl::Status MergeOne(const YamlNode& node, DecodedYaml& out, size_t depth, Keys& merged) {
    const YamlNode& target = node.kind == Kind::kAlias ? *node.alias : node;
    if (target.kind != Kind::kMapping) {
      return absl::InvalidArgumentError(
          "yaml: map merge requires map or sequence of maps as the value");
    }
    RETURN_IF_ERROR(expansion_.Count(alias_depth_));
    if (depth >= kMaxDepth) return TooDeep(node);
    if (node.kind != Kind::kAlias) return Mapping(node, out, depth + 1, &merged);
    return ThroughAlias(node, [&](const YamlNode& mapping) -> absl::Status {
      RETURN_IF_ERROR(expansion_.Count(alias_depth_));
      return Mapping(mapping, out, depth + 1, &merged);
    });
  }

  // go-yaml compares what keys look like, whatever they mean.
  bool ReportsRepeatedKeys(const YamlNode& mapping) {
    using Looks = std::pair<Kind, absl::string_view>;
    const auto& content = mapping.content;
    absl::flat_hash_set<Looks> seen;
    seen.reserve(content.size() / 2);
    for (size_t i = 0; i < content.size(); i += 2) {
      seen.emplace(content[i]->kind, content[i]->value);
    }
    if (seen.size() == content.size() / 2) return false;
    absl::flat_hash_map<Looks, std::vector<size_t>> places;
    for (size_t i = 0; i < content.size(); i += 2) {
      places[Looks(content[i]->kind, content[i]->value)].push_back(i);
    }
    for (size_t i = 0; i < content.size() && errors_.size() < kMaxReported; i += 2) {
      const YamlNode& key = *content[i];
      for (const size_t again : places[Looks(key.kind, key.value)]) {
        if (again <= i || errors_.size() >= kMaxReported) continue;
        AddError(absl::StrCat("line ", content[again]->line, ": mapping key ",
                              text::Quote(key.value), " already defined at line ", key.line));
      }
    }
    return true;
  }

  std::vector<std::string> errors_;
  absl::flat_hash_set<const YamlNode*> open_aliases_;
  size_t alias_depth_ = 0;
  bool string_root_ = false;
  AliasExpansion expansion_;
};

}  // namespace

absl::StatusOr<DecodedYaml> DecodeYamlNode(const YamlNode& node, DecodeTarget target) {
  return Decoder().Run(node, target);
}

absl::StatusOr<Value> DecodedYamlToValue(DecodedYaml decoded) {
  switch (decoded.kind) {
    case DecodedYaml::Kind::kScalar:
      if (decoded.scalar.kind() == Value::Kind::kDouble) {
        const double number = decoded.scalar.double_or(0);
        if (std::isfinite(number)) return NumberFromDouble(number);
        return absl::InvalidArgumentError(
            absl::StrCat("json: unsupported value: ", GoFloat(number)));
      }
      return std::move(decoded.scalar);
    case DecodedYaml::Kind::kTime:
      return std::move(decoded.scalar);
    case DecodedYaml::Kind::kSequence: {
      Value::Array items;
      items.reserve(decoded.items.size());
      for (DecodedYaml& item : decoded.items) {
        ASSIGN_OR_RETURN(Value value, DecodedYamlToValue(std::move(item)));
        items.push_back(std::move(value));
      }
      return Value(std::move(items));
    }
    case DecodedYaml::Kind::kMapping:
      break;
  }
  if (!decoded.string_keys) {
    return absl::InvalidArgumentError("json: unsupported type: map[interface {}]interface {}");
  }
  Value::Object members;
  members.reserve(decoded.members.size());
  for (auto& [key, value] : decoded.members) {
    ASSIGN_OR_RETURN(Value converted, DecodedYamlToValue(std::move(value)));
    members.push_back(Member{std::string(key.scalar.str()), std::move(converted)});
  }
  return Value::FromMembers(std::move(members));
}

}  // namespace sluice::value
