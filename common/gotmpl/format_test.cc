// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/format.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "common/testing/status_matchers.h"

namespace sluice::gotmpl {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

std::string Formatted(absl::string_view format, const std::vector<Value>& operands) {
  return Sprintf(format, operands, FormatLimits()).value();
}

Value SampleMap() {
  return Value::FromMap({{"b", Value::Int(2)},
                         {"a", Value::FromList({Value::String("x"), Value(), Value::Float(1)})}});
}

TEST_CASE("printf prints what Go prints", "[gotmpl]") {
  struct Row {
    const char* format;
    std::vector<Value> operands;
    const char* expected;
  };
  const Value s = Value::String("h\xC3\xA9llo");
  const Value i = Value::Int(-42);
  const Value f = Value::Float(3.14159);
  const Value map = SampleMap();
  const Row rows[] = {
      {"%%|%5%", {}, "%|%"},
      {"%s|%8s|%-8s|%.2s|%q|%x|% X|%#x",
       {s, s, s, s, s, s, s, s},
       "h\xC3\xA9llo|   h\xC3\xA9llo|h\xC3\xA9llo   |h\xC3\xA9|\"h\xC3\xA9llo\"|68c3a96c6c6f"
       "|68 C3 A9 6C 6C 6F|0x68c3a96c6c6f"},
      {"%+q|%#q|%08s", {s, s, s}, "\"h\\u00e9llo\"|`h\xC3\xA9llo`|000h\xC3\xA9llo"},
      {"%d|%6d|%-6d|%06d|%+d|% d",
       {i, i, i, i, Value::Int(7), Value::Int(7)},
       "-42|   -42|-42   |-00042|+7| 7"},
      {"%b|%o|%#o|%O|%x|%X|%#x|%c|%q|%U|%#U", std::vector<Value>(11, Value::Int(0x2603)),
       "10011000000011|23003|023003|0o23003|2603|2603|0x2603|\xE2\x98\x83|'\xE2\x98\x83'|U+2603"
       "|U+2603 '\xE2\x98\x83'"},
      {"%v|%g|%e|%.2f|%8.3f|%+.1f|%G|%6.0f", std::vector<Value>(8, f),
       "3.14159|3.14159|3.141590e+00|3.14|   3.142|+3.1|3.14159|     3"},
      {"%v|%v|%v|%v",
       {Value::Float(1e6), Value::Float(123456), Value::Float(1e-5),
        Value::Float(12345678901234567890.0)},
       "1e+06|123456|1e-05|1.2345678901234567e+19"},
      {"%x|%X|%.2x|%b",
       {Value::Float(1.5), Value::Float(-0.1), Value::Float(1), Value::Float(1)},
       "0x1.8p+00|-0X1.999999999999AP-04|0x1.00p+00|4503599627370496p-52"},
      {"%#g|%#.3g|%05v|%+v",
       {Value::Float(1), Value::Float(1), Value::Float(-1), Value::Float(1)},
       "1.00000|1.00|-0001|1"},
      {"%v|%5v|%+v|%05v",
       {Value::Float(std::numeric_limits<double>::infinity()),
        Value::Float(std::numeric_limits<double>::quiet_NaN()),
        Value::Float(std::numeric_limits<double>::quiet_NaN()),
        Value::Float(-std::numeric_limits<double>::infinity())},
       "+Inf|  NaN|NaN| -Inf"},
      {"%t|%v|%6t",
       {Value::Bool(true), Value::Bool(false), Value::Bool(true)},
       "true|false|  true"},
      {"%v|%d|%s",
       {map, map, map},
       "map[a:[x <nil> 1] b:2]|map[%!d(string=a):[%!d(string=x) <nil> %!d(float64=1)] "
       "%!d(string=b):2]|map[a:[x <nil> %!s(float64=1)] b:%!s(int=2)]"},
      {"%#v",
       {map},
       "map[string]interface {}{\"a\":[]interface {}{\"x\", interface {}(nil), 1}, \"b\":2}"},
      {"%T|%T|%T|%T",
       {map, Value(), Value::Strings({}), Value::Bytes("a")},
       "map[string]interface {}|<nil>|[]string|[]uint8"},
      {"%v|%s|%x|%#v|%d", std::vector<Value>(5, Value::Bytes("hi")),
       "[104 105]|hi|6869|[]byte{0x68, 0x69}|[104 105]"},
      {"%v|%.1f", {Value::Complex({1, -2}), Value::Complex({1, 2})}, "(1-2i)|(1.0+2.0i)"},
      // What does not fit.
      {"%d|%s|%t|%z",
       {Value::String("a"), Value::Int(1), Value::Int(1), Value::Int(1)},
       "%!d(string=a)|%!s(int=1)|%!t(int=1)|%!z(int=1)"},
      {"%s|%v|%d", {Value(), Value(), Value()}, "%!s(<nil>)|<nil>|%!d(<nil>)"},
      {"%d %d", {Value::Int(1)}, "1 %!d(MISSING)"},
      {"%d", {Value::Int(1), Value::String("x"), Value()}, "1%!(EXTRA string=x, <nil>)"},
      {"100%", {}, "100%!(NOVERB)"},
      {"%!", {Value::Int(1)}, "%!!(int=1)"},
      // Widths and precisions from operands, operands by number.
      {"%*d|%-*d|%.*f",
       {Value::Int(5), Value::Int(1), Value::Int(3), Value::Int(2), Value::Int(2), Value::Float(1)},
       "    1|2  |1.00"},
      {"%*d", {Value::Int(-4), Value::Int(1)}, "1   "},
      {"%*d", {Value::String("x"), Value::Int(1)}, "%!(BADWIDTH)1"},
      {"%.*d", {Value::Int(-1), Value::Int(1)}, "%!(BADPREC)1"},
      {"%[2]d %[1]d", {Value::Int(1), Value::Int(2)}, "2 1"},
      {"%[3]d", {Value::Int(1)}, "%!d(BADINDEX)"},
      {"%[x]d %d", {Value::Int(1)}, "%!d(BADINDEX) 1"},
      {"%[2]*[1]d", {Value::Int(1), Value::Int(3)}, "  1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.format);
    CHECK(Formatted(row.format, row.operands) == row.expected);
  }
}

TEST_CASE("print puts a space between operands that are no strings", "[gotmpl]") {
  const std::vector<Value> operands = {Value::Int(1), Value::Int(2), Value::String("a"),
                                       Value::Bool(true), Value()};
  CHECK(Sprint(operands, FormatLimits()).value() ==
        "1 2a"
        "true <nil>");
  CHECK(Sprintln(operands, FormatLimits()).value() == "1 2 a true <nil>\n");
}

TEST_CASE("printing is bounded in size and depth", "[gotmpl]") {
  const std::vector<Value> one = {Value::String("x")};
  CHECK_THAT(Sprintf("%100s", one, {.bytes = 100}).status(), IsOk());
  CHECK_THAT(Sprintf("%101s", one, {.bytes = 100}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "exceeds the limit of 100 bytes"));

  Value nested = Value::FromList({});
  for (int i = 0; i < 3; ++i) nested = Value::FromList({nested});
  CHECK_THAT(Sprint(std::span(&nested, 1), {.depth = 3}).status(), IsOk());
  CHECK_THAT(Sprint(std::span(&nested, 1), {.depth = 2}).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "nests deeper than 2"));
}

}  // namespace
}  // namespace sluice::gotmpl
