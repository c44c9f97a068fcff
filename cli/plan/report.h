// Report: what `sluice plan` and `sluice test` found, before it is written in some form.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/plan/field_diff.h"
#include "cli/plan/finding.h"
#include "common/ssa/object_id.h"

namespace sluice::plan {

enum class ChangeType : uint8_t { kCreate, kChange, kDelete, kLeave };

// "create", "change", "delete"; "leave" for what is no longer applied but stays in the cluster.
absl::string_view ChangeName(ChangeType type);

struct ObjectChange {
  ChangeType type = ChangeType::kChange;
  ssa::ObjectId id;
  std::string unit;                 // that applies it; of what goes the one that did
  std::string moved_from;           // the unit that applied it before, if that was another
  bool suspended = false;           // the unit is: nothing happens until it is resumed
  std::vector<FieldChange> fields;  // kChange; values of Secrets are masked
};

// What becomes of one object in a test.
struct Check {
  enum class Result : uint8_t { kPass, kFail, kSkip };
  Result result = Result::kPass;
  std::string unit;
  std::string object;  // "Deployment/web/api"; "" is the unit itself
  std::string path;
  std::string rule;  // of kFail and kSkip
  std::string reason;
};

struct Report {
  std::string from;  // "" for a test
  std::string to;
  size_t units = 0;
  size_t objects = 0;
  std::vector<ObjectChange> changes;  // by unit, in the order units are rendered
  std::vector<Finding> findings;      // the worst first
  std::vector<Check> checks;          // of a test
  // What the report was made of. Freeing it takes a tenth of the time that a plan does, so a
  // program that ends next keeps it.
  std::shared_ptr<const void> basis;

  bool is_test() const { return from.empty(); }
  size_t Count(ChangeType type) const;
  size_t Count(Check::Result result) const;
  size_t Count(Level level) const;
  // Units that something changes in.
  size_t ChangedUnits() const;
  // Whether there is a danger, an error or a failed check.
  bool Bad() const;
};

}  // namespace sluice::plan
