// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/plan/output.h"

namespace sluice::plan {
namespace {

class Writer {
 public:
  explicit Writer(const TextStyle& style) : style_(style) {}

  std::string Run(const Report& report) {
    if (!report.is_test()) {
      absl::StrAppend(&out_, In("1", report.from), " → ", In("1", report.to), "\n");
    }
    WriteChanges(report);
    WriteChecks(report);
    WriteFindings(report);
    absl::StrAppend(&out_, In(report.Bad() ? "31" : "32", report.Bad() ? "✗ " : "✔ "),
                    Summary(report), "\n");
    return std::move(out_);
  }

 private:
  std::string In(absl::string_view colour, absl::string_view text) const {
    return style_.colours ? absl::StrCat("\x1b[", colour, "m", text, "\x1b[0m") : std::string(text);
  }

  static absl::string_view Colour(ChangeType type) {
    return type == ChangeType::kCreate   ? "32"
           : type == ChangeType::kChange ? "33"
           : type == ChangeType::kDelete ? "31"
                                         : "2";
  }

  void WriteChanges(const Report& report) {
    absl::string_view unit;
    for (const ObjectChange& change : report.changes) {
      if (change.unit != unit) {
        unit = change.unit;
        absl::StrAppend(&out_, "\n", In("1", unit), change.suspended ? In("2", " (suspended)") : "",
                        "\n");
      }
      absl::StrAppend(&out_, "  ", In(Colour(change.type), Sign(change.type)), " ",
                      change.id.Subject());
      if (change.type == ChangeType::kLeave) absl::StrAppend(&out_, In("2", " stays, unmanaged"));
      if (!change.moved_from.empty()) {
        absl::StrAppend(&out_, In("2", absl::StrCat(" from ", change.moved_from)));
      }
      absl::StrAppend(&out_, "\n");
      for (const FieldChange& field : change.fields) WriteField(field);
    }
    if (!report.changes.empty()) absl::StrAppend(&out_, "\n");
  }

  void WriteField(const FieldChange& field) {
    absl::StrAppend(&out_, "      ", field.path, ": ");
    if (field.before.is_null()) {
      absl::StrAppend(&out_, In("32", absl::StrCat("+ ", ShortValue(field.after))));
    } else if (field.after.is_null()) {
      absl::StrAppend(&out_, In("31", absl::StrCat("- ", ShortValue(field.before))));
    } else {
      absl::StrAppend(&out_, In("31", ShortValue(field.before)), " → ",
                      In("32", ShortValue(field.after)));
    }
    absl::StrAppend(&out_, "\n");
  }

  void WriteChecks(const Report& report) {
    for (const Check& check : report.checks) {
      const bool pass = check.result == Check::Result::kPass;
      const bool fail = check.result == Check::Result::kFail;
      absl::StrAppend(&out_,
                      pass   ? In("32", "PASS")
                      : fail ? In("31", "FAIL")
                             : In("33", "SKIP"),
                      " ", check.unit, check.object.empty() ? "" : " ", check.object);
      if (!check.reason.empty()) absl::StrAppend(&out_, ": ", check.rule, " ", check.reason);
      absl::StrAppend(&out_, "\n");
    }
  }

  void WriteFindings(const Report& report) {
    size_t notes = 0;
    bool any = false;
    for (const Finding& finding : report.findings) {
      const Level level = finding.rule->level;
      if (level == Level::kNote && !style_.verbose) {
        ++notes;
        continue;
      }
      // A test has told its failures.
      if (report.is_test() && level == Level::kError) continue;
      any = true;
      const std::string mark = level == Level::kError    ? In("31", "✗")
                               : level == Level::kDanger ? In("31", "⚠")
                                                         : In("33", "•");
      absl::StrAppend(&out_, mark, " ", finding.rule->id, " ", LevelName(level), " ",
                      finding.object.empty() ? finding.unit : finding.object, ": ",
                      finding.message);
      if (!finding.object.empty())
        absl::StrAppend(&out_, In("2", absl::StrCat(" (", finding.unit, ")")));
      absl::StrAppend(&out_, "\n");
    }
    if (notes > 0) {
      absl::StrAppend(&out_, In("2", absl::StrCat("• ", notes, " notes, shown by --verbose")),
                      "\n");
    }
    if (any) absl::StrAppend(&out_, "\n");
  }

  const TextStyle& style_;
  std::string out_;
};

}  // namespace

std::string FormatText(const Report& report, const TextStyle& style) {
  return Writer(style).Run(report);
}

}  // namespace sluice::plan
