// Names in Git: references, entries of trees, revisions, object names.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/git/advertisement.h"
#include "common/git/entry_name.h"
#include "common/git/object_id.h"
#include "common/git/pkt_line.h"
#include "common/git/revision.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(git_names, input) {
  if (git::IsSafeEntryName(input)) {
    Require(!input.empty() && input != "." && input != ".." && !absl::StrContains(input, '/') &&
                !absl::EqualsIgnoreCase(input, ".git"),
            "a safe name leads nowhere", input);
  }
  if (git::IsValidRefName(input)) {
    Require(!absl::StrContains(input, "..") && !absl::StartsWith(input, "/"),
            "a reference's name leads nowhere", input);
  }
  const std::string normal = git::NormalizeRevision(input);
  Require(!absl::StrContains(normal, ':') || git::NormalizeRevision(normal) == normal,
          "a normal revision stays", normal);
  (void)git::RevisionHash(input);
  (void)git::ShortRevision(input, input);
  if (const auto id = git::ObjectId::Parse(input); id.ok()) {
    Require(absl::EqualsIgnoreCase(id->Hex(), input), "an object's name is its digits", input);
  }
  for (const char c : git::RemoteText(input)) {
    Require(c >= ' ' && c <= '~', "what a server says is printable", input);
  }
}

}  // namespace sluice::fuzz
