// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/fields.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sluice::sigstore {

absl::StatusOr<std::string> BytesField(const Value& value, absl::string_view field) {
  std::string bytes;
  if (value.is_null()) return bytes;
  if (!value.is_string() || !absl::Base64Unescape(value.str(), &bytes)) {
    return absl::InvalidArgumentError(absl::StrCat(field, " is not base64"));
  }
  return bytes;
}

absl::StatusOr<int64_t> NumberField(const Value& value, absl::string_view field) {
  int64_t number = 0;
  if (value.is_null() || (value.is_string() && absl::SimpleAtoi(value.str(), &number))) {
    return number;
  }
  if (value.is_integer()) {
    number = value.int_or(-1);
    if (number >= 0) return number;
  }
  return absl::InvalidArgumentError(absl::StrCat(field, " is no number"));
}

}  // namespace sluice::sigstore
