// SPDX-License-Identifier: Apache-2.0
#include "common/cel/parser.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/cel/lexer.h"
#include "common/cel/literal.h"
#include "common/cel/macros.h"
#include "common/cel/source.h"
#include "common/cel/strings.h"

namespace sluice::cel {
namespace {

// Names that cel-go keeps for a future of the language.
constexpr absl::string_view kReserved[] = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

struct Operator {
  TokenKind token;
  absl::string_view function;
};
constexpr Operator kRelations[] = {{TokenKind::kLess, "_<_"},
                                   {TokenKind::kLessEqual, "_<=_"},
                                   {TokenKind::kGreaterEqual, "_>=_"},
                                   {TokenKind::kGreater, "_>_"},
                                   {TokenKind::kEqual, "_==_"},
                                   {TokenKind::kNotEqual, "_!=_"},
                                   {TokenKind::kIn, "@in"}};
constexpr Operator kSums[] = {{TokenKind::kPlus, "_+_"}, {TokenKind::kMinus, "_-_"}};
constexpr Operator kProducts[] = {
    {TokenKind::kStar, "_*_"}, {TokenKind::kSlash, "_/_"}, {TokenKind::kPercent, "_%_"}};

// What may stand where an operand is expected, as the messages list it: `extra` are the tokens that
// may stand there as well.
std::string Operands(std::initializer_list<absl::string_view> extra) {
  constexpr absl::string_view kAll[] = {"'['",     "']'",      "'{'",     "'}'",    "'('",
                                        "')'",     "'.'",      "','",     "'-'",    "'!'",
                                        "'?'",     "'true'",   "'false'", "'null'", "NUM_FLOAT",
                                        "NUM_INT", "NUM_UINT", "STRING",  "BYTES",  "IDENTIFIER"};
  constexpr absl::string_view kOptionalOnes[] = {"']'", "'}'", "')'", "','", "'?'"};
  std::string out;
  for (const absl::string_view token : kAll) {
    const bool is_extra = std::find(std::begin(kOptionalOnes), std::end(kOptionalOnes), token) !=
                          std::end(kOptionalOnes);
    if (is_extra && std::find(extra.begin(), extra.end(), token) == extra.end()) continue;
    absl::StrAppend(&out, out.empty() ? "{" : ", ", token);
  }
  return out + "}";
}

bool StartsOperand(TokenKind kind) {
  switch (kind) {
    case TokenKind::kIdentifier:
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble:
    case TokenKind::kString:
    case TokenKind::kBytes:
    case TokenKind::kTrue:
    case TokenKind::kFalse:
    case TokenKind::kNull:
    case TokenKind::kLeftBracket:
    case TokenKind::kLeftBrace:
    case TokenKind::kLeftParen:
    case TokenKind::kDot:
    case TokenKind::kMinus:
    case TokenKind::kNot:
      return true;
    default:
      return false;
  }
}

// A syntax error ends the parse: from then on every step returns at once.
class Parser {
 public:
  Parser(absl::string_view text, const Features& features, Ast& ast)
      : text_(text), features_(features), ast_(ast), tokens_(Tokenize(text, issues_)) {}

  void Run() {
    Expr* const root = Expression({});
    if (!stopped_ && !At(TokenKind::kEnd)) {
      const bool last = Next().kind == TokenKind::kEnd;
      SyntaxError(absl::StrCat(last ? "extraneous" : "mismatched", " input '", Current().text,
                               "' expecting <EOF>"));
    }
    ast_.set_root(root);
  }

  std::vector<Issue>& issues() { return issues_; }

 private:
  // What else than an operand may stand at the start of an expression, for the message.
  using Extra = std::initializer_list<absl::string_view>;

  const Token& Current() const { return tokens_[at_]; }
  // The one after it; the end has itself after it.
  const Token& Next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool At(TokenKind kind) const { return !stopped_ && Current().kind == kind; }
  const Token& Take() {
    const Token& token = tokens_[at_];
    if (token.kind != TokenKind::kEnd) ++at_;
    return token;
  }
  bool Accept(TokenKind kind) {
    if (!At(kind)) return false;
    Take();
    return true;
  }

  void Report(uint32_t offset, std::string message) {
    issues_.push_back({offset, std::move(message)});
  }
  void SyntaxError(absl::string_view message) {
    if (!stopped_) Report(Current().offset, absl::StrCat("Syntax error: ", message));
    stopped_ = true;
  }

