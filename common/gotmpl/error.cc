// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/error.h"

#include <cstddef>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::gotmpl {
namespace {

// The payload: the lengths of the wrapped texts, longest first, separated by commas.
constexpr absl::string_view kCauses = "sluice/gotmpl/causes";

std::string CausesOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kCauses);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

absl::Status Wrap(absl::string_view prefix, const absl::Status& cause) {
  absl::Status error(cause.code(), absl::StrCat(prefix, cause.message()));
  const std::string inner = CausesOf(cause);
  error.SetPayload(
      kCauses, absl::Cord(absl::StrCat(cause.message().size(), inner.empty() ? "" : ",", inner)));
  return error;
}

std::vector<std::string> ErrorChain(const absl::Status& error) {
  std::vector<std::string> chain = {std::string(error.message())};
  for (const absl::string_view text : absl::StrSplit(CausesOf(error), ',', absl::SkipEmpty())) {
    size_t length = 0;
    if (!absl::SimpleAtoi(text, &length) || length > chain[0].size()) break;
    chain.push_back(chain[0].substr(chain[0].size() - length));
  }
  return chain;
}

}  // namespace sluice::gotmpl
