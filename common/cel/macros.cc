// SPDX-License-Identifier: Apache-2.0
#include "common/cel/macros.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::cel {
namespace {

// Cannot be written in an expression, so it hides nothing.
constexpr char kAccumulator[] = "@result";
constexpr char kUnusedVariable[] = "#unused";

constexpr char kNotAnIdentifier[] = "argument is not an identifier";
constexpr char kNotASimpleName[] = "argument must be a simple name";

// Makes nodes at the place of one macro call.
class Builder {
 public:
  Builder(const MacroCall& call, Ast& ast) : macro_(call), ast_(ast) {}

  Expr* Ident(absl::string_view name) {
    Expr& expr = ast_.New(Expr::Kind::kIdent, macro_.offset);
    expr.name = std::string(name);
    return &expr;
  }
  Expr* Accumulator() { return Ident(kAccumulator); }
  Expr* Literal(Constant constant) {
    Expr& expr = ast_.New(Expr::Kind::kConstant, macro_.offset);
    expr.constant = std::move(constant);
    return &expr;
  }
  Expr* Call(absl::string_view name, std::vector<Expr*> args, Expr* target = nullptr) {
    Expr& expr = ast_.New(Expr::Kind::kCall, macro_.offset);
    expr.name = std::string(name);
    expr.target = target;
    expr.args = std::move(args);
    Deepen(expr, expr.args);
    if (target != nullptr) Deepen(expr, {target});
    return &expr;
  }
  Expr* List(std::vector<Expr*> elements) {
    Expr& expr = ast_.New(Expr::Kind::kList, macro_.offset);
    expr.optional.assign(elements.size(), false);
    expr.args = std::move(elements);
    Deepen(expr, expr.args);
    return &expr;
  }
  Expr* Map() { return &ast_.New(Expr::Kind::kMap, macro_.offset); }
  Expr* Loop(Comprehension loop) {
    Expr& expr = ast_.New(Expr::Kind::kComprehension, macro_.offset);
    Deepen(expr, {loop.range, loop.initial, loop.condition, loop.step, loop.result});
    expr.loop = std::make_unique<Comprehension>(std::move(loop));
    return &expr;
  }
  // A loop over the macro's receiver with the macro's variables, for all elements, whose result is
  // the accumulator.
  Comprehension Fold(size_t variables, Expr* initial) {
    Comprehension loop;
    loop.range = macro_.target;
    loop.variable = macro_.args[0]->name;
    if (variables == 2) loop.second_variable = macro_.args[1]->name;
    loop.accumulator = kAccumulator;
    loop.initial = initial;
    loop.condition = Literal(true);
    loop.result = Accumulator();
    return loop;
  }
  // accumulator + [element]
  Expr* Appended(Expr* element) { return Call("_+_", {Accumulator(), List({element})}); }
  // `step` for the elements that `filter` accepts; a null filter accepts all.
  Expr* Filtered(Expr* filter, Expr* step) {
    return filter == nullptr ? step : Call("_?_:_", {filter, step, Accumulator()});
  }

 private:
  static void Deepen(Expr& expr, const std::vector<Expr*>& below) {
    for (const Expr* child : below) expr.depth = std::max(expr.depth, child->depth + 1);
  }

  const MacroCall& macro_;
  Ast& ast_;
};

using Expander = Expr* (*)(Builder& builder, const MacroCall& call, size_t variables);

Expr* ExpandAll(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.Literal(true));
  loop.condition = b.Call("@not_strictly_false", {b.Accumulator()});
  loop.step = b.Call("_&&_", {b.Accumulator(), call.args.back()});
  return b.Loop(std::move(loop));
}

Expr* ExpandExists(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.Literal(false));
  loop.condition = b.Call("@not_strictly_false", {b.Call("!_", {b.Accumulator()})});
  loop.step = b.Call("_||_", {b.Accumulator(), call.args.back()});
  return b.Loop(std::move(loop));
}

