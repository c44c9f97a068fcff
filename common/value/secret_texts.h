// SecretTexts: what must not be told, taken out of messages that others wrote. API servers,
// templates and schemas quote the values they do not like, and some of these came from Secrets.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

class SecretTexts {
 public:
  // Shorter ones stand in other texts by chance, and are told.
  static constexpr size_t kShortest = 4;

  // A text as it is, each line of it, and what it is in Base64 or quoted.
  void Add(absl::string_view text);
  // Every text and number in `document`.
  void AddAll(const Value& document);
  // The values of a Secret: `data`, also decoded, and `stringData`.
  void AddSecret(const Value& secret);
  // Not a secret after all: a name that everybody is told.
  void Tell(const std::string& text) { forms_.erase(text); }
  void Merge(const SecretTexts& others) {
    forms_.insert(others.forms_.begin(), others.forms_.end());
  }

  // `message` with "***" in the place of each.
  std::string Masked(absl::string_view message) const;

 private:
  struct LongestFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  void AddForm(absl::string_view form);

  std::set<std::string, LongestFirst> forms_;
};

}  // namespace sluice::value
