// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <mutex>
#include <utility>

#include "common/devapi/schema/schema.h"

namespace sluice::devapi {

struct Pattern::Compiled {
  std::once_flag once;
  std::unique_ptr<RE2> expression;
};

Pattern::Pattern(std::string text)
    : text_(std::move(text)), compiled_(std::make_unique<Compiled>()) {}

Pattern::~Pattern() = default;

bool Pattern::Matches(absl::string_view text) const {
  std::call_once(compiled_->once, [this] {
    RE2::Options options;
    options.set_log_errors(false);
    compiled_->expression = std::make_unique<RE2>(text_, options);
  });
  if (!compiled_->expression->ok()) return true;
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_->expression);
}

}  // namespace sluice::devapi
