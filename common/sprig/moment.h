// Points in time as Go's time.Time has them: an instant, and the place by whose clocks it is told.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// A time zone. Immutable, shared by the moments told in it; two of them are the same when they are
// one object.
struct Location : gotmpl::Object {
  Location(absl::string_view name, absl::TimeZone zone,
           std::optional<std::string> fixed_name = std::nullopt)
      : name(name), zone(zone), fixed_name(std::move(fixed_name)) {}

  const std::string name;  // "Europe/Berlin"
  const absl::TimeZone zone;
  // Of a zone with one offset: what it is called, perhaps nothing. Others have their own names.
  const std::optional<std::string> fixed_name;
};
using LocationPointer = std::shared_ptr<const Location>;

const LocationPointer& UtcLocation();
// The zone of the process: UTC, as in a container.
const LocationPointer& LocalLocation();
LocationPointer FixedLocation(absl::string_view name, int offset_seconds);

struct Moment {
  // The one that Go's zero value stands for: the beginning of year 1.
  Moment();
  Moment(absl::Time instant, LocationPointer location)
      : instant(instant), location(std::move(location)) {}

  // What the clocks show there, and the offset of their zone in seconds and its name, perhaps "".
  struct Clock {
    absl::CivilSecond civil;
    int nanosecond;
    int offset;
    std::string zone;
  };
  Clock At() const;
  // "2006-01-02 15:04:05.999999999 -0700 MST", as String().
  std::string Text() const;

  absl::Time instant;
  LocationPointer location;
};

// The moment when clocks at `location` show the time; the first of two.
Moment MomentAt(absl::CivilSecond civil, int nanosecond, const LocationPointer& location);

}  // namespace sluice::sprig
