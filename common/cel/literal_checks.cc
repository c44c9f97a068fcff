// SPDX-License-Identifier: Apache-2.0
#include "common/cel/literal_checks.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/cel/regex.h"
#include "common/cel/string_format.h"
#include "common/cel/times.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

const std::string* StringLiteral(const Expr& expr) {
  if (expr.kind != Expr::Kind::kConstant) return nullptr;
  return std::get_if<std::string>(&expr.constant);
}

// The name that values of the type have when they are evaluated.
absl::string_view RuntimeName(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kNull:
      return "null_type";
    case Type::Kind::kDuration:
      return "google.protobuf.Duration";
    case Type::Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    default:
      return type.name;
  }
}

// What is wrong with an argument of `type` under the verb; "" if nothing.
absl::string_view Complaint(char verb, const Type& type, FormatVersion version) {
  using TypeKind = Type::Kind;
  const TypeKind kind = type.kind;
  const bool integer = kind == TypeKind::kInt || kind == TypeKind::kUint;
  const bool number = integer || kind == TypeKind::kDouble;
  const bool text = kind == TypeKind::kString || kind == TypeKind::kBytes;
  const bool localized = version == FormatVersion::kLocalized;
  if (kind == TypeKind::kDyn) return "";
  switch (verb) {
    case 's':
      if (kind != TypeKind::kOpaque && kind != TypeKind::kStruct) return "";
      return "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
             "types, durations, and timestamps";
    case 'd':
      if (localized) return integer ? "" : "decimal clause can only be used on integers";
      return number ? "" : "decimal clause can only be used on ints, uints, and doubles";
    case 'f':
    case 'e': {
      const bool fixed = verb == 'f';
      if (localized) {
        // Strings may say "NaN" or "Infinity".
        if (kind == TypeKind::kDouble || kind == TypeKind::kString) return "";
        return fixed ? "fixed-point clause can only be used on doubles"
                     : "scientific clause can only be used on doubles";
      }
      if (number) return "";
      return fixed ? "fixed-point clause can only be used on ints, uints, and doubles"
                   : "scientific clause can only be used on ints, uints, and doubles";
    }
    case 'x':
    case 'X':
      if (integer || text) return "";
      return localized ? "only integers, byte buffers, and strings can be formatted as hex"
                       : "only ints, uints, bytes, and strings can be formatted as hex";
    case 'o':
      if (integer) return "";
      return localized ? "octal clause can only be used on integers"
                       : "octal clause can only be used on ints and uints";
    default:
      if (integer || kind == TypeKind::kBool) return "";
      return localized ? "only integers and bools can be formatted as binary"
                       : "only ints, uints, and bools can be formatted as binary";
  }
}

class LiteralChecker {
 public:
  LiteralChecker(const Features& features, std::vector<Issue>& issues)
      : features_(features), issues_(issues) {}

  // `in_format`: the literal is an argument of format(), which takes mixed lists.
  void Check(const Expr& expr, bool in_format) {
    switch (expr.kind) {
      case Expr::Kind::kCall:
        CheckCall(expr);
        in_format = in_format || expr.name == "format";
        break;
      case Expr::Kind::kList:
      case Expr::Kind::kMap:
        if (!in_format) CheckElements(expr);
        break;
      default:
        break;
    }
    if (expr.target != nullptr) Check(*expr.target, in_format);
    for (const Expr* arg : expr.args) Check(*arg, in_format);
    if (expr.loop == nullptr) return;
    for (const Expr* part : {expr.loop->range, expr.loop->initial, expr.loop->condition,
                             expr.loop->step, expr.loop->result}) {
      Check(*part, in_format);
    }
  }

 private:
  // Whether `expr` is of the type that those before it were; else an issue.
  bool Continues(const Expr& expr, bool optional, TypePtr& before) {
    const TypePtr type = optional && IsOptional(*expr.type) ? expr.type->params[0] : expr.type;
    if (before == nullptr) before = type;
    if (SameType(*before, *type)) return true;
    issues_.push_back({expr.offset, absl::StrCat("expected type '", FormatType(*before),
                                                 "' but found '", FormatType(*type), "'")});
    return false;
  }

  void CheckElements(const Expr& literal) {
    TypePtr key;
    TypePtr value;
    const bool map = literal.kind == Expr::Kind::kMap;
    for (size_t i = 0; i < literal.optional.size(); ++i) {
      // Of a list, only the first fault is told.
      if (map) Continues(*literal.args[2 * i], false, key);
      const Expr& element = *literal.args[map ? 2 * i + 1 : i];
      if (!Continues(element, literal.optional[i], value) && !map) return;
    }
  }

  // '…'.format([…]) with a literal on either side.
  void CheckFormat(const Expr& call) {
    const std::string* const pattern =
        call.target == nullptr ? nullptr : StringLiteral(*call.target);
    if (pattern == nullptr || call.args.size() != 1 || call.args[0]->kind != Expr::Kind::kList) {
      return;
    }
    const auto clauses = ParseFormat(*pattern);
    if (!clauses.ok()) {
      issues_.push_back({call.offset, std::string(clauses.status().message())});
      return;
    }
    const FormatVersion version =
        features_.strings_v3 ? FormatVersion::kPlain : FormatVersion::kLocalized;
    const std::vector<Expr*>& args = call.args[0]->args;
    size_t next = 0;
    for (const FormatClause& clause : *clauses) {
      if (clause.verb == 0) continue;
      if (next >= args.size()) {
        issues_.push_back({call.offset, absl::StrCat("index ", next, " out of range")});
        return;
      }
      const Expr& arg = *args[next++];
      const absl::string_view complaint = Complaint(clause.verb, *arg.type, version);
      if (complaint.empty()) continue;
      issues_.push_back({arg.offset, absl::StrCat("error during formatting: ", complaint,
                                                  ", was given ", RuntimeName(*arg.type))});
      return;
    }
    if (next < args.size()) {
      issues_.push_back({call.offset, absl::StrCat("too many arguments supplied to string.format "
                                                   "(expected ",
                                                   next, ", got ", args.size(), ")")});
    }
  }

  void CheckCall(const Expr& call) {
    if (call.name == "format") return CheckFormat(call);
    if (!features_.check_literals) return;
    const bool regex = call.name == "matches";
    const size_t index = regex && call.target == nullptr ? 1 : 0;
    if (index >= call.args.size()) return;
    const std::string* const literal = StringLiteral(*call.args[index]);
    if (literal == nullptr) return;
    bool good = true;
    if (regex) {
      good = CompileRegex(*literal).ok();
    } else if (call.name == "duration") {
      good = ParseGoDuration(*literal).ok();
    } else if (call.name == "timestamp") {
      const auto time = ParseTimestamp(*literal);
      good = time.has_value() && time->seconds >= kMinSeconds && time->seconds <= kMaxSeconds;
    }
    if (!good) issues_.push_back({call.args[index]->offset, "invalid " + call.name + " argument"});
  }

  const Features& features_;
  std::vector<Issue>& issues_;
};

}  // namespace

void CheckLiterals(const Expr& root, const Features& features, std::vector<Issue>& issues) {
  LiteralChecker(features, issues).Check(root, /*in_format=*/false);
}

}  // namespace sluice::cel
