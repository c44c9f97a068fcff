// SystemEnvironment: what templates may ask of the world, answered by the system they run on.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/gotmpl/environment.h"

namespace sluice::template_environment {

// The system's clock, its source of random bytes, its time zones and, if allowed, its resolver.
// Has no state: thread-safe.
class SystemEnvironment : public gotmpl::Environment {
 public:
  // `look_up_hosts`: Helm's --enable-dns.
  explicit SystemEnvironment(bool look_up_hosts = false) : look_up_hosts_(look_up_hosts) {}

  absl::Time Now() override;
  std::string RandomBytes(size_t count) override;
  // Names that could lead out of the system's folder of zones are none.
  std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) override;
  std::optional<std::vector<std::string>> FindAddresses(absl::string_view host) override;

 private:
  const bool look_up_hosts_;
};

}  // namespace sluice::template_environment
