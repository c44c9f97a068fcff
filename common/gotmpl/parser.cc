// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/parser.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/literal.h"
#include "common/gotmpl/template_parser.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {

Token TemplateParser::Next() {
  if (peeked_ > 0) {
    --peeked_;
  } else {
    tokens_[0] = file_.lexer.Next();
  }
  return tokens_[peeked_];
}

const Token& TemplateParser::Peek() {
  if (peeked_ == 0) {
    tokens_[0] = file_.lexer.Next();
    peeked_ = 1;
  }
  return tokens_[peeked_ - 1];
}

Token TemplateParser::NextNonSpace() {
  Token token = Next();
  while (token.kind == TokenKind::kSpace) token = Next();
  return token;
}

Token TemplateParser::PeekNonSpace() {
  Token token = NextNonSpace();
  Backup();
  return token;
}

absl::Status TemplateParser::Error(absl::string_view message) const {
  return absl::InvalidArgumentError(
      absl::StrCat("template: ", file_.name, ":", tokens_[0].line, ": ", message));
}

absl::Status TemplateParser::Unexpected(const Token& token, absl::string_view context) const {
  if (token.kind != TokenKind::kError) {
    return Error(absl::StrCat("unexpected ", token.Describe(), " in ", context));
  }
  if (action_line_ == 0 || action_line_ == token.line) return Error(token.text);
  const absl::string_view where =
      absl::EndsWith(token.text, " action") ? " started at " : " in action started at ";
  return Error(absl::StrCat(token.text, where, file_.name, ":", action_line_));
}

absl::StatusOr<Token> TemplateParser::Expect(TokenKind kind, absl::string_view context) {
  Token token = NextNonSpace();
  if (token.kind != kind) return Unexpected(token, context);
  return token;
}

absl::Status TemplateParser::Add(NodeList body) {
  auto parsed = std::make_shared<Template>();
  parsed->name = name_;
  parsed->file = file_.name;
  parsed->text = file_.text;
  parsed->body = std::move(body);
  std::shared_ptr<const Template>& slot = file_.templates[name_];
  if (slot == nullptr || slot->IsBlank()) {
    slot = std::move(parsed);
  } else if (!parsed->IsBlank()) {
    return Error(absl::StrCat("template: multiple definition of template ", text::Quote(name_)));
  }
  return absl::OkStatus();
}

absl::Status TemplateParser::ParseFile() {
  NodeList body;
  while (Peek().kind != TokenKind::kEnd) {
    if (Peek().kind == TokenKind::kLeftDelimiter) {
      const Token delimiter = Next();
      if (NextNonSpace().kind == TokenKind::kDefine) {
        RETURN_IF_ERROR(TemplateParser(file_, "definition").ParseDefinition());
        continue;
      }
      tokens_[1] = delimiter;
      peeked_ = 2;
    }
    ASSIGN_OR_RETURN(Item item, ParseItem());
    if (item.node == nullptr) {
      return Error(item.ending.is_else ? "unexpected {{else}}" : "unexpected {{end}}");
    }
    body.nodes.push_back(std::move(item.node));
  }
  return Add(std::move(body));
}

absl::Status TemplateParser::ParseDefinition() {
  constexpr absl::string_view kContext = "define clause";
  ASSIGN_OR_RETURN(name_, TemplateName(NextNonSpace(), kContext));
  RETURN_IF_ERROR(Expect(TokenKind::kRightDelimiter, kContext).status());
  NodeList body;
  ASSIGN_OR_RETURN(const Ending ending, ParseList(body));
  if (ending.is_else) return Error("unexpected {{else}} in define clause");
  return Add(std::move(body));
}

absl::Status TemplateParser::ParseBlockBody() {
  NodeList body;
  ASSIGN_OR_RETURN(const Ending ending, ParseList(body));
  if (ending.is_else) return Error("unexpected {{else}} in block clause");
  return Add(std::move(body));
}

absl::StatusOr<TemplateParser::Ending> TemplateParser::ParseList(NodeList& list) {
  if (++file_.block_depth > file_.limits.blocks) {
    return Error(absl::StrCat("more than ", file_.limits.blocks, " nested control structures"));
  }
  while (PeekNonSpace().kind != TokenKind::kEnd) {
    ASSIGN_OR_RETURN(Item item, ParseItem());
    if (item.node == nullptr) {
      --file_.block_depth;
      return item.ending;
    }
    list.nodes.push_back(std::move(item.node));
  }
  return Error("unexpected EOF");
}

absl::StatusOr<TemplateParser::Item> TemplateParser::ParseItem() {
  Token token = NextNonSpace();
  if (token.kind == TokenKind::kText) {
    return Item{std::make_unique<TextNode>(token.position, std::move(token.text)), {}};
  }
  if (token.kind != TokenKind::kLeftDelimiter) return Unexpected(token, "input");
  action_line_ = token.line;
  absl::StatusOr<Item> item = ParseAction();
  action_line_ = 0;
  return item;
}

