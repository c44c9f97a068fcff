// SPDX-License-Identifier: Apache-2.0
#include "common/template_environment/system_environment.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/crypto/random.h"

namespace sluice::template_environment {
namespace {

constexpr size_t kMaxZoneName = 100;

bool IsZoneName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxZoneName || name[0] == '/') return false;
  if (absl::StrContains(name, "..")) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || absl::StrContains("/_+-", c); });
}

}  // namespace

absl::Time SystemEnvironment::Now() { return absl::Now(); }

std::string SystemEnvironment::RandomBytes(size_t count) { return crypto::RandomBytes(count); }

std::optional<absl::TimeZone> SystemEnvironment::FindTimeZone(absl::string_view name) {
  absl::TimeZone zone;
  if (!IsZoneName(name) || !absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace sluice::template_environment
