// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/parser.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/lexer.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {
namespace {

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

}  // namespace

absl::StatusOr<TemplateMap> ParseTemplates(absl::string_view name, absl::string_view text,
                                           const FunctionTable& functions,
                                           const ParseLimits& limits) {
  FileParse file(name, text, functions, limits);
  RETURN_IF_ERROR(TemplateParser(file, file.name).ParseFile());
  return std::move(file.templates);
}

}  // namespace sluice::gotmpl
