// Functions that templates call: one record each, and the table of those that a template may name.
//
//   const Function kUpper{.name = "upper",
//                         .parameters = {&types::kString},
//                         .result = &types::kString,
//                         .doc = "The text in upper case.",
//                         .code = [](Call& call) -> absl::StatusOr<Value> {
//                           return Value::String(text::ToUpper(call.text(0)));
//                         }};

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

class TemplateSet;

// One call of a function. The arguments have the types of the parameters, in their number.
class Call {
 public:
  Call(std::span<const Value> arguments, Session& session, const TemplateSet* templates)
      : arguments_(arguments), session_(session), templates_(templates) {}

  std::span<const Value> arguments() const { return arguments_; }
  size_t size() const { return arguments_.size(); }
  const Value& operator[](size_t index) const { return arguments_[index]; }
  // The argument of a string parameter.
  absl::string_view text(size_t index) const { return arguments_[index].text(); }
  // The argument of a signed integer parameter.
  int64_t integer(size_t index) const { return arguments_[index].signed_integer(); }

  Session& session() { return session_; }
  // The set of the running template; null outside of one.
  const TemplateSet* templates() const { return templates_; }

 private:
  std::span<const Value> arguments_;
  Session& session_;
  const TemplateSet* templates_;
};

// How a call's arguments are evaluated.
enum class Evaluation : uint8_t {
  kAll,   // all, before the call
  kAnd,   // up to the first that is false: that is the result
  kOr,    // up to the first that is true
  kCall,  // all; the first is the function to call
};

struct Function {
  absl::string_view name;
  // The last one repeats, also not at all, if the function is variadic.
  std::vector<const Type*> parameters = {};
  bool variadic = false;
  // What the function is declared to return; kAny for anything.
  const Type* result = &types::kAny;
  // A sentence for the manual.
  absl::string_view doc = {};
  // The error's message is the whole text of the Go error (or panic); its causes are kept.
  std::function<absl::StatusOr<Value>(Call&)> code;
  // Other than kAll of the built-ins only, which then need no code.
  Evaluation evaluation = Evaluation::kAll;
  // Of a method of Go's that no template can call, for what it returns: what Go says. No code then.
  absl::string_view uncallable = {};
};

// The functions that a set of templates may name. Names are unique: adding one again replaces it,
// as sprig's `slice` does the built-in. Parsed templates refer to the functions they name, which
// must not be removed afterwards.
class FunctionTable {
 public:
  // With the built-ins of text/template.
  FunctionTable();

  void Add(Function function);
  void Add(std::span<const Function> functions);
  void Remove(absl::string_view name) { functions_.erase(std::string(name)); }
  // Null if there is none.
  const Function* Find(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // By name.
  const std::map<std::string, Function, std::less<>>& functions() const { return functions_; }

 private:
  std::map<std::string, Function, std::less<>> functions_;
};

}  // namespace sluice::gotmpl
