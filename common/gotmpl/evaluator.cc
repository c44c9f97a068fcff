// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/evaluator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/error.h"
#include "common/gotmpl/format.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {

bool Operand::Indirect() {
  Unbox();
  while (value.kind() == Kind::kPointer) {
    if (value.is_nil()) return false;
    value = value.Pointee();
    addressable = true;
  }
  return !value.is_untyped_nil();
}

std::string Evaluator::ErrorPrefix() const {
  return absl::StrCat("template: ", template_->Locate(node_->position), ": executing ",
                      text::Quote(template_->name), " at <", node_->ToString(), ">: ");
}

absl::Status Evaluator::Error(absl::string_view message) const {
  return absl::InvalidArgumentError(absl::StrCat(ErrorPrefix(), message));
}

absl::Status Evaluator::Error(absl::string_view prefix, const absl::Status& cause) const {
  return Wrap(absl::StrCat(ErrorPrefix(), prefix), cause);
}

absl::Status Evaluator::Run(const Template& start, const Value& data) {
  template_ = &start;
  frames_.push_back({.list = &start.body, .next = 0, .dot = {.value = data}, .variables = 0});
  Declare("$", {.value = data});
  return RunFrames();
}

absl::Status Evaluator::RunFrames() {
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.next < frame.list->nodes.size()) {
      RETURN_IF_ERROR(RunStatement(*frame.list->nodes[frame.next++]));
      continue;
    }
    if (frame.iteration != nullptr) {
      ASSIGN_OR_RETURN(const bool again, NextRound(frame));
      if (again) continue;
    }
    LeaveFrame();
  }
  return absl::OkStatus();
}

void Evaluator::LeaveFrame() {
  const Frame& frame = frames_.back();
  variables_.resize(frame.variables);
  if (frame.caller != nullptr) {
    template_ = frame.caller;
    base_ = frame.caller_base;
    --calls_;
  }
  frames_.pop_back();
}

absl::Status Evaluator::RunStatement(const Node& node) {
  node_ = &node;
  if (const absl::Status status = session_.ChargeStep(); !status.ok()) return Error("", status);
  switch (node.kind) {
    case NodeKind::kText:
      return Write(static_cast<const TextNode&>(node).text);
    case NodeKind::kAction: {
      const PipelineNode& pipeline = *static_cast<const ActionNode&>(node).pipeline;
      ASSIGN_OR_RETURN(Operand value, Pipeline(frames_.back().dot, pipeline));
      if (!pipeline.variables.empty()) return absl::OkStatus();
      return Print(node, std::move(value));
    }
    case NodeKind::kRange:
      return RunRange(static_cast<const BranchNode&>(node));
    case NodeKind::kTemplate:
      return RunTemplate(static_cast<const TemplateNode&>(node));
    case NodeKind::kBreak:
    case NodeKind::kContinue:
      while (frames_.back().iteration == nullptr) LeaveFrame();
      if (node.kind == NodeKind::kBreak) {
        LeaveFrame();
      } else {
        frames_.back().next = frames_.back().list->nodes.size();
      }
      return absl::OkStatus();
    default:
      return RunBranch(static_cast<const BranchNode&>(node));
  }
}

// if and with.
absl::Status Evaluator::RunBranch(const BranchNode& branch) {
  const size_t mark = variables_.size();
  ASSIGN_OR_RETURN(Operand value, Pipeline(frames_.back().dot, *branch.pipeline));
  Operand dot = frames_.back().dot;
  const NodeList* list = branch.otherwise.get();
  if (value.value.IsTrue()) {
    list = &branch.then;
    if (branch.kind == NodeKind::kWith) dot = std::move(value);
  }
  if (list == nullptr) {
    variables_.resize(mark);
  } else {
    frames_.push_back({.list = list, .next = 0, .dot = std::move(dot), .variables = mark});
  }
  return absl::OkStatus();
}

absl::Status Evaluator::RunTemplate(const TemplateNode& call) {
  const Template* called = set_.Find(call.name);
  if (called == nullptr) {
    return Error(absl::StrCat("template ", text::Quote(call.name), " not defined"));
  }
  if (calls_ >= session_.limits().template_depth) {
    return Error(
        absl::StrCat("exceeded maximum template depth (", session_.limits().template_depth, ")"));
  }
  Operand dot;
  const size_t mark = variables_.size();
  if (call.pipeline != nullptr) {
    ASSIGN_OR_RETURN(dot, Pipeline(frames_.back().dot, *call.pipeline));
  }
  frames_.push_back({.list = &called->body,
                     .next = 0,
                     .dot = dot,
                     .variables = mark,
                     .caller = template_,
                     .caller_base = base_});
  ++calls_;
  template_ = called;
  base_ = variables_.size();
  Declare("$", std::move(dot));
  return absl::OkStatus();
}

