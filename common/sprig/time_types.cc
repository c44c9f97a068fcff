// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/time_types.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/duration.h"
#include "common/gotmpl/function.h"
#include "common/sprig/convert.h"
#include "common/sprig/duration_type.h"
#include "common/sprig/text_method.h"
#include "common/sprig/time_layout.h"
#include "common/text/quote.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

constexpr absl::string_view kRfc3339Nano = "2006-01-02T15:04:05.999999999Z07:00";

std::span<const Function> OnlyText() {
  static const auto& methods = *new std::vector<Function>{TextMethod()};
  return methods;
}

LocationPointer LocationOf(const Value& value) {
  if (value.object() == nullptr) return UtcLocation();
  return std::static_pointer_cast<const Location>(value.object());
}
std::string LocationText(const Value& value) { return LocationOf(value)->name; }

// Its pointer is what prints by the name.
const Type& LocationType() {
  static Type& value = *new Type{.kind = Kind::kStruct, .name = "time.Location"};
  static const Type& type = *new Type{.kind = Kind::kPointer,
                                      .name = "*time.Location",
                                      .elem = &value,
                                      .methods = OnlyText(),
                                      .text = LocationText};
  value.pointer = &type;
  return type;
}

// With the fields of a time.Time without a monotonic clock.
class MomentObject : public gotmpl::Object {
 public:
  explicit MomentObject(Moment moment) : moment(std::move(moment)) {}

  Value GetField(size_t index) const override {
    absl::Duration rest;
    const int64_t seconds =
        absl::IDivDuration(moment.instant - Moment().instant, absl::Seconds(1), &rest);
    switch (index) {
      case 0:
        return Value::Uint64(static_cast<uint64_t>(absl::ToInt64Nanoseconds(rest)));
      case 1:
        return Value::Int64(seconds);
      default:
        if (moment.location == UtcLocation()) return Value::NilOf(LocationType());
        return Value::ObjectOf(LocationType(), moment.location);
    }
  }

  const Moment moment;
};

std::string MomentText(const Value& value) { return MomentOf(value).Text(); }
std::string MomentGoText(const Value& value) {
  const Moment& moment = MomentOf(value);
  const Moment::Clock clock = moment.At();
  const std::string location =
      moment.location == UtcLocation() ? "time.UTC"
      : moment.location == LocalLocation()
          ? "time.Local"
          : absl::StrCat("time.Location(", text::Quote(moment.location->name), ")");
  const absl::CivilSecond& civil = clock.civil;
  return absl::StrCat("time.Date(", civil.year(), ", time.", FormatTime(moment, "January"), ", ",
                      civil.day(), ", ", civil.hour(), ", ", civil.minute(), ", ", civil.second(),
                      ", ", clock.nanosecond, ", ", location, ")");
}
std::string MarshalMoment(const Value& value) { return FormatTime(MomentOf(value), kRfc3339Nano); }

// The type without its methods, which name the type.
Type& PlainTimeType() {
  static const gotmpl::Field fields[] = {{.name = "wall", .type = &types::kUint64},
                                         {.name = "ext", .type = &types::kInt64},
                                         {.name = "loc", .type = &LocationType()}};
  static Type& type = *new Type{.kind = Kind::kStruct,
                                .name = "time.Time",
                                .fields = fields,
                                .text = MomentText,
                                .go_text = MomentGoText,
                                .marshal_text = MarshalMoment};
  return type;
}

std::string MonthText(const Value& value) {
  const int64_t month = value.signed_integer();
  if (month < 1 || month > 12) return absl::StrCat("%!Month(", month, ")");
  return FormatTime(MomentAt(absl::CivilSecond(1, month), 0, UtcLocation()), "January");
}

std::string WeekdayText(const Value& value) {
  const int64_t day = value.signed_integer();
  if (day < 0 || day > 6) return absl::StrCat("%!Weekday(", day, ")");
  // The first day of 2023 was a Sunday.
  return FormatTime(MomentAt(absl::CivilSecond(2023, 1, 1 + day), 0, UtcLocation()), "Monday");
}

const Type& MonthType() {
  static const Type& type =
      *new Type{.kind = Kind::kInt, .name = "time.Month", .methods = OnlyText(), .text = MonthText};
  return type;
}

const Type& WeekdayType() {
  static const Type& type = *new Type{
      .kind = Kind::kInt, .name = "time.Weekday", .methods = OnlyText(), .text = WeekdayText};
  return type;
}

