// The recursive descent over the tokens of a file: statements in parser.cc, pipelines and what is
// in them in parser_pipeline.cc.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/ast.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/lexer.h"
#include "common/gotmpl/parser.h"

namespace sluice::gotmpl {

using TemplateMap = std::map<std::string, std::shared_ptr<const Template>>;
using NodePointer = std::unique_ptr<Node>;

// What the templates of one file have in common.
struct FileParse {
  FileParse(absl::string_view name, absl::string_view source, const FunctionTable& functions,
            const ParseLimits& limits)
      : name(name),
        text(std::make_shared<const std::string>(source)),
        functions(functions),
        limits(limits),
        lexer(*text) {}

  const std::string name;
  const std::shared_ptr<const std::string> text;
  const FunctionTable& functions;
  const ParseLimits& limits;
  Lexer lexer;
  size_t block_depth = 0;
  TemplateMap templates;
};

// One template: the file, a {{define}} or a {{block}}. Tokens are looked ahead at up to three, and
// errors name the line of the last one read, both as text/template does.
class TemplateParser {
 public:
  TemplateParser(FileParse& file, std::string name) : file_(file), name_(std::move(name)) {}

  absl::Status ParseFile();
  absl::Status ParseDefinition();
  absl::Status ParseBlockBody();

 private:
  // How a list of statements ended.
  struct Ending {
    bool is_else = false;
  };
  // A statement, or else the {{else}} or {{end}} that closes the list.
  struct Item {
    NodePointer node;
    Ending ending;
  };

  Token Next();
  const Token& Peek();
  Token NextNonSpace();
  Token PeekNonSpace();
  void Backup() { ++peeked_; }
  absl::StatusOr<Token> Expect(TokenKind kind, absl::string_view context);
  absl::Status Error(absl::string_view message) const;
  absl::Status Unexpected(const Token& token, absl::string_view context) const;

  absl::Status Add(NodeList body);
  absl::StatusOr<Ending> ParseList(NodeList& list);
  absl::StatusOr<Item> ParseItem();
  absl::StatusOr<Item> ParseAction();
  absl::StatusOr<Item> ParseElse();
  absl::StatusOr<Item> ParseEnd();
  absl::StatusOr<NodePointer> ParseJump(const Token& word);
  absl::StatusOr<NodePointer> ParseBranch(NodeKind kind, absl::string_view context);
  absl::Status ParseElseBranch(BranchNode& branch, absl::string_view context);
  absl::StatusOr<NodePointer> ParseBlock();
  absl::StatusOr<NodePointer> ParseTemplateCall();
  absl::StatusOr<std::string> TemplateName(const Token& token, absl::string_view context);

  absl::StatusOr<std::unique_ptr<PipelineNode>> ParsePipeline(absl::string_view context,
                                                              TokenKind end);
  absl::Status ParseDeclarations(PipelineNode& pipeline, absl::string_view context);
  absl::Status CheckPipeline(const PipelineNode& pipeline, absl::string_view context);
  absl::StatusOr<std::unique_ptr<Command>> ParseCommand();
  absl::StatusOr<NodePointer> ParseOperand();
  absl::StatusOr<NodePointer> ParseTerm();
  absl::StatusOr<NodePointer> UseVariable(size_t position, absl::string_view name);

  FileParse& file_;
  std::string name_;
  std::array<Token, 3> tokens_;  // the last read is the first
  size_t peeked_ = 0;
  std::vector<std::string> variables_ = {"$"};
  size_t action_line_ = 0;  // 0 outside of actions
  size_t ranges_ = 0;
  size_t parentheses_ = 0;
};

}  // namespace sluice::gotmpl
