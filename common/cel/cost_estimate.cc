// SPDX-License-Identifier: Apache-2.0
#include "common/cel/cost_estimate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cel/cost.h"
#include "common/cel/cost_bounds.h"
#include "common/cel/function.h"
#include "common/cel/strings.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

constexpr uint64_t kMaxRequestBytes = 3 * 1024 * 1024;
constexpr double kTraversal = 0.1;
constexpr double kRegex = 0.25;
constexpr double kMaxFormatRegex = 128;
constexpr uint64_t kMaxFormatName = 64;

using Size = std::optional<Bounds>;

// Where in the schema a value comes from. Not anywhere: `known` is false; somewhere that the schema
// does not describe: `node` is null.
struct Place {
  bool known = false;
  const Schema* node = nullptr;
};

// The sizes of what is in a list or map.
struct Entries {
  bool list = false;
  Bounds key;
  Bounds value;
};

struct Estimate {
  Bounds cost;
  Size result;
};

bool IsScalar(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kBool:
    case Type::Kind::kDouble:
    case Type::Kind::kDuration:
    case Type::Kind::kInt:
    case Type::Kind::kTimestamp:
    case Type::Kind::kUint:
      return true;
    default:
      return IsOptional(type) && IsScalar(*type.params[0]);
  }
}

Size LiteralSize(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kConstant:
      if (const auto* text = std::get_if<std::string>(&expr.constant)) {
        return Bounds::Fixed(CountCharacters(*text));
      }
      if (const auto* bytes = std::get_if<Bytes>(&expr.constant)) {
        return Bounds::Fixed(bytes->data.size());
      }
      return Bounds::Fixed(1);
    case Expr::Kind::kList:
      return Bounds::Fixed(expr.args.size());
    case Expr::Kind::kMap:
      return Bounds::Fixed(expr.optional.size());
    default:
      return std::nullopt;
  }
}

std::optional<uint64_t> IntLiteral(const Expr& expr) {
  const auto* number =
      expr.kind == Expr::Kind::kConstant ? std::get_if<int64_t>(&expr.constant) : nullptr;
  if (number == nullptr) return std::nullopt;
  return static_cast<uint64_t>(std::max<int64_t>(0, *number));
}

class Estimator {
 public:
  explicit Estimator(const Schema& root) : root_(root) {}

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
  struct Local {
    std::string name;
    Place place;
    Size size;
    std::optional<Entries> entries;
  };

  const Local* FindLocal(const std::string& name) const {
    for (auto it = locals_.rbegin(); it != locals_.rend(); ++it) {
      if (it->name == name) return &*it;
    }
    return nullptr;
  }

  // --- Places.

  // The first step from nowhere leads to the root, as the reference leaves out the first name.
  Place Step(const Place& from, const Schema* next) const {
    if (!from.known) return {true, &root_};
    return {true, from.node == nullptr ? nullptr : next};
  }
  Place Items(const Place& from) const {
    return Step(from, from.node == nullptr ? nullptr : from.node->items.get());
  }
  Place Keys(const Place& from) const {
    static const Schema* const kKey = new Schema;  // of no declared length
    const bool map = from.node != nullptr && from.node->kind == Schema::Kind::kMap;
    return Step(from, map ? kKey : nullptr);
  }
  Place Field(const Place& from, const std::string& name) const {
    const SchemaField* const field = from.node == nullptr ? nullptr : from.node->FindName(name);
    const bool exposed = field != nullptr && field->schema->exposed;
    return Step(from, exposed ? field->schema.get() : nullptr);
  }
  static Size SizeAt(const Place& place) {
    if (!place.known || place.node == nullptr) return std::nullopt;
    return Bounds{0, place.node->max_elements};
  }
  Place PlaceOf(const Expr& expr) const {
    if (expr.kind == Expr::Kind::kIdent) {
      if (const Local* local = FindLocal(expr.name)) return local->place;
    }
    const auto found = places_.find(&expr);
    return found == places_.end() ? Place() : found->second;
  }

  // --- Sizes.

  Size SizeOf(const Expr& expr) {
    const auto known = sizes_.find(&expr);
    if (known != sizes_.end()) return known->second;
    if (const Size literal = LiteralSize(expr)) return literal;
    if (const Size declared = SizeAt(PlaceOf(expr))) {
      sizes_[&expr] = *declared;
      return declared;
    }
    if (IsScalar(*expr.type)) return Bounds::Fixed(1);
    if (expr.kind == Expr::Kind::kIdent) {
      const Local* const local = FindLocal(expr.name);
      if (local != nullptr && local->size.has_value()) return local->size;
    }
    return std::nullopt;
  }
  Bounds SizeOrUnknown(const Expr& expr) { return SizeOf(expr).value_or(Bounds::Unknown()); }

