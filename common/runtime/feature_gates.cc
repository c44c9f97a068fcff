// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/feature_gates.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::runtime {
namespace {

// As Go's strconv.ParseBool.
std::optional<bool> ParseBool(absl::string_view text) {
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

}  // namespace

absl::Status FeatureGates::Parse(absl::string_view text) {
  std::map<std::string, bool> gates = gates_;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> split =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits('=', 1));
    const std::string name(absl::StripAsciiWhitespace(split.first));
    const absl::string_view value = absl::StripAsciiWhitespace(split.second);
    if (!absl::StrContains(part, '=')) {
      return absl::InvalidArgumentError(
          absl::StrCat("missing bool value for feature gate '", name, "'"));
    }
    const std::optional<bool> enabled = ParseBool(value);
    if (!enabled.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid value of feature gate '", name, "': '", value, "'"));
    }
    if (!gates_.empty() && !gates_.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat("feature-gate '", name, "' not supported"));
    }
    gates[name] = *enabled;
  }
  if (!gates_.empty()) gates_ = std::move(gates);
  return absl::OkStatus();
}

bool FeatureGates::Enabled(absl::string_view name) const {
  const auto it = gates_.find(std::string(name));
  return it != gates_.end() && it->second;
}

}  // namespace sluice::runtime
