// Functions and their arguments.

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/error.h"
#include "common/gotmpl/evaluator.h"

namespace sluice::gotmpl {
namespace {

// The type of the argument at `index`.
const Type& ParameterAt(const Function& function, size_t index) {
  const size_t last = function.parameters.size() - 1;
  return *function.parameters[std::min(index, last)];
}

}  // namespace

absl::StatusOr<Operand> Evaluator::CallNamed(const Operand& dot, const IdentifierNode& name,
                                             const Node& node, Words arguments,
                                             const Operand& piped) {
  node_ = &name;
  return CallFunction(dot, *name.function, nullptr, node, arguments, piped);
}

absl::Status Evaluator::CheckArgumentCount(const Function& function, size_t words, bool piped) {
  const size_t given = words + (piped ? 1 : 0);
  const size_t wanted = function.parameters.size();
  if (function.variadic) {
    if (given + 1 >= wanted) return absl::OkStatus();
    return Error(absl::StrCat("wrong number of args for ", function.name, ": want at least ",
                              wanted - 1, " got ", words));
  }
  if (given == wanted) return absl::OkStatus();
  return Error(
      absl::StrCat("wrong number of args for ", function.name, ": want ", wanted, " got ", given));
}

absl::StatusOr<Operand> Evaluator::CallFunction(const Operand& dot, const Function& function,
                                                const Value* receiver, const Node& node,
                                                Words arguments, const Operand& piped) {
  RETURN_IF_ERROR(CheckArgumentCount(function, arguments.size(), !piped.absent));
  if (function.evaluation == Evaluation::kAnd || function.evaluation == Evaluation::kOr) {
    return AndOr(dot, function, arguments, piped);
  }
  if (!function.uncallable.empty()) return Error(function.uncallable);
  absl::InlinedVector<Value, 4> values;
  values.reserve(arguments.size() + 2);
  if (receiver != nullptr) values.push_back(*receiver);
  size_t index = 0;
  for (; index < arguments.size(); ++index) {
    absl::StatusOr<Operand> value = Argument(dot, &ParameterAt(function, index), *arguments[index]);
    if (!value.ok()) return value;
    values.push_back(std::move(value->value));
  }
  if (!piped.absent) {
    ASSIGN_OR_RETURN(Operand value, Validate(piped, &ParameterAt(function, index)));
    values.push_back(std::move(value.value));
  }
  absl::StatusOr<Value> result;
  if (function.evaluation == Evaluation::kCall) {
    // Go names what is piped in by its value; its name says as much.
    result = CallValue(arguments.empty() ? "value" : arguments[0]->ToString(), values);
  } else {
    result = Invoke(function, values);
  }
  if (!result.ok()) {
    node_ = &node;
    return Error(absl::StrCat("error calling ", function.name, ": "), result.status());
  }
  return Operand::FromSlot(*std::move(result), *function.result, /*addressable=*/false);
}

absl::StatusOr<Value> Evaluator::Invoke(const Function& function,
                                        std::span<const Value> arguments) {
  // Nearly every function reads its texts through.
  constexpr size_t kBytesPerStep = 64;
  uint64_t steps = 0;
  for (const Value& argument : arguments) {
    if (argument.is_string()) steps += argument.size() / kBytesPerStep;
  }
  if (steps > 0) RETURN_IF_ERROR(session_.ChargeSteps(steps));
  Call call(arguments, session_, &set_);
  absl::StatusOr<Value> result = function.code(call);
  if (result.ok() && result->kind() == Kind::kString) {
    RETURN_IF_ERROR(session_.ChargeFunction(result->size()));
  }
  return result;
}

absl::StatusOr<Operand> Evaluator::AndOr(const Operand& dot, const Function& function,
                                         Words arguments, const Operand& piped) {
  const bool deciding = function.evaluation == Evaluation::kOr;
  Operand value;
  for (const auto& argument : arguments) {
    ASSIGN_OR_RETURN(value, Argument(dot, &types::kAny, *argument));
    if (value.value.IsTrue() == deciding) return value;
  }
  if (!piped.absent) return Validate(piped, &types::kAny);
  return value;
}

absl::StatusOr<Value> Evaluator::CallValue(absl::string_view name,
                                           std::span<const Value> arguments) {
  const Value& callee = arguments[0];
  if (callee.is_untyped_nil()) return absl::InvalidArgumentError("call of nil");
  if (callee.kind() != Kind::kFunc) {
    return absl::InvalidArgumentError(
        absl::StrCat("non-function ", name, " of type ", callee.type_name()));
  }
  if (callee.is_nil()) {
    return absl::InvalidArgumentError(
        "runtime error: invalid memory address or nil pointer "
        "dereference");
  }
  const Function& function = *callee.function();
  const size_t wanted = function.parameters.size();
  const size_t given = arguments.size() - 1;
  if (function.variadic ? given + 1 < wanted : given != wanted) {
    return absl::InvalidArgumentError(absl::StrCat(
        "wrong number of args for ", name, ": got ", given, " want ",
        function.variadic ? "at least " : "", function.variadic ? wanted - 1 : wanted));
  }
  std::vector<Value> values;
  for (size_t i = 0; i < given; ++i) {
    Value value = arguments[i + 1];
    const Type& type = ParameterAt(function, i);
    const std::string prefix = absl::StrCat("arg ", i, ": ");
    if (value.is_untyped_nil()) {
      if (!type.is_nillable()) {
        return Wrap(prefix, absl::InvalidArgumentError(
                                absl::StrCat("value is nil; should be of type ", type.name)));
      }
      value = Value::Zero(type);
    } else if (value.type()->is_integer() && type.is_integer()) {
      const int64_t number = value.type()->is_signed()
                                 ? value.signed_integer()
                                 : static_cast<int64_t>(value.unsigned_integer());
      value = type.is_signed() ? Value::SignedOf(type, number)
                               : Value::UnsignedOf(type, static_cast<uint64_t>(number));
    } else if (!AssignableTo(*value.type(), type)) {
      return Wrap(prefix, absl::InvalidArgumentError(absl::StrCat(
                              "value has type ", value.type_name(), "; should be ", type.name)));
    }
    values.push_back(std::move(value));
  }
  return Invoke(function, values);
}

absl::StatusOr<Operand> Evaluator::Argument(const Operand& dot, const Type* type,
                                            const Node& node) {
  node_ = &node;
  if (const absl::Status status = session_.ChargeStep(); !status.ok()) return Error("", status);
  absl::StatusOr<Operand> value;
  switch (node.kind) {
    case NodeKind::kDot:
      return Validate(dot, type);
    case NodeKind::kNil:
      if (type == nullptr || type->is_nillable()) {
        return Operand{.value = type == nullptr ? Value() : Value::Zero(*type)};
      }
      return Error(absl::StrCat("cannot assign nil to ", type->name));
    case NodeKind::kField:
      value =
          Fields(dot, dot, node, static_cast<const FieldNode&>(node).names, {}, Operand::Absent());
      break;
    case NodeKind::kVariable:
      value = VariableValue(dot, static_cast<const VariableNode&>(node), {}, Operand::Absent());
      break;
    case NodeKind::kPipeline:
      value = Pipeline(dot, static_cast<const PipelineNode&>(node));
      break;
    case NodeKind::kIdentifier:
      value = CallNamed(dot, static_cast<const IdentifierNode&>(node), node, {}, Operand::Absent());
      break;
    case NodeKind::kChain:
      value = Chain(dot, static_cast<const ChainNode&>(node), {}, Operand::Absent());
      break;
    default:
      return type == nullptr ? Literal(node) : LiteralArgument(*type, node);
  }
  if (!value.ok()) return value;
  return Validate(*std::move(value), type);
}

absl::StatusOr<Operand> Evaluator::LiteralArgument(const Type& type, const Node& node) {
  const auto refuse = [&](absl::string_view wanted) {
    return Error(absl::StrCat("expected ", wanted, "; found ", node.ToString()));
  };
  const Number number =
      node.kind == NodeKind::kNumber ? static_cast<const NumberNode&>(node).number : Number();
  switch (type.kind) {
    case Kind::kInterface:
      return Literal(node);
    case Kind::kBool:
      if (node.kind != NodeKind::kBool) return refuse("bool");
      return Operand{.value = static_cast<const BoolNode&>(node).constant.As(type)};
    case Kind::kString:
      if (node.kind != NodeKind::kString) return refuse("string");
      return Operand{.value = static_cast<const StringNode&>(node).constant.As(type)};
    case Kind::kComplex128:
      if (!number.complex) return refuse("complex");
      return Operand{.value = Value::Complex(*number.complex)};
    default:
      break;
  }
  if (type.is_signed()) {
    if (!number.integer) return refuse("integer");
    return Operand{.value = Value::SignedOf(type, *number.integer)};
  }
  if (type.is_unsigned()) {
    if (!number.unsigned_integer) return refuse("unsigned integer");
    return Operand{.value = Value::UnsignedOf(type, *number.unsigned_integer)};
  }
  if (type.is_float()) {
    if (!number.floating) return refuse("float");
    return Operand{.value = Value::FloatOf(type, *number.floating)};
  }
  return Error(absl::StrCat("can't handle ", node.ToString(), " for arg of type ", type.name));
}

absl::StatusOr<Operand> Evaluator::Validate(Operand operand, const Type* type) {
  if (type == nullptr) return operand;
  if (type->kind == Kind::kInterface) {
    const bool boxed_nil = operand.boxed && operand.value.is_untyped_nil();
    if (type == &types::kRaw && boxed_nil) return Operand{.value = Value::NilOf(types::kAny)};
    return operand;
  }
  if (operand.is_invalid()) {
    if (type->is_nillable()) return Operand{.value = Value::Zero(*type)};
    return Error(absl::StrCat("invalid value; expected ", type->name));
  }
  const absl::string_view got = operand.static_type();
  if (operand.value.is_untyped_nil()) {
    return Error(absl::StrCat("wrong type for value; expected ", type->name, "; got ", got));
  }
  const Type& from = *operand.value.type();
  if (AssignableTo(from, *type)) {
    operand.value = operand.value.As(*type);
    operand.boxed = false;
    return operand;
  }
  if (from.kind == Kind::kPointer && from.elem == type) {
    if (operand.value.is_nil()) {
      return Error(absl::StrCat("dereference of nil pointer of type ", type->name));
    }
    return Operand{.value = operand.value.Pointee()};
  }
  if (operand.addressable && from.pointer == type) {
    return Operand{.value = operand.value.As(*type)};
  }
  return Error(absl::StrCat("wrong type for value; expected ", type->name, "; got ", from.name));
}

}  // namespace sluice::gotmpl