  // `token` must come: one superfluous token before it is skipped, and it may be missing where what
  // follows it comes instead, both with a message.
  void Expect(TokenKind kind, absl::string_view token, bool may_be_missing) {
    if (stopped_ || Accept(kind)) return;
    if (Current().kind != TokenKind::kEnd && Next().kind == kind) {
      Report(Current().offset, absl::StrCat("Syntax error: extraneous input '", Current().text,
                                            "' expecting ", token));
      Take();
      Take();
      return;
    }
    if (may_be_missing) {
      Report(Current().offset,
             absl::StrCat("Syntax error: missing ", token, " at '", Current().text, "'"));
      return;
    }
    SyntaxError(absl::StrCat("mismatched input '", Current().text, "' expecting ", token));
  }

  Expr* New(Expr::Kind kind, uint32_t offset) { return &ast_.New(kind, offset); }
  // A node that stands for what could not be read.
  Expr* Nothing() { return New(Expr::Kind::kConstant, Current().offset); }

  Expr* Finish(Expr* expr) {
    if (expr->target != nullptr) expr->depth = std::max(expr->depth, expr->target->depth + 1);
    for (const Expr* arg : expr->args) expr->depth = std::max(expr->depth, arg->depth + 1);
    if (expr->depth > kMaxExpressionDepth) TooDeep();
    return expr;
  }
  void TooDeep() {
    if (!stopped_) Report(0, "expression recursion limit exceeded: 250");
    stopped_ = true;
  }

  Expr* Call(uint32_t offset, absl::string_view function, std::vector<Expr*> args) {
    Expr* const call = New(Expr::Kind::kCall, offset);
    call->name = std::string(function);
    call->args = std::move(args);
    return Finish(call);
  }

  // A call, or what the macro of this name makes of it.
  Expr* CallOrMacro(uint32_t offset, absl::string_view function, Expr* target,
                    std::vector<Expr*> args) {
    MacroCall macro{function, offset, target, std::move(args)};
    Expansion expansion = ExpandMacro(macro, features_, ast_);
    if (expansion.failed) {
      Report(expansion.issue.offset, std::move(expansion.issue.message));
      return Nothing();
    }
    if (expansion.expr != nullptr) return Finish(expansion.expr);
    Expr* const call = Call(offset, function, std::move(macro.args));
    call->target = target;
    return Finish(call);
  }

  // expr = or ["?" or ":" expr]
  Expr* Expression(Extra extra) {
    if (++nesting_ > kMaxExpressionDepth) TooDeep();
    Expr* result = Chain(extra, TokenKind::kOr, "_||_");
    if (At(TokenKind::kQuestion)) {
      const uint32_t offset = Take().offset;
      Expr* const yes = Chain({}, TokenKind::kOr, "_||_");
      Expect(TokenKind::kColon, "':'", !stopped_ && StartsOperand(Current().kind));
      Expr* const no = Expression({});
      result = Call(offset, "_?_:_", {result, yes, no});
    }
    --nesting_;
    return result;
  }

  // or = and {"||" and}, and = relation {"&&" relation}: one call with all operands.
  Expr* Chain(Extra extra, TokenKind token, absl::string_view function) {
    const auto operand = [&](Extra more) {
      return token == TokenKind::kOr ? Chain(more, TokenKind::kAnd, "_&&_") : Relation(more);
    };
    Expr* const first = operand(extra);
    if (!At(token)) return first;
    const uint32_t offset = Current().offset;
    std::vector<Expr*> operands = {first};
    while (Accept(token)) operands.push_back(operand({}));
    return Call(offset, function, std::move(operands));
  }

  template <size_t kCount, typename Operand>
  Expr* Binary(const Operator (&operators)[kCount], Extra extra, Operand operand) {
    Expr* left = operand(extra);
    while (!stopped_) {
      const auto found = std::find_if(std::begin(operators), std::end(operators),
                                      [&](const Operator& o) { return o.token == Current().kind; });
      if (found == std::end(operators)) break;
      const uint32_t offset = Take().offset;
      Expr* const right = operand({});
      left = Call(offset, found->function, {left, right});
    }
    return left;
  }
  Expr* Relation(Extra extra) {
    return Binary(kRelations, extra, [&](Extra e) { return Sum(e); });
  }
  Expr* Sum(Extra extra) {
    return Binary(kSums, extra, [&](Extra e) { return Product(e); });
  }
  Expr* Product(Extra extra) {
    return Binary(kProducts, extra, [&](Extra e) { return Unary(e); });
  }

