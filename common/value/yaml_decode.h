// From nodes to data by go-yaml v3's rules: duplicate keys are errors, merge keys give way to the
// mapping's own, dates are times, aliases are expanded within go-yaml's bound.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/value/value.h"
#include "common/value/yaml_node.h"

namespace sluice::value {

struct DecodedMember;

// What go-yaml v3 decodes into `any`: more than JSON holds.
struct DecodedYaml {
  enum class Kind : uint8_t { kScalar, kTime, kSequence, kMapping };

  Kind kind = Kind::kScalar;
  Value scalar;             // null, bool, number (also NaN and infinities), string; kTime: RFC 3339
  bool string_keys = true;  // of a mapping: a map[string]any, else a map[any]any
  std::vector<DecodedYaml> items;
  std::vector<DecodedMember> members;  // unsorted; the last of equal keys wins
};

struct DecodedMember {
  DecodedYaml key;
  DecodedYaml value;
};

// How the root is decoded: into any, or as kyaml does it: a map whose keys become strings as they
// are written, or a list.
enum class DecodeTarget : uint8_t { kAny, kMapOrList };

// kInvalidArgument with go-yaml's message.
absl::StatusOr<DecodedYaml> DecodeYamlNode(const YamlNode& node, DecodeTarget target);

// As encoding/json sees it; kInvalidArgument for what it refuses: NaN, infinities and keys that are
// no strings.
absl::StatusOr<Value> DecodedYamlToValue(DecodedYaml decoded);

}  // namespace sluice::value
