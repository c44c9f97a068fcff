// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/helm_case.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/masked_text.h"

namespace sluice::conformance {

using helm::Dialect;

std::string HelmCase::Expected(const char* name, const char* name_v4, Dialect dialect) const {
  if (dialect == Dialect::kHelm4) {
    if (absl::StatusOr<std::string> text = ReadFile(folder / name_v4); text.ok()) return *text;
  }
  return ReadFile(folder / name).value_or("");
}

void HelmCase::CompareManifest(const std::string& actual, Dialect dialect,
                               std::vector<Mismatch>& mismatches) const {
  std::string expected = Expected("expected.yaml", "expected-v4.yaml", dialect);
  const absl::string_view difference = dialect == Dialect::kHelm3 ? "same" : fields["v4"].str();
  const absl::string_view digest =
      dialect == Dialect::kHelm3 ? "" : fields["v4ManifestSha256"].str();
  bool equal = false;
  if (!digest.empty()) {
    equal = crypto::Sha256Hex(actual) == digest;
  } else if (difference == "same") {
    equal = EqualButMasked(expected, actual);
  } else if (difference == "differs" && !std::filesystem::exists(folder / "expected-v4.yaml")) {
    // What Helm 4 prints where chance plays a part and more than blanks differs is not recorded.
    equal = true;
  } else {
    equal = EqualButMasked(WithoutBlanks(expected), WithoutBlanks(actual));
  }
  if (!equal) mismatches.push_back({"manifest", std::move(expected), actual});
}

void HelmCase::CompareNotes(const std::string& actual, Dialect dialect,
                            std::vector<Mismatch>& mismatches) const {
  std::string expected = Expected("expected-notes.txt", "expected-v4-notes.txt", dialect);
  if (!EqualButMasked(expected, actual)) {
    mismatches.push_back({"notes", std::move(expected), actual});
  }
}

void HelmCase::CompareError(const std::string& actual, Dialect dialect,
                            std::vector<Mismatch>& mismatches) const {
  std::string expected = Expected("expected-error.txt", "expected-v4-error.txt", dialect);
  const bool equal = fields["errorUnordered"].bool_or(false)
                         ? WithSortedLines(expected) == WithSortedLines(actual)
                         : expected == actual;
  if (!equal) mismatches.push_back({"error", std::move(expected), actual});
}

absl::StatusOr<std::vector<HelmCase>> LoadHelmCases(const std::filesystem::path& path) {
  std::vector<HelmCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(path / "cases")) {
    const absl::StatusOr<std::string> text = ReadFile(entry.path() / "case.json");
    if (!text.ok()) continue;
    ASSIGN_OR_RETURN(Value fields, value::ParseJson(*text));
    cases.push_back({.folder = entry.path(), .fields = std::move(fields)});
  }
  std::sort(cases.begin(), cases.end(),
            [](const HelmCase& a, const HelmCase& b) { return a.folder < b.folder; });
  return cases;
}

}  // namespace sluice::conformance