  // unary = {"!"} member | {"-"} member
  Expr* Unary(Extra extra) {
    SkipSuperfluous(extra);
    if (stopped_) return Nothing();
    const TokenKind kind = Current().kind;
    const TokenKind next = Next().kind;
    const bool signed_literal =
        kind == TokenKind::kMinus && (next == TokenKind::kInt || next == TokenKind::kDouble);
    if ((kind != TokenKind::kNot && kind != TokenKind::kMinus) || signed_literal) return Member();

    const uint32_t offset = Current().offset;
    size_t count = 0;
    while (Accept(kind)) ++count;
    if (At(TokenKind::kEnd)) {
      // How the generated parser of the reference words it.
      if (kind == TokenKind::kNot) {
        SyntaxError(absl::StrCat("extraneous input '<EOF>' expecting ", Operands({})));
      } else {
        Report(Current().offset, "Syntax error: no viable alternative at input '-'");
        SyntaxError(absl::StrCat("mismatched input '<EOF>' expecting ", Operands({})));
      }
      return Nothing();
    }
    Expr* const operand = Member();
    if (count % 2 == 0) return operand;
    return Call(offset, kind == TokenKind::kNot ? "!_" : "-_", {operand});
  }

  // Passes over one token before an operand, with a message; stops if none comes.
  void SkipSuperfluous(Extra extra) {
    if (stopped_ || StartsOperand(Current().kind)) return;
    if (Current().kind != TokenKind::kEnd && StartsOperand(Next().kind)) {
      Report(Current().offset, absl::StrCat("Syntax error: extraneous input '", Current().text,
                                            "' expecting ", Operands(extra)));
      Take();
      return;
    }
    const bool is_operator = IsOperator(Current().kind);
    const Token& next = Next();
    SyntaxError(
        absl::StrCat("mismatched input '", Current().text, "' expecting ", Operands(extra)));
    if (is_operator && next.kind == TokenKind::kEnd) {
      Report(next.offset,
             absl::StrCat("Syntax error: mismatched input '<EOF>' expecting ", Operands({})));
    }
  }
  static bool IsOperator(TokenKind kind) {
    const auto has = [kind](const auto& operators) {
      return std::any_of(std::begin(operators), std::end(operators),
                         [kind](const Operator& o) { return o.token == kind; });
    };
    return has(kRelations) || has(kSums) || has(kProducts) || kind == TokenKind::kAnd ||
           kind == TokenKind::kOr;
  }

  // member = primary {"." name | ".?" name | "." name "(" args ")" | "[" expr "]" | "[?" expr "]"}
  Expr* Member() {
    Expr* member = Primary();
    while (!stopped_) {
      if (At(TokenKind::kDot)) {
        member = Selection(member);
      } else if (At(TokenKind::kLeftBracket)) {
        member = Index(member);
      } else {
        break;
      }
    }
    return member;
  }

  Expr* Selection(Expr* target) {
    const uint32_t dot = Take().offset;
    const bool optional = Accept(TokenKind::kQuestion);
    if (!At(TokenKind::kIdentifier) && !At(TokenKind::kEscapedIdentifier)) {
      return NoName(optional, target);
    }
    const Token& name = Take();
    if (name.kind == TokenKind::kEscapedIdentifier) {
      Report(name.offset, "unsupported syntax: '`'");
    } else if (At(TokenKind::kLeftParen) && !optional) {
      const uint32_t paren = Take().offset;
      std::vector<Expr*> args = Arguments();
      return CallOrMacro(paren, name.text, target, std::move(args));
    }
    if (optional) {
      Expr* const field = New(Expr::Kind::kConstant, name.offset);
      field->constant = std::string(name.text);
      return Call(dot, "_?._", {target, field});
    }
    if (At(TokenKind::kLeftBrace)) {
      const std::string prefix = QualifiedName(*target);
      if (!prefix.empty()) return Struct(absl::StrCat(prefix, ".", name.text));
    }
    Expr* const select = New(Expr::Kind::kSelect, dot);
    select->target = target;
    select->name = std::string(name.text);
    return Finish(select);
  }

  // What comes after a dot is no name.
  Expr* NoName(bool optional, Expr* target) {
    const Token& token = Current();
    if (optional) {
      SyntaxError(absl::StrCat("mismatched input '", token.text,
                               "' expecting {IDENTIFIER, ESC_IDENTIFIER}"));
      Report(token.offset, "unsupported ident kind");
    } else if (token.kind == TokenKind::kTrue || token.kind == TokenKind::kFalse ||
               token.kind == TokenKind::kNull) {
      SyntaxError(absl::StrCat("mismatched input '", token.text, "' expecting IDENTIFIER"));
    } else {
      SyntaxError(absl::StrCat("no viable alternative at input '.",
                               token.kind == TokenKind::kEnd ? "" : token.text, "'"));
    }
    return target;
  }

