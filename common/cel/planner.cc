// SPDX-License-Identifier: Apache-2.0
#include "common/cel/planner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/cel/checker.h"
#include "common/cel/cost.h"
#include "common/cel/function.h"
#include "common/cel/print.h"
#include "common/cel/regex.h"
#include "common/cel/step_attribute.h"
#include "common/cel/step_call.h"
#include "common/cel/step_create.h"
#include "common/cel/step_logic.h"
#include "common/cel/step_loop.h"
#include "common/cel/step_regex.h"

namespace sluice::cel {
namespace {

using MutableStep = std::unique_ptr<Step>;
using Planned = absl::StatusOr<MutableStep>;

// Conversions of constants are done once.
constexpr absl::string_view kConversions[] = {"bool", "bytes",  "double",    "duration", "dyn",
                                              "int",  "string", "timestamp", "type",     "uint"};

class Planner {
 public:
  Planner(const Features& features, bool checked, Arena& constants)
      : features_(features), checked_(checked), constants_(constants) {}

  Planned Make(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::kConstant:
        return Constant(ConstantValue(expr));
      case Expr::Kind::kIdent:
        return Name(expr, expr.name);
      case Expr::Kind::kSelect:
        return Selection(expr);
      case Expr::Kind::kCall:
        return Call(expr);
      case Expr::Kind::kList:
        return List(expr);
      case Expr::Kind::kMap:
        return Map(expr);
      case Expr::Kind::kStruct:
        return absl::InvalidArgumentError(
            absl::StrCat("unknown type: ", absl::StripPrefix(expr.name, ".")));
      case Expr::Kind::kComprehension:
        break;
    }
    return Loop(*expr.loop);
  }

  size_t locals() const { return locals_; }
  std::set<std::string>& globals() { return globals_; }

 private:
  MutableStep Constant(Value value) { return std::make_unique<ConstantStep>(value); }

  Value ConstantValue(const Expr& expr) {
    struct Visitor {
      Arena& arena;
      Value operator()(std::nullptr_t) const { return Value(); }
      Value operator()(bool b) const { return Value::Bool(b); }
      Value operator()(int64_t i) const { return Value::Int(i); }
      Value operator()(uint64_t u) const { return Value::Uint(u); }
      Value operator()(double d) const { return Value::Double(d); }
      Value operator()(const std::string& s) const { return Value::String(arena.Copy(s)); }
      Value operator()(const Bytes& b) const { return Value::Bytes(arena.Copy(b.data)); }
    };
    return std::visit(Visitor{constants_}, expr.constant);
  }

  Value TypeValue(const std::string& name) {
    return Value::TypeName(constants_.Copy(absl::StripPrefix(name, ".")));
  }

  bool IsLocal(const std::string& name) const {
    return std::any_of(scopes_.begin(), scopes_.end(),
                       [&](const Scope& scope) { return scope.name == name; });
  }

