// SPDX-License-Identifier: Apache-2.0
#include "common/git/objects.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/git/entry_name.h"

namespace sluice::git {
namespace {

absl::Status Malformed(ObjectType type, const ObjectId& id, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("malformed ", ObjectTypeName(type), " object ", id.Hex(), ": ", what));
}

// Cuts the line that `rest` starts with off it; the line comes without its end.
absl::string_view TakeLine(absl::string_view& rest) {
  const size_t end = rest.find('\n');
  const absl::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
  return line;
}

// "Name <email> 1700000000 +0130". Git itself is lenient about what stands before the "<"; a date
// that is missing or broken reads as the epoch, as in `git log`.
Person ParsePerson(absl::string_view text) {
  Person person;
  const size_t open = text.find('<');
  const size_t close = text.rfind('>');
  if (open == absl::string_view::npos || close == absl::string_view::npos || close < open) {
    person.name = std::string(absl::StripAsciiWhitespace(text));
    return person;
  }
  person.name = std::string(absl::StripAsciiWhitespace(text.substr(0, open)));
  person.email = std::string(text.substr(open + 1, close - open - 1));
  const absl::string_view date = absl::StripAsciiWhitespace(text.substr(close + 1));
  const size_t blank = date.find(' ');
  int64_t seconds = 0;
  if (absl::SimpleAtoi(date.substr(0, blank), &seconds))
    person.when = absl::FromUnixSeconds(seconds);
  int zone = 0;
  if (blank != absl::string_view::npos && absl::SimpleAtoi(date.substr(blank + 1), &zone) &&
      std::abs(zone) <= 2400) {
    person.offset_minutes = zone / 100 * 60 + zone % 100;
  }
  return person;
}

std::string FormatPerson(const Person& person) {
  // Nothing that a caller puts in a name may start another header or close the address early.
  const auto clean = [](std::string text) {
    text.erase(
        std::remove_if(text.begin(), text.end(),
                       [](char c) { return c == '\n' || c == '<' || c == '>' || c == '\0'; }),
        text.end());
    return text;
  };
  const int offset = std::abs(person.offset_minutes);
  return absl::StrFormat("%s <%s> %d %s%02d%02d", clean(person.name), clean(person.email),
                         absl::ToUnixSeconds(person.when), person.offset_minutes < 0 ? "-" : "+",
                         offset / 60, offset % 60);
}

// A header's value with its continuation lines, which start with a blank.
std::string TakeContinued(absl::string_view first, absl::string_view& rest) {
  std::string value(first);
  while (absl::StartsWith(rest, " ")) absl::StrAppend(&value, "\n", TakeLine(rest).substr(1));
  return value;
}

absl::StatusOr<ObjectId> ParseField(ObjectType type, const ObjectId& id, absl::string_view line,
                                    absl::string_view key) {
  absl::StatusOr<ObjectId> value = ObjectId::Parse(absl::StripPrefix(line, key));
  if (!absl::StartsWith(line, key) || !value.ok()) {
    return Malformed(type, id, absl::StrCat("no ", absl::StripTrailingAsciiWhitespace(key)));
  }
  return value;
}

// Where the signature at the end of a tag's message starts; git takes the last line that opens one.
size_t SignatureStart(absl::string_view text) {
  size_t found = absl::string_view::npos;
  for (size_t line = 0; line < text.size();) {
    for (absl::string_view marker :
         {"-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
          "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----"}) {
      if (absl::StartsWith(text.substr(line), marker)) found = line;
    }
    const size_t end = text.find('\n', line);
    if (end == absl::string_view::npos) break;
    line = end + 1;
  }
  return found;
}

}  // namespace

absl::string_view ObjectTypeName(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return "commit";
    case ObjectType::kTree:
      return "tree";
    case ObjectType::kBlob:
      return "blob";
    case ObjectType::kTag:
      return "tag";
  }
  return "";
}

std::string Commit::Subject() const { return message.substr(0, message.find('\n')); }

absl::StatusOr<Commit> ParseCommit(const ObjectId& id, absl::string_view bytes) {
  Commit commit;
  commit.id = id;
  absl::string_view rest = bytes;
  ASSIGN_OR_RETURN(commit.tree, ParseField(ObjectType::kCommit, id, TakeLine(rest), "tree "));
  bool has_author = false;
  bool has_committer = false;
  size_t signatures = 0;
  const char* kept = bytes.data();  // what of `bytes` is not in the payload yet
  while (!rest.empty() && rest.front() != '\n') {
    const char* const start = rest.data();
    const absl::string_view line = TakeLine(rest);
    const size_t blank = line.find(' ');
    const absl::string_view key = line.substr(0, blank);
    const std::string value =
        TakeContinued(blank == absl::string_view::npos ? "" : line.substr(blank + 1), rest);
    if (key == "parent") {
      ASSIGN_OR_RETURN(const ObjectId parent, ParseField(ObjectType::kCommit, id, line, "parent "));
      commit.parents.push_back(parent);
    } else if (key == "author" && !has_author) {
      has_author = true;
      commit.author = ParsePerson(value);
    } else if (key == "committer" && !has_committer) {
      has_committer = true;
      commit.committer = ParsePerson(value);
    } else if (key == "gpgsig" || key == "gpgsig-sha256") {
      commit.payload.append(kept, start);
      kept = rest.data();
      if (key == "gpgsig-sha256") continue;
      if (++signatures > 1) return Malformed(ObjectType::kCommit, id, "two signatures");
      commit.signature = value;
    }
  }
  if (!has_author || !has_committer) {
    return Malformed(ObjectType::kCommit, id, "no author or committer");
  }
  commit.payload.append(kept, bytes.data() + bytes.size());
  if (!rest.empty()) rest.remove_prefix(1);
  commit.message = std::string(rest);
  return commit;
}

