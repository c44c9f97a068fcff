// Pipelines, fields and variables.

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/evaluator.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {

absl::StatusOr<Operand> Evaluator::Pipeline(const Operand& dot, const PipelineNode& pipeline) {
  node_ = &pipeline;
  if (const absl::Status status = session_.CheckStack(); !status.ok()) return Error("", status);
  Operand value = Operand::Absent();
  for (const auto& command : pipeline.commands) {
    absl::StatusOr<Operand> result = RunCommand(dot, *command, value);
    if (!result.ok()) return result;
    value = *std::move(result);
    value.Unbox();
  }
  for (const std::string& name : pipeline.variables) {
    if (pipeline.assigns) {
      RETURN_IF_ERROR(Assign(name, value));
    } else {
      Declare(name, value);
    }
  }
  return value;
}

absl::StatusOr<Operand> Evaluator::RunCommand(const Operand& dot, const Command& command,
                                              const Operand& piped) {
  if (const absl::Status status = session_.ChargeStep(); !status.ok()) return Error("", status);
  const Node& first = *command.words[0];
  const Words arguments = Words(command.words).subspan(1);
  switch (first.kind) {
    case NodeKind::kField:
      node_ = &first;
      return Fields(dot, dot, first, static_cast<const FieldNode&>(first).names, arguments, piped);
    case NodeKind::kChain:
      return Chain(dot, static_cast<const ChainNode&>(first), arguments, piped);
    case NodeKind::kIdentifier:
      return CallNamed(dot, static_cast<const IdentifierNode&>(first), command, arguments, piped);
    case NodeKind::kPipeline:
      RETURN_IF_ERROR(CheckNoArguments(first, arguments, piped));
      return Pipeline(dot, static_cast<const PipelineNode&>(first));
    case NodeKind::kVariable:
      return VariableValue(dot, static_cast<const VariableNode&>(first), arguments, piped);
    default:
      break;
  }
  node_ = &first;
  RETURN_IF_ERROR(CheckNoArguments(first, arguments, piped));
  if (first.kind == NodeKind::kDot) return dot;
  if (first.kind == NodeKind::kNil) return Error("nil is not a command");
  return Literal(first);
}

absl::Status Evaluator::CheckNoArguments(const Node& first, Words arguments, const Operand& piped) {
  if (arguments.empty() && piped.absent) return absl::OkStatus();
  return Error(absl::StrCat("can't give argument to non-function ", first.ToString()));
}

absl::StatusOr<Operand> Evaluator::Literal(const Node& node) {
  node_ = &node;
  if (node.kind == NodeKind::kBool) {
    return Operand{.value = static_cast<const BoolNode&>(node).constant};
  }
  if (node.kind == NodeKind::kString) {
    return Operand{.value = static_cast<const StringNode&>(node).constant};
  }
  const auto& number = static_cast<const NumberNode&>(node);
  if (!number.constant) return Error(absl::StrCat(number.text, " overflows int"));
  return Operand{.value = *number.constant};
}

Evaluator::Variable* Evaluator::FindVariable(absl::string_view name) {
  for (size_t i = variables_.size(); i-- > base_;) {
    if (variables_[i].name == name) return &variables_[i];
  }
  return nullptr;
}

absl::Status Evaluator::Assign(absl::string_view name, Operand value) {
  Variable* const variable = FindVariable(name);
  if (variable == nullptr) return Error(absl::StrCat("undefined variable: ", name));
  variable->value = std::move(value);
  return absl::OkStatus();
}

absl::StatusOr<Operand> Evaluator::VariableValue(const Operand& dot, const VariableNode& node,
                                                 Words arguments, const Operand& piped) {
  node_ = &node;
  const Variable* const variable = FindVariable(node.names[0]);
  if (variable == nullptr) return Error(absl::StrCat("undefined variable: ", node.names[0]));
  if (node.names.size() == 1) {
    RETURN_IF_ERROR(CheckNoArguments(node, arguments, piped));
    return variable->value;
  }
  return Fields(dot, variable->value, node, std::span(node.names).subspan(1), arguments, piped);
}

absl::StatusOr<Operand> Evaluator::Chain(const Operand& dot, const ChainNode& chain,
                                         Words arguments, const Operand& piped) {
  node_ = &chain;
  ASSIGN_OR_RETURN(Operand receiver, Argument(dot, nullptr, *chain.operand));
  return Fields(dot, std::move(receiver), chain, chain.names, arguments, piped);
}

absl::StatusOr<Operand> Evaluator::Fields(const Operand& dot, Operand receiver, const Node& node,
                                          std::span<const std::string> names, Words arguments,
                                          const Operand& piped) {
  for (const std::string& name : names.first(names.size() - 1)) {
    absl::StatusOr<Operand> next =
        Field(dot, std::move(receiver), node, name, {}, Operand::Absent());
    if (!next.ok()) return next;
    receiver = *std::move(next);
  }
  return Field(dot, std::move(receiver), node, names.back(), arguments, piped);
}

absl::StatusOr<Operand> Evaluator::Field(const Operand& dot, Operand receiver, const Node& node,
                                         absl::string_view name, Words arguments,
                                         const Operand& piped) {
  if (receiver.is_invalid()) {
    if (set_.missing_key() != MissingKey::kError) return Operand();
    return Error(absl::StrCat("nil data; no entry for key ", text::Quote(name)));
  }
  const absl::string_view type_name = receiver.static_type();
  const bool found = receiver.Indirect();
  if (receiver.is_invalid()) {
    return Error(absl::StrCat("nil pointer evaluating ", type_name, ".", name));
  }
  const Type& type = *receiver.value.type();
  const bool by_pointer = receiver.addressable && type.pointer != nullptr;
  const Type& methods = by_pointer ? *type.pointer : type;
  if (const Function* method = methods.FindMethod(name)) {
    const Value self = receiver.value.As(methods);
    return CallFunction(dot, *method, &self, node, arguments, piped);
  }
  const bool has_arguments = !arguments.empty() || !piped.absent;
  if (type.kind == Kind::kStruct) {
    if (const int index = type.FindField(name); index >= 0) {
      if (!absl::ascii_isupper(static_cast<unsigned char>(name[0]))) {
        return Error(absl::StrCat(name, " is an unexported field of struct type ", type_name));
      }
      if (has_arguments) {
        return Error(absl::StrCat(name, " has arguments but cannot be invoked as function"));
      }
      const auto at = static_cast<size_t>(index);
      return Operand::FromSlot(receiver.value.field(at), *type.fields[at].type,
                               receiver.addressable);
    }
  } else if (type.kind == Kind::kMap) {
    if (has_arguments) return Error(absl::StrCat(name, " is not a method but has arguments"));
    if (const Value* member = receiver.value.Find(name)) {
      return Operand::FromSlot(*member, *type.elem, /*addressable=*/false);
    }
    switch (set_.missing_key()) {
      case MissingKey::kInvalid:
        return Operand();
      case MissingKey::kZero:
        return Operand::FromSlot(Value::Zero(*type.elem), *type.elem, /*addressable=*/false);
      case MissingKey::kError:
        return Error(absl::StrCat("map has no entry for key ", text::Quote(name)));
    }
  } else if (type.kind == Kind::kPointer && !found) {
    if (type.elem->kind != Kind::kStruct || type.elem->FindField(name) >= 0) {
      return Error(absl::StrCat("nil pointer evaluating ", type_name, ".", name));
    }
  }
  return Error(absl::StrCat("can't evaluate field ", name, " in type ", type_name));
}

}  // namespace sluice::gotmpl
