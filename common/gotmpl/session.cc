// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/session.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::gotmpl {
namespace {

absl::Status Exhausted(uint64_t limit, absl::string_view what) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the templates exceed the limit of ", limit, " ", what));
}

constexpr absl::string_view kFunctionBytes = "bytes of text returned by functions";

absl::Status Charge(uint64_t amount, uint64_t limit, absl::string_view what, uint64_t& used) {
  if (used > limit || amount > limit - used) return Exhausted(limit, what);
  used += amount;
  return absl::OkStatus();
}

}  // namespace

Session::~Session() {
  // Moved out first: what a map holds may be the last reference to another changed one.
  std::vector<Map> contents;
  for (const std::weak_ptr<Map>& changed : changed_) {
    if (const std::shared_ptr<Map> map = changed.lock())
      contents.push_back(std::exchange(*map, {}));
  }
}

absl::Status Session::OutOfSteps() const { return Exhausted(limits_.steps, "evaluation steps"); }

absl::Status Session::ChargeSteps(uint64_t count) {
  return Charge(count, limits_.steps, "evaluation steps", steps_);
}

absl::Status Session::ChargeIteration() {
  return Charge(1, limits_.iterations, "iterations of range", iterations_);
}

absl::Status Session::ChargeOutput(size_t bytes) {
  return Charge(bytes, limits_.output_bytes, "bytes of output", output_bytes_);
}

absl::Status Session::ChargeFunction(size_t bytes) {
  return Charge(bytes, limits_.function_bytes, kFunctionBytes, function_bytes_);
}

absl::Status Session::CheckFunction(size_t bytes) const {
  if (bytes > function_bytes_left()) return Exhausted(limits_.function_bytes, kFunctionBytes);
  return absl::OkStatus();
}

absl::Status Session::ChargeElements(uint64_t count) {
  return Charge(count, limits_.elements, "elements of lists made by functions", elements_);
}

absl::Status Session::CheckStack() const {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const size_t used = stack_base_ > here ? stack_base_ - here : here - stack_base_;
  if (used > limits_.stack_bytes) return Exhausted(limits_.stack_bytes, "bytes of call stack");
  return absl::OkStatus();
}

absl::Status Session::EnterExecution() {
  if (executions_ == 0) stack_base_ = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (executions_ >= limits_.execution_depth) {
    return Exhausted(limits_.execution_depth, "nested executions");
  }
  ++executions_;
  return absl::OkStatus();
}

}  // namespace sluice::gotmpl
