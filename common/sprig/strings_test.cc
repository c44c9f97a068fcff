// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/testing.h"

namespace sluice::sprig {
namespace {

TEST_CASE("texts are cut, padded and searched", "[sprig]") {
  const Row rows[] = {
      {"[{{ trim \" \\u00a0a b\\n\" }}][{{ trimAll \"-_\" \"_-a-_\" }}][{{ trimSuffix \"b\" \"ab\" "
       "}}]"
       "[{{ trimPrefix \"x\" \"ab\" }}][{{ trimAll \"\xC3\xA9\" \"\xC3\xA9x\xC3\xA9\" }}]",
       "[a b][a][a][ab][x]"},
      {"{{ upper \"a\xC3\xA9\" }}{{ lower \"A\xC3\x89\" }}",
       "A\xC3\x89"
       "a\xC3\xA9"},
      {"{{ title \"o'neil the_2nd \\u01c6\" }}|{{ untitle \"Foo BAR\" }}|{{ swapcase \"aB c\" }}",
       "O'Neil The_2nd \xC7\x85|foo bAR|Ab C"},
      {"{{ nospace \"a b\" }}|{{ nospace \"\xC3\xA9\" }}|{{ nospace \"\xC3\xA9 \" }}",
       "ab|\xC3\xA9|\xC3\x83\xC2\xA9"},
      {"{{ initials \"First Try\" }}|{{ repeat 3 \"ab\" }}|{{ repeat 0 \"a\" }}", "FT|ababab|"},
      {"{{ substr 1 3 \"abcd\" }}|{{ substr -1 2 \"abcd\" }}|{{ substr 2 -1 \"abcd\" }}",
       "bc|ab|cd"},
      {"{{ trunc 2 \"abc\" }}|{{ trunc -2 \"abc\" }}|{{ trunc 5 \"abc\" }}|{{ trunc -5 \"abc\" }}",
       "ab|bc|abc|abc"},
      {"{{ abbrev 5 \"hello world\" }}|{{ abbrev 3 \"hello\" }}|{{ abbrev 5 \"hello\" }}",
       "he...|hello|hello"},
      {"{{ abbrevboth 5 10 \"1234 5678 9123\" }}|{{ abbrevboth 1 6 \"1234 5678\" }}",
       "...5678...|1234 5678"},
      {"{{ wrap 5 \"a bc def toolong x\" }}|{{ wrapWith 3 \"-\" \"abcdef g\" }}",
       "a bc\ndef\ntoolong\nx|abc-def-g"},
      {"{{ contains \"b\" \"abc\" }}{{ hasPrefix \"b\" \"abc\" }}{{ hasSuffix \"c\" \"abc\" }}",
       "truefalsetrue"},
      {"{{ indent 2 \"a\\n\\nb\" }}|{{ nindent 1 \"a\" }}", "  a\n  \n  b|\n a"},
      {"{{ replace \"a\" \"b\" \"aXa\" }}|{{ replace \"\" \"-\" \"ab\" }}", "bXb|-a-b-"},
      {"{{ plural \"one\" \"many\" 1 }}{{ plural \"one\" \"many\" 0 }}", "onemany"},
      {"{{ quote \"a\\\"b\" nil 1 }}|{{ squote \"it's\" 2 }}|{{ cat \"a\" nil 1 true }}",
       "\"a\\\"b\" \"1\"|'it's' '2'|a 1 true"},
      {"{{ toString nil }}|{{ toString 1.0 }}|{{ toString (list 1) }}", "<nil>|1|[1]"},
      {"{{ join \"-\" (list 1 nil \"a\") }}|{{ join \"-\" \"a\" }}|{{ join \"-\" nil }}", "1-a|a|"},
      {"{{ split \",\" \"a,b\" }}|{{ (split \",\" \"a,b\")._1 }}|{{ splitn \",\" 2 \"a,b,c\" }}"
       "|{{ splitn \",\" 0 \"a\" }}",
       "map[_0:a _1:b]|b|map[_0:a _1:b,c]|map[]"},
      {"{{ splitList \",\" \"a,,b\" | len }}|{{ splitList \"\" \"a\xC3\xA9\" }}|{{ splitList \",\" "
       "\"\" | len }}",
       "3|[a \xC3\xA9]|1"},
  };
  CheckRows(rows);
}

TEST_CASE("what Go panics at is an error", "[sprig]") {
  const Row rows[] = {
      {"{{ repeat -1 \"a\" }}", "repeat: strings: negative Repeat count"},
      {"{{ indent -1 \"a\" }}", "indent: strings: negative Repeat count"},
      {"{{ substr 3 9 \"ab\" }}", "substr: runtime error: slice bounds out of range [3:2]"},
      {"{{ substr -1 9 \"ab\" }}",
       "substr: runtime error: slice bounds out of range [:9] with length 2"},
      {"{{ substr -1 -1 \"ab\" }}", "substr: runtime error: slice bounds out of range [:-1]"},
  };
  CheckRows(rows);
}

TEST_CASE("what makes long texts is charged before", "[sprig]") {
  CHECK(Rendered("{{ repeat 10 \"ab\" | len }}", {.function_bytes = 20}) == "20");
  for (const char* text :
       {"{{ repeat 11 \"ab\" }}", "{{ repeat 9223372036854775807 \"a\" }}", "{{ indent 21 \"a\" }}",
        "{{ replace \"a\" \"bbbbbbb\" \"aaa\" }}", "{{ replace \"\" \"bbbbbbb\" \"aa\" }}",
        "{{ regexReplaceAll \"a\" \"aaa\" \"bbbbbbb\" }}"}) {
    CAPTURE(text);
    CHECK_THAT(Rendered(text, {.function_bytes = 20}),
               Catch::Contains("exceed the limit of 20 bytes"));
  }
}

TEST_CASE("regular expressions are Go's", "[sprig]") {
  const Row rows[] = {
      {"{{ regexMatch \"^a+$\" \"aa\" }}{{ regexMatch \"b\" \"aa\" }}{{ regexMatch \"(\" \"a\" }}",
       "truefalsefalse"},
      {"{{ regexFind \"[a-z]+\" \"12ab3c\" }}|{{ regexFind \"x\" \"a\" }}", "ab|"},
      {"{{ regexFindAll \"a|b\" \"abc ab\" 3 }}|{{ regexFindAll \"a*\" \"baab\" -1 | len }}"
       "|{{ regexFindAll \"x\" \"a\" -1 }}",
       "[a b a]|3|[]"},
      {"{{ regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\" }}"
       "|{{ regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"$1W\" }}",
       "-W-xxW-|---"},
      {"{{ regexReplaceAll \"(?<n>b)\" \"abc\" \"[$n$$${n}$]\" }}", "a[b$b$]c"},
      {"{{ regexReplaceAll \"\" \"ab\" \"-\" }}|{{ regexReplaceAll \"a*\" \"baac\" \"x\" }}",
       "-a-b-|xbxcx"},
      {"{{ regexReplaceAllLiteral \"b\" \"abc\" \"$1\" }}", "a$1c"},
      {"{{ regexSplit \"z+\" \"pizza\" -1 }}|{{ regexSplit \"z\" \"pizza\" 2 }}"
       "|{{ regexSplit \"\" \"abc\" -1 | len }}|{{ regexSplit \"a\" \"\" -1 | len }}"
       "|{{ regexSplit \"a\" \"b\" 0 }}",
       "[pi a]|[pi za]|3|1|[]"},
      {"{{ regexQuoteMeta \"a.b*[c]\" }}", "a\\.b\\*\\[c\\]"},
      {"{{ regexMatch \"[(?<n>]\" \"<\" }}{{ regexMatch \"\\\\Q(?<n>\\\\E\" \"(?<n>\" }}",
       "truetrue"},
      {"{{ regexFind \"(a\" \"a\" }}",
       "regexFind: regexp: Compile(`(a`): error parsing regexp: missing closing ): `(a`"},
      {"{{ mustRegexFind \"a**\" \"a\" }}",
       "mustRegexFind: error parsing regexp: invalid nested repetition operator: `**`"},
      {"{{ mustRegexMatch \"\\\\C\" \"a\" }}",
       "mustRegexMatch: error parsing regexp: invalid escape sequence: `\\C`"},
      {"{{ mustRegexSplit \"[b-a]\" \"a\" 1 }}",
       "mustRegexSplit: error parsing regexp: invalid character class range: `b-a`"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace sluice::sprig
