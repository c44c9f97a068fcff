// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/plan/output.h"

namespace sluice::plan {
namespace {

struct Case {
  std::string unit;
  std::string name;
  std::string failure;  // "" of one that passed
  std::string skipped;
};

std::vector<Case> CasesOf(const Report& report) {
  std::vector<Case> cases;
  for (const Check& check : report.checks) {
    const std::string reason = absl::StrCat(check.rule, " ", check.reason);
    cases.push_back({check.unit, check.object.empty() ? "renders" : check.object,
                     check.result == Check::Result::kFail ? reason : "",
                     check.result == Check::Result::kSkip ? reason : ""});
  }
  if (report.is_test()) return cases;
  // What is bad, by the change it belongs to.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> bad;
  for (const Finding& finding : report.findings) {
    if (finding.rule->level < Level::kDanger) continue;
    bad[{finding.unit, finding.object}].push_back(
        absl::StrCat(finding.rule->id, " ", finding.message));
  }
  for (const ObjectChange& change : report.changes) {
    const auto found = bad.find({change.unit, change.id.Subject()});
    cases.push_back({change.unit, absl::StrCat(ChangeName(change.type), " ", change.id.Subject()),
                     found == bad.end() ? "" : absl::StrJoin(found->second, "\n"), ""});
    if (found != bad.end()) bad.erase(found);
  }
  for (const auto& [where, messages] : bad) {
    cases.push_back({where.first, where.second.empty() ? "renders" : where.second,
                     absl::StrJoin(messages, "\n"), ""});
  }
  return cases;
}

}  // namespace

std::string FormatJunit(const Report& report) {
  size_t failures = 0;
  size_t skipped = 0;
  std::string body;
  const std::vector<Case> cases = CasesOf(report);
  for (const Case& one : cases) {
    absl::StrAppend(&body, "  <testcase classname=\"", EscapeXml(one.unit), "\" name=\"",
                    EscapeXml(one.name), "\"");
    if (!one.failure.empty()) {
      ++failures;
      absl::StrAppend(&body, ">\n    <failure message=\"",
                      EscapeXml(one.failure.substr(0, one.failure.find('\n'))), "\">",
                      EscapeXml(one.failure), "</failure>\n  </testcase>\n");
    } else if (!one.skipped.empty()) {
      ++skipped;
      absl::StrAppend(&body, ">\n    <skipped message=\"", EscapeXml(one.skipped),
                      "\"/>\n  </testcase>\n");
    } else {
      absl::StrAppend(&body, "/>\n");
    }
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"sluice ",
                      report.is_test() ? "test" : "plan", "\" tests=\"", cases.size(),
                      "\" failures=\"", failures, "\" skipped=\"", skipped, "\">\n", body,
                      "</testsuite>\n");
}

}  // namespace sluice::plan
