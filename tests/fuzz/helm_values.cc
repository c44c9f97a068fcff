// Values: the languages of --set and its kin, and merging. The first line of the input is values in
// YAML, each line behind it a text for --set in all forms.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/helm/set_values.h"
#include "common/helm/values_file.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(helm_values, input) {
  using helm::SetForm;
  const std::vector<absl::string_view> lines = absl::StrSplit(input, '\n');
  const helm::FileReader read = [](const std::string& name) -> absl::StatusOr<std::string> {
    return name;
  };
  for (const helm::Dialect dialect : {helm::Dialect::kHelm4, helm::Dialect::kHelm3}) {
    const auto start = helm::ParseValuesFile(lines[0], dialect);
    const Value values = start.ok() ? *start : Value::EmptyObject();
    for (size_t i = 1; i < lines.size() && i < 50; ++i) {
      for (const SetForm form :
           {SetForm::kTyped, SetForm::kString, SetForm::kFile, SetForm::kJson, SetForm::kLiteral}) {
        Value changed = values;
        static_cast<void>(helm::SetValues(lines[i], form, dialect, changed, read));
        Require(changed.is_object(), "values stay a table", lines[i]);
        const Value merged = helm::MergeTables(values, changed);
        Require(helm::MergeTables(merged, changed) == merged, "merging again changes nothing",
                value::FormatJson(merged));
      }
    }
  }
}

}  // namespace sluice::fuzz
