// The three structured Git objects, to and from their bytes. Nothing here touches a repository.
//
// Signatures are verified over the bytes as they stand in the object, never over a re-encoding:
// `payload` is the object with its signature cut out and nothing else changed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/git/object_id.h"

namespace sluice::git {

enum class ObjectType : uint8_t { kCommit, kTree, kBlob, kTag };

// "commit", "tree", "blob", "tag".
absl::string_view ObjectTypeName(ObjectType type);

struct Person {
  std::string name;
  std::string email;
  absl::Time when = absl::UnixEpoch();
  int offset_minutes = 0;  // east of UTC

  bool operator==(const Person&) const = default;
};

struct Commit {
  ObjectId id;
  ObjectId tree;
  std::vector<ObjectId> parents;
  Person author;
  Person committer;
  std::string message;
  std::string signature;  // armoured, as in the "gpgsig" header; empty if unsigned
  std::string payload;    // what the signature signs

  // The first line of the message.
  std::string Subject() const;
};

struct Tag {
  ObjectId id;
  ObjectId target;
  ObjectType target_type = ObjectType::kCommit;
  std::string name;
  Person tagger;
  std::string message;    // without the signature
  std::string signature;  // armoured, from the end of the message; empty if unsigned
  std::string payload;
};

// Git's file modes. Nothing else is written to trees by Git since 2005, but old trees hold other
// permission bits on files.
inline constexpr uint32_t kModeFile = 0100644;
inline constexpr uint32_t kModeExecutable = 0100755;
inline constexpr uint32_t kModeSymlink = 0120000;
inline constexpr uint32_t kModeDirectory = 0040000;
inline constexpr uint32_t kModeSubmodule = 0160000;

struct TreeEntry {
  uint32_t mode = kModeFile;
  std::string name;
  ObjectId id;

  bool IsDirectory() const { return (mode & 0170000) == kModeDirectory; }
  bool IsSymlink() const { return (mode & 0170000) == kModeSymlink; }
  bool IsSubmodule() const { return (mode & 0170000) == kModeSubmodule; }
  bool IsFile() const { return (mode & 0170000) == 0100000; }
  bool IsExecutable() const { return IsFile() && (mode & 0100) != 0; }
};

// kDataLoss, naming `id`, for bytes that are no such object. A commit with two "gpgsig" headers is
// refused too: verifiers disagree on what it signs.
absl::StatusOr<Commit> ParseCommit(const ObjectId& id, absl::string_view bytes);
absl::StatusOr<Tag> ParseTag(const ObjectId& id, absl::string_view bytes);

// The entries, sorted by name (bytes; a tree's own order differs). Besides malformed bytes, refuses
// names that no checkout may create (entry_name.h), or twice the same.
absl::StatusOr<std::vector<TreeEntry>> ParseTree(const ObjectId& id, absl::string_view bytes);

// The bytes of a tree, commit or tag; the inverses of the above. Entries may come in any order.
// A commit's `signature`, if any, becomes its "gpgsig" header; `id` and `payload` are not read.
std::string SerializeTree(std::vector<TreeEntry> entries);
std::string SerializeCommit(const Commit& commit);
std::string SerializeTag(const Tag& tag);

}  // namespace sluice::git
