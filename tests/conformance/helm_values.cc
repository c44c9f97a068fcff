// The corpus "helm-values": values of charts and their dependencies, --set and schemas, as Helm
// 3.22.0 and 4.2.2 have them. The charts' templates print .Values as JSON.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/helm/user_values.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"
#include "tests/conformance/masked_text.h"

namespace sluice::conformance {
namespace {

using helm::Dialect;

std::vector<std::string> TextsOf(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) texts.emplace_back(item.str());
  return texts;
}

// The .Values of each rendered file; `user_values` are set on the way.
absl::StatusOr<Value> Run(const Value& recorded, Dialect dialect, Value& user_values) {
  helm::UserValues given{.set_json = TextsOf(recorded["setJson"]),
                         .set = TextsOf(recorded["set"]),
                         .set_string = TextsOf(recorded["setString"]),
                         .set_literal = TextsOf(recorded["setLiteral"])};
  size_t index = 0;
  for (const Value& text : recorded["values"].items()) {
    given.files.push_back({absl::StrCat("values-", index++, ".yaml"), std::string(text.str())});
  }
  std::vector<helm::ChartFile> files;
  for (const value::Member& file : recorded["files"].members()) {
    files.push_back({file.key, std::string(file.value.str())});
  }
  ASSIGN_OR_RETURN(user_values, helm::Merge(given, dialect, nullptr));
  ASSIGN_OR_RETURN(const auto chart, helm::LoadFiles(std::move(files), {.dialect = dialect}));
  RETURN_IF_ERROR(helm::CheckDependencies(*chart));
  ASSIGN_OR_RETURN(
      const helm::RenderedFiles rendered,
      helm::Render(chart, user_values, {.release = {.name = "rel", .namespace_name = "ns"}},
                   {.dialect = dialect, .skip_schema = recorded["skipSchema"].bool_or(false)}));
  Value values = Value::EmptyObject();
  for (const auto& [path, text] : rendered) {
    ASSIGN_OR_RETURN(Value parsed, value::ParseJson(text));
    values.Set(path, std::move(parsed));
  }
  return values;
}

// Numbers of one form.
std::string Json(const Value& value) {
  const absl::StatusOr<Value> again = value::ParseJson(value::FormatJson(value));
  return value::FormatJson(again.ok() ? *again : value);
}

void RunCase(const Value& recorded, Dialect dialect, std::vector<Mismatch>& mismatches) {
  const bool helm4 = dialect == Dialect::kHelm4;
  const auto field = [&](const char* name, const char* name_v4) -> const Value& {
    return helm4 && recorded.Has(name_v4) ? recorded[name_v4] : recorded[name];
  };
  const bool fails = recorded.Has("error") ? !(helm4 && recorded.Has("v4Expected"))
                                           : helm4 && recorded.Has("v4Error");
  Value user_values;
  const absl::StatusOr<Value> values = Run(recorded, dialect, user_values);
  if (fails) {
    const std::string expected(field("error", "v4Error").str());
    const std::string actual = values.ok() ? "no error" : std::string(values.status().message());
    const bool unordered = recorded["errorUnordered"].bool_or(false);
    if (unordered ? WithSortedLines(expected) != WithSortedLines(actual) : expected != actual) {
      mismatches.push_back({"error", expected, actual});
    }
    return;
  }
  const std::string expected = Json(field("expected", "v4Expected"));
  const std::string actual =
      values.ok() ? Json(*values) : absl::StrCat("error: ", values.status().message());
  if (expected != actual) mismatches.push_back({"expected", expected, actual});
  const Value& wanted = field("userValues", "v4UserValues");
  if (!wanted.is_null() && Json(wanted) != Json(user_values)) {
    mismatches.push_back({"userValues", Json(wanted), Json(user_values)});
  }
}

}  // namespace

absl::Status RunHelmValues(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  for (const Value& recorded : cases.items()) {
    for (const Dialect dialect : {Dialect::kHelm3, Dialect::kHelm4}) {
      std::vector<Mismatch> mismatches;
      RunCase(recorded, dialect, mismatches);
      report.Add(absl::StrCat(recorded["id"].str(),
                              dialect == Dialect::kHelm3 ? " (helm 3)" : " (helm 4)"),
                 std::move(mismatches));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
