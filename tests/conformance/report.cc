// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/report.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace sluice::conformance {
namespace {

constexpr size_t kContext = 200;  // bytes shown before the first difference
constexpr size_t kShown = 1200;   // bytes shown of each text

std::string Excerpt(absl::string_view text, size_t difference) {
  const size_t start = difference > kContext ? difference - kContext : 0;
  const absl::string_view part = text.substr(std::min(start, text.size()), kShown);
  std::string lines = absl::StrReplaceAll(absl::Utf8SafeCEscape(part), {{"\\n", "\\n\n      "}});
  if (start > 0) lines.insert(0, "... ");
  if (start + part.size() < text.size()) lines += " ...";
  return lines;
}

}  // namespace

void Report::Add(absl::string_view id, std::vector<Mismatch> mismatches) {
  if (mismatches.empty()) {
    ++passed_;
  } else {
    failures_.push_back(FailedCase{std::string(id), std::move(mismatches)});
  }
}

std::string Format(const Report& report, size_t show) {
  std::string out;
  for (const FailedCase& failed : report.failures()) {
    absl::StrAppend(&out, failed.id, "\n");
    if (show == 0) continue;
    --show;
    for (const Mismatch& mismatch : failed.mismatches) {
      const auto [at, unused] = std::mismatch(mismatch.expected.begin(), mismatch.expected.end(),
                                              mismatch.actual.begin(), mismatch.actual.end());
      const auto difference = static_cast<size_t>(at - mismatch.expected.begin());
      absl::StrAppend(&out, "  ", mismatch.field, ", first difference at byte ", difference, "\n",
                      "    expected:\n      ", Excerpt(mismatch.expected, difference),
                      "\n    actual:\n      ", Excerpt(mismatch.actual, difference), "\n");
    }
  }
  absl::StrAppend(&out, report.passed(), " passed, ", report.failures().size(), " failed\n");
  return out;
}

}  // namespace sluice::conformance
