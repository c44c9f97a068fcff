// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_resources.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

// What kyaml's reader leaves in resources for its writer.
constexpr absl::string_view kReaderAnnotations[] = {
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
};

YamlNode& Root(YamlNode& node) { return node.kind == Kind::kDocument ? *node.content[0] : node; }

// Removes the first pair with this key. With `if_empty` only if its value has no children.
void Clear(YamlNode& mapping, absl::string_view key, bool if_empty) {
  if (mapping.kind != Kind::kMapping) return;
  auto& content = mapping.content;
  for (size_t i = 0; i + 1 < content.size(); i += 2) {
    if (content[i]->value != key || (if_empty && !content[i + 1]->content.empty())) continue;
    const auto pair = content.begin() + static_cast<std::ptrdiff_t>(i);
    content.erase(pair, pair + 2);
    return;
  }
}

void ClearAnnotations(YamlNode& root) {
  if (YamlNode* metadata = root.Find("metadata"); metadata != nullptr) {
    if (YamlNode* annotations = metadata->Find("annotations"); annotations != nullptr) {
      for (const absl::string_view key : kReaderAnnotations) Clear(*annotations, key, false);
    }
    Clear(*metadata, "annotations", /*if_empty=*/true);
  }
  Clear(root, "metadata", /*if_empty=*/true);
}

absl::string_view TrimBlanks(absl::string_view line) {
  while (absl::ConsumePrefix(&line, " ")) continue;
  while (absl::ConsumeSuffix(&line, " ")) continue;
  return line;
}

size_t Indentation(absl::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// Whether the first list under a key is indented by two; kyaml's DeriveSeqIndentStyle.
bool HasWideSequences(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t dash = lines[i].find("- ");
    if (dash == absl::string_view::npos || Indentation(lines[i]) != dash) continue;
    absl::string_view key_line;
    for (size_t k = i; k-- > 0;) {
      if (absl::StartsWith(TrimBlanks(lines[k]), "#")) continue;
      key_line = lines[k].substr(0, lines[k].find('#'));
      break;
    }
    const absl::string_view key = TrimBlanks(key_line);
    if (!absl::EndsWith(key, ":") || std::count(key.begin(), key.end(), ':') != 1) continue;
    const size_t key_indent = Indentation(key_line);
    if (dash == key_indent) return false;
    if (dash == key_indent + 2) return true;
  }
  return false;
}

absl::Status CheckIsMapping(const YamlNode& root) {
  if (root.kind == Kind::kMapping) return absl::OkStatus();
  const absl::string_view kind = root.kind == Kind::kSequence ? "SequenceNode"
                                 : root.kind == Kind::kAlias  ? "AliasNode"
                                                              : "ScalarNode";
  return absl::InvalidArgumentError(absl::StrCat("wrong node kind: expected MappingNode but got ",
                                                 kind, ": node contents:\n", FormatYamlNode(root)));
}

// kyaml's reader sets annotations, and fails where it cannot.
absl::Status CheckMetadata(const YamlNode& root) {
  const YamlNode* metadata = root.Find("metadata");
  if (metadata == nullptr || metadata->tag == "!!null") return absl::OkStatus();
  RETURN_IF_ERROR(CheckIsMapping(*metadata));
  // A scalar in their place makes way.
  const YamlNode* annotations = metadata->Find("annotations");
  if (annotations == nullptr || annotations->kind == Kind::kScalar) return absl::OkStatus();
  return CheckIsMapping(*annotations);
}

// The items of a List, nullptr if `root` is none.
YamlNode* ListItems(const YamlNode& root) {
  const YamlNode* kind = root.Find("kind");
  if (kind == nullptr || (kind->value != "List" && kind->value != "ResourceList")) return nullptr;
  return root.Find("items");
}

}  // namespace

absl::StatusOr<std::vector<YamlPart>> SplitYamlResources(absl::string_view input) {
  std::vector<YamlPart> parts;
  if (input.empty()) return parts;
  const std::string text = absl::StrReplaceAll(input, {{"\r\n", "\n"}});
  int line = 1;
  size_t start = 0;
  while (true) {
    const size_t separator = text.find("\n---", start);
    const size_t end =
        separator == std::string::npos ? std::string::npos : text.find('\n', separator + 1);
    if (end == std::string::npos) break;
    const absl::string_view rest = absl::StripAsciiWhitespace(
        absl::string_view(text).substr(separator + 4, end - separator - 4));
    if (!rest.empty() && rest[0] != '#') {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid document separator: ",
          absl::StripAsciiWhitespace(absl::string_view(text).substr(separator, end - separator))));
    }
    const absl::string_view part = absl::string_view(text).substr(start, separator - start);
    parts.push_back(YamlPart{line, absl::StrCat(part, "\n")});
    line += static_cast<int>(std::count(part.begin(), part.end(), '\n')) + 2;
    start = end + 1;
  }
  parts.push_back(YamlPart{line, text.substr(start)});
  return parts;
}

absl::StatusOr<std::vector<YamlResource>> ReadYamlResources(absl::string_view text,
                                                            const ResourceOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<YamlPart> parts, SplitYamlResources(text));
  std::vector<YamlResource> resources;
  for (const YamlPart& part : parts) {
    auto document = ParseYamlNode(part.text);
    if (!document.ok()) return Annotate(document.status(), "MalformedYAMLError");
    if (*document == nullptr) continue;
    YamlNode& root = Root(**document);
    if (root.tag == "!!null") continue;
    RETURN_IF_ERROR(CheckIsMapping(root));
    RETURN_IF_ERROR(CheckMetadata(root));
    const bool wide = options.keep_sequence_indent && HasWideSequences(part.text);
    if (YamlNode* items = ListItems(root);
        items != nullptr && options.unwrap_lists && parts.size() == 1) {
      for (auto& item : items->content) {
        RETURN_IF_ERROR(CheckIsMapping(*item));
        resources.push_back(YamlResource{std::move(item), wide});
      }
      continue;
    }
    resources.push_back(YamlResource{std::move(*document), wide});
  }
  return resources;
}

std::string WriteYamlResources(std::vector<YamlResource> resources) {
  YamlNodeWriter writer;
  for (YamlResource& resource : resources) {
    ClearAnnotations(Root(*resource.node));
    writer.Write(*resource.node, !resource.wide_sequences);
  }
  return writer.Finish();
}

}  // namespace sluice::value
