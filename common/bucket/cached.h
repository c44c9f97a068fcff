// Something that is fetched and expires, fetched again when it is about to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/status_macros.h"

namespace sluice::bucket {

// `fetch` made one that keeps what it gave until a minute before T::expires. Thread-safe: callers
// that come while it is fetched wait for it. `clock` must outlive the result.
template <class T>
std::function<absl::StatusOr<T>(const Context&)> Cached(
    std::function<absl::StatusOr<T>(const Context&)> fetch, Clock& clock) {
  struct State {
    absl::Mutex mutex;
    std::optional<T> value;
  };
  auto state = std::make_shared<State>();
  return [state, fetch = std::move(fetch), &clock](const Context& ctx) -> absl::StatusOr<T> {
    absl::MutexLock lock(&state->mutex);
    if (!state->value.has_value() || state->value->expires - absl::Minutes(1) <= clock.Now()) {
      ASSIGN_OR_RETURN(state->value, fetch(ctx));
    }
    return *state->value;
  };
}

}  // namespace sluice::bucket