Expr* ExpandExistsOne(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.Literal(int64_t{0}));
  loop.step = b.Filtered(call.args.back(), b.Call("_+_", {b.Accumulator(), b.Literal(int64_t{1})}));
  loop.result = b.Call("_==_", {b.Accumulator(), b.Literal(int64_t{1})});
  return b.Loop(std::move(loop));
}

// map(x, f), map(x, filter, f) and the same with two variables as transformList.
Expr* ExpandMap(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.List({}));
  Expr* const filter = call.args.size() == variables + 2 ? call.args[variables] : nullptr;
  loop.step = b.Filtered(filter, b.Appended(call.args.back()));
  return b.Loop(std::move(loop));
}

Expr* ExpandFilter(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.List({}));
  loop.step = b.Filtered(call.args.back(), b.Appended(call.args[0]));
  return b.Loop(std::move(loop));
}

Expr* ExpandTransformMap(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.Map());
  Expr* const filter = call.args.size() == 4 ? call.args[2] : nullptr;
  loop.step = b.Filtered(filter, b.Call("cel.@mapInsert", {b.Accumulator(), b.Ident(loop.variable),
                                                           call.args.back()}));
  return b.Loop(std::move(loop));
}

Expr* ExpandTransformMapEntry(Builder& b, const MacroCall& call, size_t variables) {
  Comprehension loop = b.Fold(variables, b.Map());
  Expr* const filter = call.args.size() == 4 ? call.args[2] : nullptr;
  loop.step = b.Filtered(filter, b.Call("cel.@mapInsert", {b.Accumulator(), call.args.back()}));
  return b.Loop(std::move(loop));
}

// The value of the optional receiver, under the macro's name for it, in `call`'s last argument.
Expr* WithValue(Builder& b, const MacroCall& call) {
  Comprehension let;
  let.range = b.List({});
  let.variable = kUnusedVariable;
  let.accumulator = call.args[0]->name;
  let.initial = b.Call("value", {}, call.target);
  let.condition = b.Literal(false);
  let.step = b.Ident(let.accumulator);
  let.result = call.args[1];
  return b.Loop(std::move(let));
}

Expr* ExpandOptMap(Builder& b, const MacroCall& call, size_t) {
  return b.Call("_?_:_",
                {b.Call("hasValue", {}, call.target), b.Call("optional.of", {WithValue(b, call)}),
                 b.Call("optional.none", {})});
}

Expr* ExpandOptFlatMap(Builder& b, const MacroCall& call, size_t) {
  return b.Call("_?_:_", {b.Call("hasValue", {}, call.target), WithValue(b, call),
                          b.Call("optional.none", {})});
}

// The elements sorted by what the second argument says of each: the receiver is computed once.
Expr* ExpandSortBy(Builder& b, const MacroCall& call, size_t) {
  Comprehension keys = b.Fold(1, b.List({}));
  keys.range = b.Ident("@__sortBy_input__");
  keys.step = b.Appended(call.args.back());
  Comprehension let;
  let.range = b.List({});
  let.variable = kUnusedVariable;
  let.accumulator = "@__sortBy_input__";
  let.initial = call.target;
  let.condition = b.Literal(false);
  let.step = b.Ident(let.accumulator);
  let.result = b.Call("@sortByAssociatedKeys", {b.Loop(std::move(keys))}, b.Ident(let.accumulator));
  return b.Loop(std::move(let));
}

struct Macro {
  absl::string_view name;
  size_t args;
  size_t variables;  // so many of the arguments, the first ones, are names
  Expander expand;
  const char* complaint;  // about an argument that should be a name and is none
  bool Features::*needs;  // null: always there
};

constexpr char kOptMapName[] = "optMap() variable name must be a simple identifier";
constexpr char kOptFlatMapName[] = "optFlatMap() variable name must be a simple identifier";
constexpr char kSortByName[] =
    "sortBy can only be applied to a list, identifier, comprehension, call or select expression";