  Expr* Index(Expr* target) {
    const uint32_t offset = Take().offset;
    const bool optional = Accept(TokenKind::kQuestion);
    Expr* const index = optional ? Expression({}) : Expression({"'?'"});
    Expect(TokenKind::kRightBracket, "']'", At(TokenKind::kEnd));
    return Call(offset, optional ? "_[?_]" : "_[_]", {target, index});
  }

  // The arguments up to ")", which is taken.
  std::vector<Expr*> Arguments() {
    std::vector<Expr*> args;
    if (Accept(TokenKind::kRightParen)) return args;
    args.push_back(Expression({"')'"}));
    while (Accept(TokenKind::kComma)) args.push_back(Expression({}));
    if (!stopped_ && !At(TokenKind::kRightParen)) {
      if (Next().kind == TokenKind::kRightParen) {
        Expect(TokenKind::kRightParen, "{')', ','}", false);
        return args;
      }
      SyntaxError(absl::StrCat("mismatched input '", Current().text, "' expecting {')', ','}"));
    }
    Accept(TokenKind::kRightParen);
    return args;
  }

  Expr* Primary() {
    SkipSuperfluous({});
    if (stopped_) return Nothing();
    switch (Current().kind) {
      case TokenKind::kLeftParen: {
        Take();
        Expr* const inner = Expression({});
        Expect(TokenKind::kRightParen, "')'", At(TokenKind::kEnd));
        return inner;
      }
      case TokenKind::kLeftBracket:
        return List();
      case TokenKind::kLeftBrace:
        return Map();
      case TokenKind::kDot:
      case TokenKind::kIdentifier:
        return Name();
      default:
        return Literal();
    }
  }

  Expr* Name() {
    const bool dot = Accept(TokenKind::kDot);
    if (!At(TokenKind::kIdentifier)) {
      const Token& token = Current();
      SyntaxError(absl::StrCat("no viable alternative at input '.",
                               token.kind == TokenKind::kEnd ? "" : token.text, "'"));
      return Nothing();
    }
    const Token& token = Take();
    const std::string name = absl::StrCat(dot ? "." : "", token.text);
    const bool reserved =
        std::find(std::begin(kReserved), std::end(kReserved), token.text) != std::end(kReserved);
    if (reserved) Report(token.offset, absl::StrCat("reserved identifier: ", token.text));
    if (At(TokenKind::kLeftParen)) {
      const uint32_t paren = Take().offset;
      std::vector<Expr*> args = Arguments();
      if (reserved) return Nothing();
      return CallOrMacro(paren, name, nullptr, std::move(args));
    }
    if (At(TokenKind::kLeftBrace)) return Struct(name);
    Expr* const ident = New(Expr::Kind::kIdent, token.offset);
    ident->name = name;
    return ident;
  }

  Expr* List() {
    Expr* const list = New(Expr::Kind::kList, Take().offset);
    while (!stopped_ && !At(TokenKind::kRightBracket)) {
      if (Accept(TokenKind::kComma)) {
        // One comma may stand before the end.
        Expect(TokenKind::kRightBracket, "']'", false);
        return Finish(list);
      }
      const bool optional = Accept(TokenKind::kQuestion);
      list->args.push_back(list->args.empty() ? Expression({"']'", "','", "'?'"})
                                              : Expression({"'?'"}));
      list->optional.push_back(optional);
      if (At(TokenKind::kRightBracket)) break;
      if (!At(TokenKind::kComma)) {
        Expect(TokenKind::kRightBracket, "{']', ','}", false);
        return Finish(list);
      }
      const TokenKind next = Next().kind;
      if (next != TokenKind::kRightBracket && next != TokenKind::kComma) Take();
      if (next == TokenKind::kComma) {
        Take();
        Expect(TokenKind::kRightBracket, "']'", false);
        return Finish(list);
      }
    }
    Accept(TokenKind::kRightBracket);
    return Finish(list);
  }

  Expr* Map() {
    Expr* const map = New(Expr::Kind::kMap, Take().offset);
    Entries(*map, /*named=*/false);
    return Finish(map);
  }

