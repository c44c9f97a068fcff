// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/plan/output.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

Value IdentityOf(const ssa::ObjectId& id) {
  return {{"apiVersion", id.gvk.api_version()},
          {"kind", id.gvk.kind},
          {"namespace", id.key.ns},
          {"name", id.key.name}};
}

Value ChangeOf(const ObjectChange& change) {
  Value out = IdentityOf(change.id);
  out.Set("change", ChangeName(change.type));
  out.Set("unit", change.unit);
  if (!change.moved_from.empty()) out.Set("movedFrom", change.moved_from);
  if (change.suspended) out.Set("suspended", true);
  if (change.fields.empty()) return out;
  Value& fields = out.Set("fields", Value::EmptyArray());
  for (const FieldChange& field : change.fields) {
    fields.Append({{"path", field.path}, {"before", field.before}, {"after", field.after}});
  }
  return out;
}

Value FindingOf(const Finding& finding) {
  return {{"rule", finding.rule->id},
          {"name", finding.rule->name},
          {"level", LevelName(finding.rule->level)},
          {"unit", finding.unit},
          {"object", finding.object},
          {"path", finding.path},
          {"message", finding.message}};
}

Value CheckOf(const Check& check) {
  return {{"result", check.result == Check::Result::kPass   ? "PASS"
                     : check.result == Check::Result::kFail ? "FAIL"
                                                            : "SKIP"},
          {"unit", check.unit},
          {"object", check.object},
          {"rule", check.rule},
          {"reason", check.reason}};
}

}  // namespace

std::string FormatJson(const Report& report) {
  Value out = {{"to", report.to},
               {"units", report.units},
               {"objects", report.objects},
               {"summary", Summary(report)},
               {"ok", !report.Bad()}};
  Value& findings = out.Set("findings", Value::EmptyArray());
  for (const Finding& finding : report.findings) findings.Append(FindingOf(finding));
  if (report.is_test()) {
    Value& checks = out.Set("checks", Value::EmptyArray());
    for (const Check& check : report.checks) checks.Append(CheckOf(check));
  } else {
    out.Set("from", report.from);
    Value& changes = out.Set("changes", Value::EmptyArray());
    for (const ObjectChange& change : report.changes) changes.Append(ChangeOf(change));
  }
  return absl::StrCat(value::FormatJson(out, {.indent = 2, .escape_html = false}), "\n");
}

std::string FormatSarif(const Report& report) {
  Value rules = Value::EmptyArray();
  for (const Rule* const rule : Rules()) {
    rules.Append(
        {{"id", rule->id}, {"name", rule->name}, {"shortDescription", {{"text", rule->summary}}}});
  }
  Value results = Value::EmptyArray();
  for (const Finding& finding : report.findings) {
    const Level level = finding.rule->level;
    std::string path = finding.path;
    while (absl::StartsWith(path, "./")) path.erase(0, 2);
    Value location = {
        {"logicalLocations",
         Value(Value::Array{
             Value{{"fullyQualifiedName",
                    finding.object.empty() ? finding.unit
                                           : absl::StrCat(finding.unit, " ", finding.object)}}})}};
    location.Set("physicalLocation", {{"artifactLocation", {{"uri", path.empty() ? "." : path}}}});
    results.Append({{"ruleId", finding.rule->id},
                    {"level", level >= Level::kDanger    ? "error"
                              : level == Level::kWarning ? "warning"
                                                         : "note"},
                    {"message",
                     {{"text", absl::StrCat(finding.object.empty() ? finding.unit : finding.object,
                                            ": ", finding.message)}}},
                    {"locations", Value(Value::Array{std::move(location)})}});
  }
  const Value driver = {{"name", "sluice"}, {"rules", std::move(rules)}};
  const Value run = {{"tool", {{"driver", driver}}}, {"results", std::move(results)}};
  const Value out = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", Value(Value::Array{run})}};
  return absl::StrCat(value::FormatJson(out, {.indent = 2, .escape_html = false}), "\n");
}

}  // namespace sluice::plan
