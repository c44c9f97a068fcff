// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/literal.h"
#include "common/sprig/convert.h"
#include "common/sprig/random.h"
#include "common/sprig/sprig.h"
#include "common/sprig/time_layout.h"
#include "common/sprig/time_types.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

constexpr absl::string_view kHtmlDate = "2006-01-02";

absl::StatusOr<Moment> Now(Call& call) {
  ASSIGN_OR_RETURN(gotmpl::Environment* const environment, EnvironmentOf(call));
  return Moment(environment->Now(), LocalLocation());
}

// A time, or seconds since 1970 as one of some integer types; anything else stands for now.
absl::StatusOr<Moment> MomentFrom(Call& call, const Value& value) {
  const Type* const type = value.type();
  if (type == &TimeType()) return MomentOf(value);
  if (type == &types::kInt || type == &types::kInt64 || type == &types::kInt32) {
    return Moment(absl::FromUnixSeconds(value.signed_integer()), LocalLocation());
  }
  return Now(call);
}

// time.LoadLocation, and UTC where that fails.
LocationPointer FindLocation(Call& call, absl::string_view name) {
  if (name.empty() || name == "UTC") return UtcLocation();
  if (name == "Local") return LocalLocation();
  gotmpl::Environment* const environment = call.session().environment();
  const bool leads_out = absl::StrContains(name, "..") || name[0] == '/' || name[0] == '\\';
  if (environment == nullptr || leads_out) return UtcLocation();
  const auto zone = environment->FindTimeZone(name);
  if (!zone.has_value()) return UtcLocation();
  return std::make_shared<const Location>(name, *zone);
}

Result DateIn(Call& call, absl::string_view layout, const Value& date,
              const LocationPointer& location) {
  ASSIGN_OR_RETURN(const Moment moment, MomentFrom(call, date));
  return Value::String(FormatTime(Moment(moment.instant, location), layout));
}

Result DateModify(Call& call, bool strict) {
  const absl::StatusOr<absl::Duration> duration = ParseGoDuration(call.text(0));
  if (!duration.ok() && strict) return duration.status();
  const Moment& moment = MomentOf(call[1]);
  return FromMoment(
      Moment(moment.instant + duration.value_or(absl::ZeroDuration()), moment.location));
}

Result ToDate(Call& call, bool strict) {
  absl::StatusOr<Moment> moment = ParseTime(call.text(0), call.text(1), LocalLocation());
  if (!moment.ok() && strict) return moment.status();
  return FromMoment(moment.ok() ? *std::move(moment) : Moment());
}

// To whole seconds, halves away from zero.
Result Ago(Call& call) {
  ASSIGN_OR_RETURN(const Moment now, Now(call));
  ASSIGN_OR_RETURN(const Moment moment, MomentFrom(call, call[0]));
  const absl::Duration passed = now.instant - moment.instant;
  const absl::Duration half = absl::Milliseconds(passed < absl::ZeroDuration() ? -500 : 500);
  return Value::String(FormatGoDuration(absl::Trunc(passed + half, absl::Seconds(1))));
}