  Expr* Struct(std::string name) {
    Expr* const record = New(Expr::Kind::kStruct, Take().offset);
    record->name = std::move(name);
    Entries(*record, /*named=*/true);
    return Finish(record);
  }

  // key ":" value {"," key ":" value} [","] "}"
  void Entries(Expr& into, bool named) {
    while (!stopped_ && !At(TokenKind::kRightBrace)) {
      if (Accept(TokenKind::kComma)) {
        Expect(TokenKind::kRightBrace, "'}'", false);
        return;
      }
      const bool optional = Accept(TokenKind::kQuestion);
      if (named) {
        if (!At(TokenKind::kIdentifier)) {
          SyntaxError(absl::StrCat("mismatched input '", Current().text,
                                   "' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"));
          return;
        }
        into.fields.emplace_back(Take().text);
      } else {
        into.args.push_back(into.args.empty() ? Expression({"'}'", "','", "'?'"})
                                              : Expression({"'?'"}));
      }
      if (stopped_) return;
      into.entry_offsets.push_back(Current().offset);
      Expect(TokenKind::kColon, "':'", StartsOperand(Current().kind));
      into.args.push_back(Expression({}));
      into.optional.push_back(optional);
      if (At(TokenKind::kRightBrace)) break;
      if (!At(TokenKind::kComma)) {
        Expect(TokenKind::kRightBrace, "{'}', ','}", false);
        return;
      }
      if (Next().kind != TokenKind::kRightBrace) Take();
    }
    Accept(TokenKind::kRightBrace);
  }

  Expr* Literal() {
    Expr* const expr = New(Expr::Kind::kConstant, Current().offset);
    const bool negative = Accept(TokenKind::kMinus);
    const Token& token = Take();
    const std::string text = absl::StrCat(negative ? "-" : "", token.text);
    switch (token.kind) {
      case TokenKind::kTrue:
      case TokenKind::kFalse:
        expr->constant = token.kind == TokenKind::kTrue;
        break;
      case TokenKind::kNull:
        expr->constant = nullptr;
        break;
      case TokenKind::kInt:
        if (const std::optional<int64_t> number = ParseInt(token.text, negative)) {
          expr->constant = *number;
        } else {
          Report(expr->offset, "invalid int literal");
        }
        break;
      case TokenKind::kUint:
        if (const std::optional<uint64_t> number = ParseUint(token.text)) {
          expr->constant = *number;
        } else {
          Report(expr->offset, "invalid uint literal");
        }
        break;
      case TokenKind::kDouble: {
        double number = 0;
        if (!absl::SimpleAtod(text, &number) || number > std::numeric_limits<double>::max() ||
            number < std::numeric_limits<double>::lowest()) {
          Report(expr->offset, "invalid double literal");
        }
        expr->constant = number;
        break;
      }
      case TokenKind::kString:
        Quoted(token.text, /*bytes=*/false, *expr);
        break;
      case TokenKind::kBytes:
        Quoted(token.text.substr(1), /*bytes=*/true, *expr);
        break;
      default:
        --at_;
        SyntaxError(
            absl::StrCat("mismatched input '", Current().text, "' expecting ", Operands({})));
        break;
    }
    return expr;
  }

  void Quoted(absl::string_view literal, bool bytes, Expr& expr) {
    absl::StatusOr<std::string> value = Unquote(literal, bytes);
    if (!value.ok()) {
      Report(expr.offset, std::string(value.status().message()));
    } else if (bytes) {
      expr.constant = Bytes{*std::move(value)};
    } else {
      expr.constant = *std::move(value);
    }
  }

  absl::string_view text_;
  const Features& features_;
  Ast& ast_;
  std::vector<Issue> issues_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  uint32_t nesting_ = 0;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Ast>> Parse(absl::string_view text, const Features& features) {
  if (text.size() > kMaxExpressionCharacters) {
    const size_t count =
        text.size() > 4 * kMaxExpressionCharacters ? text.size() : CountCharacters(text);
    if (count > kMaxExpressionCharacters) {
      return absl::InvalidArgumentError(absl::StrCat(
          "ERROR: <input>:-1:0: expression code point size exceeds limit: size: ", count,
          ", limit ", kMaxExpressionCharacters));
    }
  }
  auto ast = std::make_unique<Ast>();
  Parser parser(text, features, *ast);
  parser.Run();
  if (!parser.issues().empty()) {
    return absl::InvalidArgumentError(FormatIssues(text, std::move(parser.issues())));
  }
  return ast;
}

}  // namespace sluice::cel
