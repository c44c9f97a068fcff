// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/testing.h"

namespace sluice::sprig {
namespace {

TEST_CASE("defaults, choices and types", "[sprig]") {
  const Row rows[] = {
      {"{{ default 1 0 }}{{ default 1 2 }}{{ default 1 }}{{ default 3 nil }}", "1213"},
      {"{{ empty \"\" }}{{ empty (list) }}{{ empty 0.0 }}{{ empty \"0\" }}", "truetruetruefalse"},
      {"{{ coalesce 0 \"\" 2 3 }}{{ all 1 \"a\" }}{{ all 1 0 }}{{ any 0 1 }}{{ any 0 }}",
       "2truefalsetruefalse"},
      {"{{ ternary \"a\" \"b\" true }}{{ false | ternary \"a\" \"b\" }}", "ab"},
      {"{{ deepEqual (list 1) (list 1) }}{{ deepEqual 1 1.0 }}", "truefalse"},
      {"{{ typeOf (list) }}|{{ typeOf nil }}|{{ kindOf (dict) }}|{{ kindOf nil }}",
       "[]interface {}|<nil>|map|invalid"},
      {"{{ typeIs \"int\" 1 }}{{ typeIsLike \"int\" 1 }}{{ kindIs \"slice\" (list) }}",
       "truetruetrue"},
      {"{{ fail \"no\" }}", "fail: no"},
  };
  CheckRows(rows);
}

TEST_CASE("numbers are converted as cast does and wrap around as Go's do", "[sprig]") {
  const Row rows[] = {
      {"{{ int \"12\" }}|{{ int \"12.00\" }}|{{ int \"12.7\" }}|{{ int \"0x10\" }}|{{ int \"010\" "
       "}}",
       "12|12|0|16|8"},
      {"{{ int 3.9 }}|{{ int -3.9 }}|{{ int true }}|{{ int nil }}|{{ int (list) }}", "3|-3|1|0|0"},
      {"{{ int64 1e19 }}|{{ float64 \"1.5\" }}|{{ float64 \"x\" }}", "-9223372036854775808|1.5|0"},
      {"{{ atoi \"12\" }}|{{ atoi \"0x1\" }}|{{ atoi \"-99999999999999999999\" }}",
       "12|0|-9223372036854775808"},
      {"{{ toDecimal \"0777\" }}|{{ toDecimal \"8\" }}", "511|0"},
      {"{{ add 1 2 3 }}|{{ add }}|{{ add1 9223372036854775807 }}|{{ sub 1 3 }}|{{ mul 2 3 4 }}",
       "6|0|-9223372036854775808|-2|24"},
      {"{{ div 7 2 }}|{{ div -7 2 }}|{{ mod -7 2 }}|{{ div -9223372036854775808 -1 }}",
       "3|-3|-1|-9223372036854775808"},
      {"{{ max 1 3 2 }}{{ min 3 1 2 }}{{ biggest 1 2 }}|{{ maxf 1 2.5 }}|{{ minf 1.5 2 }}",
       "312|2.5|1.5"},
      {"{{ floor 1.7 }}|{{ ceil 1.2 }}|{{ floor -1.2 }}", "1|2|-2"},
      {"{{ round 2.5 0 }}|{{ round -2.5 0 }}|{{ round 3.14159 2 }}|{{ round 5 -1 }}"
       "|{{ round 1.25 1 0.6 }}",
       "3|-3|3.14|10|1.2"},
      {"{{ until 3 }}{{ until -2 }}{{ until 0 }}{{ untilStep 0 10 4 }}{{ untilStep 3 0 -2 }}"
       "{{ untilStep 0 3 -1 }}",
       "[0 1 2][0 -1][][0 4 8][3 1][]"},
      {"{{ seq 3 }}|{{ seq 0 }}|{{ seq 2 4 }}|{{ seq 1 2 6 }}|{{ seq 3 1 1 }}|{{ seq }}",
       "1 2 3|1 0|2 3 4|1 3 5||"},
      {"{{ div 1 0 }}", "div: runtime error: integer divide by zero"},
      {"{{ mod 1 0 }}", "mod: runtime error: integer divide by zero"},
  };
  CheckRows(rows);
}

TEST_CASE("paths have parts", "[sprig]") {
  const Row rows[] = {
      {"{{ base \"a/b.txt\" }}|{{ base \"\" }}|{{ base \"/\" }}|{{ base \"a//\" }}", "b.txt|.|/|a"},
      {"{{ dir \"a/b/c\" }}|{{ dir \"a\" }}|{{ dir \"/a\" }}|{{ dir \"\" }}", "a/b|.|/|."},
      {"{{ clean \"a/./b/../c//\" }}|{{ clean \"../../a\" }}|{{ clean \"/../a\" }}|{{ clean \"\" "
       "}}",
       "a/c|../../a|/a|."},
      {"{{ ext \"a.b/c\" }}|{{ ext \"c.tar.gz\" }}|{{ isAbs \"/a\" }}|{{ osIsAbs \"a\" }}",
       "|.gz|true|false"},
  };
  CheckRows(rows);
}

TEST_CASE("a range is charged before it is made", "[sprig]") {
  const gotmpl::Limits ten{.elements = 10};
  CHECK(Rendered("{{ until 10 | len }}", ten) == "10");
  for (const char* text : {"{{ until 11 }}", "{{ untilStep 0 -22 -2 }}", "{{ seq 11 }}"}) {
    CAPTURE(text);
    CHECK_THAT(Rendered(text, ten), Catch::Contains("elements of lists made by functions"));
  }
  CHECK_THAT(Rendered("{{ until 9223372036854775807 }}"), Catch::Contains("until: "));
}

}  // namespace
}  // namespace sluice::sprig