  Planned Name(const Expr& expr, const std::string& written) {
    if (expr.is_type_name) return Constant(TypeValue(written));
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->name == written) return MutableStep(AttributeStep::Local(scope->slot));
    }
    const std::string name(absl::StripPrefix(written, "."));
    globals_.insert(name);
    const bool is_type = !checked_ && NamedType(name, features_) != nullptr;
    const Value type = TypeValue(name);
    return MutableStep(AttributeStep::Global(name, is_type ? &type : nullptr, !checked_));
  }

  // A step to which selections can be added.
  Planned AsAttribute(const Expr& expr) {
    ASSIGN_OR_RETURN(MutableStep step, Make(expr));
    if (step->AsAttribute() != nullptr) return step;
    return MutableStep(AttributeStep::Of(std::move(step)));
  }

  Planned Selection(const Expr& expr) {
    if (expr.is_type_name) return Constant(TypeValue(expr.name));
    if (!checked_ && !expr.test_only) {
      // The name of a type with dots in it.
      const std::string name = QualifiedName(expr);
      const std::string first = name.substr(0, name.find('.'));
      if (!name.empty() && !IsLocal(first) && NamedType(name, features_) != nullptr) {
        return Constant(TypeValue(name));
      }
    }
    ASSIGN_OR_RETURN(MutableStep step, AsAttribute(*expr.target));
    AttributeStep& attribute = *step->AsAttribute();
    attribute.Add({Value::String(constants_.Copy(expr.name)), nullptr, false});
    if (expr.test_only) attribute.MakeTest();
    return step;
  }

  Planned Index(const Expr& expr, bool optional) {
    ASSIGN_OR_RETURN(MutableStep step, AsAttribute(*expr.args[0]));
    ASSIGN_OR_RETURN(MutableStep index, Make(*expr.args[1]));
    Qualifier qualifier;
    qualifier.optional = optional;
    if (index->constant() != nullptr) {
      qualifier.key = *index->constant();
      if (!CanSelect(qualifier.key)) {
        return absl::InvalidArgumentError(
            absl::StrCat("invalid qualifier type: ", ReferenceTypeName(qualifier.key)));
      }
    } else {
      qualifier.computed = std::move(index);
    }
    step->AsAttribute()->Add(std::move(qualifier));
    return step;
  }

  absl::StatusOr<std::vector<StepPtr>> MakeAll(const std::vector<Expr*>& exprs) {
    std::vector<StepPtr> steps;
    for (const Expr* expr : exprs) {
      ASSIGN_OR_RETURN(MutableStep step, Make(*expr));
      steps.push_back(std::move(step));
    }
    return steps;
  }

  static bool AllConstant(const std::vector<StepPtr>& steps) {
    return std::all_of(steps.begin(), steps.end(),
                       [](const StepPtr& step) { return step->constant() != nullptr; });
  }
  static bool None(const std::vector<bool>& flags) {
    return std::find(flags.begin(), flags.end(), true) == flags.end();
  }

  Planned List(const Expr& expr) {
    ASSIGN_OR_RETURN(std::vector<StepPtr> elements, MakeAll(expr.args));
    if (!AllConstant(elements) || !None(expr.optional)) {
      return MutableStep(std::make_unique<ListStep>(std::move(elements), expr.optional));
    }
    Value* const items = constants_.AllocateArray<Value>(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) items[i] = *elements[i]->constant();
    return Constant(MakeList(items, elements.size(), constants_));
  }

  Planned Map(const Expr& expr) {
    ASSIGN_OR_RETURN(std::vector<StepPtr> parts, MakeAll(expr.args));
    if (!AllConstant(parts) || !None(expr.optional)) {
      return MutableStep(std::make_unique<MapStep>(std::move(parts), expr.optional));
    }
    MapData* const map = NewMap(expr.optional.size(), constants_);
    for (size_t i = 0; i + 1 < parts.size(); i += 2) {
      Insert(*map, *parts[i]->constant(), *parts[i + 1]->constant(), constants_);
    }
    map->capacity = map->size;
    return Constant(Value::Map(map));
  }

  Planned Loop(const Comprehension& loop) {
    LoopParts parts;
    ASSIGN_OR_RETURN(parts.range, Make(*loop.range));
    ASSIGN_OR_RETURN(parts.initial, Make(*loop.initial));
    const size_t outside = scopes_.size();
    parts.accumulator_slot = Enter(loop.accumulator);
    parts.variable_slot = Enter(loop.variable);
    parts.has_second = !loop.second_variable.empty();
    if (parts.has_second) parts.second_slot = Enter(loop.second_variable);
    ASSIGN_OR_RETURN(parts.condition, Make(*loop.condition));
    ASSIGN_OR_RETURN(parts.step, Make(*loop.step));
    scopes_.resize(outside + 1);
    ASSIGN_OR_RETURN(parts.result, Make(*loop.result));
    scopes_.resize(outside);
    return MutableStep(std::make_unique<LoopStep>(std::move(parts)));
  }
  size_t Enter(const std::string& name) {
    const size_t slot = scopes_.size();
    scopes_.push_back({name, slot});
    locals_ = std::max(locals_, scopes_.size());
    return slot;
  }

  Planned Call(const Expr& expr) {
    const std::string& name = expr.name;
    if (name == "_[_]") return Index(expr, false);
    if (name == "_[?_]" || name == "_?._") return Index(expr, true);

    std::vector<StepPtr> args;
    const std::string qualified = QualifiedFunction(expr);
    if (expr.target != nullptr && qualified.empty()) {
      ASSIGN_OR_RETURN(MutableStep target, Make(*expr.target));
      args.push_back(std::move(target));
    }
    for (const Expr* arg : expr.args) {
      ASSIGN_OR_RETURN(MutableStep step, Make(*arg));
      args.push_back(std::move(step));
    }
    if (name == "_&&_" || name == "_||_") {
      return MutableStep(std::make_unique<LogicStep>(name == "_||_", std::move(args)));
    }
    if (name == "_?_:_") {
      return MutableStep(std::make_unique<ConditionalStep>(std::move(args[0]), std::move(args[1]),
                                                           std::move(args[2])));
    }
    if (name == "_==_" || name == "_!=_") {
      return MutableStep(
          std::make_unique<EqualityStep>(name == "_!=_", std::move(args[0]), std::move(args[1])));
    }
    if (name == "@not_strictly_false") {
      return MutableStep(std::make_unique<NotStrictlyFalseStep>(std::move(args[0])));
    }
    if ((name == "or" || name == "orValue") && expr.target != nullptr && args.size() == 2) {
      return MutableStep(std::make_unique<OptionalOrStep>(name == "orValue", std::move(args[0]),
                                                          std::move(args[1])));
    }
    return FunctionCall(expr,
                        qualified.empty() ? std::string(absl::StripPrefix(name, ".")) : qualified,
                        std::move(args));
  }

  // "a.b.c" if the call a.b.c(…) is of a function of that name, which only matters without a
  // checker; else "".
  std::string QualifiedFunction(const Expr& expr) const {
    if (checked_ || expr.target == nullptr) return "";
    const std::string prefix = QualifiedName(*expr.target);
    if (prefix.empty()) return "";
    const std::string name = absl::StrCat(absl::StripPrefix(prefix, "."), ".", expr.name);
    return Available(name).empty() ? "" : name;
  }

  std::vector<const Function*> Available(const std::string& name) const {
    std::vector<const Function*> functions;
    for (const Function* function : FindFunctions(name)) {
      if (IsAvailable(*function, features_)) functions.push_back(function);
    }
    return functions;
  }

  // Whether one of the overloads takes as many arguments.
  static bool Takes(const Function& function, size_t args) {
    return std::any_of(function.overloads.begin(), function.overloads.end(),
                       [&](const Overload& o) { return o.args.size() == args; });
  }

  Planned FunctionCall(const Expr& expr, const std::string& name, std::vector<StepPtr> args) {
    std::vector<Implementation> candidates;
    Mismatch mismatch = Mismatch::kSignature;
    const std::vector<const Function*> functions = Available(name);
    if (functions.empty()) mismatch = Mismatch::kNamed;
    for (const Function* function : functions) {
      mismatch = function->mismatch;
      if (Takes(*function, args.size())) candidates.push_back(function->call);
    }
    if (expr.overloads.size() == 1) candidates = {expr.overloads[0]->call};
    if (functions.empty() && args.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no such overload: ", name, "()"));
    }
    const std::string overload = expr.overloads.size() == 1 ? expr.overloads[0]->id : "";
    const CostRule cost = FindCostRule(name, overload);

    const Value* const collection = name == "@in" ? args[1]->constant() : nullptr;
    if (collection != nullptr && collection->is_list() && Size(*collection) == 0) {
      return Constant(Value::Bool(false));
    }
    if (name == "@in" && args[1]->constant() != nullptr && IsScalarList(*args[1]->constant())) {
      return MutableStep(
          std::make_unique<ConstantMembershipStep>(std::move(args[0]), *args[1]->constant()));
    }
    if (name == "matches" && args.size() == 2 && args[1]->constant() != nullptr &&
        args[1]->constant()->is_string()) {
      const Value pattern = *args[1]->constant();
      ASSIGN_OR_RETURN(text::Regexp regex, CompileRegex(pattern.text()));
      return MutableStep(
          std::make_unique<MatchesStep>(std::move(args[0]), pattern, std::move(regex), cost));
    }
    if ((name == "find" || name == "findAll") && args.size() >= 2 &&
        args[1]->constant() != nullptr && args[1]->constant()->is_string()) {
      RETURN_IF_ERROR(CompileRegex(args[1]->constant()->text()).status());
    }
    if (name == "_+_" && IsAppend(expr)) {
      ASSIGN_OR_RETURN(MutableStep element, Make(*expr.args[1]->args[0]));
      return MutableStep(std::make_unique<AppendStep>(std::move(args[0]), std::move(element)));
    }
    const bool converts =
        std::find(std::begin(kConversions), std::end(kConversions), name) != std::end(kConversions);
    const bool folds = converts && args.size() == 1 && args[0]->constant() != nullptr;
    auto call =
        std::make_unique<CallStep>(name, std::move(candidates), mismatch, cost, std::move(args));
    if (!folds) return MutableStep(std::move(call));
    Frame frame{constants_, Bindings(), {}, ~uint64_t{0}, 0};
    const Value value = call->Evaluate(frame);
    if (value.is_error()) return absl::InvalidArgumentError(value.text());
    return Constant(value);
  }

  // A list whose elements are all of one simple kind.
  bool IsScalarList(const Value& list) {
    if (!list.is_list() || Size(list) == 0) return false;
    const Kind kind = ElementAt(list, 0, constants_).kind();
    if (kind == Kind::kNull || kind > Kind::kBytes) return false;
    for (size_t i = 1; i < Size(list); ++i) {
      if (ElementAt(list, i, constants_).kind() != kind) return false;
    }
    return true;
  }

  // accumulator + [element], as macros write it.
  static bool IsAppend(const Expr& expr) {
    const Expr& list = *expr.args[1];
    return expr.args[0]->kind == Expr::Kind::kIdent && expr.args[0]->name == "@result" &&
           list.kind == Expr::Kind::kList && list.args.size() == 1 && !list.optional[0] &&
           list.args[0]->kind != Expr::Kind::kConstant;
  }

  struct Scope {
    std::string name;
    size_t slot;
  };

  const Features& features_;
  bool checked_;
  Arena& constants_;
  std::vector<Scope> scopes_;
  size_t locals_ = 0;
  std::set<std::string> globals_;
};

}  // namespace

absl::StatusOr<Plan> MakePlan(const Expr& root, const Features& features, bool checked,
                              Arena& constants) {
  Planner planner(features, checked, constants);
  Plan plan;
  ASSIGN_OR_RETURN(plan.root, planner.Make(root));
  plan.locals = planner.locals();
  plan.globals = std::move(planner.globals());
  return plan;
}

}  // namespace sluice::cel
