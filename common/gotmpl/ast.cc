// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/ast.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {
namespace {

void WriteOperand(const Node& node, std::string& out) {
  const bool parentheses = node.kind == NodeKind::kPipeline;
  if (parentheses) out += '(';
  node.Write(out);
  if (parentheses) out += ')';
}

bool IsBlankText(absl::string_view text) {
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    if (!text::IsSpace(first.character)) return false;
    text.remove_prefix(first.size);
  }
  return true;
}

absl::string_view NameOf(NodeKind kind) {
  switch (kind) {
    case NodeKind::kText:
      return "text";
    case NodeKind::kAction:
      return "action";
    case NodeKind::kIf:
      return "if";
    case NodeKind::kWith:
      return "with";
    case NodeKind::kRange:
      return "range";
    case NodeKind::kTemplate:
      return "template";
    case NodeKind::kBreak:
      return "break";
    case NodeKind::kContinue:
      return "continue";
    case NodeKind::kPipeline:
      return "pipeline";
    case NodeKind::kCommand:
      return "command";
    case NodeKind::kBool:
      return "bool";
    case NodeKind::kNumber:
      return "number";
    case NodeKind::kString:
      return "string";
    case NodeKind::kNil:
      return "nil";
    case NodeKind::kDot:
      return "dot";
    case NodeKind::kField:
      return "field";
    case NodeKind::kVariable:
      return "variable";
    case NodeKind::kChain:
      return "chain";
    case NodeKind::kIdentifier:
      return "identifier";
  }
  return "";
}

class Dumper {
 public:
  void List(const NodeList& list, size_t depth) {
    for (const auto& node : list.nodes) Statement(*node, depth);
  }
  std::string Take() && { return std::move(out_); }

 private:
  void Line(const Node& node, size_t depth, absl::string_view text) {
    absl::StrAppend(&out_, std::string(2 * depth, ' '), NameOf(node.kind), "@", node.position,
                    text.empty() ? "" : " ", text, "\n");
  }

  void Statement(const Node& node, size_t depth) {
    switch (node.kind) {
      case NodeKind::kText:
        return Line(node, depth, text::Quote(static_cast<const TextNode&>(node).text));
      case NodeKind::kAction:
        Line(node, depth, "");
        return Operand(*static_cast<const ActionNode&>(node).pipeline, depth + 1);
      case NodeKind::kTemplate: {
        const auto& call = static_cast<const TemplateNode&>(node);
        Line(node, depth, text::Quote(call.name));
        if (call.pipeline != nullptr) Operand(*call.pipeline, depth + 1);
        return;
      }
      case NodeKind::kIf:
      case NodeKind::kWith:
      case NodeKind::kRange: {
        const auto& branch = static_cast<const BranchNode&>(node);
        Line(node, depth, "");
        Operand(*branch.pipeline, depth + 1);
        List(branch.then, depth + 1);
        if (branch.otherwise == nullptr) return;
        absl::StrAppend(&out_, std::string(2 * depth, ' '), "else\n");
        return List(*branch.otherwise, depth + 1);
      }
      default:
        return Line(node, depth, "");
    }
  }

  void Operand(const Node& node, size_t depth) {
    if (node.kind == NodeKind::kChain) {
      const auto& chain = static_cast<const ChainNode&>(node);
      Line(node, depth, absl::StrCat(".", absl::StrJoin(chain.names, ".")));
      return Operand(*chain.operand, depth + 1);
    }
    if (node.kind != NodeKind::kPipeline) return Line(node, depth, node.ToString());
    const auto& pipeline = static_cast<const PipelineNode&>(node);
    std::string variables = absl::StrJoin(pipeline.variables, ", ");
    if (!variables.empty()) variables += pipeline.assigns ? " =" : " :=";
    Line(node, depth, variables);
    for (const auto& command : pipeline.commands) {
      Line(*command, depth + 1, "");
      for (const auto& word : command->words) Operand(*word, depth + 2);
    }
  }

  std::string out_;
};

}  // namespace

std::string Node::ToString() const {
  std::string text;
  Write(text);
  return text;
}

void NodeList::Write(std::string& out) const {
  for (const auto& node : nodes) node->Write(out);
}

void FieldNode::Write(std::string& out) const {
  for (const std::string& name : names) absl::StrAppend(&out, ".", name);
}

void VariableNode::Write(std::string& out) const { out += absl::StrJoin(names, "."); }

NumberNode::NumberNode(size_t position, std::string text_in, Number number_in)
    : Node(NodeKind::kNumber, position), text(std::move(text_in)), number(number_in) {
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
                   text.find_first_of("pP") == std::string::npos;
  const bool looks_floating = !hex && text.find_first_of(".eEpP") != std::string::npos;
  if (number.complex) {
    constant = Value::Complex(*number.complex);
  } else if (text[0] != '\'' && looks_floating && number.floating) {
    constant = Value::Float(*number.floating);
  } else if (number.integer) {
    constant = Value::Int(*number.integer);
  }
}

void ChainNode::Write(std::string& out) const {
  WriteOperand(*operand, out);
  for (const std::string& name : names) absl::StrAppend(&out, ".", name);
}

void Command::Write(std::string& out) const {
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += ' ';
    WriteOperand(*words[i], out);
  }
}

void PipelineNode::Write(std::string& out) const {
  if (!variables.empty()) {
    absl::StrAppend(&out, absl::StrJoin(variables, ", "), assigns ? " = " : " := ");
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (i > 0) out += " | ";
    commands[i]->Write(out);
  }
}

void ActionNode::Write(std::string& out) const {
  out += "{{";
  pipeline->Write(out);
  out += "}}";
}

void BranchNode::Write(std::string& out) const {
  absl::StrAppend(&out, "{{", NameOf(kind), " ");
  pipeline->Write(out);
  out += "}}";
  then.Write(out);
  if (otherwise != nullptr) {
    out += "{{else}}";
    otherwise->Write(out);
  }
  out += "{{end}}";
}

void TemplateNode::Write(std::string& out) const {
  absl::StrAppend(&out, "{{template ", text::Quote(name));
  if (pipeline != nullptr) {
    out += ' ';
    pipeline->Write(out);
  }
  out += "}}";
}

void JumpNode::Write(std::string& out) const { absl::StrAppend(&out, "{{", NameOf(kind), "}}"); }

bool Template::IsBlank() const {
  return std::all_of(body.nodes.begin(), body.nodes.end(), [](const auto& node) {
    return node->kind == NodeKind::kText && IsBlankText(static_cast<const TextNode&>(*node).text);
  });
}

std::string Template::Locate(size_t position) const {
  const absl::string_view before = absl::string_view(*text).substr(0, position);
  const size_t newline = before.rfind('\n');
  const size_t column = newline == absl::string_view::npos ? position : position - newline - 1;
  return absl::StrCat(file, ":", 1 + std::count(before.begin(), before.end(), '\n'), ":", column);
}

std::string Dump(const Template& parsed) {
  Dumper dumper;
  dumper.List(parsed.body, 0);
  return std::move(dumper).Take();
}

}  // namespace sluice::gotmpl
