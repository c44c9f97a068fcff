// Markdown and HTML.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/plan/output.h"

namespace sluice::plan {
namespace {

// One cell of a table, one line of code.
std::string Code(absl::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat("`", absl::StrReplaceAll(text, {{"`", "'"}, {"|", "\\|"}}), "`");
}

constexpr char kStyle[] =
    "body{font:14px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "code{font:13px ui-monospace,monospace}table{border-collapse:collapse;margin:.3rem 0 .8rem}"
    "td,th{border:1px solid #8884;padding:.15rem .5rem;text-align:left;vertical-align:top}"
    ".create,.PASS{color:#1a7f37}.change,.SKIP,.warning{color:#9a6700}"
    ".delete,.FAIL,.danger,.error{color:#cf222e}.leave,.note{color:#656d76}"
    "del{color:#cf222e}ins{color:#1a7f37}summary{cursor:pointer;font-weight:600}";

void AppendHtmlFindings(const Report& report, std::string& out) {
  if (report.findings.empty()) return;
  absl::StrAppend(&out, "<h2>Findings</h2>\n<table><tr><th>Rule<th>Level<th>Where<th>What\n");
  for (const Finding& finding : report.findings) {
    const absl::string_view level = LevelName(finding.rule->level);
    absl::StrAppend(&out, "<tr><td title=\"", EscapeXml(finding.rule->summary), "\">",
                    finding.rule->id, "<td class=\"", level, "\">", level, "<td><code>",
                    EscapeXml(finding.unit), finding.object.empty() ? "" : "<br>",
                    EscapeXml(finding.object), "</code><td>", EscapeXml(finding.message), "\n");
  }
  absl::StrAppend(&out, "</table>\n");
}

void AppendHtmlChanges(const Report& report, std::string& out) {
  absl::string_view unit;
  for (const ObjectChange& change : report.changes) {
    if (change.unit != unit) {
      absl::StrAppend(&out, unit.empty() ? "" : "</details>\n", "<details open><summary>",
                      EscapeXml(change.unit), "</summary>\n");
      unit = change.unit;
    }
    absl::StrAppend(&out, "<div class=\"", ChangeName(change.type), "\">", Sign(change.type),
                    " <code>", EscapeXml(change.id.Subject()), "</code></div>\n");
    if (change.fields.empty()) continue;
    absl::StrAppend(&out, "<table>");
    for (const FieldChange& field : change.fields) {
      absl::StrAppend(&out, "<tr><td><code>", EscapeXml(field.path), "</code><td><del>",
                      EscapeXml(ShortValue(field.before)), "</del><td><ins>",
                      EscapeXml(ShortValue(field.after)), "</ins>\n");
    }
    absl::StrAppend(&out, "</table>\n");
  }
  if (!unit.empty()) absl::StrAppend(&out, "</details>\n");
}

void AppendHtmlChecks(const Report& report, std::string& out) {
  absl::StrAppend(&out, "<table><tr><th>Result<th>Object<th>Reason\n");
  for (const Check& check : report.checks) {
    const absl::string_view result = check.result == Check::Result::kPass   ? "PASS"
                                     : check.result == Check::Result::kFail ? "FAIL"
                                                                            : "SKIP";
    absl::StrAppend(&out, "<tr><td class=\"", result, "\">", result, "<td><code>",
                    EscapeXml(check.unit), check.object.empty() ? "" : " ", EscapeXml(check.object),
                    "</code><td>", EscapeXml(check.reason), "\n");
  }
  absl::StrAppend(&out, "</table>\n");
}

}  // namespace

std::string FormatMarkdown(const Report& report) {
  std::string out = report.is_test() ? absl::StrCat("## Test of ", Code(report.to), "\n\n")
                                     : absl::StrCat("## Plan: ", Code(report.from), " → ",
                                                    Code(report.to), "\n\n");
  absl::StrAppend(&out, report.Bad() ? "❌ " : "✅ ", Summary(report), "\n");
  bool head = false;
  for (const Finding& finding : report.findings) {
    if (finding.rule->level == Level::kNote) continue;
    if (!head) absl::StrAppend(&out, "\n| | rule | where | what |\n|-|-|-|-|\n");
    head = true;
    const Level level = finding.rule->level;
    absl::StrAppend(&out, "| ", level >= Level::kDanger ? "🔴" : "🟡", " | ", finding.rule->id,
                    " ", finding.rule->name, " | ",
                    Code(finding.object.empty() ? finding.unit : finding.object), " | ",
                    absl::StrReplaceAll(finding.message, {{"|", "\\|"}, {"\n", " "}}), " |\n");
  }
  absl::string_view unit;
  for (const ObjectChange& change : report.changes) {
    if (change.unit != unit) {
      absl::StrAppend(&out, unit.empty() ? "" : "```\n</details>\n", "\n<details><summary>",
                      EscapeXml(change.unit), "</summary>\n\n```diff\n");
      unit = change.unit;
    }
    absl::StrAppend(&out, change.type == ChangeType::kChange ? "!" : Sign(change.type), " ",
                    change.id.Subject(), "\n");
    for (const FieldChange& field : change.fields) {
      if (!field.before.is_null()) {
        absl::StrAppend(&out, "-   ", field.path, ": ", ShortValue(field.before), "\n");
      }
      if (!field.after.is_null()) {
        absl::StrAppend(&out, "+   ", field.path, ": ", ShortValue(field.after), "\n");
      }
    }
  }
  if (!unit.empty()) absl::StrAppend(&out, "```\n</details>\n");
  for (const Check& check : report.checks) {
    if (check.result != Check::Result::kFail) continue;
    absl::StrAppend(&out, "- ❌ ", Code(absl::StrCat(check.unit, " ", check.object)), " ",
                    check.rule, " ", check.reason, "\n");
  }
  return out;
}

std::string FormatHtml(const Report& report) {
  const std::string title = report.is_test()
                                ? absl::StrCat("Test of ", report.to)
                                : absl::StrCat("Plan: ", report.from, " → ", report.to);
  std::string out = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>", EscapeXml(title),
      "</title>\n<style>", kStyle, "</style>\n<h1>", EscapeXml(title), "</h1>\n<p class=\"",
      report.Bad() ? "danger" : "create", "\">", EscapeXml(Summary(report)), "</p>\n");
  AppendHtmlFindings(report, out);
  if (report.is_test()) {
    AppendHtmlChecks(report, out);
  } else {
    AppendHtmlChanges(report, out);
  }
  return absl::StrCat(out, "</html>\n");
}

}  // namespace sluice::plan
