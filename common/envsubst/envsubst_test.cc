// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/envsubst/expand.h"
#include "common/testing/status_matchers.h"

namespace sluice::envsubst {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

absl::StatusOr<std::string> With(const std::map<std::string, std::string>& variables,
                                 absl::string_view text, const Options& options = {}) {
  return Expand(
      text,
      [&](absl::string_view name) -> const std::string* {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? nullptr : &found->second;
      },
      options);
}

absl::StatusOr<std::string> Expanded(absl::string_view text, const Options& options = {}) {
  return With({{"v", "hello world"},
               {"e", ""},
               {"p", "a/b/c.tar.gz"},
               {"u", "éa日"},
               {"bad",
                "\xff"
                "b"},
               {"dollar", "$v"},
               {"n", "3"},
               {"é", "wide"},
               {"1", "one"}},
              text, options);
}

TEST_CASE("substitutions give what Flux's do", "[envsubst]") {
  struct Row {
    std::string text;
    std::string expanded;
  };
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a ${v} b", "a hello world b"},
      {"${none}", ""},
      {"${é} ${1}", "wide one"},
      {"${dollar}", "$v"},  // values are not looked at again
      // What is no substitution.
      {"$v $(v) $ $} }", "$v $(v) $ $} }"},
      {"$", "$"},
      {"$$", "$"},
      {"$$$", "$$"},
      {"$${v}", "${v}"},
      {"$$${v}", "$hello world"},
      {"$$$${v}", "$${v}"},
      {"$$v $$$v", "$v $$v"},
      {std::string("a\0${v}", 6), "a"},
      // Length and case.
      {"${#v} ${#u} ${#e} ${#none}", "11 6 0 0"},
      {"${v^} ${v^^} ${u^} ${u^^}", "Hello world HELLO WORLD Éa日 ÉA日"},
      {"${v,} ${e^} ${e,,}", "hello world  "},
      {"${v^,}${v,^}", "hello worldhello world"},
      {"${bad^}|${bad^^}",
       "\xef\xbf\xbd"
       "b|\xef\xbf\xbd"
       "B"},
      // Substrings, in bytes.
      {"${v:6}", "world"},
      {"${v:0:5}", "hello"},
      {"${v:6:99}", "world"},
      {"${v:99}", ""},
      {"${v:99:1}", ""},
      {"${v:x}", "hello world"},
      {"${v:1:x}", "hello world"},
      {"${v: -5}", "hello world"},  // a blank makes it no number
      {"${v:0-5}", "hello world"},
      {"${v:${n}:2}", "lo"},
      {"${v:1::2}", "el"},
      {"${u:1:1}", "\xa9"},
      {"${e:5:-3}", ""},
      // Defaults: five spellings of the same.
      {"${v:-d}${v:=d}${v=d}${v:?d}${v:+d}",
       "hello worldhello worldhello worldhello worldhello world"},
      {"${e:-d}${e:=d}${e=d}${e:?d}${e:+d}", "ddddd"},
      {"${none:-}", ""},
      {"${none:-a ${v} b}", "a hello world b"},
      {"${none:-${none:-${v}}}", "hello world"},
      {"${none:-$v $$v}", "$v $$v"},
      {"${none:-$${v}}", "$hello world"},
      {"${none:-{}}", "{}"},
      {"${none:-a:b/c#d%e\n\"f\"}", "a:b/c#d%e\n\"f\""},
      // Trimming by glob.
      {"${p#*/}", "b/c.tar.gz"},
      {"${p##*/}", "c.tar.gz"},
      {"${p%.*}", "a/b/c.tar"},
      {"${p%%.*}", "a/b/c"},
      {"${p#x}${p%x}", "a/b/c.tar.gza/b/c.tar.gz"},
      {"${v#*}", "ello world"},
      {"${v##*}${v%%*}", ""},
      {"${v%*}", "hello worl"},
      {"${u#?}",
       "\xa9"
       "a日"},  // half a character is one too
      {"${u%?}", "éa\xef\xbf\xbd\xef\xbf\xbd"},
      {"${v#[a-h]e}", "llo world"},
      {"${v#[}", "hello world"},
      {"${v%[a-z]}", "hello world"},  // the pattern is turned as text, and is malformed then
      {"${v###}", "hello world"},
      {"${v#${n}}", "hello world"},
      {"${bad%x}",
       "\xef\xbf\xbd"
       "b"},
      // Replacing plain text.
      {"${v/o/0}", "hell0 world"},
      {"${v//o/0}", "hell0 w0rld"},
      {"${v/o/}", "hell world"},
      {"${v//o/}", "hell wrld"},
      {"${v//o//}", "hell wrld"},  // slashes in a row are one
      {"${v/#hello/bye}", "bye world"},
      {"${v/#world/x}", "hello world"},
      {"${v/%world/all}", "hello all"},
      {"${v/%hello/x}", "hello world"},
      {"${v/#hello/}${v/%world/}", "hello worldhello world"},
      {"${v/*/x}", "hello world"},
      {"${p/\\//-}", "a-b/c.tar.gz"},
      {"${p//\\//\\\\}", "a\\b\\c.tar.gz"},
      {"${v/ /$$}", "hello$world"},
      {"${v/ /\\x}", "hello\\xworld"},
      {"${v/${none}/x}", "xhello world"},
      {"${u//${none}/-}", "-é-a-日-"},
      {"${v/#${none}/x}${e/%${none}/x}", "xhello worldx"},
      {"${v/a} b/c}", "hello world"},  // the pattern is "a} b"
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const absl::StatusOr<std::string> expanded = Expanded(row.text);
    CHECK_THAT(expanded.status(), IsOk());
    if (expanded.ok()) CHECK(*expanded == row.expanded);
  }
}

