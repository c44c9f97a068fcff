// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/report.h"

#include <algorithm>
#include <set>

namespace sluice::plan {

absl::string_view ChangeName(ChangeType type) {
  switch (type) {
    case ChangeType::kCreate:
      return "create";
    case ChangeType::kChange:
      return "change";
    case ChangeType::kDelete:
      return "delete";
    case ChangeType::kLeave:
      break;
  }
  return "leave";
}

size_t Report::Count(ChangeType type) const {
  return static_cast<size_t>(std::count_if(
      changes.begin(), changes.end(), [&](const auto& change) { return change.type == type; }));
}

size_t Report::Count(Check::Result result) const {
  return static_cast<size_t>(std::count_if(
      checks.begin(), checks.end(), [&](const auto& check) { return check.result == result; }));
}

size_t Report::Count(Level level) const {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const auto& finding) { return finding.rule->level == level; }));
}

size_t Report::ChangedUnits() const {
  std::set<std::string> units;
  for (const ObjectChange& change : changes) units.insert(change.unit);
  return units.size();
}

bool Report::Bad() const {
  return Count(Level::kDanger) > 0 || Count(Level::kError) > 0 || Count(Check::Result::kFail) > 0;
}

}  // namespace sluice::plan
