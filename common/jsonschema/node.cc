// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/node.h"

#include "absl/strings/str_cat.h"
#include "common/jsonschema/url.h"

namespace sluice::jsonschema {
namespace {

constexpr absl::string_view kTypeNames[] = {"null",   "boolean", "number", "integer",
                                            "string", "array",   "object"};

}  // namespace

uint8_t TypeBitOf(absl::string_view name) {
  uint8_t bit = 1;
  for (const absl::string_view known : kTypeNames) {
    if (known == name) return bit;
    bit = static_cast<uint8_t>(bit << 1);
  }
  return 0;
}

std::string TypeNames(uint8_t types) {
  std::string out;
  for (const absl::string_view name : kTypeNames) {
    if ((types & TypeBitOf(name)) != 0) absl::StrAppend(&out, out.empty() ? "" : " or ", name);
  }
  return out;
}

std::string Node::Location() const {
  return composed ? std::string(url) : absl::StrCat(url, "#", EscapePointer(pointer));
}

}  // namespace sluice::jsonschema