Function IntegerPart(absl::string_view name, const Type& type, int64_t (*code)(const Moment&)) {
  return {.name = name, .result = &type, .code = [code, &type](Call& call) -> Result {
            return Value::SignedOf(type, code(MomentOf(call[0])));
          }};
}

Function Comparison(absl::string_view name, bool (*code)(absl::Time, absl::Time)) {
  return {.name = name,
          .parameters = {&PlainTimeType()},
          .result = &types::kBool,
          .code = [code](Call& call) -> Result {
            return Value::Bool(code(MomentOf(call[0]).instant, MomentOf(call[1]).instant));
          }};
}

Function Moved(absl::string_view name, std::vector<const Type*> parameters,
               Moment (*code)(Call& call, const Moment& moment)) {
  return {
      .name = name,
      .parameters = std::move(parameters),
      .result = &PlainTimeType(),
      .code = [code](Call& call) -> Result { return FromMoment(code(call, MomentOf(call[0]))); }};
}

Moment AddDate(Call& call, const Moment& moment) {
  const Moment::Clock clock = moment.At();
  const absl::CivilSecond civil(clock.civil.year() + call.integer(1),
                                clock.civil.month() + call.integer(2),
                                clock.civil.day() + call.integer(3), clock.civil.hour(),
                                clock.civil.minute(), clock.civil.second());
  return MomentAt(civil, clock.nanosecond, moment.location);
}

// To a multiple of the duration since the beginning of year 1.
Moment Truncated(Call& call, const Moment& moment) {
  const absl::Duration unit = DurationOf(call[1]);
  if (unit <= absl::ZeroDuration()) return moment;
  const absl::Duration since = moment.instant - Moment().instant;
  return Moment(Moment().instant + absl::Floor(since, unit), moment.location);
}

Moment Rounded(Call& call, const Moment& moment) {
  const absl::Duration unit = DurationOf(call[1]);
  if (unit <= absl::ZeroDuration()) return moment;
  return Moment(Truncated(call, Moment(moment.instant + unit / 2, moment.location)));
}

std::vector<Function> ComparisonMethods() {
  return {
      Comparison("After", [](absl::Time a, absl::Time b) { return a > b; }),
      Comparison("Before", [](absl::Time a, absl::Time b) { return a < b; }),
      Comparison("Equal", [](absl::Time a, absl::Time b) { return a == b; }),
      {.name = "Compare",
       .parameters = {&PlainTimeType()},
       .result = &types::kInt,
       .code = [](Call& call) -> Result {
         const absl::Time a = MomentOf(call[0]).instant;
         const absl::Time b = MomentOf(call[1]).instant;
         return Value::Int(a < b ? -1 : a > b ? 1 : 0);
       }},
      {.name = "IsZero",
       .result = &types::kBool,
       .code = [](Call& call) -> Result {
         return Value::Bool(MomentOf(call[0]).instant == Moment().instant);
       }},
      {.name = "IsDST",
       .result = &types::kBool,
       .code = [](Call& call) -> Result {
         const Moment& moment = MomentOf(call[0]);
         return Value::Bool(moment.location->zone.At(moment.instant).is_dst);
       }},
      {.name = "Sub",
       .parameters = {&PlainTimeType()},
       .result = &DurationType(),
       .code = [](Call& call) -> Result {
         return FromDuration(MomentOf(call[0]).instant - MomentOf(call[1]).instant);
       }},
  };
}

