// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_scalar.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml_timestamp.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

// "int 420", "str", ...
std::string Describe(const YamlScalar& scalar) {
  const std::string tag(YamlTagOf(scalar).substr(2));
  switch (scalar.kind) {
    case YamlScalar::Kind::kBool:
      return absl::StrCat(tag, " ", scalar.boolean ? "true" : "false");
    case YamlScalar::Kind::kInt:
      return absl::StrCat(tag, " ", scalar.integer);
    case YamlScalar::Kind::kUint:
      return absl::StrCat(tag, " ", scalar.unsigned_integer);
    case YamlScalar::Kind::kFloat:
      return absl::StrCat(tag, " ", FormatYamlFloat(scalar.number));
    default:
      return tag;
  }
}

TEST_CASE("plain scalars mean what go-yaml takes them for", "[yaml]") {
  struct Row {
    const char* text;
    const char* v2;
    const char* v3;
  };
  const Row rows[] = {
      {"", "null", "null"},
      {"~", "null", "null"},
      {"NULL", "null", "null"},
      {"nULL", "str", "str"},
      {"true", "bool true", "bool true"},
      {"tRUE", "str", "str"},
      {"yes", "bool true", "str"},  // YAML 1.1 only
      {"y", "bool true", "str"},
      {"Off", "bool false", "str"},
      {"oN", "str", "str"},
      {"0", "int 0", "int 0"},
      {"-0", "int 0", "int 0"},
      {"+12", "int 12", "int 12"},
      {"0644", "int 420", "int 420"},
      {"0o644", "int 420", "int 420"},
      {"0o-7", "str", "int -7"},
      {"0b101", "int 5", "int 5"},
      {"0b-1", "int -1", "int -1"},
      {"-0b1", "int -1", "int -1"},
      {"0x_1F", "int 31", "int 31"},
      {"1_000", "int 1000", "int 1000"},
      {"_1", "str", "str"},
      {"08", "float 8", "float 8"},  // no octal number, but a float
      {"9223372036854775807", "int 9223372036854775807", "int 9223372036854775807"},
      {"9223372036854775808", "int 9223372036854775808", "int 9223372036854775808"},
      {"+9223372036854775808", "float 9.223372036854776e+18", "float 9.223372036854776e+18"},
      {"18446744073709551616", "float 1.8446744073709552e+19", "float 1.8446744073709552e+19"},
      {"-9223372036854775809", "float -9.223372036854776e+18", "float -9.223372036854776e+18"},
      {"1.", "float 1", "float 1"},
      {".5", "float 0.5", "float 0.5"},
      {".", "str", "str"},
      {"1e3", "float 1000", "float 1000"},
      {"1e", "str", "str"},
      {"1e400", "str", "str"},
      {"1e-400", "float 0", "float 0"},
      {"1.5.2", "str", "str"},
      {"1:30", "str", "str"},  // base 60 is not read
      {".inf", "float .inf", "float .inf"},
      {"-.INF", "float -.inf", "float -.inf"},
      {"+.nan", "str", "str"},
      {".NaN", "float .nan", "float .nan"},
      {"2024-01-02", "timestamp", "timestamp"},
      {"2024-1-2 3:4:5", "timestamp", "timestamp"},
      {"2024-02-30", "str", "str"},
      {"2024-01-02T03:04:05+01:00", "timestamp", "timestamp"},
      {"2024-01-02T03:04:05", "str", "str"},  // a T needs a zone
      {"<<", "str", "str"},
      {"=", "str", "str"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Describe(ResolveYamlScalar(row.text, YamlDialect::kV2)) == row.v2);
    CHECK(Describe(ResolveYamlScalar(row.text, YamlDialect::kV3)) == row.v3);
  }
}

