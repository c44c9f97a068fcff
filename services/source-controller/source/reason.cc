// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/source/reason.h"

#include "absl/strings/cord.h"

namespace sluice::source_controller {
namespace {

constexpr char kPayload[] = "sluice.source/reason";

}  // namespace

absl::Status WithReason(absl::Status error, absl::string_view reason) {
  error.SetPayload(kPayload, absl::Cord(reason));
  return error;
}

std::string ReasonOf(const absl::Status& error, absl::string_view fallback) {
  const auto reason = error.GetPayload(kPayload);
  return reason.has_value() ? std::string(*reason) : std::string(fallback);
}

}  // namespace sluice::source_controller
