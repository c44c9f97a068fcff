// SPDX-License-Identifier: Apache-2.0
#include "common/git/object_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace sluice::git {

absl::StatusOr<ObjectId> ObjectId::Parse(absl::string_view hex) {
  if (hex.size() != kHexDigits || !std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::CHexEscape(hex.substr(0, 80)), "\" is not a Git object id"));
  }
  return FromRaw(absl::HexStringToBytes(hex));
}

ObjectId ObjectId::FromRaw(absl::string_view raw) {
  ObjectId id;
  std::copy_n(raw.begin(), kBytes, id.bytes.begin());
  return id;
}

std::string ObjectId::Hex() const { return absl::BytesToHexString(Raw()); }

}  // namespace sluice::git
