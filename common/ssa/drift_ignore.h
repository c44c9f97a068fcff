// spec.ignore: fields of live objects that others may set (spec/kustomize.md §4.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kube/label_selector.h"
#include "common/text/regexp.h"
#include "common/value/value.h"

namespace sluice::ssa {

// Immutable.
class DriftIgnore {
 public:
  // `rules` is the field: a list of {paths, target}. kInvalidArgument names the expression or
  // selector at fault.
  static absl::StatusOr<DriftIgnore> Compile(const Value& rules);

  // The JSON pointers to ignore in `object`.
  std::vector<std::string> PathsFor(const Value& object) const;

 private:
  struct Rule {
    std::vector<std::string> paths;
    // Those that are set must match as a whole.
    std::optional<text::Regexp> group, version, kind, name, ns;
    kube::LabelSelector labels, annotations;

    bool Selects(const Value& object) const;
  };

  std::vector<Rule> rules_;
};

// `object` without what is at `paths`.
Value WithoutPaths(Value object, const std::vector<std::string>& paths);

// What to apply in place of `desired` so that the fields at `paths` stay as they are in `live`:
// each that differs between `live` and `dry_run` is left out if another manager applied it, and has
// the live value otherwise.
Value KeepingLive(Value desired, const Value& live, const Value& dry_run,
                  const std::vector<std::string>& paths, absl::string_view own_manager);

}  // namespace sluice::ssa
