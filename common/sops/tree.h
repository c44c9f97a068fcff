// A document as SOPS sees it: values in the order that they are written in, comments among them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::sops {

// The most nodes that a document may have, aliases of YAML counted each time.
inline constexpr size_t kMaxNodes = 1'000'000;
// How deep it may nest.
inline constexpr size_t kMaxDepth = 500;

struct Entry;

struct Node {
  enum class Kind : uint8_t {
    kNull,
    kBool,
    kInt,
    kUint,  // above the largest int64_t, which SOPS does not take
    kFloat,
    kString,
    kBytes,
    kTime,     // text is RFC 3339
    kComment,  // text without the "#"
    kList,
    kMap,
  };

  static Node Of(bool value);
  static Node Of(int64_t value);
  static Node Of(double value);
  static Node Text(Kind kind, absl::string_view text);

  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<Node> items;     // of a list; comments stand among them
  std::vector<Entry> entries;  // of a map
};

// A member of a map, or a comment between members, whose text is in `key`.
struct Entry {
  bool comment = false;
  bool text_key = true;  // false: YAML's keys of other kinds, which SOPS does not take
  std::string key;
  Node value;
};

using Document = std::vector<Entry>;
using Documents = std::vector<Document>;

// How Go names the type of `node`, for messages.
absl::string_view GoTypeOf(const Node& node);
// The bytes of a scalar that the MAC is made over, which is also what is encrypted.
std::string BytesOf(const Node& node);

}  // namespace sluice::sops
