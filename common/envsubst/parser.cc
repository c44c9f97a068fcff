// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/parser.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/envsubst/expand.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::envsubst {
namespace {

// The words are searched for by users of Flux.
absl::Status BadSubstitution() { return absl::InvalidArgumentError("bad substitution"); }
absl::Status BadArgument() {
  return absl::InvalidArgumentError("unable to parse substitution within function");
}

// What a "$" or backslash in front of another character makes of it.
enum class Escapes { kNone, kDollar, kDollarAndBackslash };

class Parser {
 public:
  explicit Parser(absl::string_view text)
      : rest_(text.substr(0, text.find('\0'))), cut_(rest_.size() < text.size()) {}

  absl::StatusOr<std::vector<Node>> ParseText() {
    std::vector<Node> nodes;
    while (!rest_.empty()) {
      if (AtSubstitution()) {
        ASSIGN_OR_RETURN(Node node, ParseSubstitution());
        nodes.push_back(std::move(node));
      } else {
        nodes.push_back({.plain = TakePlain("", Escapes::kDollar)});
      }
    }
    return nodes;
  }

 private:
  bool At(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool AtAny(absl::string_view characters) const {
    return !rest_.empty() && absl::StrContains(characters, rest_.substr(0, 1));
  }
  bool AtSubstitution() const { return absl::StartsWith(rest_, "${"); }

  // Plain text up to a substitution or one of the `stops`.
  std::string TakePlain(absl::string_view stops, Escapes escapes) {
    std::string plain;
    while (!rest_.empty() && !AtSubstitution()) {
      const bool dollar = escapes != Escapes::kNone && absl::StartsWith(rest_, "$$");
      const bool backslash = escapes == Escapes::kDollarAndBackslash &&
                             (absl::StartsWith(rest_, "\\/") || absl::StartsWith(rest_, "\\\\"));
      if (dollar || backslash) {
        rest_.remove_prefix(1);
      } else if (AtAny(stops)) {
        break;
      }
      plain += rest_[0];
      rest_.remove_prefix(1);
    }
    return plain;
  }

  // Letters and digits of any script, and "_".
  std::string TakeName() {
    absl::string_view after = rest_;
    while (!after.empty()) {
      const text::Decoded first = text::DecodeFirst(after);
      if (!text::IsLetter(first.character) && !text::IsDigit(first.character) &&
          first.character != '_') {
        break;
      }
      after.remove_prefix(first.size);
    }
    std::string name(rest_.substr(0, rest_.size() - after.size()));
    rest_ = after;
    return name;
  }

  absl::StatusOr<Node> ParseArgument(absl::string_view stops, Escapes escapes) {
    if (AtSubstitution()) return ParseSubstitution();
    const size_t before = rest_.size();
    std::string plain = TakePlain(stops, escapes);
    if (rest_.size() == before) return BadArgument();
    return Node{.plain = std::move(plain)};
  }

  absl::Status AddArgument(Node& node, absl::string_view stops, Escapes escapes) {
    ASSIGN_OR_RETURN(Node argument, ParseArgument(stops, escapes));
    node.arguments.push_back(std::move(argument));
    return absl::OkStatus();
  }

  absl::StatusOr<Node> Closed(Node node) {
    if (!absl::ConsumePrefix(&rest_, "}")) return BadSubstitution();
    return node;
  }

  // Moves up to `most` characters, each one of `characters`, to the operator.
  void TakeOperator(Node& node, size_t most, absl::string_view characters) {
    while (node.op.size() < most && AtAny(characters)) {
      node.op += rest_[0];
      rest_.remove_prefix(1);
    }
  }

  absl::StatusOr<Node> ParseSubstitution() {
    if (++nesting_ > kMaxNesting) {
      return absl::InvalidArgumentError(
          absl::StrCat("substitutions are nested more than ", kMaxNesting, " levels deep"));
    }
    rest_.remove_prefix(2);
    absl::StatusOr<Node> node = ParseBraces();
    --nesting_;
    return node;
  }

  // What follows "${", with the closing brace.
  absl::StatusOr<Node> ParseBraces() {
    Node node;
    if (At('#')) {
      TakeOperator(node, 1, "#");
      node.name = TakeName();
      if (node.name.empty()) return BadSubstitution();
      return Closed(std::move(node));
    }
    node.name = TakeName();
    if (node.name.empty()) {
      return absl::InvalidArgumentError("unable to parse variable name");
    }
    if (At(':')) return ParseColon(std::move(node));
    if (At('=')) {
      TakeOperator(node, 1, "=");
      return ParseDefault(std::move(node));
    }
    if (AtAny(",^")) {
      TakeOperator(node, 2, ",^");
      return Closed(std::move(node));
    }
    if (At('/')) return ParseReplace(std::move(node));
    if (AtAny("#%")) {
      const std::string mark(1, rest_[0]);
      TakeOperator(node, 2, mark);
      RETURN_IF_ERROR(AddArgument(node, "}", Escapes::kNone));
      return Closed(std::move(node));
    }
    if (!absl::ConsumePrefix(&rest_, "}")) {
      return absl::InvalidArgumentError("missing closing brace");
    }
    return node;
  }

  absl::StatusOr<Node> ParseColon(Node node) {
    TakeOperator(node, 1, ":");
    if (AtAny("=-?+")) {
      TakeOperator(node, 2, "=-?+");
      return ParseDefault(std::move(node));
    }
    // The reference stumbles over a wide character here, and over the end but not over a NUL.
    if (rest_.empty()) return cut_ ? BadArgument() : BadSubstitution();
    if (text::DecodeFirst(rest_).size > 1) return BadSubstitution();
    RETURN_IF_ERROR(AddArgument(node, ":}", Escapes::kNone));
    if (At(':')) {
      while (absl::ConsumePrefix(&rest_, ":")) {
      }
      RETURN_IF_ERROR(AddArgument(node, "}", Escapes::kNone));
    }
    return Closed(std::move(node));
  }

  absl::StatusOr<Node> ParseDefault(Node node) {
    while (!absl::ConsumePrefix(&rest_, "}")) {
      RETURN_IF_ERROR(AddArgument(node, "}", Escapes::kNone));
    }
    return node;
  }

  absl::StatusOr<Node> ParseReplace(Node node) {
    TakeOperator(node, 1, "/");
    TakeOperator(node, 2, "/#%");
    RETURN_IF_ERROR(AddArgument(node, "/", Escapes::kDollarAndBackslash));
    if (!At('/')) return BadSubstitution();
    while (absl::ConsumePrefix(&rest_, "/")) {
    }
    if (!At('}')) RETURN_IF_ERROR(AddArgument(node, "}", Escapes::kDollarAndBackslash));
    return Closed(std::move(node));
  }

  absl::string_view rest_;
  bool cut_;  // the text went on behind a NUL
  int nesting_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Node>> Parse(absl::string_view text) { return Parser(text).ParseText(); }

}  // namespace sluice::envsubst