TEST_CASE("a tag asks for a type or fails", "[yaml]") {
  struct Row {
    const char* tag;
    const char* text;
    const char* meaning;  // a description, or the message
  };
  const Row rows[] = {
      {"!!str", "1", "str"},
      {"!!int", "0x10", "int 16"},
      {"!!float", "3", "float 3"},
      {"!!bool", "true", "bool true"},
      {"!!null", "~", "null"},
      {"!!timestamp", "2024-01-02", "timestamp"},
      {"!custom", "1", "str"},
      {"!!int", "2024-01-02", "cannot decode !!str `2024-01-02` as a !!int"},
      {"!!int", "a", "cannot decode !!str `a` as a !!int"},
      {"!!int", "1.5", "cannot decode !!float `1.5` as a !!int"},
      {"!!bool", "yes", "cannot decode !!str `yes` as a !!bool"},
      {"!!null", "x", "cannot decode !!str `x` as a !!null"},
      {"!!float", "18446744073709551615",
       "cannot decode !!int `18446744073709551615` as a !!float"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tag, row.text);
    const auto scalar = ResolveTaggedYamlScalar(row.tag, row.text, YamlDialect::kV3);
    if (scalar.ok()) {
      CHECK(Describe(*scalar) == row.meaning);
    } else {
      CHECK_THAT(scalar.status(), StatusIs(absl::StatusCode::kInvalidArgument, row.meaning));
    }
  }
  CHECK(ResolveTaggedYamlScalar("!!bool", "yes", YamlDialect::kV2)->boolean);
}

TEST_CASE("timestamps are printed as Go prints times", "[yaml]") {
  struct Row {
    const char* text;
    const char* rfc3339;
  };
  const Row rows[] = {
      {"2024-01-02", "2024-01-02T00:00:00Z"},
      {"2024-1-2 3:4:5.120", "2024-01-02T03:04:05.12Z"},
      {"2024-01-02   03:04:05", "2024-01-02T03:04:05Z"},
      {"2024-01-02t03:04:05.123456789123Z", "2024-01-02T03:04:05.123456789Z"},
      {"2024-01-02T03:04:05,5-05:30", "2024-01-02T03:04:05.5-05:30"},
      {"2024-01-02T03:04:05+00:00", "2024-01-02T03:04:05Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(YamlTimestampToRfc3339(row.text) == row.rfc3339);
  }
  for (const char* text : {"2023-02-29", "2024-13-01", "24-01-02", "2024-01-02 24:00:00",
                           "2024-01-02 03:04:05Z", "2024-01-02T03:04:05+0100", "2024-01-02x"}) {
    CAPTURE(text);
    CHECK_FALSE(YamlTimestampToRfc3339(text).has_value());
  }
}

TEST_CASE("floats are printed with Go's shortest digits", "[yaml]") {
  struct Row {
    double number;
    const char* text;
  };
  const Row rows[] = {
      {100000, "100000"},
      {1e6, "1e+06"},
      {123456789.5, "1.234567895e+08"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {-0.0, "-0"},
      {1.2345678901234567e19, "1.2345678901234567e+19"},
      {INFINITY, ".inf"},
      {-INFINITY, "-.inf"},
      {NAN, ".nan"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(FormatYamlFloat(row.number) == row.text);
  }
  CHECK(FormatYamlFloat(0.1, 32) == "0.1");
  CHECK(FormatYamlFloat(1e40, 32) == ".inf");  // too large for a float32
}

TEST_CASE("numbers of base 60 are known, to be quoted", "[yaml]") {
  for (const char* text : {"1:30", "190:20:30", "-1:7", "+1_0:59.5", "1:2.", "1:2._"}) {
    CAPTURE(text);
    CHECK(IsBase60Float(text));
  }
  for (const char* text : {"1:60", "1:75", "a:1", ":1", "1:", "1.5:2", "1:2x", ""}) {
    CAPTURE(text);
    CHECK_FALSE(IsBase60Float(text));
  }
}

TEST_CASE("binary scalars", "[yaml]") {
  CHECK(DecodeYamlBinary("aGVs\nbG8=") == "hello");
  for (const char* text : {"aGk", "aGk=x", "a Gk=", "!!!!"}) {
    CAPTURE(text);
    CHECK_FALSE(DecodeYamlBinary(text).has_value());
  }
  CHECK(EncodeYamlBinary("\xff") == "/w==");
  const std::string lines = EncodeYamlBinary(std::string(60, '\xff'));
  CHECK(lines.find('\n') == 70);
  CHECK(lines.back() == '\n');
  CHECK(DecodeYamlBinary(lines) == std::string(60, '\xff'));
}

}  // namespace
}  // namespace sluice::value