  std::optional<Entries> EntriesOf(const Expr& expr) const {
    const auto known = entries_.find(&expr);
    if (known != entries_.end()) return known->second;
    if (expr.kind != Expr::Kind::kIdent) return std::nullopt;
    const Local* const local = FindLocal(expr.name);
    return local == nullptr ? std::nullopt : local->entries;
  }
  static std::optional<Entries> UnionOf(const std::optional<Entries>& a,
                                        const std::optional<Entries>& b) {
    if (!a.has_value() || !b.has_value()) return std::nullopt;
    return Entries{a->list, a->key.Union(b->key), a->value.Union(b->value)};
  }

  // The size of the elements of a list, from where the list comes from.
  Size ElementSize(const Expr& list) {
    const Place place = PlaceOf(list);
    return place.known ? SizeAt(Items(place)) : std::nullopt;
  }

  // --- Nodes.

  Bounds Ident(const Expr& expr) {
    const Local* const local = FindLocal(expr.name);
    places_[&expr] = local != nullptr ? local->place : Place{true, &root_};
    return Bounds::Fixed(1);
  }

  Bounds Select(const Expr& expr) {
    Bounds cost = Cost(*expr.target);
    if (expr.test_only) return cost;
    const Type::Kind kind = expr.target->type->kind;
    if (kind == Type::Kind::kMap || kind == Type::Kind::kStruct) cost = cost + Bounds::Fixed(1);
    places_[&expr] = Field(PlaceOf(*expr.target), expr.name);
    return cost;
  }

  Bounds List(const Expr& expr) {
    Bounds cost = Bounds::Fixed(kListCost);
    Bounds item{expr.args.empty() ? 0 : kUnbounded, 0};
    for (const Expr* arg : expr.args) {
      cost = cost + Cost(*arg);
      item = item.Union(SizeOrUnknown(*arg));
    }
    entries_[&expr] = Entries{true, Bounds::Fixed(1), item};
    return cost;
  }