// Wraps around, as Go's do outside of the years 1678 to 2262.
int64_t UnixNanoseconds(const Moment& moment) {
  return static_cast<int64_t>(static_cast<uint64_t>(absl::ToUnixSeconds(moment.instant)) *
                                  uint64_t{1'000'000'000} +
                              static_cast<uint64_t>(moment.At().nanosecond));
}

std::vector<Function> PartMethods() {
  using M = Moment;
  const Type& integer = types::kInt;
  const Type& wide = types::kInt64;
  return {
      IntegerPart("Year", integer, [](const M& m) { return int64_t{m.At().civil.year()}; }),
      IntegerPart("Month", MonthType(), [](const M& m) { return int64_t{m.At().civil.month()}; }),
      IntegerPart("Day", integer, [](const M& m) { return int64_t{m.At().civil.day()}; }),
      IntegerPart("Hour", integer, [](const M& m) { return int64_t{m.At().civil.hour()}; }),
      IntegerPart("Minute", integer, [](const M& m) { return int64_t{m.At().civil.minute()}; }),
      IntegerPart("Second", integer, [](const M& m) { return int64_t{m.At().civil.second()}; }),
      IntegerPart("Nanosecond", integer, [](const M& m) { return int64_t{m.At().nanosecond}; }),
      IntegerPart("YearDay", integer,
                  [](const M& m) { return int64_t{absl::GetYearDay(m.At().civil)}; }),
      IntegerPart("Weekday", WeekdayType(),
                  [](const M& m) {
                    return (static_cast<int64_t>(absl::GetWeekday(m.At().civil)) + 1) % 7;
                  }),
      IntegerPart("Unix", wide, [](const M& m) { return absl::ToUnixSeconds(m.instant); }),
      IntegerPart("UnixMilli", wide, [](const M& m) { return absl::ToUnixMillis(m.instant); }),
      IntegerPart("UnixMicro", wide, [](const M& m) { return absl::ToUnixMicros(m.instant); }),
      IntegerPart("UnixNano", wide, UnixNanoseconds),
  };
}

std::vector<Function> UncallableMethods() {
  const auto uncallable = [](absl::string_view name, absl::string_view message) {
    return Function{.name = name, .uncallable = message};
  };
  return {
      uncallable("Date", "function Date has 3 return values; should be 1 or 2"),
      uncallable("Clock", "function Clock has 3 return values; should be 1 or 2"),
      uncallable(
          "Zone",
          "invalid function signature for Zone: second return value should be error; is int"),
      uncallable(
          "ISOWeek",
          "invalid function signature for ISOWeek: second return value should be error; is int"),
      uncallable(
          "ZoneBounds",
          "invalid function signature for ZoneBounds: second return value should be error; is "
          "time.Time"),
  };
}

std::vector<Function> TimeMethods() {
  std::vector<Function> methods = {
      TextMethod(),
      {.name = "GoString",
       .result = &types::kString,
       .code = [](Call& call) -> Result { return Value::String(MomentGoText(call[0])); }},
      {.name = "Format",
       .parameters = {&types::kString},
       .result = &types::kString,
       .code = [](Call& call) -> Result {
         return Value::String(FormatTime(MomentOf(call[0]), call.text(1)));
       }},
      {.name = "MarshalText",
       .result = &types::kBytes,
       .code = [](Call& call) -> Result { return Value::Bytes(MarshalMoment(call[0])); }},
      {.name = "MarshalJSON",
       .result = &types::kBytes,
       .code = [](Call& call) -> Result {
         return Value::Bytes(absl::StrCat("\"", MarshalMoment(call[0]), "\""));
       }},
      {.name = "Location",
       .result = &LocationType(),
       .code = [](Call& call) -> Result {
         return Value::ObjectOf(LocationType(), MomentOf(call[0]).location);
       }},
      Moved("Add", {&DurationType()},
            [](Call& call, const Moment& moment) {
              return Moment(moment.instant + DurationOf(call[1]), moment.location);
            }),
      Moved("AddDate", {&types::kInt, &types::kInt, &types::kInt}, AddDate),
      Moved("Truncate", {&DurationType()}, Truncated),
      Moved("Round", {&DurationType()}, Rounded),
      Moved("UTC", {},
            [](Call&, const Moment& moment) { return Moment(moment.instant, UtcLocation()); }),
      Moved("Local", {},
            [](Call&, const Moment& moment) { return Moment(moment.instant, LocalLocation()); }),
      Moved("In", {&LocationType()},
            [](Call& call, const Moment& moment) {
              return Moment(moment.instant, LocationOf(call[1]));
            }),
  };
  for (auto family : {ComparisonMethods(), PartMethods(), UncallableMethods()}) {
    for (Function& method : family) methods.push_back(std::move(method));
  }
  return methods;
}

}  // namespace

const Type& TimeType() {
  static const Type& type = []() -> const Type& {
    static const std::vector<Function>& methods = *new std::vector<Function>(TimeMethods());
    PlainTimeType().methods = methods;
    return PlainTimeType();
  }();
  return type;
}

Value FromMoment(const Moment& moment) {
  return Value::ObjectOf(TimeType(), std::make_shared<MomentObject>(moment));
}

const Moment& MomentOf(const Value& value) {
  static const Moment& zero = *new Moment();
  const auto* object = static_cast<const MomentObject*>(value.object().get());
  return object == nullptr ? zero : object->moment;
}

}  // namespace sluice::sprig
