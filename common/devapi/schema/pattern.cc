// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {

struct Pattern::Compiled {
  std::once_flag once;
  std::unique_ptr<RE2> expression;
};

namespace {

RE2::Options Quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

// RE2's words and Go's, by RE2::ErrorCode.
absl::string_view GoWords(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "expression nests too deeply";
  }
}

}  // namespace

std::string PatternFault(const std::string& text) {
  const RE2 expression(text, Quiet());
  if (expression.ok()) return "";
  const std::string message =
      absl::StrCat("error parsing regexp: ", GoWords(expression.error_code()));
  if (expression.error_code() == RE2::ErrorTrailingBackslash) return message + ": ``";
  return absl::StrCat(message, ": `", expression.error_arg(), "`");
}

Pattern::Pattern(std::string text)
    : text_(std::move(text)), compiled_(std::make_unique<Compiled>()) {}

Pattern::~Pattern() = default;

bool Pattern::Matches(absl::string_view text) const {
  std::call_once(compiled_->once,
                 [this] { compiled_->expression = std::make_unique<RE2>(text_, Quiet()); });
  if (!compiled_->expression->ok()) return true;
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_->expression);
}

}  // namespace sluice::devapi