  Bounds Map(const Expr& expr) {
    Bounds cost = Bounds::Fixed(kMapCost);
    Bounds key{expr.args.empty() ? 0 : kUnbounded, 0};
    Bounds value = key;
    for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      cost = cost + Cost(*expr.args[i]) + Cost(*expr.args[i + 1]);
      key = key.Union(SizeOrUnknown(*expr.args[i]));
      value = value.Union(SizeOrUnknown(*expr.args[i + 1]));
    }
    entries_[&expr] = Entries{false, key, value};
    return cost;
  }

  // A comprehension that only gives a value a name.
  static bool IsBinding(const Comprehension& loop) {
    const bool* const go_on = std::get_if<bool>(&loop.condition->constant);
    return loop.range->kind == Expr::Kind::kList && loop.range->args.empty() &&
           loop.condition->kind == Expr::Kind::kConstant && go_on != nullptr && !*go_on;
  }

  Local LoopVariable(const std::string& name, const Expr& range, bool key, bool single) {
    const std::optional<Entries> entries = EntriesOf(range);
    const bool list = entries.has_value() ? entries->list : range.type->kind == Type::Kind::kList;
    Local local{name, {}, std::nullopt, std::nullopt};
    const Place place = PlaceOf(range);
    if (single) key = !list;
    if (entries.has_value()) local.size = key ? entries->key : entries->value;
    if (!key) {
      local.place = Items(place);
    } else if (list) {
      local.place = Step(place, nullptr);  // indexes are nowhere in the schema
    } else {
      local.place = Keys(place);
    }
    return local;
  }

  Bounds Loop(const Expr& expr) {
    const Comprehension& loop = *expr.loop;
    Bounds cost = Cost(*loop.range) + Cost(*loop.initial);
    locals_.push_back({loop.accumulator, PlaceOf(*loop.initial), SizeOf(*loop.initial),
                       EntriesOf(*loop.initial)});
    if (IsBinding(loop)) {
      cost = cost + Cost(*loop.result);
      const Size size = SizeOf(*loop.result);
      const std::optional<Entries> entries = EntriesOf(*loop.result);
      locals_.pop_back();
      if (size.has_value()) sizes_[&expr] = *size;
      if (entries.has_value()) entries_[&expr] = *entries;
      return cost;
    }
    const size_t outside = locals_.size();
    const bool two = !loop.second_variable.empty();
    const Local first = LoopVariable(loop.variable, *loop.range, /*key=*/true, /*single=*/!two);
    locals_.push_back(first);
    if (two) {
      locals_.push_back(LoopVariable(loop.second_variable, *loop.range, false, false));
    }
    const Bounds turn = Cost(*loop.condition) + Cost(*loop.step);
    locals_.resize(outside);
    cost = cost + Cost(*loop.result);
    locals_.pop_back();
    const Bounds count = SizeOrUnknown(*loop.range);
    if (loop.initial->kind == Expr::Kind::kConstant) {
      if (const Size size = SizeOf(*loop.initial)) sizes_[&expr] = *size;
    } else if (loop.initial->kind == Expr::Kind::kList || loop.initial->kind == Expr::Kind::kMap) {
      sizes_[&expr] = count;
      if (const auto entries = EntriesOf(*loop.step)) entries_[&expr] = *entries;
    }
    return cost + count * turn;
  }

  // --- Calls.

  Bounds Call(const Expr& expr) {
    if (expr.name == "dyn") {
      const Bounds cost = Cost(*expr.args[0]) + Bounds::Fixed(1);
      if (const Size size = SizeOf(*expr.args[0])) sizes_[&expr] = *size;
      if (const auto entries = EntriesOf(*expr.args[0])) entries_[&expr] = *entries;
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
    Size result;
    for (const Overload* overload : expr.overloads) {
      Estimate estimate = OverloadEstimate(expr, overload->id);
      Bounds with_args = estimate.cost + args;
      if (expr.name == "_?_:_") {
        with_args = costs[0] + costs[1].Union(costs[2]);
      }
      call = call.Union(with_args);
      if (estimate.result.has_value()) {
        result = result.has_value() ? result->Union(*estimate.result) : *estimate.result;
      }
      if (overload->id == "index_list" || overload->id == "index_map") {
        const std::optional<Entries> entries = EntriesOf(*expr.args[0]);
        result = entries.has_value() ? Size(entries->value) : std::nullopt;
        places_[&expr] = Items(PlaceOf(*expr.args[0]));
      }
      if (!result.has_value()) result = SizeOf(expr);
    }
    if (result.has_value()) sizes_[&expr] = *result;
    return target + call;
  }

  Estimate OverloadEstimate(const Expr& expr, const std::string& overload) {
    if (const auto own = ListEstimate(expr, overload)) return *own;
    if (const auto own = KubernetesEstimate(expr, overload)) return *own;
    return StandardEstimate(expr, overload);
  }

  // The extensions that make lists, and sets.
  std::optional<Estimate> ListEstimate(const Expr& expr, const std::string& overload) {
    const auto allocating = [](Bounds size, double factor) {
      return Estimate{size * factor + Bounds::Fixed(1) + Bounds::Fixed(kListCost), size};
    };
    const auto compared = [&](const Expr& list, bool text) {
      const Bounds size = SizeOrUnknown(list);
      return allocating(size * size, text ? 2 + kTraversal : 2);
    };
    if (absl::StartsWith(overload, "list_sets_")) {
      const Bounds product = SizeOrUnknown(*expr.args[0]) * SizeOrUnknown(*expr.args[1]);
      const double factor = overload == "list_sets_equivalent_list" ? 2 : 1;
      return Estimate{product * factor + Bounds::Fixed(1), std::nullopt};
    }
    if (overload == "list_slice") {
      const Bounds size = SizeOrUnknown(*expr.target);
      const uint64_t end = IntLiteral(*expr.args[1]).value_or(size.max);
      return allocating(Bounds::Fixed(end - IntLiteral(*expr.args[0]).value_or(0)), 1);
    }
    if (overload == "lists_range") {
      return allocating(Bounds::Fixed(IntLiteral(*expr.args[0]).value_or(kUnbounded)), 1);
    }
    if (overload == "list_reverse") return allocating(SizeOrUnknown(*expr.target), 1);
    if (overload == "list_flatten") return allocating(SizeOrUnknown(*expr.target), 1);
    if (overload == "list_flatten_int") {
      const uint64_t depth = IntLiteral(*expr.args[0]).value_or(kUnbounded);
      return allocating(SizeOrUnknown(*expr.target), static_cast<double>(depth));
    }
    if (overload == "list_distinct") return compared(*expr.target, false);
    const bool text =
        absl::StartsWith(overload, "list_string_") || absl::StartsWith(overload, "list_bytes_");
    if (absl::EndsWith(overload, "_sort")) return compared(*expr.target, text);
    if (absl::EndsWith(overload, "_sortByAssociatedKeys")) return compared(*expr.args[0], text);
    return std::nullopt;
  }

  // The rules by function of Kubernetes' libraries.
  std::optional<Estimate> KubernetesEstimate(const Expr& expr, const std::string& overload) {
    const std::string& name = expr.name;
    const Expr* const target = expr.target;
    const auto is = [&](std::initializer_list<absl::string_view> names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    const auto traversed = [&](const Expr& text, double times = 1) {
      return SizeOrUnknown(text) * (times * kTraversal);
    };
    if (is({"isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"}) && target != nullptr) {
      if (target->type->params.empty()) return Estimate{traversed(*target), std::nullopt};
      Bounds element = Bounds::Fixed(1);
      const Type::Kind kind = target->type->params[0]->kind;
      if (kind == Type::Kind::kString || kind == Type::Kind::kBytes) {
        element = element + ElementSize(*target).value_or(Bounds::Unknown()) * kTraversal;
      }
      return Estimate{SizeOrUnknown(*target) * element, std::nullopt};
    }
    if (name == "url") return Estimate{traversed(*expr.args[0]), SizeOrUnknown(*expr.args[0])};
    if (is({"lowerAscii", "upperAscii", "substring", "trim"})) {
      return Estimate{traversed(*target), SizeOrUnknown(*target)};
    }
    if (name == "replace") return Replace(expr);
    if (name == "split") {
      uint64_t most = SizeOrUnknown(*target).max;
      if (expr.args.size() > 1) {
        const auto* limit = std::get_if<int64_t>(&expr.args[1]->constant);
        const bool literal = expr.args[1]->kind == Expr::Kind::kConstant && limit != nullptr;
        if (literal) most = static_cast<uint64_t>(*limit);
      }
      return Estimate{traversed(*target, 2), Bounds{0, most}};
    }
    if (name == "join") return Join(expr);
    if (is({"find", "findAll"})) {
      const Bounds size = SizeOrUnknown(*target);
      const Bounds cost =
          ((size + Bounds::Fixed(1)) * kTraversal) * (SizeOrUnknown(*expr.args[0]) * kRegex);
      return Estimate{cost, Bounds{0, size.max}};
    }
    if (overload == "cidr_ip" || is({"masked",
                                     "prefixLength",
                                     "family",
                                     "isUnspecified",
                                     "isLoopback",
                                     "isLinkLocalMulticast",
                                     "isLinkLocalUnicast",
                                     "isGlobalUnicast",
                                     "format.named",
                                     "sign",
                                     "asInteger",
                                     "isInteger",
                                     "asApproximateFloat",
                                     "isGreaterThan",
                                     "isLessThan",
                                     "compareTo",
                                     "add",
                                     "sub",
                                     "major",
                                     "minor",
                                     "patch",
                                     "getScheme",
                                     "getHostname",
                                     "getHost",
                                     "getPort",
                                     "getEscapedPath",
                                     "getQuery"})) {
      return Estimate{Bounds::Fixed(1), std::nullopt};
    }
    if (is({"cidr", "isIP", "isCIDR", "ip", "quantity", "isQuantity", "semver", "isSemver"})) {
      return Estimate{traversed(*expr.args[0]), std::nullopt};
    }
    if (name == "ip.isCanonical") return Estimate{traversed(*expr.args[0], 2), std::nullopt};
    if (is({"containsIP", "containsCIDR"})) {
      const Bounds address{4, 16};
      Bounds cost = (address + address) * kTraversal;
      if (name == "containsCIDR") cost = cost + address * kTraversal + Bounds::Fixed(1);
      if (absl::EndsWith(overload, "_string")) cost = cost + traversed(*expr.args[0]);
      return Estimate{cost, std::nullopt};
    }
    if (name == "validate") {
      return Estimate{traversed(*expr.args[0]) * (kMaxFormatRegex * kRegex), std::nullopt};
    }
    if (name == "_==_" && SameType(*expr.args[0]->type, *expr.args[1]->type) &&
        expr.args[0]->type->kind == Type::Kind::kOpaque) {
      return OpaqueEquality(expr);
    }
    return std::nullopt;
  }

  std::optional<Estimate> OpaqueEquality(const Expr& expr) {
    const std::string& type = expr.args[0]->type->name;
    if (type == "kubernetes.NamedFormat") {
      return Estimate{Bounds{1, kMaxFormatName} * kTraversal, std::nullopt};
    }
    if (type == "kubernetes.URL") {
      const Size size = SizeOf(*expr.args[1]);
      return Estimate{Bounds{1, size.has_value() ? size->max : 1} * kTraversal, std::nullopt};
    }
    if (type == "optional_type") return std::nullopt;
    return Estimate{Bounds::Fixed(1), std::nullopt};
  }

  Estimate Replace(const Expr& expr) {
    const Bounds text = SizeOrUnknown(*expr.target);
    const Bounds old = SizeOrUnknown(*expr.args[0]);
    const Bounds by = SizeOrUnknown(*expr.args[1]);
    const auto quotient = [](uint64_t a, uint64_t b) {
      return static_cast<uint64_t>(std::ceil(static_cast<double>(a) / static_cast<double>(b)));
    };
    Bounds count;
    Bounds kept;
    if (old.min == 0) {
      // An empty part is found around each character.
      count.max = Plus(text.max, 1);
      kept.max = text.max;
    } else if (by.max <= old.min) {
      kept.max = text.max;
    } else {
      count.max = quotient(text.max, old.min);
    }
    if (old.max == 0) {
      count.min = Plus(text.min, 1);
      kept.min = text.min;
    } else if (old.max <= by.min) {
      kept.min = text.min;
    } else {
      count.min = quotient(text.min, old.max);
    }
    return {text * (2 * kTraversal), count * by + kept};
  }

  Estimate Join(const Expr& expr) {
    const Bounds list = SizeOrUnknown(*expr.target);
    Bounds size = list * ElementSize(*expr.target).value_or(Bounds::Unknown());
    if (!expr.args.empty()) {
      const Bounds separators{list.min > 0 ? list.min - 1 : 0, list.max > 0 ? list.max - 1 : 0};
      size = size + SizeOrUnknown(*expr.args[0]) * separators;
    }
    return {size * kTraversal, size};
  }

  Estimate StandardEstimate(const Expr& expr, const std::string& overload) {
    const auto arg = [&](size_t i) { return SizeOrUnknown(*expr.args[i]); };
    if (overload == "string_format") {
      return {SizeOrUnknown(*expr.target) * kTraversal, std::nullopt};
    }
    if (overload == "string_to_bytes") {
      return {arg(0) * kTraversal, Bounds{arg(0).min, arg(0).max * 4}};
    }
    if (overload == "bytes_to_string") {
      return {arg(0) * kTraversal, Bounds{arg(0).min / 4, arg(0).max}};
    }
    if (overload == "strings_quote") {
      return {arg(0) * kTraversal, Bounds{arg(0).min + 2, arg(0).max * 2 + 2}};
    }
    if (overload == "starts_with_string" || overload == "ends_with_string") {
      return {arg(0) * kTraversal, std::nullopt};
    }
    if (overload == "in_list") return {arg(1), std::nullopt};
    if (overload == "matches_string") {
      const Bounds text = (SizeOrUnknown(*expr.target) + Bounds::Fixed(1)) * kTraversal;
      return {text * (arg(0) * kRegex), std::nullopt};
    }
    if (overload == "contains_string") {
      return {(SizeOrUnknown(*expr.target) * kTraversal) * (arg(0) * kTraversal), std::nullopt};
    }
    if (overload == "conditional") {
      const Bounds size = arg(1).Union(arg(2));
      if (const auto entries = UnionOf(EntriesOf(*expr.args[1]), EntriesOf(*expr.args[2]))) {
        entries_[&expr] = *entries;
      }
      return {Bounds(), size};  // the caller adds the branches
    }
    if (overload == "add_string" || overload == "add_bytes" || overload == "add_list") {
      const Bounds size = arg(0) + arg(1);
      if (const auto entries = UnionOf(EntriesOf(*expr.args[0]), EntriesOf(*expr.args[1]))) {
        entries_[&expr] = *entries;
      }
      return {overload == "add_list" ? Bounds::Fixed(1) : size * kTraversal, size};
    }
    const bool ordered =
        absl::StartsWith(overload, "less_") || absl::StartsWith(overload, "greater_");
    const bool text = absl::EndsWith(overload, "_string") || absl::EndsWith(overload, "_bytes");
    if (overload == "equals" || overload == "not_equals" || (ordered && text)) {
      const uint64_t most = std::min(arg(0).max, arg(1).max);
      return {Bounds{most > 0 ? uint64_t{1} : 0, most} * kTraversal, std::nullopt};
    }
    return {Bounds::Fixed(1), std::nullopt};
  }

  const Schema& root_;
  std::vector<Local> locals_;
  std::map<const Expr*, Place> places_;
  std::map<const Expr*, Bounds> sizes_;
  std::map<const Expr*, Entries> entries_;
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
