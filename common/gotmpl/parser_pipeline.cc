// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/literal.h"
#include "common/gotmpl/template_parser.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {

absl::StatusOr<std::unique_ptr<PipelineNode>> TemplateParser::ParsePipeline(
    absl::string_view context, TokenKind end) {
  auto pipeline = std::make_unique<PipelineNode>(PeekNonSpace().position);
  RETURN_IF_ERROR(ParseDeclarations(*pipeline, context));
  while (true) {
    const Token token = NextNonSpace();
    if (token.kind == end) {
      RETURN_IF_ERROR(CheckPipeline(*pipeline, context));
      return pipeline;
    }
    switch (token.kind) {
      case TokenKind::kBool:
      case TokenKind::kCharacter:
      case TokenKind::kComplex:
      case TokenKind::kDot:
      case TokenKind::kField:
      case TokenKind::kIdentifier:
      case TokenKind::kNumber:
      case TokenKind::kNil:
      case TokenKind::kRawString:
      case TokenKind::kString:
      case TokenKind::kVariable:
      case TokenKind::kLeftParenthesis:
        break;
      default:
        return Unexpected(token, context);
    }
    Backup();
    ASSIGN_OR_RETURN(std::unique_ptr<Command> command, ParseCommand());
    pipeline->commands.push_back(std::move(command));
  }
}

absl::Status TemplateParser::ParseDeclarations(PipelineNode& pipeline, absl::string_view context) {
  while (true) {
    const Token variable = PeekNonSpace();
    if (variable.kind != TokenKind::kVariable) return absl::OkStatus();
    Next();
    const Token after_variable = Peek();
    const Token next = PeekNonSpace();
    const bool comma = next.kind == TokenKind::kSign && next.text == ",";
    if (next.kind != TokenKind::kAssign && next.kind != TokenKind::kDeclare && !comma) {
      // No declaration: the variable is the first word of the pipeline.
      tokens_[1] = variable;
      peeked_ = 2;
      if (after_variable.kind == TokenKind::kSpace) {
        tokens_[1] = after_variable;
        tokens_[2] = variable;
        peeked_ = 3;
      }
      return absl::OkStatus();
    }
    NextNonSpace();
    pipeline.variables.push_back(variable.text);
    variables_.push_back(variable.text);
    if (!comma) {
      pipeline.assigns = next.kind == TokenKind::kAssign;
      return absl::OkStatus();
    }
    if (context != "range" || pipeline.variables.size() >= 2) {
      return Error(absl::StrCat("too many declarations in ", context));
    }
    const TokenKind second = PeekNonSpace().kind;
    if (second != TokenKind::kVariable && second != TokenKind::kRightDelimiter &&
        second != TokenKind::kRightParenthesis) {
      return Error("range can only initialize variables");
    }
  }
}