constexpr Macro kMacros[] = {
    {"all", 2, 1, ExpandAll, kNotASimpleName, nullptr},
    {"exists", 2, 1, ExpandExists, kNotASimpleName, nullptr},
    {"exists_one", 2, 1, ExpandExistsOne, kNotASimpleName, nullptr},
    {"map", 2, 1, ExpandMap, kNotAnIdentifier, nullptr},
    {"map", 3, 1, ExpandMap, kNotAnIdentifier, nullptr},
    {"filter", 2, 1, ExpandFilter, kNotAnIdentifier, nullptr},
    {"optMap", 2, 1, ExpandOptMap, kOptMapName, nullptr},
    {"optFlatMap", 2, 1, ExpandOptFlatMap, kOptFlatMapName, nullptr},
    {"all", 3, 2, ExpandAll, kNotASimpleName, &Features::two_variable_macros},
    {"exists", 3, 2, ExpandExists, kNotASimpleName, &Features::two_variable_macros},
    {"existsOne", 3, 2, ExpandExistsOne, kNotASimpleName, &Features::two_variable_macros},
    {"exists_one", 3, 2, ExpandExistsOne, kNotASimpleName, &Features::two_variable_macros},
    {"transformList", 3, 2, ExpandMap, kNotASimpleName, &Features::two_variable_macros},
    {"transformList", 4, 2, ExpandMap, kNotASimpleName, &Features::two_variable_macros},
    {"transformMap", 3, 2, ExpandTransformMap, kNotASimpleName, &Features::two_variable_macros},
    {"transformMap", 4, 2, ExpandTransformMap, kNotASimpleName, &Features::two_variable_macros},
    {"transformMapEntry", 3, 2, ExpandTransformMapEntry, kNotASimpleName,
     &Features::two_variable_macros},
    {"transformMapEntry", 4, 2, ExpandTransformMapEntry, kNotASimpleName,
     &Features::two_variable_macros},
    {"sortBy", 2, 1, ExpandSortBy, kNotASimpleName, &Features::list_extensions},
};

Expansion Failed(uint32_t offset, std::string message) {
  Expansion result;
  result.failed = true;
  result.issue = {offset, std::move(message)};
  return result;
}

Expansion ExpandHas(const MacroCall& call, Ast& ast) {
  const Expr& tested = *call.args[0];
  if (tested.kind != Expr::Kind::kSelect || tested.test_only) {
    return Failed(tested.offset, "invalid argument to has() macro");
  }
  Expr& expr = ast.New(Expr::Kind::kSelect, call.offset);
  expr.target = tested.target;
  expr.name = tested.name;
  expr.test_only = true;
  expr.depth = tested.depth;
  Expansion result;
  result.expr = &expr;
  return result;
}

}  // namespace

Expansion ExpandMacro(const MacroCall& call, const Features& features, Ast& ast) {
  if (call.target == nullptr) {
    return call.name == "has" && call.args.size() == 1 ? ExpandHas(call, ast) : Expansion();
  }
  for (const Macro& macro : kMacros) {
    if (macro.name != call.name || macro.args != call.args.size()) continue;
    if (macro.needs != nullptr && !(features.*macro.needs)) continue;
    for (size_t i = 0; i < macro.variables; ++i) {
      if (call.args[i]->kind != Expr::Kind::kIdent) {
        return Failed(call.args[i]->offset, macro.complaint);
      }
    }
    if (macro.variables == 2 && call.args[0]->name == call.args[1]->name) {
      return Failed(call.args[1]->offset,
                    absl::StrCat("duplicate variable name: ", call.args[1]->name));
    }
    if (macro.expand == ExpandSortBy &&
        (call.target->kind == Expr::Kind::kConstant || call.target->kind == Expr::Kind::kMap ||
         call.target->kind == Expr::Kind::kStruct)) {
      return Failed(call.target->offset, kSortByName);
    }
    Builder builder(call, ast);
    Expansion result;
    result.expr = macro.expand(builder, call, macro.variables);
    return result;
  }
  return {};
}

}  // namespace sluice::cel
