// A case of the corpus "helm", and how what came of it is compared.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/helm/chart.h"
#include "common/value/value.h"
#include "tests/conformance/report.h"

namespace sluice::conformance {

struct HelmCase {
  std::filesystem::path folder;
  Value fields;  // of case.json

  std::string id() const { return folder.filename().string(); }
  bool fails() const { return fields["expect"].str() == "error"; }

  // What the reference printed, with the dialect's differences: by digest where one is recorded,
  // but for blank lines where only that is known.
  void CompareManifest(const std::string& actual, helm::Dialect dialect,
                       std::vector<Mismatch>& mismatches) const;
  void CompareNotes(const std::string& actual, helm::Dialect dialect,
                    std::vector<Mismatch>& mismatches) const;
  void CompareError(const std::string& actual, helm::Dialect dialect,
                    std::vector<Mismatch>& mismatches) const;

 private:
  // The text of one of two files, that for Helm 4 before the other; "" if there is none.
  std::string Expected(const char* name, const char* name_v4, helm::Dialect dialect) const;
};

// By name. `path` is the corpus.
absl::StatusOr<std::vector<HelmCase>> LoadHelmCases(const std::filesystem::path& path);

}  // namespace sluice::conformance
