// Sets, base64 and what macros use to fill maps.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cel/compare.h"
#include "common/cel/function.h"
#include "common/cel/print.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

bool AreLists(Args args) { return args.size() == 2 && args[0].is_list() && args[1].is_list(); }

bool Has(const Value& list, const Value& item, Arena& arena) {
  for (size_t i = 0; i < Size(list); ++i) {
    if (Equal(ElementAt(list, i, arena), item, arena)) return true;
  }
  return false;
}
bool HasAll(const Value& list, const Value& items, Arena& arena) {
  for (size_t i = 0; i < Size(items); ++i) {
    if (!Has(list, ElementAt(items, i, arena), arena)) return false;
  }
  return true;
}

// More comparisons than these would exceed any cost.
constexpr size_t kMaxComparisons = 100'000'000;
bool IsTooMuch(Args args) {
  const size_t size = Size(args[1]);
  return size != 0 && Size(args[0]) > kMaxComparisons / size;
}
Value TooMuch() { return Value::Abort("operation cancelled: actual cost limit exceeded"); }

Value SetsContains(Args args, Arena& arena) {
  if (!AreLists(args)) return NoMatch();
  if (IsTooMuch(args)) return TooMuch();
  return Value::Bool(HasAll(args[0], args[1], arena));
}
Value SetsEquivalent(Args args, Arena& arena) {
  if (!AreLists(args)) return NoMatch();
  if (IsTooMuch(args)) return TooMuch();
  return Value::Bool(HasAll(args[0], args[1], arena) && HasAll(args[1], args[0], arena));
}
Value SetsIntersects(Args args, Arena& arena) {
  if (!AreLists(args)) return NoMatch();
  if (IsTooMuch(args)) return TooMuch();
  for (size_t i = 0; i < Size(args[0]); ++i) {
    if (Has(args[1], ElementAt(args[0], i, arena), arena)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value Base64Encode(Args args, Arena& arena) {
  if (args[0].kind() != Kind::kBytes) return NoMatch();
  return Value::String(arena.Copy(absl::Base64Escape(args[0].text())));
}

bool IsBase64(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/';
}

// With or without padding.
Value Base64Decode(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  std::string text(args[0].text());
  text.erase(
      std::remove_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }),
      text.end());
  absl::string_view digits = text;
  while (digits.size() + 2 > text.size() && absl::ConsumeSuffix(&digits, "=")) {
  }
  const auto bad = std::find_if_not(digits.begin(), digits.end(), IsBase64);
  size_t at = static_cast<size_t>(bad - digits.begin());
  std::string bytes;
  const bool padded = digits.size() != text.size();
  if (bad == digits.end() && digits.size() % 4 != 1 && (!padded || text.size() % 4 == 0) &&
      absl::Base64Unescape(digits, &bytes)) {
    return Value::Bytes(arena.Copy(bytes));
  }
  if (bad == digits.end()) at = digits.size() - digits.size() % 4;
  return Value::Error(absl::StrCat("illegal base64 data at input byte ", at), arena);
}

Value KeyExists(const Value& key, Arena& arena) {
  return Value::Error(absl::StrCat("insert failed: key ", Print(key), " already exists"), arena);
}

// A map and a key with its value, or a map and another: the first with what is new added to it.
Value MapInsert(Args args, Arena& arena) {
  if (args.empty() || !args[0].is_map()) return NoMatch();
  if (args.size() == 2 && !args[1].is_map()) return NoMatch();
  const size_t size = Size(args[0]);
  MapData* map = nullptr;
  if (!args[0].in_document() && args[0].map().capacity > size) {
    // The accumulator of a loop, whose older states are never looked at again.
    map = const_cast<MapData*>(&args[0].map());
  } else {
    map = NewMap(2 * size + 4, arena);
    for (size_t i = 0; i < size; ++i) {
      Insert(*map, KeyAt(args[0], i, arena), ValueAt(args[0], i, arena), arena);
    }
  }
  if (args.size() == 3) {
    if (!Insert(*map, args[1], args[2], arena)) return KeyExists(args[1], arena);
    return Value::Map(map);
  }
  for (size_t i = 0; i < KeyCount(args[1]); ++i) {
    const Value key = KeyAt(args[1], i, arena);
    if (!Insert(*map, key, ValueAt(args[1], i, arena), arena)) return KeyExists(key, arena);
  }
  return Value::Map(map);
}

}  // namespace

std::vector<Function> CollectionFunctions() {
  std::vector<Function> functions = {
      {"sets.contains", {"list_sets_contains_list: list(T), list(T) -> bool"}, SetsContains},
      {"sets.equivalent", {"list_sets_equivalent_list: list(T), list(T) -> bool"}, SetsEquivalent},
      {"sets.intersects", {"list_sets_intersects_list: list(T), list(T) -> bool"}, SetsIntersects},
      {"base64.encode", {"base64_encode_bytes: bytes -> string"}, Base64Encode},
      {"base64.decode", {"base64_decode_string: string -> bytes"}, Base64Decode},
      {"cel.@mapInsert",
       {"@mapInsert_map_key_value: map(K, V), K, V -> map(K, V)",
        "@mapInsert_map_map: map(K, V), map(K, V) -> map(K, V)"},
       MapInsert},
  };
  functions[3].needs = &Features::encoders;
  functions[4].needs = &Features::encoders;
  functions[5].needs = &Features::two_variable_macros;
  return functions;
}

}  // namespace sluice::cel