TEST_CASE("what cannot be read is refused in Flux's words", "[envsubst]") {
  struct Row {
    std::string text;
    const char* error;
  };
  const Row rows[] = {
      {"${", "unable to parse variable name"},
      {"${}", "unable to parse variable name"},
      {"${ v}", "unable to parse variable name"},
      {"${!v}", "unable to parse variable name"},
      {"${{ x }}", "unable to parse variable name"},
      {"${\xff}", "unable to parse variable name"},
      {"${v", "missing closing brace"},
      {"${v }", "missing closing brace"},
      {"${a.b}", "missing closing brace"},
      {"${v-x}", "missing closing brace"},
      {"${v+x}", "missing closing brace"},
      {"${v?x}", "missing closing brace"},
      {"${v@Q}", "missing closing brace"},
      {"${#}", "bad substitution"},
      {"${#v", "bad substitution"},
      {"${#v:1}", "bad substitution"},
      {"${v:", "bad substitution"},
      {"${v:é}", "bad substitution"},
      {"${v:${n}x}", "bad substitution"},
      {"${v:1:a${n}}", "bad substitution"},
      {"${v:1", "bad substitution"},
      {"${v^^^}", "bad substitution"},
      {"${v^", "bad substitution"},
      {"${v/a", "bad substitution"},
      {"${v/a}", "bad substitution"},
      {"${v//a}", "bad substitution"},
      {"${v/a/b", "bad substitution"},
      {"${v#a", "bad substitution"},
      {"${v#a${n}}", "bad substitution"},
      {"${v:}", "unable to parse substitution within function"},
      {"${v::1}", "unable to parse substitution within function"},
      {"${v:1:}", "unable to parse substitution within function"},
      {"${v/", "unable to parse substitution within function"},
      {"${v//", "unable to parse substitution within function"},
      {"${v///x}", "unable to parse substitution within function"},
      {"${v/a/", "unable to parse substitution within function"},
      {"${v#}", "unable to parse substitution within function"},
      {"${v%}", "unable to parse substitution within function"},
      {"${v#", "unable to parse substitution within function"},
      {"${v:-", "unable to parse substitution within function"},
      {"${v:-x", "unable to parse substitution within function"},
      {std::string("${v:\0", 5), "unable to parse substitution within function"},
      {"${none:-${}}", "unable to parse variable name"},
      // Where the reference crashes.
      {"${v:6:-1}", "substring length -1 at 6 is out of range"},
      {"${v:3:-2}", "substring length -2 at 3 is out of range"},
      {"${v:1:9223372036854775807}", "out of range"},
      {"${v:99:-95}", "out of range"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(Expanded("text " + row.text).status(), StatusIs(kInvalid, row.error));
  }
}

TEST_CASE("an absent variable is an error in strict mode", "[envsubst]") {
  const Options strict = {.strict = true};
  CHECK(Expanded("${v}${e}", strict).value() == "hello world");
  CHECK(Expanded("${none:-d}${none:=d}${none=d}${none:?d}${none:+d}", strict).value() == "ddddd");
  for (const char* text : {"${none}", "${#none}", "${none^}", "${none:1}", "${none#x}", "${none%x}",
                           "${none/a/b}", "${none^,}", "${v:-${none}}", "${v/a/${none}}"}) {
    CAPTURE(text);
    CHECK_THAT(Expanded(text, strict).status(),
               StatusIs(kInvalid, "variable not set (strict mode): \"none\""));
    CHECK(Expanded(text).ok());
  }
  // A text that cannot be read is refused before any variable is looked up.
  CHECK_THAT(Expanded("${none} ${", strict).status(), StatusIs(kInvalid, "unable to parse"));
}

TEST_CASE("substitution is bounded in size, nesting and work", "[envsubst]") {
  const std::map<std::string, std::string> variables = {{"v", std::string(1000, 'a')}};
  CHECK(With(variables, "${v}", {.max_bytes = 1000}).ok());
  CHECK_THAT(With(variables, "${v}", {.max_bytes = 999}).status(),
             StatusIs(kExhausted, "gives more than 999 bytes"));
  CHECK_THAT(With(variables, "x${v}", {.max_bytes = 1000}).status(),
             StatusIs(kExhausted, "gives more than 1000 bytes"));
  CHECK_THAT(With(variables, "plain", {.max_bytes = 4}).status(), StatusIs(kExhausted));
  CHECK(With(variables, "${v//a/bb}", {.max_bytes = 2000}).ok());
  CHECK_THAT(With(variables, "${v//a/bb}", {.max_bytes = 1999}).status(), StatusIs(kExhausted));
  // 1000^5 bytes, were it allowed.
  CHECK_THAT(With(variables, "${v//a/${v//a/${v//a/${v//a/${v}}}}}").status(),
             StatusIs(kExhausted, "gives more than"));

  std::string nested = "x";
  for (int i = 0; i < kMaxNesting; ++i) nested = "${none:-" + nested + "}";
  CHECK(Expanded(nested).value() == "x");
  CHECK_THAT(Expanded("${none:-" + nested + "}").status(),
             StatusIs(kInvalid, "nested more than 100 levels deep"));
  std::string open;
  for (int i = 0; i < 100'000; ++i) open += "${v:-";
  CHECK_THAT(Expanded(open).status(), StatusIs(kInvalid, "nested more than"));
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "${n}";
  CHECK(Expanded(many).value() == std::string(10'000, '3'));

  // A glob that is tried on every prefix takes the square of the value's length.
  const std::map<std::string, std::string> long_value = {{"v", std::string(10'000, 'a')}};
  CHECK_THAT(With(long_value, "${v##*b}", {.max_work = 1'000'000}).status(),
             StatusIs(kExhausted, "takes too long"));
  CHECK(With(long_value, "${v##*a}", {.max_work = 1'000'000})->empty());
  CHECK(With(variables, "${v}", {.max_work = 1001}).ok());
  CHECK_THAT(With(variables, "${v}", {.max_work = 1000}).status(),
             StatusIs(kExhausted, "takes too long"));
}

TEST_CASE("names of variables are checked", "[envsubst]") {
  for (const char* name : {"a", "_", "A1_b", "__"}) CHECK(CheckName(name).ok());
  for (const char* name : {"", "1a", "a-b", "a.b", "a b", "é", "a\n"}) {
    CAPTURE(name);
    CHECK_THAT(
        CheckName(name),
        StatusIs(kInvalid, absl::StrCat("'", name, "' var name is invalid, must match '^[_")));
  }
}

}  // namespace
}  // namespace sluice::envsubst
