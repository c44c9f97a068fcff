// What a run over a corpus found.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::conformance {

// One recorded answer that was not given.
struct Mismatch {
  std::string field;  // of the case, as the corpus names it
  std::string expected;
  std::string actual;
};

struct FailedCase {
  std::string id;
  std::vector<Mismatch> mismatches;
};

// Counts cases. Not thread-safe.
class Report {
 public:
  // One case: passed if nothing mismatched.
  void Add(absl::string_view id, std::vector<Mismatch> mismatches);

  size_t passed() const { return passed_; }
  // In the order they ran.
  const std::vector<FailedCase>& failures() const { return failures_; }

 private:
  size_t passed_ = 0;
  std::vector<FailedCase> failures_;
};

// The failed ids one a line, the first `show` of them with what was expected and what came, both
// cut to a screenful around the first difference; last line "N passed, M failed".
std::string Format(const Report& report, size_t show);

}  // namespace sluice::conformance