absl::StatusOr<TemplateParser::Item> TemplateParser::ParseAction() {
  const Token word = NextNonSpace();
  absl::StatusOr<NodePointer> node;
  switch (word.kind) {
    case TokenKind::kElse:
      return ParseElse();
    case TokenKind::kEndAction:
      return ParseEnd();
    case TokenKind::kBlock:
      node = ParseBlock();
      break;
    case TokenKind::kBreak:
    case TokenKind::kContinue:
      node = ParseJump(word);
      break;
    case TokenKind::kIf:
      node = ParseBranch(NodeKind::kIf, "if");
      break;
    case TokenKind::kRange:
      node = ParseBranch(NodeKind::kRange, "range");
      break;
    case TokenKind::kWith:
      node = ParseBranch(NodeKind::kWith, "with");
      break;
    case TokenKind::kTemplate:
      node = ParseTemplateCall();
      break;
    default: {
      Backup();
      const size_t position = Peek().position;
      ASSIGN_OR_RETURN(std::unique_ptr<PipelineNode> pipeline,
                       ParsePipeline("command", TokenKind::kRightDelimiter));
      return Item{std::make_unique<ActionNode>(position, std::move(pipeline)), {}};
    }
  }
  if (!node.ok()) return std::move(node).status();
  return Item{*std::move(node), {}};
}

absl::StatusOr<TemplateParser::Item> TemplateParser::ParseElse() {
  // {{else if}} and {{else with}} go on in the branch that this closes.
  const TokenKind next = PeekNonSpace().kind;
  if (next != TokenKind::kIf && next != TokenKind::kWith) {
    RETURN_IF_ERROR(Expect(TokenKind::kRightDelimiter, "else").status());
  }
  return Item{nullptr, {.is_else = true}};
}

absl::StatusOr<TemplateParser::Item> TemplateParser::ParseEnd() {
  RETURN_IF_ERROR(Expect(TokenKind::kRightDelimiter, "end").status());
  return Item{nullptr, {.is_else = false}};
}

absl::StatusOr<NodePointer> TemplateParser::ParseJump(const Token& word) {
  const std::string action = absl::StrCat("{{", word.text, "}}");
  RETURN_IF_ERROR(Expect(TokenKind::kRightDelimiter, action).status());
  if (ranges_ == 0) return Error(absl::StrCat(action, " outside {{range}}"));
  return std::make_unique<JumpNode>(
      word.kind == TokenKind::kBreak ? NodeKind::kBreak : NodeKind::kContinue, word.position);
}

absl::StatusOr<NodePointer> TemplateParser::ParseBranch(NodeKind kind, absl::string_view context) {
  const size_t visible = variables_.size();
  ASSIGN_OR_RETURN(std::unique_ptr<PipelineNode> pipeline,
                   ParsePipeline(context, TokenKind::kRightDelimiter));
  auto branch = std::make_unique<BranchNode>(kind, std::move(pipeline));
  if (kind == NodeKind::kRange) ++ranges_;
  ASSIGN_OR_RETURN(const Ending ending, ParseList(branch->then));
  if (kind == NodeKind::kRange) --ranges_;
  if (ending.is_else) RETURN_IF_ERROR(ParseElseBranch(*branch, context));
  variables_.resize(visible);
  return branch;
}

absl::Status TemplateParser::ParseElseBranch(BranchNode& branch, absl::string_view context) {
  branch.otherwise = std::make_unique<NodeList>();
  const TokenKind next = Peek().kind;
  if ((branch.kind == NodeKind::kIf && next == TokenKind::kIf) ||
      (branch.kind == NodeKind::kWith && next == TokenKind::kWith)) {
    Next();
    if (++file_.block_depth > file_.limits.blocks) {
      return Error(absl::StrCat("more than ", file_.limits.blocks, " nested control structures"));
    }
    ASSIGN_OR_RETURN(NodePointer nested, ParseBranch(branch.kind, context));
    --file_.block_depth;
    branch.otherwise->nodes.push_back(std::move(nested));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Ending ending, ParseList(*branch.otherwise));
  if (ending.is_else) return Error("expected end; found {{else}}");
  return absl::OkStatus();
}

absl::StatusOr<std::string> TemplateParser::TemplateName(const Token& token,
                                                         absl::string_view context) {
  if (token.kind != TokenKind::kString && token.kind != TokenKind::kRawString) {
    return Unexpected(token, context);
  }
  absl::StatusOr<std::string> name = Unquote(token.text);
  if (!name.ok()) return Error(name.status().message());
  return name;
}

absl::StatusOr<NodePointer> TemplateParser::ParseBlock() {
  constexpr absl::string_view kContext = "block clause";
  const Token token = NextNonSpace();
  ASSIGN_OR_RETURN(std::string name, TemplateName(token, kContext));
  ASSIGN_OR_RETURN(std::unique_ptr<PipelineNode> pipeline,
                   ParsePipeline(kContext, TokenKind::kRightDelimiter));
  RETURN_IF_ERROR(TemplateParser(file_, name).ParseBlockBody());
  return std::make_unique<TemplateNode>(token.position, std::move(name), std::move(pipeline));
}

absl::StatusOr<NodePointer> TemplateParser::ParseTemplateCall() {
  constexpr absl::string_view kContext = "template clause";
  const Token token = NextNonSpace();
  ASSIGN_OR_RETURN(std::string name, TemplateName(token, kContext));
  std::unique_ptr<PipelineNode> pipeline;
  if (NextNonSpace().kind != TokenKind::kRightDelimiter) {
    Backup();
    ASSIGN_OR_RETURN(pipeline, ParsePipeline(kContext, TokenKind::kRightDelimiter));
  }
  return std::make_unique<TemplateNode>(token.position, std::move(name), std::move(pipeline));
}

absl::StatusOr<TemplateMap> ParseTemplates(absl::string_view name, absl::string_view text,
                                           const FunctionTable& functions,
                                           const ParseLimits& limits) {
  FileParse file(name, text, functions, limits);
  RETURN_IF_ERROR(TemplateParser(file, file.name).ParseFile());
  return std::move(file.templates);
}

}  // namespace sluice::gotmpl
