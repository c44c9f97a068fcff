// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/output.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

constexpr size_t kWidest = 80;

std::string Counted(size_t count, absl::string_view thing) {
  return absl::StrCat(count == 0 ? "no" : absl::StrCat(count), " ", thing, count > 1 ? "s" : "");
}

}  // namespace

std::string Summary(const Report& report) {
  if (report.is_test()) {
    return absl::StrCat(report.Count(Check::Result::kPass), " passed, ",
                        report.Count(Check::Result::kFail), " failed, ",
                        report.Count(Check::Result::kSkip), " skipped: ", report.objects,
                        " objects of ", report.units, " units");
  }
  std::string text = absl::StrCat(report.Count(ChangeType::kCreate), " to create, ",
                                  report.Count(ChangeType::kChange), " to change, ",
                                  report.Count(ChangeType::kDelete), " to delete");
  if (const size_t left = report.Count(ChangeType::kLeave); left > 0) {
    absl::StrAppend(&text, ", ", left, " left behind");
  }
  absl::StrAppend(&text, " in ", report.ChangedUnits(), " of ", report.units, " units; ",
                  Counted(report.Count(Level::kDanger), "danger"), ", ",
                  Counted(report.Count(Level::kError), "error"));
  return text;
}

std::string ShortValue(const Value& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? std::string(value.str())
                                       : value::FormatJson(value, {.escape_html = false});
  absl::StrReplaceAll({{"\n", "⏎"}}, &text);
  if (text.size() <= kWidest) return text;
  size_t end = kWidest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

absl::string_view Sign(ChangeType type) {
  switch (type) {
    case ChangeType::kCreate:
      return "+";
    case ChangeType::kChange:
      return "~";
    case ChangeType::kDelete:
      return "-";
    case ChangeType::kLeave:
      break;
  }
  return "·";
}

std::string EscapeXml(absl::string_view text) {
  std::string out =
      absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
  std::erase_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
  return out;
}

}  // namespace sluice::plan
