// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_wire.h"

#include "absl/strings/str_cat.h"

namespace sluice::signature {

void AppendSshNumber(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void AppendSshText(absl::string_view text, std::string& out) {
  AppendSshNumber(static_cast<uint32_t>(text.size()), out);
  absl::StrAppend(&out, text);
}

void AppendSshMpint(absl::string_view number, std::string& out) {
  // A first bit would be a sign.
  const bool padded = !number.empty() && (number.front() & 0x80) != 0;
  AppendSshNumber(static_cast<uint32_t>(number.size() + (padded ? 1 : 0)), out);
  if (padded) out.push_back('\0');
  absl::StrAppend(&out, number);
}

}  // namespace sluice::signature
