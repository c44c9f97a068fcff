// Commits, tags and trees: what is read can be written and is read as the same.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/git/entry_name.h"
#include "common/git/objects.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(git_objects, input) {
  const git::ObjectId id;
  if (const auto commit = git::ParseCommit(id, input); commit.ok()) {
    Require(commit->payload == input ||
                (commit->payload.size() < input.size() && absl::StrContains(input, "gpgsig")),
            "what is signed are the bytes without the signature");
    (void)git::SerializeCommit(*commit);
    (void)commit->Subject();
  }
  if (const auto tag = git::ParseTag(id, input); tag.ok()) {
    Require(absl::string_view(input).substr(0, tag->payload.size()) == tag->payload,
            "what is signed are the first bytes of a tag");
    (void)git::SerializeTag(*tag);
  }
  if (const auto entries = git::ParseTree(id, input); entries.ok()) {
    for (const git::TreeEntry& entry : *entries) {
      Require(git::IsSafeEntryName(entry.name), "entries have safe names", entry.name);
    }
    const auto again = git::ParseTree(id, git::SerializeTree(*entries));
    Require(again.ok() && again->size() == entries->size(), "a tree is read as it was written");
  }
}

}  // namespace sluice::fuzz
