// SPDX-License-Identifier: Apache-2.0
#include "common/cel/cost.h"

#include <algorithm>
#include <cmath>

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
uint64_t Nothing(Args, const Value&) { return 0; }
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

// Every element once, and strings and bytes in lists character by character.
uint64_t TraverseList(Args args, const Value&) {
  if (args[0].kind() != Kind::kList) return Scaled(CostSize(args[0]), kTraversal);
  const size_t size = Size(args[0]);
  if (size == 0) return 0;
  Arena scratch(size_t{1} << 20);
  const Value first = ElementAt(args[0], 0, scratch);
  if (first.kind() != Kind::kString && first.kind() != Kind::kBytes) return size;
  uint64_t total = 0;
  for (size_t i = 0; i < size; ++i) {
    total += Scaled(CostSize(ElementAt(args[0], i, scratch)), kTraversal);
  }
  return total;
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

// Every list of the two is gone through for each element of the other.
uint64_t Product(Args args, const Value&) { return CostSize(args[0]) * CostSize(args[1]); }
uint64_t ProductTwice(Args args, const Value&) { return 2 * CostSize(args[0]) * CostSize(args[1]); }

struct NamedRule {
  absl::string_view name;
  CostRule rule;
};

// By function, whatever the overload (Kubernetes' own rules).
constexpr NamedRule kByFunction[] = {
    {"isSorted", TraverseList},
    {"sum", TraverseList},
    {"max", TraverseList},
    {"min", TraverseList},
    {"indexOf", TraverseList},
    {"lastIndexOf", TraverseList},
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
    {"optional_or_optional", Nothing},
    {"optional_orValue_value", Nothing},
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
