// SPDX-License-Identifier: Apache-2.0
#include "common/cel/program.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "common/base/status_macros.h"
#include "common/cel/arena.h"
#include "common/cel/checker.h"
#include "common/cel/parser.h"
#include "common/cel/planner.h"
#include "common/cel/print.h"
#include "common/cel/step.h"
#include "common/cel/value.h"

namespace sluice::cel {
namespace {

// Nothing in an expression of limited length makes more constants than this.
constexpr size_t kMaxConstantBytes = size_t{16} << 20;

absl::StatusOr<value::Value> ToDocument(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kNull:
      return value::Value();
    case Kind::kBool:
      return value::Value(value.boolean());
    case Kind::kInt:
      return value::Value(value.integer());
    case Kind::kUint:
      return value::Value(value.unsigned_integer());
    case Kind::kDouble:
      return value::Value(value.floating());
    case Kind::kBytes:
      return value::Value(absl::Base64Escape(value.text()));
    case Kind::kDuration:
      return value::Value(FormatSeconds(value.integer()));
    case Kind::kUntyped:
      return value.document();
    case Kind::kOptional:
      if (value.optional() == nullptr) return value::Value();
      return ToDocument(*value.optional(), arena);
    case Kind::kList: {
      value::Value::Array items;
      for (size_t i = 0; i < Size(value); ++i) {
        ASSIGN_OR_RETURN(value::Value item, ToDocument(ElementAt(value, i, arena), arena));
        items.push_back(std::move(item));
      }
      return value::Value(std::move(items));
    }
    case Kind::kMap: {
      value::Value::Object members;
      for (size_t i = 0; i < KeyCount(value); ++i) {
        ASSIGN_OR_RETURN(value::Value member, ToDocument(ValueAt(value, i, arena), arena));
        members.push_back({Print(KeyAt(value, i, arena)), std::move(member)});
      }
      return value::Value::FromMembers(std::move(members));
    }
    case Kind::kError:
      return absl::InvalidArgumentError(value.text());
    default:
      return value::Value(Print(value));
  }
}

}  // namespace

struct Program::State {
  std::string text;
  // Keeps alive what types and plan refer to.
  std::vector<SchemaPtr> schemas;
  Arena constants{kMaxConstantBytes};
  TypePtr type;
  Plan plan;
};

Program::Program(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Program::~Program() = default;

absl::StatusOr<std::shared_ptr<const Program>> Program::Parse(absl::string_view text,
                                                              const Features& features) {
  return Make(text, nullptr, features);
}

absl::StatusOr<std::shared_ptr<const Program>> Program::Compile(
    absl::string_view text, const std::vector<Variable>& variables, const Features& features) {
  return Make(text, &variables, features);
}

absl::StatusOr<std::shared_ptr<const Program>> Program::Make(absl::string_view text,
                                                             const std::vector<Variable>* variables,
                                                             const Features& features) {
  auto state = std::make_unique<State>();
  state->text = std::string(text);
  ASSIGN_OR_RETURN(const std::unique_ptr<Ast> ast, cel::Parse(text, features));
  if (variables != nullptr) {
    std::vector<Declaration> declarations;
    for (const Variable& variable : *variables) {
      TypePtr type = SimpleType(Type::Kind::kDyn);
      if (variable.schema != nullptr) {
        state->schemas.push_back(variable.schema);
        if (variable.schema->exposed) type = variable.schema->type;
      }
      declarations.push_back({variable.name, variable.optional ? OptionalOf(type) : type});
    }
    RETURN_IF_ERROR(Check(text, declarations, features, *ast));
    state->type = ast->root()->type;
  }
  ASSIGN_OR_RETURN(state->plan,
                   MakePlan(*ast->root(), features, variables != nullptr, state->constants));
  return std::shared_ptr<const Program>(new Program(std::move(state)));
}

Outcome Program::Evaluate(const Bindings& bindings, const Limits& limits) const {
  Arena arena(limits.memory);
  absl::InlinedVector<Value, 8> locals(state_->plan.locals);
  Frame frame{arena, bindings, {locals.data(), locals.size()}, limits.cost, limits.iterations};
  const Value value = state_->plan.root->Evaluate(frame);
  return {ToDocument(value, arena), frame.cost};
}

absl::StatusOr<std::string> Program::EvaluateToText(const Bindings& bindings, const Limits& limits,
                                                    uint64_t* cost) const {
  Arena arena(limits.memory);
  absl::InlinedVector<Value, 8> locals(state_->plan.locals);
  Frame frame{arena, bindings, {locals.data(), locals.size()}, limits.cost, limits.iterations};
  const Value value = state_->plan.root->Evaluate(frame);
  if (cost != nullptr) *cost = frame.cost;
  if (value.is_error()) return absl::InvalidArgumentError(value.text());
  return Describe(value, arena);
}

const TypePtr& Program::type() const { return state_->type; }
const std::set<std::string>& Program::variables() const { return state_->plan.globals; }
const std::string& Program::text() const { return state_->text; }

}  // namespace sluice::cel
