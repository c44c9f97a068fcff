// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/sprig/testing.h"

// Expected texts are those of Helm 3.22.
namespace sluice::sprig {
namespace {

TEST_CASE("identifiers are split into words", "[sprig]") {
  struct WordRow {
    const char* text;
    const char* snake;
    const char* pascal;
  };
  const WordRow rows[] = {
      {"FirstName", "first_name", "FirstName"},
      {"HTTPServer2Go", "http_server2_go", "Httpserver2Go"},
      {"HTTP20xOK", "http_20x_ok", "Http20xOK"},
      {"Bld4Floor3rd", "bld4_floor_3rd", "Bld4Floor3rd"},
      {"NoHTTPS", "no_https", "NoHTTPS"},
      {"A1B2", "a1_b2", "A1B2"},
      {"foo-bar baz", "foo_bar_baz", "FooBarBaz"},
      {"_a__b", "_a__b", "_A_B"},
      {"!!-bba", "!!-bba", "!!Bba"},
      {"\xC3\x89t\xC3\xA9", "\xC3\xA9t\xC3\xA9", "\xC3\x89t\xC3\xA9"},
      {"", "", ""},
  };
  for (const WordRow& row : rows) {
    CAPTURE(row.text);
    CHECK(Rendered(absl::StrCat("{{ snakecase `", row.text, "` }}")) == row.snake);
    CHECK(Rendered(absl::StrCat("{{ camelcase `", row.text, "` }}")) == row.pascal);
  }
  CHECK(Rendered("{{ kebabcase `fooBar_baz` }}") == "foo-bar-baz");
}

TEST_CASE("fractions are computed in decimal", "[sprig]") {
  const Row rows[] = {
      {"{{ addf 0.1 0.2 }} {{ add1f 1.5 }} {{ subf 1 0.9 }} {{ mulf 1.1 1.1 }}",
       "0.3 2.5 0.1 1.21"},
      {"{{ divf 1 3 }} {{ divf 2 3 }} {{ divf -1 3 }} {{ divf 10 4 }}",
       "0.3333333333333333 0.6666666666666667 -0.3333333333333333 2.5"},
      {"{{ addf }} {{ addf `1.5` nil true }} {{ mulf 1e308 10 }} {{ divf 1e-308 1e308 }}",
       "0 2.5 +Inf 0"},
      {"{{ addf 1e16 1 }} {{ subf 3 1 1 }}", "1e+16 1"},
      {"{{ divf 1 0 }}", "divf: decimal division by 0"},
      {"{{ addf (float64 `nan`) }}", "addf: Cannot create a Decimal from NaN"},
  };
  CheckRows(rows);
}

TEST_CASE("versions are compared and taken apart", "[sprig]") {
  const Row rows[] = {
      {"{{ $v := semver `v1.2-rc.1+b` }}{{ $v }} {{ $v.Major }}.{{ $v.Minor }}.{{ $v.Patch }} "
       "{{ $v.Prerelease }} {{ $v.Metadata }} {{ $v.Original }}",
       "1.2.0-rc.1+b 1.2.0 rc.1 b v1.2-rc.1+b"},
      {"{{ (semver `1.2.3`).IncMinor }} {{ (semver `1.2.3`).SetPrerelease `x` }} "
       "{{ (semver `1.2.3`).Compare (semver `1.10.0`) }}",
       "1.3.0 1.2.3-x -1"},
      {"{{ typeOf (semver `1`) }} {{ kindOf (semver `1`) }} "
       "{{ printf `%d` (semver `1`).IncMajor }}",
       "*semver.Version ptr {2 0 0 %!d(string=) %!d(string=) %!d(string=2.0.0)}"},
      {"{{ semverCompare `^1.2` `1.9.0` }}{{ semverCompare `>=1.0` `2.0.0-rc.1` }}", "truefalse"},
      {"{{ semver `x` }}", "semver: invalid semantic version"},
      {"{{ semverCompare `` `1.0` }}", "semverCompare: improper constraint: \"\""},
  };
  CheckRows(rows);
}

TEST_CASE("URLs are taken apart and put together", "[sprig]") {
  const Row rows[] = {
      {"{{ urlParse `http://u:p@h:8/a%20b?q#f` | toJson }}",
       "{\"fragment\":\"f\",\"host\":\"h:8\",\"hostname\":\"h\",\"opaque\":\"\",\"path\":\"/a b\","
       "\"query\":\"q\",\"scheme\":\"http\",\"userinfo\":\"u:p\"}"},
      {"{{ urlParse `http://u:p@h:8/a%20b?q#f` | urlJoin }}", "http://u:p@h:8/a%20b?q#f"},
      {"{{ (urlParse `//[::1]:80/x`).hostname }} {{ (urlParse `a:b:c`).opaque }}", "::1 b:c"},
      {"{{ urlJoin (dict `host` `h` `path` `rel`) }} {{ urlJoin (dict `path` `a:b`) }}",
       "//h/rel ./a:b"},
      {"{{ urlParse `%zz` }}",
       "urlParse: unable to parse url: parse \"%zz\": invalid URL escape \"%zz\""},
      {"{{ urlParse `http://h:x/` }}",
       "urlParse: unable to parse url: parse \"http://h:x/\": invalid port \":x\" after host"},
      {"{{ urlParse `a b:c` }}",
       "urlParse: unable to parse url: parse \"a b:c\": first path segment in URL cannot contain "
       "colon"},
      {"{{ urlParse `http://[::1/` }}",
       "urlParse: unable to parse url: parse \"http://[::1/\": missing ']' in host"},
      {"{{ urlJoin (dict `host` 5) }}",
       "urlJoin: unable to parse host key, must be of type string, but int found"},
  };
  CheckRows(rows);
}

TEST_CASE("lists and dicts that templates make have a budget", "[sprig]") {
  const gotmpl::Limits limits{.elements = 100};
  CHECK(Rendered("{{ until 100 | len }}", limits) == "100");
  for (const char* text :
       {"{{ until 101 }}", "{{ seq 1000000000 }}", "{{ untilStep 0 9223372036854775807 1 }}",
        "{{ $l := list }}{{ range 20 }}{{ $l = append $l . }}{{ end }}",
        "{{ $d := dict }}{{ range 30 }}{{ $_ := set $d (toString .) . }}{{ end }}",
        "{{ splitList `` (repeat 101 `x`) }}", "{{ split `,` (repeat 30 `x,`) }}",
        "{{ regexFindAll `x` (repeat 101 `x`) -1 }}", "{{ $l := until 60 }}{{ concat $l $l }}",
        "{{ $l := until 60 }}{{ reverse $l }}", "{{ $l := until 60 }}{{ join `,` $l }}",
        "{{ $d := fromJson `{}` }}{{ range 26 }}{{ $_ := merge $d (dict (toString .) 1) }}"
        "{{ end }}",
        "{{ fromJson (repeat 1000 ` `) }}"}) {
    CAPTURE(text);
    CHECK_THAT(Rendered(text, limits), Catch::Contains("exceed the limit of 100 elements"));
  }
}

TEST_CASE("the same text many times over has a budget", "[sprig]") {
  const gotmpl::Limits limits{.function_bytes = 3000};
  for (const char* text :
       {"{{ $s := repeat 1000 `x` }}{{ $l := list $s $s $s $s }}{{ join `` $l }}",
        "{{ $s := repeat 1000 `x` }}{{ $l := list $s $s $s $s }}{{ toJson $l }}",
        "{{ $s := repeat 1000 `x` }}{{ $l := list $s $s $s $s }}{{ toYaml $l }}",
        "{{ $s := repeat 1000 `x` }}{{ $l := list $s $s $s $s }}{{ toYamlPretty $l }}",
        "{{ $s := repeat 1000 `x` }}{{ toToml (dict `a` (list $s $s $s $s)) }}",
        "{{ $s := repeat 1000 `x` }}{{ quote $s $s $s $s }}",
        "{{ $s := repeat 1000 `x` }}{{ cat $s $s $s $s }}"}) {
    CAPTURE(text);
    CHECK_THAT(Rendered(text, limits), Catch::Contains("exceed the limit of 3000 bytes"));
  }
}

}  // namespace
}  // namespace sluice::sprig
