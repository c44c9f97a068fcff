// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <optional>
#include <utility>

#include "common/devapi/schema/schema.h"
#include "common/text/regexp.h"

namespace sluice::devapi {

struct Pattern::Compiled {
  std::once_flag once;
  std::optional<text::Regexp> expression;  // none if it does not compile
};

std::string PatternFault(const std::string& text) {
  return std::string(text::Regexp::Compile(text).status().message());
}

Pattern::Pattern(std::string text)
    : text_(std::move(text)), compiled_(std::make_unique<Compiled>()) {}

Pattern::~Pattern() = default;

bool Pattern::Matches(absl::string_view text) const {
  std::call_once(compiled_->once, [this] {
    if (auto compiled = text::Regexp::Compile(text_); compiled.ok()) {
      compiled_->expression = *std::move(compiled);
    }
  });
  return !compiled_->expression.has_value() || compiled_->expression->MatchesIn(text);
}

}  // namespace sluice::devapi
