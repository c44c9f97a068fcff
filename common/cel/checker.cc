// SPDX-License-Identifier: Apache-2.0
#include "common/cel/checker.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cel/assign.h"
#include "common/cel/function.h"
#include "common/cel/literal_checks.h"
#include "common/cel/schema.h"
#include "common/cel/source.h"

namespace sluice::cel {
namespace {

using TypeKind = Type::Kind;

TypePtr Simple(TypeKind kind) { return SimpleType(kind); }

struct ConstantType {
  TypeKind operator()(std::nullptr_t) const { return TypeKind::kNull; }
  TypeKind operator()(bool) const { return TypeKind::kBool; }
  TypeKind operator()(int64_t) const { return TypeKind::kInt; }
  TypeKind operator()(uint64_t) const { return TypeKind::kUint; }
  TypeKind operator()(double) const { return TypeKind::kDouble; }
  TypeKind operator()(const std::string&) const { return TypeKind::kString; }
  TypeKind operator()(const Bytes&) const { return TypeKind::kBytes; }
};

class Checker {
 public:
  Checker(const std::vector<Declaration>& variables, const Features& features)
      : features_(features) {
    for (const Declaration& variable : variables) globals_[variable.name] = variable.type;
  }

  void Run(Expr& root) {
    Check(root);
    Finish(root);
  }
  std::vector<Issue>& issues() { return issues_; }

 private:
  void Report(uint32_t offset, std::string message) {
    issues_.push_back({offset, std::move(message)});
  }
  void Undeclared(const Expr& expr, absl::string_view name) {
    Report(expr.offset, absl::StrCat("undeclared reference to '", name, "' (in container '')"));
  }

  TypePtr LookUpLocal(const std::string& name) const {
    for (auto it = scopes_.rbegin(); it != scopes_.rend(); ++it) {
      if (it->name == name) return it->type;
    }
    return nullptr;
  }

  // The type of what `name` stands for, null if for nothing; whether it is the name of a type.
  std::pair<TypePtr, bool> LookUp(const std::string& written) const {
    absl::string_view name = written;
    if (!absl::ConsumePrefix(&name, ".")) {
      if (TypePtr local = LookUpLocal(written)) return {std::move(local), false};
    }
    const auto global = globals_.find(std::string(name));
    if (global != globals_.end()) return {global->second, false};
    if (TypePtr type = NamedType(name, features_)) return {TypeOf(std::move(type)), true};
    return {nullptr, false};
  }

  const TypePtr& Check(Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::kConstant:
        expr.type = Simple(std::visit(ConstantType(), expr.constant));
        break;
      case Expr::Kind::kIdent:
        if (!CheckName(expr, expr.name)) {
          expr.type = Simple(TypeKind::kError);
          Undeclared(expr, expr.name);
        }
        break;
      case Expr::Kind::kSelect:
        CheckSelect(expr);
        break;
      case Expr::Kind::kCall:
        CheckCall(expr);
        break;
      case Expr::Kind::kList:
        CheckList(expr);
        break;
      case Expr::Kind::kMap:
        CheckMap(expr);
        break;
      case Expr::Kind::kStruct:
        expr.type = Simple(TypeKind::kError);
        Undeclared(expr, expr.name);
        for (Expr* const arg : expr.args) Check(*arg);
        break;
      case Expr::Kind::kComprehension:
        CheckLoop(expr);
        break;
    }
    return expr.type;
  }

  bool CheckName(Expr& expr, const std::string& name) {
    auto [type, is_type] = LookUp(name);
    if (type == nullptr) return false;
    expr.type = std::move(type);
    expr.is_type_name = is_type;
    if (is_type) expr.name = std::string(absl::StripPrefix(name, "."));
    return true;
  }

  void CheckSelect(Expr& expr) {
    const std::string qualified = QualifiedName(expr);
    if (!qualified.empty()) {
      const std::string field = expr.name;
      if (CheckName(expr, qualified)) {
        if (!expr.is_type_name) expr.name = field;
        return;
      }
    }
    TypePtr type = FieldType(expr, *expr.target, expr.name, /*optional=*/false);
    expr.type = expr.test_only ? Simple(TypeKind::kBool) : known_.Apply(type, false);
  }

