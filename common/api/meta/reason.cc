// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/reason.h"

#include "absl/strings/cord.h"

namespace sluice::api {
namespace {

constexpr char kPayload[] = "sluice.api/reason";
constexpr char kStalling[] = "sluice.api/stalling";

}  // namespace

absl::Status WithReason(absl::Status error, absl::string_view reason) {
  error.SetPayload(kPayload, absl::Cord(reason));
  return error;
}

std::string ReasonOf(const absl::Status& error, absl::string_view fallback) {
  const auto reason = error.GetPayload(kPayload);
  return reason.has_value() ? std::string(*reason) : std::string(fallback);
}

absl::Status Stalling(absl::Status error) {
  error.SetPayload(kStalling, absl::Cord());
  return error;
}

bool IsStalling(const absl::Status& error) { return error.GetPayload(kStalling).has_value(); }

}  // namespace sluice::api
