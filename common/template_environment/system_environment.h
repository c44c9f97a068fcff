// SystemEnvironment: what templates may ask of the world, answered by the system they run on.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/gotmpl/environment.h"

namespace sluice::template_environment {

// The system's clock, its source of random bytes and its time zones. No host is looked up, as is
// Helm's default; resolving_environment.h does. Has no state: thread-safe.
class SystemEnvironment : public gotmpl::Environment {
 public:
  absl::Time Now() override;
  std::string RandomBytes(size_t count) override;
  // Names that could lead out of the system's folder of zones are none.
  std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) override;
};

}  // namespace sluice::template_environment