// Seconds as text or as an int64; Go's nanoseconds wrap around.
Result Duration(Call& call) {
  int64_t seconds = 0;
  if (call[0].type() == &types::kString) {
    seconds = gotmpl::ParseInt(call[0].text(), 10).value_or(0);
  } else if (call[0].type() == &types::kInt64) {
    seconds = call[0].signed_integer();
  }
  const auto nanoseconds =
      static_cast<int64_t>(static_cast<uint64_t>(seconds) * uint64_t{1'000'000'000});
  return Value::String(FormatGoDuration(absl::Nanoseconds(nanoseconds)));
}

// How many of the largest unit that the duration is longer than.
Result DurationRound(Call& call) {
  absl::Duration duration;
  if (call[0].type() == &types::kString) {
    duration = ParseGoDuration(call[0].text()).value_or(absl::ZeroDuration());
  } else if (call[0].type() == &types::kInt64) {
    duration = absl::Nanoseconds(call[0].signed_integer());
  } else if (call[0].type() == &TimeType()) {
    ASSIGN_OR_RETURN(const Moment now, Now(call));
    duration = now.instant - MomentOf(call[0]).instant;
  }
  struct Unit {
    absl::Duration length;
    absl::string_view name;
  };
  const absl::Duration day = absl::Hours(24);
  const Unit units[] = {{365 * day, "y"},      {30 * day, "mo"},        {day, "d"},
                        {absl::Hours(1), "h"}, {absl::Minutes(1), "m"}, {absl::Seconds(1), "s"}};
  absl::Duration rest = absl::AbsDuration(duration);
  for (const Unit& unit : units) {
    if (rest <= unit.length) continue;
    return Value::String(absl::StrCat(absl::IDivDuration(rest, unit.length, &rest), unit.name));
  }
  return Value::String("0s");
}

std::vector<Function> FormatFunctions() {
  const Type* string = &types::kString;
  const Type* any = &types::kAny;
  std::vector<Function> functions = {
      {.name = "date",
       .parameters = {string, any},
       .result = string,
       .doc = "The time by the layout. What is no time stands for now.",
       .code = [](Call& call) { return DateIn(call, call.text(0), call[1], LocalLocation()); }},
      {.name = "htmlDate",
       .parameters = {any},
       .result = string,
       .doc = "The day of the time, as HTML forms have it.",
       .code = [](Call& call) { return DateIn(call, kHtmlDate, call[0], LocalLocation()); }},
      {.name = "htmlDateInZone",
       .parameters = {any, string},
       .result = string,
       .doc = "The day of the time in a time zone, as HTML forms have it.",
       .code =
           [](Call& call) {
             return DateIn(call, kHtmlDate, call[0], FindLocation(call, call.text(1)));
           }},
      {.name = "ago",
       .parameters = {any},
       .result = string,
       .doc = "How long the time has passed, in whole seconds.",
       .code = Ago},
      {.name = "duration",
       .parameters = {any},
       .result = string,
       .doc = "The seconds as a duration.",
       .code = Duration},
      {.name = "durationRound",
       .parameters = {any},
       .result = string,
       .doc = "The duration, or the time since, in the largest unit that fits.",
       .code = DurationRound},
  };
  for (const absl::string_view name : {"dateInZone", "date_in_zone"}) {
    functions.push_back({.name = name,
                         .parameters = {string, any, string},
                         .result = string,
                         .doc = "The time in a time zone by the layout; UTC if there is no such.",
                         .code = [](Call& call) {
                           return DateIn(call, call.text(0), call[1],
                                         FindLocation(call, call.text(2)));
                         }});
  }
  return functions;
}

}  // namespace

std::vector<Function> DateFunctions() {
  const Type* string = &types::kString;
  std::vector<Function> functions = FormatFunctions();
  functions.push_back({.name = "now",
                       .result = &TimeType(),
                       .doc = "The time of the rendering.",
                       .code = [](Call& call) -> Result {
                         ASSIGN_OR_RETURN(const Moment now, Now(call));
                         return FromMoment(now);
                       }});
  functions.push_back({.name = "unixEpoch",
                       .parameters = {&TimeType()},
                       .result = string,
                       .doc = "The seconds since 1970.",
                       .code = [](Call& call) -> Result {
                         return Value::String(
                             absl::StrCat(absl::ToUnixSeconds(MomentOf(call[0]).instant)));
                       }});
  for (const bool strict : {false, true}) {
    functions.push_back({.name = strict ? "mustToDate" : "toDate",
                         .parameters = {string, string},
                         .result = &TimeType(),
                         .doc = "The time that the second text says by the layout.",
                         .code = [strict](Call& call) { return ToDate(call, strict); }});
    const absl::string_view names[] = {strict ? "mustDateModify" : "dateModify",
                                       strict ? "must_date_modify" : "date_modify"};
    for (const absl::string_view name : names) {
      functions.push_back({.name = name,
                           .parameters = {string, &TimeType()},
                           .result = &TimeType(),
                           .doc = "The time, a duration later.",
                           .code = [strict](Call& call) { return DateModify(call, strict); }});
    }
  }
  return functions;
}

}  // namespace sluice::sprig
