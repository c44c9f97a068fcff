// The elements of a time layout: what of it stands for a part of a time, and what for itself.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace sluice::sprig {

enum class Element : uint8_t {
  kNone,  // the layout is at its end
  kYear2,
  kYear,
  kMonthName,
  kShortMonthName,
  kMonth,
  kMonth2,
  kDayName,
  kShortDayName,
  kDay,
  kDayPadded,
  kDay2,
  kYearDayPadded,
  kYearDay3,
  kHour,
  kHour12,
  kHour12Two,
  kMinute,
  kMinute2,
  kSecond,
  kSecond2,
  kUpperHalf,
  kLowerHalf,
  kOffset,
  kZoneName,
  kFraction,       // exactly so many digits
  kShortFraction,  // up to so many, without zeros at the end
};

// How an offset is written.
struct OffsetForm {
  bool z_for_utc = false;
  bool colons = false;
  bool minutes = false;
  bool seconds = false;
};

struct Piece {
  absl::string_view literal;  // what stands before the element
  Element element = Element::kNone;
  absl::string_view text = {};  // of the element in the layout
  OffsetForm offset = {};
  size_t digits = 0;  // of a fraction
};

inline constexpr absl::string_view kMonths[] = {"January",   "February", "March",    "April",
                                                "May",       "June",     "July",     "August",
                                                "September", "October",  "November", "December"};
inline constexpr absl::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

inline bool IsDigitAt(absl::string_view text, size_t at) {
  return at < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[at]));
}

// Takes the text up to the next element and the element off `layout`; kNone at its end.
Piece TakePiece(absl::string_view& layout);

}  // namespace sluice::sprig
