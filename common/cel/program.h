// Expressions of the Common Expression Language, as cel-go 0.26 implements it: compiled once,
// evaluated many times.
//
//   const auto program = Program::Parse("status.ready && status.replicas > 1", Features::Flux());
//   Bindings bindings;
//   bindings.BindMembers(object);
//   const Outcome outcome = (*program)->Evaluate(bindings);
//   if (outcome.value.ok() && outcome.value->bool_or(false)) ...
//
// Rules of CustomResourceDefinitions, with a schema: rule.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cel/bindings.h"
#include "common/cel/features.h"
#include "common/cel/schema.h"
#include "common/cel/type.h"
#include "common/value/value.h"

namespace sluice::cel {

// A variable that a checked expression may name.
struct Variable {
  std::string name;
  SchemaPtr schema;       // null: any value
  bool optional = false;  // optional_type of it
};

// What one evaluation may use.
struct Limits {
  // Kubernetes' cost units; 1,000,000 for one of its expressions. More ends the evaluation with
  // "operation cancelled: actual cost limit exceeded".
  uint64_t cost = ~uint64_t{0};
  // Turns of loops, all together.
  uint64_t iterations = 1'000'000;
  // Bytes of what is computed.
  size_t memory = size_t{64} << 20;
};

struct Outcome {
  // The result: lists, maps and scalars as they are; bytes in base64, points in time as RFC 3339,
  // durations in seconds ("90s"), types by name, an optional as its value or null, other values as
  // their library prints them. Or kInvalidArgument with cel-go's message.
  absl::StatusOr<value::Value> value;
  uint64_t cost = 0;
};

// Immutable, so safe to evaluate from several threads.
class Program {
 public:
  // Only syntax is checked; names and types are looked at when they are evaluated.
  static absl::StatusOr<std::shared_ptr<const Program>> Parse(absl::string_view text,
                                                              const Features& features);
  // Types are checked as well: the expression may name `variables` only.
  static absl::StatusOr<std::shared_ptr<const Program>> Compile(
      absl::string_view text, const std::vector<Variable>& variables, const Features& features);
  ~Program();

  Outcome Evaluate(const Bindings& bindings, const Limits& limits = {}) const;

  // For tests: the result with its type visible (Describe in print.h).
  absl::StatusOr<std::string> EvaluateToText(const Bindings& bindings, const Limits& limits = {},
                                             uint64_t* cost = nullptr) const;

  // The type that the checker found; null if it did not run.
  const TypePtr& type() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The variables that the expression names.
  const std::set<std::string>& variables() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  const std::string& text() const ABSL_ATTRIBUTE_LIFETIME_BOUND;

 private:
  struct State;
  explicit Program(std::unique_ptr<const State> state);

  static absl::StatusOr<std::shared_ptr<const Program>> Make(absl::string_view text,
                                                             const std::vector<Variable>* variables,
                                                             const Features& features);

  std::unique_ptr<const State> state_;
};

}  // namespace sluice::cel
