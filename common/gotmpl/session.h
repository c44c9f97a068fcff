// What one rendering may use, and what it has used: the budgets that end a hostile template.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/gotmpl/environment.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

// Each counts over a whole session, but for the depths. The defaults are far above what charts in
// use need (the largest known takes 3 million steps) and end a loop of nothing within seconds.
struct Limits {
  uint64_t steps = 100'000'000;            // statements, commands and arguments evaluated
  uint64_t iterations = 10'000'000;        // rounds of range
  uint64_t output_bytes = 256ULL << 20;    // written by templates, included ones too
  uint64_t function_bytes = 512ULL << 20;  // of strings that functions return
  uint64_t elements = 20'000'000;          // of lists that functions make; a dict's member is four
  size_t template_depth = 100'000;         // nested {{template}}, as in Go; takes no call stack
  size_t execution_depth = 1'100;          // executions started by functions of a running template
  size_t stack_bytes = 6 << 20;  // of the call stack, which a thread has 8 MiB of by default
  size_t value_depth = 1'000;    // how deep a value that is printed or converted may nest
};

// What a member of a map counts for in Limits::elements.
inline constexpr uint64_t kElementsPerMember = 4;

// One rendering: all templates of a chart, say. Outlives every value that the templates made. Not
// thread-safe.
class Session {
 public:
  // `environment` outlives the session; without one, functions that need it fail.
  explicit Session(const Limits& limits = {}, Environment* environment = nullptr)
      : limits_(limits), environment_(environment) {}
  // Empties the maps that were changed, as these may contain themselves.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Limits& limits() const { return limits_; }
  // May be null.
  Environment* environment() { return environment_; }

  // kResourceExhausted, naming the limit, when it would be passed. A function that builds something
  // large charges before it does.
  absl::Status ChargeStep() { return ++steps_ > limits_.steps ? OutOfSteps() : absl::OkStatus(); }
  // For a function that takes long: about as much as so many steps.
  absl::Status ChargeSteps(uint64_t count);
  absl::Status ChargeIteration();
  absl::Status ChargeOutput(size_t bytes);
  absl::Status ChargeFunction(size_t bytes);
  absl::Status ChargeElements(uint64_t count);
  // Whether so much is left. For strings that a function returns: these are charged when it does.
  absl::Status CheckFunction(size_t bytes) const;
  uint64_t function_bytes_left() const { return limits_.function_bytes - function_bytes_; }
  uint64_t steps() const { return steps_; }

  // Whether nested executions and expressions leave the call stack room for more.
  absl::Status CheckStack() const;

  // An execution within another begins; LeaveExecution() ends it if this was ok.
  absl::Status EnterExecution();
  void LeaveExecution() { --executions_; }

  // `map` is about to be changed by a function.
  void WillChange(const std::shared_ptr<Map>& map) { changed_.push_back(map); }

 private:
  absl::Status OutOfSteps() const;

  const Limits limits_;
  Environment* const environment_;
  uint64_t steps_ = 0;
  uint64_t iterations_ = 0;
  uint64_t output_bytes_ = 0;
  uint64_t function_bytes_ = 0;
  uint64_t elements_ = 0;
  size_t executions_ = 0;
  uintptr_t stack_base_ = 0;  // where the outermost execution began
  std::vector<std::weak_ptr<Map>> changed_;
};

}  // namespace sluice::gotmpl
