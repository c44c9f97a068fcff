// SPDX-License-Identifier: Apache-2.0
#include "common/oci/challenge.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace sluice::oci {
namespace {

bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(c) != absl::string_view::npos;
}

// Reads one field: schemes, each with parameters between commas.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view text) : rest_(text) {}

  std::optional<Challenge> FirstKnown() {
    while (true) {
      Separators();
      const absl::string_view scheme = Token();
      if (scheme.empty()) return std::nullopt;
      Challenge challenge;
      if (absl::EqualsIgnoreCase(scheme, "basic")) challenge.scheme = Challenge::Scheme::kBasic;
      if (absl::EqualsIgnoreCase(scheme, "bearer")) challenge.scheme = Challenge::Scheme::kBearer;
      if (!Parameters(challenge)) return std::nullopt;
      const bool usable =
          challenge.scheme == Challenge::Scheme::kBasic ||
          (challenge.scheme == Challenge::Scheme::kBearer && !challenge.realm.empty());
      if (usable) return challenge;
    }
  }

 private:
  void Blanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  void Separators() {
    Blanks();
    while (!rest_.empty() && rest_[0] == ',') {
      rest_.remove_prefix(1);
      Blanks();
    }
  }
  absl::string_view Token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsTokenCharacter);
    const absl::string_view token = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(token.size());
    return token;
  }

  // Up to the next scheme, which is a token without "=" behind it.
  bool Parameters(Challenge& challenge) {
    while (true) {
      Separators();
      const absl::string_view before = rest_;
      const absl::string_view name = Token();
      Blanks();
      if (name.empty()) return rest_.empty();
      if (rest_.empty() || rest_[0] != '=') {
        rest_ = before;
        return true;
      }
      rest_.remove_prefix(1);
      Blanks();
      std::string value;
      if (!ParameterValue(value)) return false;
      if (absl::EqualsIgnoreCase(name, "realm")) challenge.realm = value;
      if (absl::EqualsIgnoreCase(name, "service")) challenge.service = value;
      if (absl::EqualsIgnoreCase(name, "scope")) challenge.scope = value;
    }
  }

  bool ParameterValue(std::string& value) {
    if (rest_.empty() || rest_[0] != '"') {
      value = std::string(Token());
      return true;
    }
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      value += rest_[i];
    }
    return false;
  }

  absl::string_view rest_;
};

}  // namespace

std::optional<Challenge> FindChallenge(const http::Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (!absl::EqualsIgnoreCase(name, "WWW-Authenticate")) continue;
    if (std::optional<Challenge> challenge = FieldReader(value).FirstKnown()) return challenge;
  }
  return std::nullopt;
}

}  // namespace sluice::oci