  // The type of `field` of what `operand` is.
  TypePtr FieldType(const Expr& expr, Expr& operand, const std::string& field, bool optional) {
    const TypePtr whole = known_.Apply(Check(operand), false);
    const bool in_optional = IsOptional(*whole);
    const TypePtr& type = in_optional ? whole->params[0] : whole;
    TypePtr result = Simple(TypeKind::kError);
    switch (type->kind) {
      case TypeKind::kMap:
        result = type->params[1];
        break;
      case TypeKind::kStruct:
        if (const SchemaField* found = type->schema->FindName(field);
            found != nullptr && found->schema->exposed) {
          result = found->schema->type;
        } else {
          Report(expr.offset, absl::StrCat("undefined field '", field, "'"));
        }
        break;
      case TypeKind::kParam:
        known_.Assign(Simple(TypeKind::kDyn), type);
        result = Simple(TypeKind::kDyn);
        break;
      default:
        if (type->kind != TypeKind::kDyn && type->kind != TypeKind::kError) {
          Report(expr.offset,
                 absl::StrCat("type '", FormatType(*type), "' does not support field selection"));
        }
        result = Simple(TypeKind::kDyn);
        break;
    }
    return in_optional || optional ? OptionalOf(std::move(result)) : result;
  }

  void CheckCall(Expr& expr) {
    if (expr.name == "_?._") {
      const std::string& field = std::get<std::string>(expr.args[1]->constant);
      expr.type = known_.Apply(FieldType(expr, *expr.args[0], field, /*optional=*/true), false);
      return;
    }
    for (Expr* const arg : expr.args) Check(*arg);
    if (expr.target != nullptr) {
      // a.b.c() may be the function c of a.b, or the function a.b.c.
      const std::string prefix = QualifiedName(*expr.target);
      const std::string qualified = absl::StrCat(absl::StripPrefix(prefix, "."), ".", expr.name);
      if (!prefix.empty() && HasFunction(qualified)) {
        expr.name = qualified;
        expr.target = nullptr;
      } else {
        Check(*expr.target);
      }
    } else {
      expr.name = std::string(absl::StripPrefix(expr.name, "."));
    }
    if (!HasFunction(expr.name)) {
      expr.type = Simple(TypeKind::kError);
      Undeclared(expr, expr.name);
      return;
    }
    Resolve(expr);
  }

  bool HasFunction(absl::string_view name) const {
    for (const Function* function : FindFunctions(name)) {
      if (IsAvailable(*function, features_)) return true;
    }
    return false;
  }

  void Resolve(Expr& expr) {
    expr.overloads.clear();
    std::vector<TypePtr> args;
    if (expr.target != nullptr) args.push_back(expr.target->type);
    for (const Expr* arg : expr.args) args.push_back(arg->type);
    if (expr.name == "_&&_" || expr.name == "_||_") {
      bool fits = true;
      for (size_t i = 0; i < args.size(); ++i) {
        if (known_.Assign(args[i], Simple(TypeKind::kBool))) continue;
        Mismatched(*expr.args[i], *Simple(TypeKind::kBool), *args[i]);
        fits = false;
      }
      expr.type = Simple(fits ? TypeKind::kBool : TypeKind::kError);
      return;
    }

    TypePtr result;
    for (const Function* function : FindFunctions(expr.name)) {
      if (!IsAvailable(*function, features_)) continue;
      for (const Overload& overload : function->overloads) {
        if (overload.member != (expr.target != nullptr)) continue;
        std::map<std::string, TypePtr> renamed;
        std::vector<TypePtr> expected;
        const TypePtr own_result = known_.Instantiate(overload.result, renamed);
        for (const TypePtr& arg : overload.args) {
          expected.push_back(known_.Instantiate(arg, renamed));
        }
        if (!known_.AssignAll(args, expected)) continue;
        expr.overloads.push_back(&overload);
        const TypePtr applied = known_.Apply(own_result, false);
        if (result == nullptr) {
          result = applied;
        } else if (result->kind != TypeKind::kDyn && !SameType(*applied, *result)) {
          result = Simple(TypeKind::kDyn);
        }
      }
    }
    if (result == nullptr) {
      NoOverload(expr, args);
      result = Simple(TypeKind::kError);
    }
    expr.type = std::move(result);
  }

  void NoOverload(const Expr& expr, const std::vector<TypePtr>& args) {
    std::string signature;
    size_t first = 0;
    if (expr.target != nullptr) {
      absl::StrAppend(&signature, FormatType(*known_.Apply(args[0], true)), ".");
      first = 1;
    }
    signature += "(";
    for (size_t i = first; i < args.size(); ++i) {
      absl::StrAppend(&signature, i == first ? "" : ", ", FormatType(*known_.Apply(args[i], true)));
    }
    Report(expr.offset, absl::StrCat("found no matching overload for '", expr.name,
                                     "' applied to '", signature, ")'"));
  }

  void Mismatched(const Expr& expr, const Type& expected, const Type& actual) {
    Report(expr.offset, absl::StrCat("expected type '", FormatType(expected), "' but found '",
                                     FormatType(actual), "'"));
  }