absl::Status TemplateParser::CheckPipeline(const PipelineNode& pipeline,
                                           absl::string_view context) {
  if (pipeline.commands.empty()) return Error(absl::StrCat("missing value for ", context));
  for (size_t i = 1; i < pipeline.commands.size(); ++i) {
    switch (pipeline.commands[i]->words[0]->kind) {
      case NodeKind::kBool:
      case NodeKind::kDot:
      case NodeKind::kNil:
      case NodeKind::kNumber:
      case NodeKind::kString:
        return Error(absl::StrCat("non executable command in pipeline stage ", i + 1));
      default:
        break;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Command>> TemplateParser::ParseCommand() {
  auto command = std::make_unique<Command>(PeekNonSpace().position);
  while (true) {
    PeekNonSpace();
    ASSIGN_OR_RETURN(NodePointer operand, ParseOperand());
    if (operand != nullptr) command->words.push_back(std::move(operand));
    const Token token = Next();
    if (token.kind == TokenKind::kSpace) continue;
    if (token.kind == TokenKind::kRightDelimiter || token.kind == TokenKind::kRightParenthesis) {
      Backup();
    } else if (token.kind != TokenKind::kPipe) {
      return Unexpected(token, "operand");
    }
    break;
  }
  if (command->words.empty()) return Error("empty command");
  return command;
}

absl::StatusOr<NodePointer> TemplateParser::ParseOperand() {
  ASSIGN_OR_RETURN(NodePointer term, ParseTerm());
  if (term == nullptr || Peek().kind != TokenKind::kField) return term;
  const size_t position = Peek().position;  // of the second name: errors name that place
  std::vector<std::string> names;
  while (Peek().kind == TokenKind::kField) names.push_back(Next().text.substr(1));
  switch (term->kind) {
    case NodeKind::kField: {
      std::vector<std::string> all = static_cast<const FieldNode&>(*term).names;
      all.insert(all.end(), names.begin(), names.end());
      return std::make_unique<FieldNode>(position, std::move(all));
    }
    case NodeKind::kVariable: {
      std::vector<std::string> all = static_cast<const VariableNode&>(*term).names;
      all.insert(all.end(), names.begin(), names.end());
      return std::make_unique<VariableNode>(position, std::move(all));
    }
    case NodeKind::kBool:
    case NodeKind::kString:
    case NodeKind::kNumber:
    case NodeKind::kNil:
    case NodeKind::kDot:
      return Error(absl::StrCat("unexpected . after term ", text::Quote(term->ToString())));
    default:
      break;
  }
  auto chain = std::make_unique<ChainNode>(position, std::move(term));
  chain->names = std::move(names);
  return chain;
}

absl::StatusOr<NodePointer> TemplateParser::ParseTerm() {
  Token token = NextNonSpace();
  switch (token.kind) {
    case TokenKind::kIdentifier: {
      const Function* const function = file_.functions.Find(token.text);
      if (function == nullptr) {
        return Error(absl::StrCat("function ", text::Quote(token.text), " not defined"));
      }
      return std::make_unique<IdentifierNode>(token.position, std::move(token.text), function);
    }
    case TokenKind::kDot:
      return std::make_unique<DotNode>(token.position);
    case TokenKind::kNil:
      return std::make_unique<NilNode>(token.position);
    case TokenKind::kVariable:
      return UseVariable(token.position, token.text);
    case TokenKind::kField:
      return std::make_unique<FieldNode>(token.position,
                                         std::vector<std::string>{token.text.substr(1)});
    case TokenKind::kBool:
      return std::make_unique<BoolNode>(token.position, token.text == "true");
    case TokenKind::kCharacter:
    case TokenKind::kComplex:
    case TokenKind::kNumber: {
      const absl::StatusOr<Number> number = ParseNumber(token.text);
      if (!number.ok()) return Error(number.status().message());
      return std::make_unique<NumberNode>(token.position, std::move(token.text), *number);
    }
    case TokenKind::kLeftParenthesis: {
      if (parentheses_ >= file_.limits.parentheses) return Error("max expression depth exceeded");
      ++parentheses_;
      auto pipeline = ParsePipeline("parenthesized pipeline", TokenKind::kRightParenthesis);
      --parentheses_;
      return pipeline;
    }
    case TokenKind::kString:
    case TokenKind::kRawString: {
      const absl::StatusOr<std::string> text = Unquote(token.text);
      if (!text.ok()) return Error(text.status().message());
      return std::make_unique<StringNode>(token.position, std::move(token.text), *text);
    }
    default:
      Backup();
      return nullptr;
  }
}

absl::StatusOr<NodePointer> TemplateParser::UseVariable(size_t position, absl::string_view name) {
  if (std::find(variables_.begin(), variables_.end(), name) == variables_.end()) {
    return Error(absl::StrCat("undefined variable ", text::Quote(name)));
  }
  return std::make_unique<VariableNode>(position, std::vector<std::string>{std::string(name)});
}

}  // namespace sluice::gotmpl
