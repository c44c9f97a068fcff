// SPDX-License-Identifier: Apache-2.0
#include "common/sops/crypt_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::sops {

CryptRules::CryptRules(const CryptRule& rule) : rule_(rule) {
  const std::string expression =
      absl::StrCat(rule.unencrypted_regex, rule.encrypted_regex, rule.unencrypted_comment_regex,
                   rule.encrypted_comment_regex);  // at most one
  if (expression.empty()) return;
  if (auto compiled = text::Regexp::Compile(expression); compiled.ok()) {
    expression_ = *std::move(compiled);
  }
}

bool CryptRules::KeyMatches(absl::string_view key) const {
  if (!rule_.unencrypted_suffix.empty()) return absl::EndsWith(key, rule_.unencrypted_suffix);
  if (!rule_.encrypted_suffix.empty()) return absl::EndsWith(key, rule_.encrypted_suffix);
  if (rule_.unencrypted_regex.empty() && rule_.encrypted_regex.empty()) return false;
  return expression_.has_value() && expression_->MatchesIn(key);
}

void CryptRules::EnterKey(absl::string_view key) {
  path_ends_.push_back(path_.size());
  absl::StrAppend(&path_, key, ":");
  key_matches_.push_back(KeyMatches(key));
  if (key_matches_.back()) ++matching_keys_;
}

void CryptRules::LeaveKey() {
  path_.resize(path_ends_.back());
  path_ends_.pop_back();
  if (key_matches_.back()) --matching_keys_;
  key_matches_.pop_back();
}

void CryptRules::EnterCollection() { levels_.emplace_back(); }
void CryptRules::LeaveCollection() { levels_.pop_back(); }

void CryptRules::Comment(absl::string_view text) {
  const bool by_comment =
      !rule_.unencrypted_comment_regex.empty() || !rule_.encrypted_comment_regex.empty();
  Level& level = levels_.back();
  level.matched_before = level.matched;
  if (by_comment && expression_.has_value() && expression_->MatchesIn(text)) level.matched = true;
}

void CryptRules::EndOfItem() { levels_.back() = Level(); }

bool CryptRules::Encrypted(bool is_comment) const {
  if (!rule_.encrypted_suffix.empty() || !rule_.encrypted_regex.empty()) {
    return matching_keys_ > 0;
  }
  if (!rule_.unencrypted_suffix.empty() || !rule_.unencrypted_regex.empty()) {
    return matching_keys_ == 0;
  }
  bool matched = false;
  for (size_t i = 0; i < levels_.size(); ++i) {
    // A comment that asks for encryption stays readable itself.
    const bool own =
        is_comment && i + 1 == levels_.size() && !rule_.encrypted_comment_regex.empty();
    matched = matched || (own ? levels_[i].matched_before : levels_[i].matched);
  }
  return rule_.encrypted_comment_regex.empty() ? !matched : matched;
}

}  // namespace sluice::sops
