// Which values of a document are encrypted.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/sops/metadata.h"
#include "common/text/regexp.h"

namespace sluice::sops {

// Walks along with a walk over the document: tell it of every key, and of comments before asking
// about them. Not thread-safe.
class CryptRules {
 public:
  // Expressions that do not compile match nothing, as in SOPS.
  explicit CryptRules(const CryptRule& rule);

  // Into the value of `key`, and out of it.
  void EnterKey(absl::string_view key);
  void LeaveKey();
  // Into a list or map, and out of it.
  void EnterCollection();
  void LeaveCollection();
  // A comment, which speaks of what follows it in its collection until EndOfItem().
  void Comment(absl::string_view text);
  void EndOfItem();

  // Whether what is here is encrypted; of a comment, asked after Comment().
  bool Encrypted(bool is_comment) const;

  // The keys above, each with a ":" behind it.
  const std::string& path() const { return path_; }

 private:
  struct Level {
    bool matched = false;         // one of the comments
    bool matched_before = false;  // one of them, the last left out
  };

  bool KeyMatches(absl::string_view key) const;

  const CryptRule rule_;
  std::optional<text::Regexp> expression_;
  std::string path_;
  std::vector<size_t> path_ends_;
  size_t matching_keys_ = 0;
  std::vector<bool> key_matches_;
  std::vector<Level> levels_;
};

}  // namespace sluice::sops
