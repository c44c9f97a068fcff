// SPDX-License-Identifier: Apache-2.0
#include "common/helm/engine_error.h"

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/gotmpl/error.h"

namespace sluice::helm {
namespace {

constexpr absl::string_view kMarkStart = "HELM_ERR_START";
constexpr absl::string_view kMarkEnd = "HELM_ERR_END";
constexpr absl::string_view kTemplate = "template: ";

// From the first mark to the last; none if there are no two.
std::optional<absl::string_view> MarkedMessage(absl::string_view text) {
  const size_t start = text.find(kMarkStart);
  if (start == absl::string_view::npos) return std::nullopt;
  text.remove_prefix(start + kMarkStart.size());
  const size_t end = text.rfind(kMarkEnd);
  if (end == absl::string_view::npos) return std::nullopt;
  return text.substr(0, end);
}

// One level of an error of text/template.
struct Level {
  absl::string_view location = {};
  absl::string_view message = {};
  std::string executing = {};

  std::string ToText() const {
    std::string text;
    if (!location.empty()) absl::StrAppend(&text, location, "\n  ");
    if (!executing.empty()) absl::StrAppend(&text, executing, "\n    ");
    if (!message.empty()) absl::StrAppend(&text, message, "\n");
    return text;
  }
  friend bool operator==(const Level& a, const Level& b) = default;
};

// What is of this level only.
absl::string_view WithoutInner(absl::string_view message) {
  return message.substr(0, message.find(" template:"));
}

// `LOCATION: executing "NAME" at <NODE>: MESSAGE`
std::optional<Level> ParseExecuting(absl::string_view text) {
  constexpr absl::string_view kExecuting = ": executing ";
  constexpr absl::string_view kAt = " at <";
  constexpr absl::string_view kEnd = ">: ";
  const size_t executing = text.find(kExecuting);
  if (executing == absl::string_view::npos) return std::nullopt;
  absl::string_view rest = text.substr(executing + kExecuting.size());
  if (!absl::ConsumePrefix(&rest, "\"")) return std::nullopt;
  const size_t quote = rest.find('"');
  if (quote == absl::string_view::npos) return std::nullopt;
  const absl::string_view name = rest.substr(0, quote);
  rest.remove_prefix(quote + 1);
  if (!absl::ConsumePrefix(&rest, kAt)) return std::nullopt;
  const size_t end = rest.find(kEnd);
  if (end == absl::string_view::npos) return std::nullopt;
  return Level{
      .location = text.substr(0, executing),
      .message = WithoutInner(rest.substr(end + kEnd.size())),
      .executing = absl::StrCat("executing \"", name, "\" at <", rest.substr(0, end), ">:")};
}

std::optional<Level> ParseLevel(absl::string_view text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, kTemplate)) return std::nullopt;
  if (absl::StartsWith(rest, "no template ")) return Level{.message = text};
  if (std::optional<Level> level = ParseExecuting(rest)) return level;
  const size_t colon = rest.rfind(": ");
  if (colon == absl::string_view::npos) return std::nullopt;
  return Level{.location = rest.substr(0, colon), .message = WithoutInner(rest.substr(colon + 2))};
}

}  // namespace

std::string MarkMessage(absl::string_view message) {
  return absl::StrCat(kMarkStart, message, kMarkEnd);
}

absl::Status ParseError(absl::string_view file, const absl::Status& error) {
  const std::string text(error.message());
  const std::vector<absl::string_view> tokens = absl::StrSplit(text, ": ");
  if (tokens.size() == 1) {
    return WithMessage(error, absl::StrCat("parse error in (", file, "): ", text));
  }
  return WithMessage(error, absl::StrCat("parse error at (", tokens[1], "): ", tokens.back()));
}

absl::Status ExecutionError(absl::string_view file, const absl::Status& error, Dialect dialect) {
  const std::string text(error.message());
  const std::vector<absl::string_view> tokens = absl::StrSplit(text, absl::MaxSplits(": ", 2));
  if (tokens.size() != 3) {
    return WithMessage(error, absl::StrCat("execution error in (", file, "): ", text));
  }
  if (const auto message = MarkedMessage(tokens[2])) {
    return WithMessage(error, absl::StrCat("execution error at (", tokens[1], "): ", *message));
  }
  if (dialect == Dialect::kHelm3) return error;
  const std::vector<std::string> chain = gotmpl::ErrorChain(error);
  std::vector<Level> levels;
  for (const std::string& cause : chain) {
    const std::optional<Level> level = ParseLevel(cause);
    if (!level.has_value()) return error;
    if (levels.empty() || levels.back() != *level) levels.push_back(*level);
  }
  std::string lines;
  for (const Level& level : levels) lines += level.ToText();
  return WithMessage(error, absl::StripAsciiWhitespace(lines));
}

}  // namespace sluice::helm
