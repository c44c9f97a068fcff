// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/helm_environment.h"

#include <optional>
#include <random>
#include <string>

namespace sluice::conformance {
namespace {

class FixedEnvironment : public gotmpl::Environment {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(1'800'000'000); }

  std::string RandomBytes(size_t count) override {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(generator_() & 0xFF);
    return bytes;
  }

  std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) override {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
    return zone;
  }

 private:
  std::mt19937 generator_;
};

}  // namespace

gotmpl::Environment& HelmEnvironment() {
  static FixedEnvironment environment;
  return environment;
}

}  // namespace sluice::conformance
