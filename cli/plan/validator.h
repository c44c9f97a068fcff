// Validator: what the API server would say to an object, by the rules of the development API
// server: decoding, defaults, schema, CEL, and on updates what may not change.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/plan/cluster_plan.h"
#include "common/value/value.h"

namespace sluice::plan {

struct Verdict {
  bool known = true;                        // there is a definition of the kind
  std::vector<std::string> errors;          // "spec.replicas: Invalid value: …"
  std::vector<std::string> unknown_fields;  // "spec.foo"
};

// Knows built-in kinds, the definitions of a plan, and, where that has none, Flux's kinds as Sluice
// defines them. Not thread-safe.
class Validator {
 public:
  // `plan` must outlive it.
  explicit Validator(const ClusterPlan& plan);
  ~Validator();

  Verdict CheckCreate(const Value& object);
  // What an update of `old`, as it would be stored, to `object` may not do; no error of what
  // CheckCreate() says as well.
  Verdict CheckUpdate(const Value& object, const Value& old);

 private:
  struct Engine;
  // Serves the kinds of `group` that definitions are at hand for.
  void Define(const std::string& group);

  const ClusterPlan& plan_;
  std::unique_ptr<Engine> engine_;
  std::set<std::string> defined_;  // groups
};

}  // namespace sluice::plan
