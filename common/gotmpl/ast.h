// The parsed form of a template.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/gotmpl/literal.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

enum class NodeKind : uint8_t {
  // Statements.
  kText,
  kAction,
  kIf,
  kWith,
  kRange,
  kTemplate,
  kBreak,
  kContinue,
  // Operands.
  kPipeline,
  kCommand,
  kBool,
  kNumber,
  kString,
  kNil,
  kDot,
  kField,
  kVariable,
  kChain,
  kIdentifier,
};

struct Node {
  Node(NodeKind kind, size_t position) : kind(kind), position(position) {}
  virtual ~Node() = default;
  // The node as Go writes it: what error texts quote.
  virtual void Write(std::string& out) const = 0;
  std::string ToString() const;

  const NodeKind kind;
  const size_t position;  // in bytes, the place that errors name
};

// The statements between two actions, or of a whole template.
struct NodeList {
  std::vector<std::unique_ptr<Node>> nodes;

  void Write(std::string& out) const;
};

struct TextNode : Node {
  TextNode(size_t position, std::string text)
      : Node(NodeKind::kText, position), text(std::move(text)) {}
  void Write(std::string& out) const override { out += text; }
  std::string text;
};

// .a.b
struct FieldNode : Node {
  FieldNode(size_t position, std::vector<std::string> names)
      : Node(NodeKind::kField, position), names(std::move(names)) {}
  void Write(std::string& out) const override;
  std::vector<std::string> names;
};

// $x.a.b; names[0] is "$x".
struct VariableNode : Node {
  VariableNode(size_t position, std::vector<std::string> names)
      : Node(NodeKind::kVariable, position), names(std::move(names)) {}
  void Write(std::string& out) const override;
  std::vector<std::string> names;
};

// The name of a function.
struct IdentifierNode : Node {
  IdentifierNode(size_t position, std::string name, const Function* function)
      : Node(NodeKind::kIdentifier, position), name(std::move(name)), function(function) {}
  void Write(std::string& out) const override { out += name; }
  std::string name;
  const Function* function;  // of the table that the template was parsed with
};

// An operand with fields behind: (f .x).a.b
struct ChainNode : Node {
  ChainNode(size_t position, std::unique_ptr<Node> operand)
      : Node(NodeKind::kChain, position), operand(std::move(operand)) {}
  void Write(std::string& out) const override;
  std::unique_ptr<Node> operand;
  std::vector<std::string> names;
};

struct DotNode : Node {
  explicit DotNode(size_t position) : Node(NodeKind::kDot, position) {}
  void Write(std::string& out) const override { out += '.'; }
};

struct NilNode : Node {
  explicit NilNode(size_t position) : Node(NodeKind::kNil, position) {}
  void Write(std::string& out) const override { out += "nil"; }
};

struct BoolNode : Node {
  BoolNode(size_t position, bool value)
      : Node(NodeKind::kBool, position), constant(Value::Bool(value)) {}
  void Write(std::string& out) const override { out += constant.boolean() ? "true" : "false"; }
  Value constant;
};

struct NumberNode : Node {
  NumberNode(size_t position, std::string text, Number number);
  void Write(std::string& out) const override { out += text; }
  std::string text;
  Number number;
  // What it is where any type will do: an int, or as it is written a float64 or complex128. None if
  // it overflows an int.
  std::optional<Value> constant;
};

struct StringNode : Node {
  StringNode(size_t position, std::string quoted, absl::string_view text)
      : Node(NodeKind::kString, position),
        quoted(std::move(quoted)),
        constant(Value::String(text)) {}
  void Write(std::string& out) const override { out += quoted; }
  std::string quoted;
  Value constant;
};

// An operand, and what it is called with. Never empty.
struct Command : Node {
  explicit Command(size_t position) : Node(NodeKind::kCommand, position) {}
  void Write(std::string& out) const override;
  std::vector<std::unique_ptr<Node>> words;
};

// $x, $y := a | b c
struct PipelineNode : Node {
  explicit PipelineNode(size_t position) : Node(NodeKind::kPipeline, position) {}
  void Write(std::string& out) const override;
  std::vector<std::string> variables;
  bool assigns = false;  // with "=" rather than ":="
  std::vector<std::unique_ptr<Command>> commands;
};

struct ActionNode : Node {
  ActionNode(size_t position, std::unique_ptr<PipelineNode> pipeline)
      : Node(NodeKind::kAction, position), pipeline(std::move(pipeline)) {}
  void Write(std::string& out) const override;
  std::unique_ptr<PipelineNode> pipeline;
};

// if, with and range.
struct BranchNode : Node {
  BranchNode(NodeKind kind, std::unique_ptr<PipelineNode> pipeline)
      : Node(kind, pipeline->position), pipeline(std::move(pipeline)) {}
  void Write(std::string& out) const override;
  std::unique_ptr<PipelineNode> pipeline;
  NodeList then;
  std::unique_ptr<NodeList> otherwise;  // null without {{else}}
};

struct TemplateNode : Node {
  TemplateNode(size_t position, std::string name, std::unique_ptr<PipelineNode> pipeline)
      : Node(NodeKind::kTemplate, position), name(std::move(name)), pipeline(std::move(pipeline)) {}
  void Write(std::string& out) const override;
  std::string name;
  std::unique_ptr<PipelineNode> pipeline;  // may be null
};

// break and continue.
struct JumpNode : Node {
  using Node::Node;
  void Write(std::string& out) const override;
};

// One template: the body of a file, or of a {{define}} or {{block}} in one.
struct Template {
  std::string name;
  // Of the file.
  std::string file;
  std::shared_ptr<const std::string> text;
  NodeList body;

  // Whether it is nothing but blanks and comments. Such a definition replaces no other.
  bool IsBlank() const;
  // The line (from 1) and the column (bytes, from 0) of `position`, as in "file:3:14".
  std::string Locate(size_t position) const;
};

// The tree in lines, one node each, with positions: for tests.
std::string Dump(const Template& parsed);

}  // namespace sluice::gotmpl
