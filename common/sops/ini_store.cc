// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/sops/ini_document.h"
#include "common/sops/stores.h"

namespace sluice::sops {
namespace {

// Without the mark and the blanks behind it.
std::string BareComment(absl::string_view comment) {
  if (comment.empty() || (comment[0] != ';' && comment[0] != '#')) return std::string(comment);
  const char mark = comment[0];
  while (!comment.empty() && (comment[0] == mark || comment[0] == ' ')) comment.remove_prefix(1);
  return std::string(comment);
}

void AddComment(absl::string_view comment, Document& document) {
  if (comment.empty()) return;
  Entry entry;
  entry.comment = true;
  entry.key = BareComment(comment);
  document.push_back(std::move(entry));
}

}  // namespace

absl::StatusOr<EncryptedFile> LoadIni(absl::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<IniSection> sections, ParseIni(text));
  EncryptedFile file;
  Document document;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool found = false;
  for (const IniSection& section : sections) {
    if (section.name == "sops") {
      for (const IniKey& key : section.keys) {
        if (!found) metadata.emplace_back(key.name, key.value);
      }
      found = true;
      continue;
    }
    Entry entry;
    entry.key = section.name;
    entry.value.kind = Node::Kind::kMap;
    AddComment(section.comment, entry.value.entries);
    for (const IniKey& key : section.keys) {
      Entry member;
      member.key = key.name;
      member.value = Node::Text(Node::Kind::kString, key.value);
      entry.value.entries.push_back(std::move(member));
      // A comment goes behind its key, which it stood before.
      AddComment(key.comment, entry.value.entries);
    }
    document.push_back(std::move(entry));
  }
  if (!found) return absl::InvalidArgumentError("sops metadata not found");
  ASSIGN_OR_RETURN(const Value sops, UnflattenMetadata(metadata));
  ASSIGN_OR_RETURN(file.metadata, ParseMetadata(sops));
  file.documents.push_back(std::move(document));
  return file;
}

absl::StatusOr<std::string> EmitIni(const Document& document) {
  std::vector<IniSection> sections;
  for (const Entry& entry : document) {
    if (entry.comment) continue;
    if (entry.value.kind != Node::Kind::kMap) {
      return absl::InvalidArgumentError(
          "Error marshaling to ini: Error encoding section: Section values should always be "
          "TreeBranches");
    }
    IniSection section;
    section.name = entry.key;
    bool first = true;
    for (const Entry& member : entry.value.entries) {
      if (member.comment) {
        (first                  ? section.comment
         : section.keys.empty() ? section.comment
                                : section.keys.back().comment) = member.key;
      } else if (member.value.kind == Node::Kind::kMap || member.value.kind == Node::Kind::kList) {
        return absl::InvalidArgumentError(
            absl::StrCat("cannot use complex value in INI file; offending key ", member.key));
      } else {
        SetIniKey(section, member.key, PlainText(member.value));
      }
      first = false;
    }
    sections.push_back(std::move(section));
  }
  return FormatIni(sections);
}

}  // namespace sluice::sops
