// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/testing.h"

namespace sluice::sprig {
namespace {

TEST_CASE("lists are taken apart, put together and searched", "[sprig]") {
  const Row rows[] = {
      {"{{ first (list 1 2 3) }}{{ last (list 1 2 3) }}{{ first (list) }}", "13<no value>"},
      {"{{ rest (list 1 2 3) }}{{ initial (list 1 2 3) }}{{ rest (list) }}", "[2 3][1 2][]"},
      {"{{ append (list 1) 2 }}{{ prepend (list 1) 2 }}{{ push (until 2) \"x\" }}",
       "[1 2][2 1][0 1 x]"},
      {"{{ $l := list 1 }}{{ $_ := append $l 2 }}{{ $l }}", "[1]"},
      {"{{ reverse (list 1 2 3) }}{{ compact (list 0 1 \"\" nil 2) }}", "[3 2 1][1 2]"},
      {"{{ uniq (list 1 1.0 1 (list 1) (list 1)) }}", "[1 1 [1]]"},
      {"{{ without (list 1 2 3) 2 3 }}{{ without (list 1) 1.0 }}", "[1][1]"},
      {"{{ has 2 (list 1 2) }}{{ has 2.0 (list 1 2) }}{{ has 1 nil }}", "truefalsefalse"},
      {"{{ has (dict \"a\" (list 1)) (list (dict \"a\" (list 1))) }}", "true"},
      {"{{ slice (list 1 2 3) 1 }}{{ slice (list 1 2 3) 1 2 }}{{ slice (list) 5 }}",
       "[2 3][2]<no value>"},
      {"{{ concat (list 1) (until 2) }}{{ concat | typeOf }}", "[1 0 1][]interface {}"},
      {"{{ chunk 2 (list 1 2 3) }}{{ chunk 2 (list) }}{{ typeOf (chunk 1 (list 1)) }}",
       "[[1 2] [3]][][][]interface {}"},
      {"{{ sortAlpha (list \"b\" 10 \"a\" nil 9) }}{{ sortAlpha \"x\" }}", "[10 9 a b][x]"},
      {"{{ toStrings (list 1 nil \"a\") | typeOf }}", "[]string"},
  };
  CheckRows(rows);
}

TEST_CASE("what is no list is refused with Go's words", "[sprig]") {
  const Row rows[] = {
      {"{{ first \"a\" }}", "first: Cannot find first on type string"},
      {"{{ mustLast 1 }}", "mustLast: Cannot find last on type int"},
      {"{{ rest (dict) }}", "rest: Cannot find rest on type map"},
      {"{{ append nil 1 }}",
       "append: runtime error: invalid memory address or nil pointer dereference"},
      {"{{ concat (list) 1 }}", "concat: Cannot concat type int as list"},
      {"{{ has 1 2 }}", "has: Cannot find has on type int"},
      {"{{ slice \"abc\" 1 }}", "slice: list should be type of slice or array but string"},
      {"{{ slice (list 1) 0 2 }}", "slice: reflect.Value.Slice: slice index out of bounds"},
      {"{{ slice (list 1) 1 0 }}", "slice: reflect.Value.Slice: slice index out of bounds"},
      {"{{ chunk 0 (list 1) }}", "chunk: runtime error: makeslice: len out of range"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace sluice::sprig
