// SPDX-License-Identifier: Apache-2.0
#include "common/cel/cost.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "common/cel/strings.h"

namespace sluice::cel {
namespace {

// Per character of a string that is gone through, and per character of a regular expression.
constexpr double kTraversal = 0.1;
constexpr double kRegex = 0.25;

using Args = std::span<const Value>;

uint64_t Scaled(uint64_t size, double factor) {
  return static_cast<uint64_t>(std::ceil(static_cast<double>(size) * factor));
}

uint64_t One(Args, const Value&) { return 1; }
uint64_t TraverseFirst(Args args, const Value&) { return Scaled(CostSize(args[0]), kTraversal); }
uint64_t TraverseFirstTwice(Args args, const Value&) {
  return Scaled(2 * CostSize(args[0]), kTraversal);
}
uint64_t TraverseResultTwice(Args, const Value& result) {
  return Scaled(2 * CostSize(result), kTraversal);
}
uint64_t TraverseBoth(Args args, const Value&) {
  return Scaled(CostSize(args[0]) + CostSize(args[1]), kTraversal);
}
uint64_t TraverseShorter(Args args, const Value&) {
  return Scaled(std::min(CostSize(args[0]), CostSize(args[1])), kTraversal);
}
uint64_t Contains(Args args, const Value&) {
  return Scaled(CostSize(args[0]), kTraversal) * Scaled(CostSize(args[1]), kTraversal);
}
uint64_t Regex(Args args, const Value&) {
  return Scaled(1 + CostSize(args[0]), kTraversal) * Scaled(CostSize(args[1]), kRegex);
}
uint64_t SearchList(Args args, const Value&) { return CostSize(args[1]); }

// What is in a value, strings by the byte, rounded down one by one.
uint64_t Traversal(const Value& value, Arena& scratch) {
  uint64_t cost = 0;
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return static_cast<uint64_t>(static_cast<double>(value.text().size()) * kTraversal);
    case Kind::kList:
      for (size_t i = 0; i < Size(value); ++i) {
        cost += Traversal(ElementAt(value, i, scratch), scratch);
      }
      return cost;
    case Kind::kMap:
      for (size_t i = 0; i < KeyCount(value); ++i) {
        cost += Traversal(KeyAt(value, i, scratch), scratch) +
                Traversal(ValueAt(value, i, scratch), scratch);
      }
      return cost;
    default:
      return 1;
  }
}
uint64_t TraverseAll(Args args, const Value&) {
  Arena scratch(size_t{1} << 20);
  return Traversal(args[0], scratch);
}

uint64_t ContainsIp(Args args, const Value&) {
  uint64_t cost = Scaled(2 * CostSize(args[0]), kTraversal);
  if (args[1].is_string()) cost += Scaled(CostSize(args[1]), kTraversal);
  return cost;
}
uint64_t ContainsCidr(Args args, const Value&) {
  uint64_t cost = Scaled(2 * CostSize(args[0]), kTraversal);
  cost += Scaled(CostSize(args[0]), kTraversal) + 1;
  if (args[1].is_string()) cost += Scaled(CostSize(args[1]), kTraversal);
  return cost;
}
uint64_t ValidateFormat(Args args, const Value&) {
  if (args[0].kind() != Kind::kOpaque) return 1;
  return Scaled(1 + CostSize(args[1]), kTraversal) * Scaled(CostSize(args[0]), kRegex);
}

// Each element of one list is looked for in the other.
uint64_t Product(Args args, const Value&) { return 1 + CostSize(args[0]) * CostSize(args[1]); }
uint64_t ProductTwice(Args args, const Value&) {
  return 1 + 2 * CostSize(args[0]) * CostSize(args[1]);
}

// A call that makes a list, and gets each of `size` elements ready at `factor`.
uint64_t Allocating(uint64_t size, double factor) {
  return static_cast<uint64_t>(static_cast<double>(size) * factor) + 1 + kListCost;
}
uint64_t NewList(Args, const Value& result) { return Allocating(CostSize(result), 1); }
uint64_t Flatten(Args args, const Value&) {
  const double depth = args.size() == 2 && args[1].is_int()
                           ? static_cast<double>(std::max<int64_t>(0, args[1].integer()))
                           : 1;
  return Allocating(CostSize(args[0]), depth);
}
// Every element is compared with every other.
uint64_t CompareAll(const Value& list) {
  if (!list.is_list()) return 1;
  const size_t size = Size(list);
  if (size == 0) return Allocating(0, 0);
  Arena scratch(size_t{1} << 10);
  const Kind kind = ElementAt(list, 0, scratch).kind();
  const bool text = kind == Kind::kString || kind == Kind::kBytes;
  return Allocating(size * size, text ? 2 + kTraversal : 2);
}
uint64_t CompareFirst(Args args, const Value&) { return CompareAll(args[0]); }
uint64_t CompareSecond(Args args, const Value&) { return CompareAll(args[1]); }

struct NamedRule {
  absl::string_view name;
  CostRule rule;
};

// By function, whatever the overload (Kubernetes' own rules).
constexpr NamedRule kByFunction[] = {
    {"isSorted", TraverseAll},
    {"sum", TraverseAll},
    {"max", TraverseAll},
    {"min", TraverseAll},
    {"indexOf", TraverseAll},
    {"lastIndexOf", TraverseAll},
    {"url", TraverseFirst},
    {"lowerAscii", TraverseFirst},
    {"upperAscii", TraverseFirst},
    {"substring", TraverseFirst},
    {"trim", TraverseFirst},
    {"replace", TraverseFirstTwice},
    {"split", TraverseFirstTwice},
    {"join", TraverseResultTwice},
    {"find", Regex},
    {"findAll", Regex},
    {"cidr", TraverseFirst},
    {"isIP", TraverseFirst},
    {"isCIDR", TraverseFirst},
    {"ip.isCanonical", TraverseFirstTwice},
    {"quantity", TraverseFirst},
    {"isQuantity", TraverseFirst},
    {"semver", TraverseFirst},
    {"isSemver", TraverseFirst},
    {"containsIP", ContainsIp},
    {"containsCIDR", ContainsCidr},
    {"validate", ValidateFormat},
    {"sets.contains", Product},
    {"sets.intersects", Product},
    {"sets.equivalent", ProductTwice},
};

// By the overload that the checker found.
constexpr NamedRule kByOverload[] = {
    {"string_to_ip", TraverseFirst},
    {"starts_with_string", TraverseFirst},
    {"ends_with_string", TraverseFirst},
    {"string_to_bytes", TraverseFirst},
    {"bytes_to_string", TraverseFirst},
    {"strings_quote", TraverseFirst},
    {"string_format", TraverseFirst},
    {"in_list", SearchList},
    {"less_string", TraverseShorter},
    {"less_bytes", TraverseShorter},
    {"less_equals_string", TraverseShorter},
    {"less_equals_bytes", TraverseShorter},
    {"greater_string", TraverseShorter},
    {"greater_bytes", TraverseShorter},
    {"greater_equals_string", TraverseShorter},
    {"greater_equals_bytes", TraverseShorter},
    {"add_string", TraverseBoth},
    {"add_bytes", TraverseBoth},
    {"matches_string", Regex},
    {"contains_string", Contains},
    {"list_slice", NewList},
    {"lists_range", NewList},
    {"list_reverse", NewList},
    {"list_flatten", Flatten},
    {"list_flatten_int", Flatten},
    {"list_distinct", CompareFirst},
};

}  // namespace

uint64_t CostSize(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return CountCharacters(value.text());
    case Kind::kBytes:
      return value.text().size();
    case Kind::kList:
    case Kind::kMap:
      return Size(value);
    case Kind::kOptional:
      return value.optional() == nullptr ? 1 : CostSize(*value.optional());
    case Kind::kOpaque:
      return value.opaque().size();
    default:
      return 1;
  }
}

CostRule FindCostRule(absl::string_view function, absl::string_view overload) {
  for (const NamedRule& named : kByFunction) {
    if (named.name == function) return named.rule;
  }
  if (absl::EndsWith(overload, "_sort")) return CompareFirst;
  if (absl::EndsWith(overload, "_sortByAssociatedKeys")) return CompareSecond;
  for (const NamedRule& named : kByOverload) {
    if (named.name == overload) return named.rule;
  }
  return One;
}

uint64_t EqualityCost(const Value& a, const Value& b) {
  if (a.kind() == Kind::kOpaque) return 1;
  return Scaled(std::min(CostSize(a), CostSize(b)), kTraversal);
}

}  // namespace sluice::cel
