// CBOR (RFC 8949) as far as COSE signatures have it: definite lengths, no floating point.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::notation {

struct Cbor {
  enum class Kind { kInteger, kBytes, kText, kArray, kMap, kTag, kSimple };

  // The item that `bytes` is. kInvalidArgument for what is none or more than one, for nesting of
  // more than 16 levels, and where a map has a key twice.
  static absl::StatusOr<Cbor> Parse(absl::string_view bytes);

  bool is(Kind wanted) const { return kind == wanted; }
  // The value of a key of a map; null if there is none.
  const Cbor* Find(int64_t key) const;
  const Cbor* Find(absl::string_view key) const;

  Kind kind = Kind::kSimple;
  int64_t number = 0;       // kInteger; kTag: which; kSimple: 20 is false, 21 true, 22 null
  std::string text;         // kBytes, kText
  std::vector<Cbor> items;  // kArray; kTag: one
  std::vector<Cbor> keys, values;  // kMap: one of each for an entry
};

// The head of an item of major type `major` (2: bytes, 3: text, 4: array) with this length.
std::string CborHead(int major, uint64_t length);

}  // namespace sluice::notation