absl::Status Evaluator::RunRange(const BranchNode& branch) {
  const size_t mark = variables_.size();
  ASSIGN_OR_RETURN(Operand over, Pipeline(frames_.back().dot, *branch.pipeline));
  ASSIGN_OR_RETURN(std::unique_ptr<Iteration> iteration, Iterate(branch, std::move(over)));
  Operand dot = frames_.back().dot;
  if (iteration->end > 0) {
    frames_.push_back({.list = &branch.then,
                       .next = branch.then.nodes.size(),  // NextRound() starts the first
                       .dot = std::move(dot),
                       .variables = mark,
                       .iteration = std::move(iteration)});
  } else if (branch.otherwise != nullptr) {
    frames_.push_back(
        {.list = branch.otherwise.get(), .next = 0, .dot = std::move(dot), .variables = mark});
  } else {
    variables_.resize(mark);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Evaluator::Iteration>> Evaluator::Iterate(const BranchNode& branch,
                                                                         Operand over) {
  over.Indirect();
  auto iteration = std::make_unique<Iteration>(
      Iteration{.pipeline = branch.pipeline.get(), .over = over, .variables = variables_.size()});
  const Value& value = iteration->over.value;
  if (value.is_untyped_nil()) return iteration;
  if (value.type()->is_integer()) {
    if (branch.pipeline->variables.size() > 1) {
      return Error(
          absl::StrCat("can't use ", ToText(value), " to iterate over more than one variable"));
    }
    iteration->end = value.type()->is_signed()
                         ? static_cast<uint64_t>(std::max<int64_t>(value.signed_integer(), 0))
                         : value.unsigned_integer();
  } else if (value.kind() == Kind::kSlice) {
    iteration->end = value.size();
  } else if (value.kind() == Kind::kMap) {
    if (value.map() != nullptr) {
      if (const absl::Status status = session_.ChargeElements(value.size()); !status.ok()) {
        return Error("", status);
      }
      iteration->members.assign(value.map()->begin(), value.map()->end());
    }
    iteration->end = iteration->members.size();
  } else {
    return Error(absl::StrCat("range can't iterate over ", ToText(value)));
  }
  return iteration;
}

absl::StatusOr<bool> Evaluator::NextRound(Frame& frame) {
  Iteration& iteration = *frame.iteration;
  variables_.resize(iteration.variables);
  if (iteration.next == iteration.end) return false;
  if (const absl::Status status = session_.ChargeIteration(); !status.ok()) {
    return Error("", status);
  }
  const uint64_t round = iteration.next++;
  const Value& over = iteration.over.value;
  Operand key;
  Operand element;
  if (over.kind() == Kind::kSlice) {
    key.value = Value::Int(static_cast<int64_t>(round));
    element = Operand::FromSlot(over.at(round), *over.type()->elem, /*addressable=*/true);
  } else if (over.kind() == Kind::kMap) {
    auto& [name, member] = iteration.members[round];
    const auto map_key = over.type()->map_key;
    key.value = map_key == nullptr ? Value::String(name) : map_key(name);
    element = Operand::FromSlot(std::move(member), *over.type()->elem, /*addressable=*/false);
  } else if (over.type()->is_signed()) {
    element.value = Value::SignedOf(*over.type(), static_cast<int64_t>(round));
  } else {
    element.value = Value::UnsignedOf(*over.type(), round);
  }
  const PipelineNode& pipeline = *iteration.pipeline;
  const size_t declared = pipeline.variables.size();
  if (pipeline.assigns) {
    if (declared > 1) RETURN_IF_ERROR(Assign(pipeline.variables[0], key));
    RETURN_IF_ERROR(Assign(pipeline.variables[declared - 1], element));
  } else {
    if (declared > 0) variables_[variables_.size() - 1].value = element;
    if (declared > 1) variables_[variables_.size() - 2].value = key;
  }
  frame.dot = std::move(element);
  frame.next = 0;
  return true;
}

absl::Status Evaluator::Print(const Node& action, Operand operand) {
  node_ = &action;
  if (operand.value.is_string() && operand.value.type()->text == nullptr) {
    return Write(operand.value.text());
  }
  if (operand.value.kind() == Kind::kPointer) operand.Indirect();
  if (operand.is_invalid()) return Write("<no value>");
  const Type& type = *operand.value.type();
  if (type.text == nullptr) {
    if (operand.addressable && type.pointer != nullptr && type.pointer->text != nullptr) {
      operand.value = operand.value.As(*type.pointer);
    } else if (type.kind == Kind::kFunc) {
      return Error(absl::StrCat("can't print ", action.ToString(), " of type ", type.name));
    }
  }
  const FormatLimits limits{.bytes = session_.limits().output_bytes,
                            .depth = session_.limits().value_depth};
  const absl::StatusOr<std::string> text = Sprint(std::span(&operand.value, 1), limits);
  if (!text.ok()) return Error("", text.status());
  return Write(*text);
}

absl::Status Evaluator::Write(absl::string_view text) {
  if (const absl::Status status = session_.ChargeOutput(text.size()); !status.ok()) {
    return Error("", status);
  }
  out_.append(text.data(), text.size());
  return absl::OkStatus();
}

}  // namespace sluice::gotmpl
