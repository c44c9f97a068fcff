// One execution of a template. Use TemplateSet::Execute.
//
// Statements run on a stack of frames of our own, so that templates may call each other as deeply
// as in Go (100,000 levels) on an ordinary call stack; expressions are evaluated by recursion,
// whose depth the parser bounds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/ast.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/template_set.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

// A value and where it came from, which messages and methods depend on.
struct Operand {
  Value value;
  // Read from a slot of type interface {}: its static type is that, and it may be a nil of it.
  // Without this, the untyped nil is no value at all, which is printed as <no value>.
  bool boxed = false;
  // A field of what a pointer points to: has the pointer's methods too.
  bool addressable = false;
  // There is nothing to pipe into a command.
  bool absent = false;

  static Operand Absent() { return {.value = {}, .absent = true}; }
  static Operand FromSlot(Value value, const Type& slot, bool addressable) {
    const bool boxed = slot.kind == Kind::kInterface;
    return {.value = std::move(value), .boxed = boxed, .addressable = addressable && !boxed};
  }

  bool is_invalid() const { return !boxed && value.is_untyped_nil(); }
  absl::string_view static_type() const { return boxed ? types::kAny.name : value.type_name(); }
  // Out of its slot.
  void Unbox() {
    if (boxed) addressable = false;
    boxed = false;
  }
  // Follows pointers, too. False at a nil one, where it stops, and at a nil in a slot.
  bool Indirect();
};

class Evaluator {
 public:
  Evaluator(const TemplateSet& set, Session& session, std::string& out)
      : set_(set), session_(session), out_(out) {}

  absl::Status Run(const Template& start, const Value& data);

 private:
  using Words = std::span<const std::unique_ptr<Node>>;

  // The rounds of a range.
  struct Iteration {
    const PipelineNode* pipeline;
    Operand over;
    size_t variables;  // to keep between rounds
    uint64_t next = 0;
    uint64_t end = 0;
    // Of a map: what the rounds add to it is not seen.
    std::vector<std::pair<std::string, Value>> members = {};
  };
  // A list of statements being run. Leaving it drops the variables declared in it.
  struct Frame {
    const NodeList* list;
    size_t next;  // statement
    Operand dot;
    size_t variables;                                // to keep on leaving
    std::unique_ptr<Iteration> iteration = nullptr;  // of range: run the list again
    const Template* caller = nullptr;                // of {{template}}: go back to it
    size_t caller_base = 0;
  };
  struct Variable {
    absl::string_view name;
    Operand value;
  };

  // evaluator.cc: statements.
  absl::Status RunFrames();
  absl::Status RunStatement(const Node& node);
  absl::Status RunBranch(const BranchNode& branch);
  absl::Status RunRange(const BranchNode& branch);
  absl::Status RunTemplate(const TemplateNode& call);
  // Starts the next round; false if there is none.
  absl::StatusOr<bool> NextRound(Frame& frame);
  absl::StatusOr<std::unique_ptr<Iteration>> Iterate(const BranchNode& branch, Operand over);
  void LeaveFrame();
  absl::Status Print(const Node& action, Operand operand);
  absl::Status Write(absl::string_view text);

  // evaluator_expression.cc: pipelines, fields and variables.
  absl::StatusOr<Operand> Pipeline(const Operand& dot, const PipelineNode& pipeline);
  absl::StatusOr<Operand> RunCommand(const Operand& dot, const Command& command,
                                     const Operand& piped);
  absl::StatusOr<Operand> Literal(const Node& node);
  absl::StatusOr<Operand> Chain(const Operand& dot, const ChainNode& chain, Words arguments,
                                const Operand& piped);
  absl::StatusOr<Operand> VariableValue(const Operand& dot, const VariableNode& node,
                                        Words arguments, const Operand& piped);
  // The fields `names` one after the other; the arguments are for the last.
  absl::StatusOr<Operand> Fields(const Operand& dot, Operand receiver, const Node& node,
                                 std::span<const std::string> names, Words arguments,
                                 const Operand& piped);
  absl::StatusOr<Operand> Field(const Operand& dot, Operand receiver, const Node& node,
                                absl::string_view name, Words arguments, const Operand& piped);
  absl::Status CheckNoArguments(const Node& first, Words arguments, const Operand& piped);
  // Null if there is no variable of the name.
  Variable* FindVariable(absl::string_view name);
  absl::Status Assign(absl::string_view name, Operand value);
  void Declare(absl::string_view name, Operand value) {
    variables_.push_back({name, std::move(value)});
  }

  // evaluator_call.cc: functions and their arguments.
  absl::StatusOr<Operand> CallNamed(const Operand& dot, const IdentifierNode& name,
                                    const Node& node, Words arguments, const Operand& piped);
  // `receiver` is null for what is no method.
  absl::StatusOr<Operand> CallFunction(const Operand& dot, const Function& function,
                                       const Value* receiver, const Node& node, Words arguments,
                                       const Operand& piped);
  absl::Status CheckArgumentCount(const Function& function, size_t words, bool piped);
  absl::StatusOr<Operand> AndOr(const Operand& dot, const Function& function, Words arguments,
                                const Operand& piped);
  absl::StatusOr<Value> CallValue(absl::string_view name, std::span<const Value> arguments);
  absl::StatusOr<Value> Invoke(const Function& function, std::span<const Value> arguments);
  // The operand `node` for a parameter of the type; of any type if it is null.
  absl::StatusOr<Operand> Argument(const Operand& dot, const Type* type, const Node& node);
  absl::StatusOr<Operand> LiteralArgument(const Type& type, const Node& node);
  absl::StatusOr<Operand> Validate(Operand operand, const Type* type);

  // An error at the current node.
  absl::Status Error(absl::string_view message) const;
  // The same for what a function or a budget returned.
  absl::Status Error(absl::string_view prefix, const absl::Status& cause) const;
  std::string ErrorPrefix() const;

  const TemplateSet& set_;
  Session& session_;
  std::string& out_;
  const Template* template_ = nullptr;  // the running one
  const Node* node_ = nullptr;          // that errors name
  std::vector<Frame> frames_;
  size_t calls_ = 0;  // {{template}}s among the frames
  std::vector<Variable> variables_;
  size_t base_ = 0;  // of the running template's variables
};

}  // namespace sluice::gotmpl
