// SPDX-License-Identifier: Apache-2.0
#include "common/cel/ast.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/text/quote.h"

namespace sluice::cel {
namespace {

struct ConstantPrinter {
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(int64_t i) const { return absl::StrCat(i); }
  std::string operator()(uint64_t u) const { return absl::StrCat(u, "u"); }
  std::string operator()(double d) const {
    const std::string text = absl::StrCat(d);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string& s) const { return text::Quote(s); }
  std::string operator()(const Bytes& b) const { return "b" + text::Quote(b.data); }
};

std::string DumpArgs(const std::vector<Expr*>& args, const std::vector<bool>& optional) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < args.size(); ++i) {
    const bool marked = i < optional.size() && optional[i];
    parts.push_back(absl::StrCat(marked ? "?" : "", Dump(*args[i])));
  }
  return absl::StrJoin(parts, ", ");
}

std::string DumpEntries(const Expr& expr) {
  std::vector<std::string> parts;
  const bool named = expr.kind == Expr::Kind::kStruct;
  for (size_t i = 0; i < expr.optional.size(); ++i) {
    const std::string key = named ? expr.fields[i] : Dump(*expr.args[2 * i]);
    const Expr& value = *expr.args[named ? i : 2 * i + 1];
    parts.push_back(absl::StrCat(expr.optional[i] ? "?" : "", key, ": ", Dump(value)));
  }
  return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
}

}  // namespace

std::string Dump(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kConstant:
      return std::visit(ConstantPrinter(), expr.constant);
    case Expr::Kind::kIdent:
      return expr.name;
    case Expr::Kind::kSelect:
      return absl::StrCat(Dump(*expr.target), ".", expr.name, expr.test_only ? "~test-only~" : "");
    case Expr::Kind::kCall:
      return absl::StrCat(expr.target == nullptr ? "" : Dump(*expr.target) + ".", expr.name, "(",
                          DumpArgs(expr.args, {}), ")");
    case Expr::Kind::kList:
      return absl::StrCat("[", DumpArgs(expr.args, expr.optional), "]");
    case Expr::Kind::kMap:
      return DumpEntries(expr);
    case Expr::Kind::kStruct:
      return absl::StrCat(expr.name, DumpEntries(expr));
    case Expr::Kind::kComprehension:
      break;
  }
  const Comprehension& loop = *expr.loop;
  return absl::StrCat("__comprehension__(", loop.variable,
                      loop.second_variable.empty() ? "" : ", " + loop.second_variable, ", ",
                      Dump(*loop.range), ", ", loop.accumulator, ", ", Dump(*loop.initial), ", ",
                      Dump(*loop.condition), ", ", Dump(*loop.step), ", ", Dump(*loop.result), ")");
}

std::string QualifiedName(const Expr& expr) {
  if (expr.kind == Expr::Kind::kIdent) return expr.name;
  if (expr.kind != Expr::Kind::kSelect || expr.test_only) return "";
  const std::string prefix = QualifiedName(*expr.target);
  return prefix.empty() ? "" : absl::StrCat(prefix, ".", expr.name);
}

}  // namespace sluice::cel
