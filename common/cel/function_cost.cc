// SPDX-License-Identifier: Apache-2.0
#include "common/cel/function_cost.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/cel/cost.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

constexpr double kTraversal = 0.1;
constexpr double kRegex = 0.25;
constexpr double kMaxFormatRegex = 128;
constexpr uint64_t kMaxFormatName = 64;

std::optional<uint64_t> IntLiteral(const Expr& expr) {
  const auto* number =
      expr.kind == Expr::Kind::kConstant ? std::get_if<int64_t>(&expr.constant) : nullptr;
  if (number == nullptr) return std::nullopt;
  return static_cast<uint64_t>(std::max<int64_t>(0, *number));
}

// The extensions that make lists, and sets.
std::optional<CallEstimate> ListEstimate(const Expr& expr, const std::string& overload,
                                         KnownSizes& known) {
  const auto allocating = [](Bounds size, double factor) {
    return CallEstimate{size * factor + Bounds::Fixed(1) + Bounds::Fixed(kListCost), size};
  };
  const auto compared = [&](const Expr& list, bool text) {
    const Bounds size = known.SizeOrUnknown(list);
    return allocating(size * size, text ? 2 + kTraversal : 2);
  };
  if (absl::StartsWith(overload, "list_sets_")) {
    const Bounds product = known.SizeOrUnknown(*expr.args[0]) * known.SizeOrUnknown(*expr.args[1]);
    const double factor = overload == "list_sets_equivalent_list" ? 2 : 1;
    return CallEstimate{product * factor + Bounds::Fixed(1), std::nullopt};
  }
  if (overload == "list_slice") {
    const Bounds size = known.SizeOrUnknown(*expr.target);
    const uint64_t end = IntLiteral(*expr.args[1]).value_or(size.max);
    return allocating(Bounds::Fixed(end - IntLiteral(*expr.args[0]).value_or(0)), 1);
  }
  if (overload == "lists_range") {
    return allocating(Bounds::Fixed(IntLiteral(*expr.args[0]).value_or(kUnbounded)), 1);
  }
  if (overload == "list_reverse") return allocating(known.SizeOrUnknown(*expr.target), 1);
  if (overload == "list_flatten") return allocating(known.SizeOrUnknown(*expr.target), 1);
  if (overload == "list_flatten_int") {
    const uint64_t depth = IntLiteral(*expr.args[0]).value_or(kUnbounded);
    return allocating(known.SizeOrUnknown(*expr.target), static_cast<double>(depth));
  }
  if (overload == "list_distinct") return compared(*expr.target, false);
  const bool text =
      absl::StartsWith(overload, "list_string_") || absl::StartsWith(overload, "list_bytes_");
  if (absl::EndsWith(overload, "_sort")) return compared(*expr.target, text);
  if (absl::EndsWith(overload, "_sortByAssociatedKeys")) return compared(*expr.args[0], text);
  return std::nullopt;
}

std::optional<CallEstimate> OpaqueEquality(const Expr& expr, KnownSizes& known) {
  const std::string& type = expr.args[0]->type->name;
  if (type == "kubernetes.NamedFormat") {
    return CallEstimate{Bounds{1, kMaxFormatName} * kTraversal, std::nullopt};
  }
  if (type == "kubernetes.URL") {
    const KnownSize size = known.SizeOf(*expr.args[1]);
    return CallEstimate{Bounds{1, size.has_value() ? size->max : 1} * kTraversal, std::nullopt};
  }
  if (type == "optional_type") return std::nullopt;
  return CallEstimate{Bounds::Fixed(1), std::nullopt};
}

