// FixedEnvironment: a clock that stands still and random bytes that are always the same, so that a
// chart which makes certificates or passwords renders the same at both revisions.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/template_environment/system_environment.h"

namespace sluice::plan {

// For one rendering. Not thread-safe.
class FixedEnvironment : public template_environment::SystemEnvironment {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(1'700'000'000); }
  std::string RandomBytes(size_t count) override {
    std::string bytes;
    while (bytes.size() < count) {
      bytes += crypto::Digest(crypto::Algorithm::kSha256, absl::StrCat("plan ", counter_++));
    }
    bytes.resize(count);
    return bytes;
  }

 private:
  uint64_t counter_ = 0;
};

}  // namespace sluice::plan
