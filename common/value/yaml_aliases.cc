// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_aliases.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml_limits.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;
using Content = std::vector<std::unique_ptr<YamlNode>>;

bool IsMergeKey(const YamlNode& key) { return key.tag == "!!merge"; }

class Expander {
 public:
  absl::Status Expand(std::unique_ptr<YamlNode>& node, size_t depth, size_t alias_depth) {
    RETURN_IF_ERROR(expansion_.Count(alias_depth));
    switch (node->kind) {
      case Kind::kScalar:
        node->anchor.clear();
        return absl::OkStatus();
      case Kind::kAlias: {
        if (open_.contains(node->alias)) {
          return absl::InvalidArgumentError(
              absl::StrCat("yaml: anchor '", node->value, "' value contains itself"));
        }
        // It stands earlier in the document and is done, unless it is in a merged copy.
        std::unique_ptr<YamlNode> copy = CopyYamlNode(*node->alias);
        const YamlNode* const target = node->alias;
        open_.insert(target);
        const absl::Status status = Expand(copy, depth, alias_depth + 1);
        open_.erase(target);
        node = std::move(copy);
        return status;
      }
      case Kind::kMapping:
      case Kind::kSequence:
      case Kind::kDocument:
        return ExpandChildren(*node, depth, alias_depth);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ExpandChildren(YamlNode& node, size_t depth, size_t alias_depth) {
    if (depth > kMaxDepth) {
      return absl::InvalidArgumentError(
          absl::StrCat("yaml: line ", node.line, ": exceeded max depth of ", kMaxDepth));
    }
    open_.insert(&node);
    node.anchor.clear();
    absl::Status status;
    if (node.kind == Kind::kMapping) status = MergeKeys(node);
    for (auto child = node.content.begin(); status.ok() && child != node.content.end(); ++child) {
      status = Expand(*child, depth + (node.kind == Kind::kDocument ? 0 : 1), alias_depth);
    }
    open_.erase(&node);
    return status;
  }

  absl::Status MergeKeys(YamlNode& mapping) {
    Content& content = mapping.content;
    const YamlNode* merge = nullptr;
    size_t dropped = content.size();  // the first "<<", whatever its tag
    bool unusual = false;
    for (size_t i = 0; i + 1 < content.size(); i += 2) {
      const YamlNode& key = *content[i];
      if (IsMergeKey(key)) {
        if (merge != nullptr) return absl::InvalidArgumentError("duplicate merge key");
        merge = content[i + 1].get();
      }
      if (key.value == "<<" && dropped == content.size()) dropped = i;
      if (IsNamedNull(key)) unusual = true;
    }
    if (merge == nullptr && dropped == content.size() && !unusual) return absl::OkStatus();

    std::vector<const YamlNode*> sources;
    if (merge != nullptr) RETURN_IF_ERROR(FindSources(*merge, sources));
    if (dropped < content.size()) {
      const auto pair = content.begin() + static_cast<std::ptrdiff_t>(dropped);
      dropped_.push_back(std::move(*pair));
      dropped_.push_back(std::move(*(pair + 1)));
      content.erase(pair, pair + 2);
    }
    return AddPairs(mapping, sources);
  }

  // The mapping's own pairs stay; what is brought in follows, where the last source wins.
  absl::Status AddPairs(YamlNode& mapping, const std::vector<const YamlNode*>& sources) {
    Content& content = mapping.content;
    const size_t own = content.size();
    absl::flat_hash_map<std::string, size_t> places;
    for (size_t i = 0; i < own; i += 2) places.emplace(content[i]->value, i);
    for (const YamlNode* source : sources) {
      const size_t nodes = CountNodes(*source);
      RETURN_IF_ERROR(expansion_.Count(nodes, nodes));
      absl::flat_hash_set<absl::string_view> seen;
      for (size_t i = 0; i + 1 < source->content.size(); i += 2) {
        // Of repeated keys kyaml takes the first.
        if (seen.insert(source->content[i]->value).second) {
          AddPair(*source->content[i], *source->content[i + 1], own, content, places);
        }
      }
    }
    for (size_t i = 0; i < own; i += 2) {
      if (IsNamedNull(*content[i])) {
        AddPair(*content[i], *content[i + 1], own, content, places);
      }
    }
    return absl::OkStatus();
  }

  // Null but not written as nothing.
  static bool IsNamedNull(const YamlNode& key) { return key.tag == "!!null" && !key.value.empty(); }

  static void AddPair(const YamlNode& key, const YamlNode& value, size_t own, Content& content,
                      absl::flat_hash_map<std::string, size_t>& places) {
    // kyaml looks for a null key by "", so that it is added once more.
    const auto place = places.find(key.tag == "!!null" ? "" : key.value);
    if (place == places.end()) {
      places.emplace(key.value, content.size());
      content.push_back(CopyYamlNode(key));
      content.push_back(CopyYamlNode(value));
    } else if (place->second >= own) {
      content[place->second] = CopyYamlNode(key);
      content[place->second + 1] = CopyYamlNode(value);
    }
  }

  // The mappings that a merge key brings in, the one that wins last.
  static absl::Status FindSources(const YamlNode& value, std::vector<const YamlNode*>& sources) {
    switch (value.kind) {
      case Kind::kMapping:
        sources.push_back(&value);
        return absl::OkStatus();
      case Kind::kAlias:
        if (value.alias->kind != Kind::kMapping) {
          return absl::InvalidArgumentError(
              "invalid map merge: received alias for a non-map value");
        }
        sources.push_back(value.alias);
        return absl::OkStatus();
      case Kind::kSequence:
        for (auto child = value.content.rbegin(); child != value.content.rend(); ++child) {
          if ((*child)->kind == Kind::kSequence) {
            return absl::InvalidArgumentError("invalid map merge: received a nested sequence");
          }
          RETURN_IF_ERROR(FindSources(**child, sources));
        }
        return absl::OkStatus();
      default:
        return absl::InvalidArgumentError(
            "map merge requires map or sequence of maps as the value");
    }
  }

  static size_t CountNodes(const YamlNode& node) {
    size_t count = 1;
    for (const auto& child : node.content) count += CountNodes(*child);
    return count;
  }

  AliasExpansion expansion_;
  absl::flat_hash_set<const YamlNode*> open_;
  Content dropped_;  // aliases may still stand for parts of it
};

}  // namespace

absl::Status ExpandYamlAliases(YamlNode& document) {
  Expander expander;
  for (auto& root : document.content) RETURN_IF_ERROR(expander.Expand(root, 0, 0));
  return absl::OkStatus();
}

std::unique_ptr<YamlNode> CopyYamlNode(const YamlNode& node) {
  auto copy = std::make_unique<YamlNode>();
  copy->kind = node.kind;
  copy->style = node.style;
  copy->line = node.line;
  copy->column = node.column;
  copy->tag = node.tag;
  copy->value = node.value;
  copy->anchor = node.anchor;
  copy->head_comment = node.head_comment;
  copy->line_comment = node.line_comment;
  copy->foot_comment = node.foot_comment;
  copy->alias = node.alias;
  copy->content.reserve(node.content.size());
  for (const auto& child : node.content) copy->content.push_back(CopyYamlNode(*child));
  return copy;
}

}  // namespace sluice::value
