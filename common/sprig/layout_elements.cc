// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/layout_elements.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace sluice::sprig {
namespace {

struct Pattern {
  absl::string_view text;
  Element element;
  bool whole_word = false;  // no lower-case letter may follow
  OffsetForm offset = {};
};

// What begins with the same character is tried in this order.
constexpr Pattern kPatterns[] = {
    {"January", Element::kMonthName},
    {"Jan", Element::kShortMonthName, true},
    {"Monday", Element::kDayName},
    {"Mon", Element::kShortDayName, true},
    {"MST", Element::kZoneName},
    {"01", Element::kMonth2},
    {"02", Element::kDay2},
    {"03", Element::kHour12Two},
    {"04", Element::kMinute2},
    {"05", Element::kSecond2},
    {"06", Element::kYear2},
    {"002", Element::kYearDay3},
    {"15", Element::kHour},
    {"1", Element::kMonth},
    {"2006", Element::kYear},
    {"2", Element::kDay},
    {"_2", Element::kDayPadded},
    {"__2", Element::kYearDayPadded},
    {"3", Element::kHour12},
    {"4", Element::kMinute},
    {"5", Element::kSecond},
    {"PM", Element::kUpperHalf},
    {"pm", Element::kLowerHalf},
    {"-070000", Element::kOffset, false, {false, false, true, true}},
    {"-07:00:00", Element::kOffset, false, {false, true, true, true}},
    {"-0700", Element::kOffset, false, {false, false, true, false}},
    {"-07:00", Element::kOffset, false, {false, true, true, false}},
    {"-07", Element::kOffset, false, {}},
    {"Z070000", Element::kOffset, false, {true, false, true, true}},
    {"Z07:00:00", Element::kOffset, false, {true, true, true, true}},
    {"Z0700", Element::kOffset, false, {true, false, true, false}},
    {"Z07:00", Element::kOffset, false, {true, true, true, false}},
    {"Z07", Element::kOffset, false, {true, false, false, false}},
};

// ".000" or ",999" that no other digit follows.
bool IsFraction(absl::string_view layout, size_t& length) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return false;
  if (layout[1] != '0' && layout[1] != '9') return false;
  length = std::min(layout.find_first_not_of(layout[1], 1), layout.size());
  return !IsDigitAt(layout, length);
}

// The element that `layout` begins with; kNone if it begins with other text.
Piece ElementAt(absl::string_view layout) {
  for (const Pattern& pattern : kPatterns) {
    if (pattern.text[0] != layout[0] || !absl::StartsWith(layout, pattern.text)) continue;
    const size_t length = pattern.text.size();
    if (pattern.whole_word && length < layout.size() &&
        absl::ascii_islower(static_cast<unsigned char>(layout[length]))) {
      continue;
    }
    // In "_2006" the underscore is itself.
    if (pattern.element == Element::kDayPadded && absl::StartsWith(layout, "_2006")) return {};
    return {.literal = "",
            .element = pattern.element,
            .text = layout.substr(0, length),
            .offset = pattern.offset};
  }
  if (size_t length = 0; IsFraction(layout, length)) {
    return {.literal = "",
            .element = layout[1] == '0' ? Element::kFraction : Element::kShortFraction,
            .text = layout.substr(0, length),
            .digits = length - 1};
  }
  return {};
}

}  // namespace

Piece TakePiece(absl::string_view& layout) {
  for (size_t at = 0; at < layout.size(); ++at) {
    Piece piece = ElementAt(layout.substr(at));
    if (piece.element == Element::kNone) continue;
    piece.literal = layout.substr(0, at);
    layout.remove_prefix(at + piece.text.size());
    return piece;
  }
  return {.literal = std::exchange(layout, "")};
}

}  // namespace sluice::sprig