absl::StatusOr<Tag> ParseTag(const ObjectId& id, absl::string_view bytes) {
  Tag tag;
  tag.id = id;
  absl::string_view rest = bytes;
  ASSIGN_OR_RETURN(tag.target, ParseField(ObjectType::kTag, id, TakeLine(rest), "object "));
  const absl::string_view type_line = TakeLine(rest);
  bool known = false;
  for (ObjectType type :
       {ObjectType::kCommit, ObjectType::kTree, ObjectType::kBlob, ObjectType::kTag}) {
    if (type_line != absl::StrCat("type ", ObjectTypeName(type))) continue;
    tag.target_type = type;
    known = true;
  }
  if (!known) return Malformed(ObjectType::kTag, id, "no type");
  const absl::string_view name_line = TakeLine(rest);
  if (!absl::StartsWith(name_line, "tag ")) return Malformed(ObjectType::kTag, id, "no name");
  tag.name = std::string(name_line.substr(4));
  while (!rest.empty() && rest.front() != '\n') {
    const absl::string_view line = TakeLine(rest);
    if (absl::StartsWith(line, "tagger ")) tag.tagger = ParsePerson(line.substr(7));
  }
  if (!rest.empty()) rest.remove_prefix(1);
  const size_t signature = SignatureStart(rest);
  tag.message = std::string(rest.substr(0, signature));
  if (signature != absl::string_view::npos) {
    tag.signature = std::string(rest.substr(signature));
    tag.payload = std::string(bytes.substr(0, bytes.size() - tag.signature.size()));
  } else {
    tag.payload = std::string(bytes);
  }
  return tag;
}

absl::StatusOr<std::vector<TreeEntry>> ParseTree(const ObjectId& id, absl::string_view bytes) {
  std::vector<TreeEntry> entries;
  while (!bytes.empty()) {
    const size_t blank = bytes.find(' ');
    const size_t nul = bytes.find('\0');
    if (blank == absl::string_view::npos || nul == absl::string_view::npos || nul < blank ||
        blank == 0 || blank > 7 || bytes.size() - nul - 1 < ObjectId::kBytes) {
      return Malformed(ObjectType::kTree, id, "truncated entry");
    }
    TreeEntry entry;
    entry.mode = 0;
    for (char digit : bytes.substr(0, blank)) {
      if (digit < '0' || digit > '7') return Malformed(ObjectType::kTree, id, "bad mode");
      entry.mode = entry.mode * 8 + static_cast<uint32_t>(digit - '0');
    }
    entry.name = std::string(bytes.substr(blank + 1, nul - blank - 1));
    entry.id = ObjectId::FromRaw(bytes.substr(nul + 1, ObjectId::kBytes));
    bytes.remove_prefix(nul + 1 + ObjectId::kBytes);
    if (!IsSafeEntryName(entry.name)) {
      return Malformed(ObjectType::kTree, id, "an entry's name cannot be checked out");
    }
    if (!entry.IsFile() && !entry.IsDirectory() && !entry.IsSymlink() && !entry.IsSubmodule()) {
      return Malformed(ObjectType::kTree, id, "bad mode");
    }
    entries.push_back(std::move(entry));
  }
  const auto by_name = [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; };
  if (!std::is_sorted(entries.begin(), entries.end(), by_name)) {
    std::sort(entries.begin(), entries.end(), by_name);
  }
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i - 1].name == entries[i].name) {
      return Malformed(ObjectType::kTree, id, "two entries with one name");
    }
  }
  return entries;
}

std::string SerializeTree(std::vector<TreeEntry> entries) {
  // Git sorts a directory as if its name ended in a slash.
  const auto key = [](const TreeEntry& entry) {
    return absl::StrCat(entry.name, entry.IsDirectory() ? "/" : "");
  };
  std::sort(entries.begin(), entries.end(),
            [&key](const TreeEntry& a, const TreeEntry& b) { return key(a) < key(b); });
  std::string bytes;
  for (const TreeEntry& entry : entries) {
    absl::StrAppendFormat(&bytes, "%o %s", entry.mode, entry.name);
    bytes.push_back('\0');
    absl::StrAppend(&bytes, entry.id.Raw());
  }
  return bytes;
}

std::string SerializeCommit(const Commit& commit) {
  std::string bytes = absl::StrCat("tree ", commit.tree.Hex(), "\n");
  for (const ObjectId& parent : commit.parents)
    absl::StrAppend(&bytes, "parent ", parent.Hex(), "\n");
  absl::StrAppend(&bytes, "author ", FormatPerson(commit.author), "\ncommitter ",
                  FormatPerson(commit.committer), "\n");
  if (!commit.signature.empty()) {
    absl::string_view rest = absl::StripSuffix(commit.signature, "\n");
    absl::StrAppend(&bytes, "gpgsig ", TakeLine(rest), "\n");
    while (!rest.empty()) absl::StrAppend(&bytes, " ", TakeLine(rest), "\n");
  }
  absl::StrAppend(&bytes, "\n", commit.message);
  return bytes;
}

std::string SerializeTag(const Tag& tag) {
  return absl::StrCat("object ", tag.target.Hex(), "\ntype ", ObjectTypeName(tag.target_type),
                      "\ntag ", tag.name, "\ntagger ", FormatPerson(tag.tagger), "\n\n",
                      tag.message, tag.signature);
}

}  // namespace sluice::git
