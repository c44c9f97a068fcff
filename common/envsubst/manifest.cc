// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/manifest.h"

#include <string>
#include <utility>

#include "common/base/status.h"
#include "common/value/yaml.h"

namespace sluice::envsubst {
namespace {

using value::Value;

constexpr int64_t kExact = int64_t{1} << 53;

bool IsExact(const Value& number) {
  const int64_t integer = number.int_or(kExact + 1);  // a kUint is larger still
  return integer >= -kExact && integer <= kExact;
}

bool AnyInexact(const Value& value) {
  if (value.is_integer()) return !IsExact(value);
  for (const Value& item : value.items()) {
    if (AnyInexact(item)) return true;
  }
  for (const value::Member& member : value.members()) {
    if (AnyInexact(member.value)) return true;
  }
  return false;
}

void RoundIntegers(Value& value) {
  if (value.is_integer()) {
    if (!IsExact(value)) value = Value(value.double_or(0));
  } else if (value.is_array()) {
    for (Value& item : value.mutable_items()) RoundIntegers(item);
  } else if (value.is_object()) {
    for (value::Member& member : value.mutable_members()) RoundIntegers(member.value);
  }
}

}  // namespace

absl::StatusOr<Value> ExpandManifest(const Value& manifest, Lookup lookup, const Options& options) {
  const absl::StatusOr<std::string> text = Expand(value::FormatYaml(manifest), lookup, options);
  if (!text.ok()) return Annotate(text.status(), "variable substitution failed");
  absl::StatusOr<Value> expanded = value::ParseYaml(*text);
  if (!expanded.ok()) return Annotate(expanded.status(), "YAMLToJSON");
  if (AnyInexact(*expanded)) RoundIntegers(*expanded);
  return expanded;
}

}  // namespace sluice::envsubst
