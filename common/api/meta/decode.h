// Reading typed fields out of objects that the API server has already checked against the CRD, but
// that an older version or another server may have let through.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

std::string Text(const Value& value);
std::string OrDefault(const Value& value, const std::string& fallback);
// nullopt when absent: for fields where absent and empty differ.
std::optional<std::string> OptionalText(const Value& value);
std::vector<std::string> TextList(const Value& value);
std::map<std::string, std::string> TextMap(const Value& value);

// The Go duration at `value`, `fallback` when absent. kInvalidArgument naming `field`.
absl::StatusOr<absl::Duration> DurationField(const Value& value, absl::string_view field,
                                             absl::Duration fallback);

}  // namespace sluice::api
