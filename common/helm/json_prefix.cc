// SPDX-License-Identifier: Apache-2.0
#include "common/helm/json_prefix.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sluice::helm {
namespace {

// Behind the string that begins at `at`; npos if it does not end.
size_t StringEnd(absl::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return absl::string_view::npos;
}

// Behind the object or list that begins at `at`; npos if it does not end.
size_t NestedEnd(absl::string_view text, size_t at) {
  size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = StringEnd(text, at);
      if (at == absl::string_view::npos) return at;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return absl::string_view::npos;
}

size_t ScalarEnd(absl::string_view text, size_t at) {
  for (const absl::string_view word : {"true", "false", "null"}) {
    if (absl::StartsWith(text.substr(at), word)) return at + word.size();
  }
  if (text[at] == '-') ++at;
  const auto digits = [&] {
    while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  };
  if (at < text.size() && text[at] == '0') {
    ++at;  // and no digit behind it
  } else {
    digits();
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits();
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    digits();
  }
  return at;
}

}  // namespace

absl::StatusOr<size_t> JsonPrefixLength(absl::string_view text) {
  size_t at = 0;
  while (at < text.size() && absl::StrContains(" \t\r\n", text[at])) ++at;
  if (at == text.size()) return absl::InvalidArgumentError("EOF");
  size_t end = 0;
  if (text[at] == '"') {
    end = StringEnd(text, at);
  } else if (text[at] == '{' || text[at] == '[') {
    end = NestedEnd(text, at);
  } else {
    end = ScalarEnd(text, at);
  }
  if (end == absl::string_view::npos) return absl::InvalidArgumentError("unexpected EOF");
  return end;
}

}  // namespace sluice::helm
