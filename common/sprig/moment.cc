// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/moment.h"

#include "common/sprig/time_layout.h"

namespace sluice::sprig {

const LocationPointer& UtcLocation() {
  static const auto& utc =
      *new LocationPointer(std::make_shared<const Location>("UTC", absl::UTCTimeZone()));
  return utc;
}

const LocationPointer& LocalLocation() {
  static const auto& local =
      *new LocationPointer(std::make_shared<const Location>("Local", absl::UTCTimeZone()));
  return local;
}

LocationPointer FixedLocation(absl::string_view name, int offset_seconds) {
  return std::make_shared<const Location>(name, absl::FixedTimeZone(offset_seconds),
                                          std::string(name));
}

Moment::Moment() : Moment(MomentAt(absl::CivilSecond(1), 0, UtcLocation())) {}

Moment::Clock Moment::At() const {
  const absl::TimeZone::CivilInfo info = location->zone.At(instant);
  return {.civil = info.cs,
          .nanosecond = static_cast<int>(absl::ToInt64Nanoseconds(info.subsecond)),
          .offset = info.offset,
          .zone = location->fixed_name.value_or(info.zone_abbr)};
}

std::string Moment::Text() const {
  return FormatTime(*this, "2006-01-02 15:04:05.999999999 -0700 MST");
}

Moment MomentAt(absl::CivilSecond civil, int nanosecond, const LocationPointer& location) {
  return Moment(location->zone.At(civil).pre + absl::Nanoseconds(nanosecond), location);
}

}  // namespace sluice::sprig