  // The type of `expr` as an element or entry, out of its optional if it is marked as one.
  TypePtr ElementType(Expr& expr, bool optional) {
    const TypePtr type = Check(expr);
    if (!optional) return type;
    if (IsOptional(*type)) return type->params[0];
    if (type->kind != TypeKind::kDyn) Mismatched(expr, *OptionalOf(type), *type);
    return type;
  }

  TypePtr Join(const TypePtr& before, const TypePtr& type) {
    if (before == nullptr) return type;
    if (known_.Assign(before, type)) return MostGeneral(before, type);
    return Simple(TypeKind::kDyn);  // a literal of mixed types is looked at later
  }

  void CheckList(Expr& expr) {
    TypePtr element;
    for (size_t i = 0; i < expr.args.size(); ++i) {
      const TypePtr type = ElementType(*expr.args[i], expr.optional[i]);
      element = Join(element, type);
    }
    expr.type = ListOf(element == nullptr ? known_.NewVariable() : element);
  }

  void CheckMap(Expr& expr) {
    TypePtr key;
    TypePtr value;
    for (size_t i = 0; i < expr.optional.size(); ++i) {
      Expr& key_expr = *expr.args[2 * i];
      key = Join(key, Check(key_expr));
      Expr& value_expr = *expr.args[2 * i + 1];
      const TypePtr type = ElementType(value_expr, expr.optional[i]);
      value = Join(value, type);
    }
    if (key == nullptr) {
      key = known_.NewVariable();
      value = known_.NewVariable();
    }
    expr.type = MapOf(key, value);
  }

  void CheckLoop(Expr& expr) {
    Comprehension& loop = *expr.loop;
    Check(*loop.range);
    Check(*loop.initial);
    const TypePtr range = known_.Apply(loop.range->type, false);
    const TypePtr accumulator = loop.initial->type;
    TypePtr first;
    TypePtr second;
    switch (range->kind) {
      case TypeKind::kList:
        first = loop.second_variable.empty() ? range->params[0] : Simple(TypeKind::kInt);
        second = range->params[0];
        break;
      case TypeKind::kMap:
        first = range->params[0];
        second = range->params[1];
        break;
      case TypeKind::kDyn:
      case TypeKind::kError:
      case TypeKind::kParam:
        known_.Assign(Simple(TypeKind::kDyn), range);
        first = second = Simple(TypeKind::kDyn);
        break;
      default:
        Report(
            loop.range->offset,
            absl::StrCat("expression of type '", FormatType(*range),
                         "' cannot be range of a comprehension (must be list, map, or dynamic)"));
        first = second = Simple(TypeKind::kError);
        break;
    }
    scopes_.push_back({loop.accumulator, accumulator});
    scopes_.push_back({loop.variable, first});
    if (!loop.second_variable.empty()) scopes_.push_back({loop.second_variable, second});
    Check(*loop.condition);
    Expect(*loop.condition, Simple(TypeKind::kBool));
    Check(*loop.step);
    Expect(*loop.step, accumulator);
    scopes_.pop_back();
    if (!loop.second_variable.empty()) scopes_.pop_back();
    Check(*loop.result);
    scopes_.pop_back();
    expr.type = known_.Apply(loop.result->type, false);
  }

  void Expect(const Expr& expr, const TypePtr& type) {
    if (!known_.Assign(type, expr.type)) Mismatched(expr, *type, *expr.type);
  }

  // Replaces what is left of variables in the types of all nodes.
  void Finish(Expr& expr) {
    if (expr.type != nullptr) expr.type = known_.Apply(expr.type, true);
    if (expr.target != nullptr) Finish(*expr.target);
    for (Expr* const arg : expr.args) Finish(*arg);
    if (expr.loop == nullptr) return;
    for (Expr* const part : {expr.loop->range, expr.loop->initial, expr.loop->condition,
                             expr.loop->step, expr.loop->result}) {
      Finish(*part);
    }
  }

  const Features& features_;
  std::map<std::string, TypePtr> globals_;
  std::vector<Declaration> scopes_;
  Substitutions known_;
  std::vector<Issue> issues_;
};

}  // namespace

absl::Status Check(absl::string_view text, const std::vector<Declaration>& variables,
                   const Features& features, Ast& ast) {
  Checker checker(variables, features);
  checker.Run(*ast.root());
  if (checker.issues().empty()) CheckLiterals(*ast.root(), features, checker.issues());
  if (checker.issues().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(FormatIssues(text, std::move(checker.issues())));
}

}  // namespace sluice::cel