CallEstimate Replace(const Expr& expr, KnownSizes& known) {
  const Bounds text = known.SizeOrUnknown(*expr.target);
  const Bounds old = known.SizeOrUnknown(*expr.args[0]);
  const Bounds by = known.SizeOrUnknown(*expr.args[1]);
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

CallEstimate Join(const Expr& expr, KnownSizes& known) {
  const Bounds list = known.SizeOrUnknown(*expr.target);
  Bounds size = list * known.ElementSize(*expr.target).value_or(Bounds::Unknown());
  if (!expr.args.empty()) {
    const Bounds separators{list.min > 0 ? list.min - 1 : 0, list.max > 0 ? list.max - 1 : 0};
    size = size + known.SizeOrUnknown(*expr.args[0]) * separators;
  }
  return {size * kTraversal, size};
}

// The rules by function of Kubernetes' libraries.
std::optional<CallEstimate> KubernetesEstimate(const Expr& expr, const std::string& overload,
                                               KnownSizes& known) {
  const std::string& name = expr.name;
  const Expr* const target = expr.target;
  const auto is = [&](std::initializer_list<absl::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto traversed = [&](const Expr& text, double times = 1) {
    return known.SizeOrUnknown(text) * (times * kTraversal);
  };
  if (is({"isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"}) && target != nullptr) {
    if (target->type->params.empty()) return CallEstimate{traversed(*target), std::nullopt};
    Bounds element = Bounds::Fixed(1);
    const Type::Kind kind = target->type->params[0]->kind;
    if (kind == Type::Kind::kString || kind == Type::Kind::kBytes) {
      element = element + known.ElementSize(*target).value_or(Bounds::Unknown()) * kTraversal;
    }
    return CallEstimate{known.SizeOrUnknown(*target) * element, std::nullopt};
  }
  if (name == "url") {
    return CallEstimate{traversed(*expr.args[0]), known.SizeOrUnknown(*expr.args[0])};
  }
  if (is({"lowerAscii", "upperAscii", "substring", "trim"})) {
    return CallEstimate{traversed(*target), known.SizeOrUnknown(*target)};
  }
  if (name == "replace") return Replace(expr, known);
  if (name == "split") {
    uint64_t most = known.SizeOrUnknown(*target).max;
    if (expr.args.size() > 1) {
      const auto* limit = std::get_if<int64_t>(&expr.args[1]->constant);
      const bool literal = expr.args[1]->kind == Expr::Kind::kConstant && limit != nullptr;
      if (literal) most = static_cast<uint64_t>(*limit);
    }
    return CallEstimate{traversed(*target, 2), Bounds{0, most}};
  }
  if (name == "join") return Join(expr, known);
  if (is({"find", "findAll"})) {
    const Bounds size = known.SizeOrUnknown(*target);
    const Bounds cost =
        ((size + Bounds::Fixed(1)) * kTraversal) * (known.SizeOrUnknown(*expr.args[0]) * kRegex);
    return CallEstimate{cost, Bounds{0, size.max}};
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
    return CallEstimate{Bounds::Fixed(1), std::nullopt};
  }
  if (is({"cidr", "isIP", "isCIDR", "ip", "quantity", "isQuantity", "semver", "isSemver"})) {
    return CallEstimate{traversed(*expr.args[0]), std::nullopt};
  }
  if (name == "ip.isCanonical") return CallEstimate{traversed(*expr.args[0], 2), std::nullopt};
  if (is({"containsIP", "containsCIDR"})) {
    const Bounds address{4, 16};
    Bounds cost = (address + address) * kTraversal;
    if (name == "containsCIDR") cost = cost + address * kTraversal + Bounds::Fixed(1);
    if (absl::EndsWith(overload, "_string")) cost = cost + traversed(*expr.args[0]);
    return CallEstimate{cost, std::nullopt};
  }
  if (name == "validate") {
    return CallEstimate{traversed(*expr.args[0]) * (kMaxFormatRegex * kRegex), std::nullopt};
  }
  if (name == "_==_" && SameType(*expr.args[0]->type, *expr.args[1]->type) &&
      expr.args[0]->type->kind == Type::Kind::kOpaque) {
    return OpaqueEquality(expr, known);
  }
  return std::nullopt;
}

CallEstimate StandardEstimate(const Expr& expr, const std::string& overload, KnownSizes& known) {
  const auto arg = [&](size_t i) { return known.SizeOrUnknown(*expr.args[i]); };
  if (overload == "string_format") {
    return {known.SizeOrUnknown(*expr.target) * kTraversal, std::nullopt};
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
    const Bounds text = (known.SizeOrUnknown(*expr.target) + Bounds::Fixed(1)) * kTraversal;
    return {text * (arg(0) * kRegex), std::nullopt};
  }
  if (overload == "contains_string") {
    return {(known.SizeOrUnknown(*expr.target) * kTraversal) * (arg(0) * kTraversal), std::nullopt};
  }
  if (overload == "conditional") {
    const Bounds size = arg(1).Union(arg(2));
    known.SetEntries(expr, known.EntriesOfEither(*expr.args[1], *expr.args[2]));
    return {Bounds(), size};  // the caller adds the branches
  }
  if (overload == "add_string" || overload == "add_bytes" || overload == "add_list") {
    const Bounds size = arg(0) + arg(1);
    known.SetEntries(expr, known.EntriesOfEither(*expr.args[0], *expr.args[1]));
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

}  // namespace

CallEstimate EstimateCall(const Expr& call, const std::string& overload, KnownSizes& known) {
  if (const auto own = ListEstimate(call, overload, known)) return *own;
  if (const auto own = KubernetesEstimate(call, overload, known)) return *own;
  return StandardEstimate(call, overload, known);
}

}  // namespace sluice::cel
