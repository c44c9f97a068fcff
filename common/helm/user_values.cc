// SPDX-License-Identifier: Apache-2.0
#include "common/helm/user_values.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/values_file.h"
#include "common/value/json.h"

namespace sluice::helm {
namespace {

absl::Status MergeJson(const std::string& text, Dialect dialect, Value& values) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (dialect == Dialect::kHelm4 && absl::StartsWith(trimmed, "{")) {
    absl::StatusOr<Value> object = value::ParseJson(trimmed);
    if (!object.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("failed parsing --set-json data JSON: ", text));
    }
    values = MergeTables(values, WithFloats(*std::move(object)));
    return absl::OkStatus();
  }
  if (SetValues(text, SetForm::kJson, dialect, values).ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("failed parsing --set-json data ", text));
}

absl::Status SetAll(const std::vector<std::string>& texts, SetForm form, absl::string_view flag,
                    Dialect dialect, const FileReader& read, Value& values) {
  for (const std::string& text : texts) {
    RETURN_IF_ERROR(Annotate(SetValues(text, form, dialect, values, read),
                             absl::StrCat("failed parsing ", flag, " data")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Value> Merge(const UserValues& given, Dialect dialect, const FileReader& read) {
  Value values = Value::EmptyObject();
  for (const UserValues::File& file : given.files) {
    absl::StatusOr<Value> table = ParseValuesFile(file.content, dialect);
    if (!table.ok()) {
      return Annotate(table.status(), absl::StrCat("failed to parse ", file.name));
    }
    values = MergeTables(values, *table);
  }
  for (const std::string& text : given.set_json) RETURN_IF_ERROR(MergeJson(text, dialect, values));
  RETURN_IF_ERROR(SetAll(given.set, SetForm::kTyped, "--set", dialect, read, values));
  RETURN_IF_ERROR(
      SetAll(given.set_string, SetForm::kString, "--set-string", dialect, read, values));
  RETURN_IF_ERROR(SetAll(given.set_file, SetForm::kFile, "--set-file", dialect, read, values));
  RETURN_IF_ERROR(
      SetAll(given.set_literal, SetForm::kLiteral, "--set-literal", dialect, read, values));
  return values;
}

}  // namespace sluice::helm
