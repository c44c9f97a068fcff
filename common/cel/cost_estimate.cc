// SPDX-License-Identifier: Apache-2.0
#include "common/cel/cost_estimate.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cel/cost.h"
#include "common/cel/cost_bounds.h"
#include "common/cel/function.h"
#include "common/cel/function_cost.h"
#include "common/cel/known_sizes.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

constexpr uint64_t kMaxRequestBytes = 3 * 1024 * 1024;

class Estimator {
 public:
  explicit Estimator(const Schema& root) : known_(root) {}

  Bounds Cost(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::kConstant:
        return {};
      case Expr::Kind::kIdent:
        return Ident(expr);
      case Expr::Kind::kSelect:
        return Select(expr);
      case Expr::Kind::kCall:
        return Call(expr);
      case Expr::Kind::kList:
        return List(expr);
      case Expr::Kind::kMap:
        return Map(expr);
      case Expr::Kind::kStruct:
        return {};
      case Expr::Kind::kComprehension:
        return Loop(expr);
    }
    return {};
  }

 private:
  Bounds Ident(const Expr& expr) {
    known_.SetPlace(expr, known_.PlaceOfName(expr.name));
    return Bounds::Fixed(1);
  }

  Bounds Select(const Expr& expr) {
    Bounds cost = Cost(*expr.target);
    if (expr.test_only) return cost;
    const Type::Kind kind = expr.target->type->kind;
    if (kind == Type::Kind::kMap || kind == Type::Kind::kStruct) cost = cost + Bounds::Fixed(1);
    known_.SetPlace(expr, known_.Field(known_.PlaceOf(*expr.target), expr.name));
    return cost;
  }

  Bounds List(const Expr& expr) {
    Bounds cost = Bounds::Fixed(kListCost);
    Bounds item{expr.args.empty() ? 0 : kUnbounded, 0};
    for (const Expr* arg : expr.args) {
      cost = cost + Cost(*arg);
      item = item.Union(known_.SizeOrUnknown(*arg));
    }
    known_.SetEntries(expr, EntrySizes{true, Bounds::Fixed(1), item});
    return cost;
  }

  Bounds Map(const Expr& expr) {
    Bounds cost = Bounds::Fixed(kMapCost);
    Bounds key{expr.args.empty() ? 0 : kUnbounded, 0};
    Bounds value = key;
    for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      cost = cost + Cost(*expr.args[i]) + Cost(*expr.args[i + 1]);
      key = key.Union(known_.SizeOrUnknown(*expr.args[i]));
      value = value.Union(known_.SizeOrUnknown(*expr.args[i + 1]));
    }
    known_.SetEntries(expr, EntrySizes{false, key, value});
    return cost;
  }

  // A comprehension that only gives a value a name.
  static bool IsBinding(const Comprehension& loop) {
    const bool* const go_on = std::get_if<bool>(&loop.condition->constant);
    return loop.range->kind == Expr::Kind::kList && loop.range->args.empty() &&
           loop.condition->kind == Expr::Kind::kConstant && go_on != nullptr && !*go_on;
  }

  KnownSizes::Local LoopVariable(const std::string& name, const Expr& range, bool key,
                                 bool single) {
    const std::optional<EntrySizes> entries = known_.EntriesOf(range);
    const bool list = entries.has_value() ? entries->list : range.type->kind == Type::Kind::kList;
    KnownSizes::Local local{name, {}, std::nullopt, std::nullopt};
    const SchemaPlace place = known_.PlaceOf(range);
    if (single) key = !list;
    if (entries.has_value()) local.size = key ? entries->key : entries->value;
    if (!key) {
      local.place = known_.Items(place);
    } else if (list) {
      local.place = known_.Step(place, nullptr);  // indexes are nowhere in the schema
    } else {
      local.place = known_.Keys(place);
    }
    return local;
  }

  Bounds Loop(const Expr& expr) {
    const Comprehension& loop = *expr.loop;
    Bounds cost = Cost(*loop.range) + Cost(*loop.initial);
    known_.Bind({loop.accumulator, known_.PlaceOf(*loop.initial), known_.SizeOf(*loop.initial),
                 known_.EntriesOf(*loop.initial)});
    if (IsBinding(loop)) {
      cost = cost + Cost(*loop.result);
      known_.SetSize(expr, known_.SizeOf(*loop.result));
      known_.SetEntries(expr, known_.EntriesOf(*loop.result));
      known_.Unbind(1);
      return cost;
    }
    const bool two = !loop.second_variable.empty();
    known_.Bind(LoopVariable(loop.variable, *loop.range, /*key=*/true, /*single=*/!two));
    if (two) known_.Bind(LoopVariable(loop.second_variable, *loop.range, false, false));
    const Bounds turn = Cost(*loop.condition) + Cost(*loop.step);
    known_.Unbind(two ? 2 : 1);
    cost = cost + Cost(*loop.result);
    known_.Unbind(1);
    const Bounds count = known_.SizeOrUnknown(*loop.range);
    if (loop.initial->kind == Expr::Kind::kConstant) {
      known_.SetSize(expr, known_.SizeOf(*loop.initial));
    } else if (loop.initial->kind == Expr::Kind::kList || loop.initial->kind == Expr::Kind::kMap) {
      known_.SetSize(expr, count);
      known_.SetEntries(expr, known_.EntriesOf(*loop.step));
    }
    return cost + count * turn;
  }

  Bounds Call(const Expr& expr) {
    if (expr.name == "dyn") {
      const Bounds cost = Cost(*expr.args[0]) + Bounds::Fixed(1);
      known_.SetSize(expr, known_.SizeOf(*expr.args[0]));
      known_.SetEntries(expr, known_.EntriesOf(*expr.args[0]));
      return cost;
    }
    std::vector<Bounds> costs;
    Bounds args;
    for (const Expr* arg : expr.args) {
      costs.push_back(Cost(*arg));
      args = args + costs.back();
    }
    if (expr.name == "_&&_" || expr.name == "_||_") return {costs[0].min, args.max};
    const Bounds target = expr.target == nullptr ? Bounds() : Cost(*expr.target);
    if (expr.name == "_?._") return args + Bounds::Fixed(1);
    if (expr.overloads.empty()) return {};

    Bounds call{kUnbounded, 0};
    KnownSize result;
    for (const Overload* overload : expr.overloads) {
      const CallEstimate estimate = EstimateCall(expr, overload->id, known_);
      Bounds with_args = estimate.cost + args;
      if (expr.name == "_?_:_") {
        with_args = costs[0] + costs[1].Union(costs[2]);
      }
      call = call.Union(with_args);
      if (estimate.result.has_value()) {
        result = result.has_value() ? result->Union(*estimate.result) : *estimate.result;
      }
      if (overload->id == "index_list" || overload->id == "index_map") {
        const std::optional<EntrySizes> entries = known_.EntriesOf(*expr.args[0]);
        result = entries.has_value() ? KnownSize(entries->value) : std::nullopt;
        known_.SetPlace(expr, known_.Items(known_.PlaceOf(*expr.args[0])));
      }
      if (!result.has_value()) result = known_.SizeOf(expr);
    }
    known_.SetSize(expr, result);
    return target + call;
  }

  KnownSizes known_;
};

}  // namespace

uint64_t EstimateCost(const Expr& expr, const Schema& root) {
  return Estimator(root).Cost(expr).max;
}

uint64_t MaxCardinality(const Schema& schema) {
  return kMaxRequestBytes / (schema.min_serialized_size + 1);
}

std::string EstimateMessage(absl::string_view what, uint64_t cost, uint64_t limit) {
  const double factor = static_cast<double>(cost) / static_cast<double>(limit);
  const std::string text = factor > 100   ? "more than 100x"
                           : factor < 1.5 ? absl::StrFormat("%fx", factor)
                                          : absl::StrFormat("%.1fx", factor);
  return absl::StrCat(what, " exceeds budget by factor of ", text,
                      " (try simplifying the rule, or adding maxItems, maxProperties, and "
                      "maxLength where arrays, maps, and strings are declared)");
}

}  // namespace sluice::cel
