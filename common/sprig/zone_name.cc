// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/zone_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/sprig/layout_elements.h"

namespace sluice::sprig {
namespace {

// A sign and hours up to 23; 0 if `text` does not begin so.
size_t SignedHours(absl::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  int hours = 0;
  size_t size = 1;
  for (; IsDigitAt(text, size); ++size) hours = std::min(hours * 10 + (text[size] - '0'), 24);
  return size == 1 || hours > 23 ? 0 : size;
}

}  // namespace

size_t ZoneNameSize(absl::string_view text) {
  if (text.size() < 3) return 0;
  if (absl::StartsWith(text, "ChST") || absl::StartsWith(text, "MeST")) return 4;
  if (absl::StartsWith(text, "GMT")) return 3 + SignedHours(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return SignedHours(text);
  size_t capitals = 0;
  while (capitals < 6 && capitals < text.size() &&
         absl::ascii_isupper(static_cast<unsigned char>(text[capitals]))) {
    ++capitals;
  }
  const bool named = capitals == 3 ||
                     (capitals == 4 && (text[3] == 'T' || absl::StartsWith(text, "WITA"))) ||
                     (capitals == 5 && text[4] == 'T');
  return named ? capitals : 0;
}

int ZoneNameHours(absl::string_view name) {
  if (!absl::StartsWith(name, "GMT") || name.size() <= 3) return 0;
  int hours = 0;
  for (const char c : name.substr(4)) hours = hours * 10 + (c - '0');
  return name[3] == '-' ? -hours : hours;
}

}  // namespace sluice::sprig
