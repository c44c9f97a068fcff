// The corpus "yaml": what Go's YAML packages make of a document.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

// `actual` against the recorded JSON text or, where an error is recorded, any error.
void CompareJson(const Value& recorded, absl::string_view field, absl::string_view error_field,
                 const absl::StatusOr<Value>& actual, std::vector<Mismatch>& mismatches) {
  const std::string printed =
      actual.ok() ? value::FormatJson(*actual) : absl::StrCat("error: ", actual.status().message());
  if (const Value* error = recorded.Find(error_field); error != nullptr) {
    if (actual.ok()) {
      mismatches.push_back({std::string(error_field), std::string(error->str()), printed});
    }
  } else if (const Value* json = recorded.Find(field); json != nullptr) {
    const auto expected = value::ParseJson(json->str());
    const auto reread = value::ParseJson(printed);
    if (!actual.ok() || !expected.ok() || !reread.ok() || *expected != *reread) {
      mismatches.push_back({std::string(field), std::string(json->str()), printed});
    }
  }
}

absl::StatusOr<Value> KyamlJson(absl::string_view yaml) {
  ASSIGN_OR_RETURN(auto documents, value::ParseKyaml(yaml));
  if (documents.empty()) return Value();
  return std::move(documents.front().value);
}

}  // namespace

absl::Status RunYaml(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  for (const Value& recorded : cases.items()) {
    std::vector<Mismatch> mismatches;
    if (recorded["kind"].str() == "yaml") {
      CompareJson(recorded, "kyamlJson", "kyamlError", KyamlJson(recorded["yaml"].str()),
                  mismatches);
    }
    report.Add(recorded["id"].str(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
