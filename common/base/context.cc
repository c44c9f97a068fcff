// SPDX-License-Identifier: Apache-2.0
#include "common/base/context.h"

#include <algorithm>
#include <atomic>
#include <deque>

#include "common/base/steady_clock.h"

namespace sluice {
namespace {

// A stop_callback per token, and a flag so that the first one to fire is the only one that calls.
class TokenRegistration : public Context::Registration {
 public:
  TokenRegistration(const std::vector<std::stop_token>& tokens, std::function<void()> callback)
      : callback_(std::move(callback)) {
    for (const std::stop_token& token : tokens) {
      callbacks_.emplace_back(token, [this] {
        if (!fired_.exchange(true)) callback_();
      });
    }
  }

 private:
  std::function<void()> callback_;
  std::atomic<bool> fired_ = false;
  std::deque<std::stop_callback<std::function<void()>>> callbacks_;  // destroyed first
};

}  // namespace

Context Context::WithDeadline(absl::Time deadline) const {
  Context child = *this;
  child.deadline_ = std::min(deadline_, deadline);
  return child;
}

Context Context::WithTimeout(absl::Duration timeout) const {
  return WithDeadline(SteadyClock().Now() + timeout);
}

Context Context::WithStopToken(std::stop_token token) const {
  Context child = *this;
  auto tokens = tokens_ ? std::make_shared<std::vector<std::stop_token>>(*tokens_)
                        : std::make_shared<std::vector<std::stop_token>>();
  tokens->push_back(std::move(token));
  child.tokens_ = std::move(tokens);
  return child;
}

Context Context::WithField(absl::string_view key, absl::string_view value) const {
  Context child = *this;
  auto fields = fields_ ? std::make_shared<LogFields>(*fields_) : std::make_shared<LogFields>();
  fields->emplace_back(std::string(key), std::string(value));
  child.fields_ = std::move(fields);
  return child;
}

absl::Duration Context::remaining() const {
  if (deadline_ == absl::InfiniteFuture()) return absl::InfiniteDuration();
  return std::max(absl::ZeroDuration(), deadline_ - SteadyClock().Now());
}

bool Context::cancelled() const {
  return tokens_ != nullptr &&
         std::any_of(tokens_->begin(), tokens_->end(),
                     [](const std::stop_token& token) { return token.stop_requested(); });
}

absl::Status Context::Check() const {
  if (cancelled()) return absl::CancelledError("context canceled");
  if (deadline_ != absl::InfiniteFuture() && SteadyClock().Now() >= deadline_) {
    return absl::DeadlineExceededError("context deadline exceeded");
  }
  return absl::OkStatus();
}

const LogFields& Context::fields() const {
  static const LogFields* const kNone = new LogFields;
  return fields_ ? *fields_ : *kNone;
}

std::unique_ptr<Context::Registration> Context::OnCancel(std::function<void()> callback) const {
  static const std::vector<std::stop_token>* const kNone = new std::vector<std::stop_token>;
  return std::make_unique<TokenRegistration>(tokens_ ? *tokens_ : *kNone, std::move(callback));
}

}  // namespace sluice
