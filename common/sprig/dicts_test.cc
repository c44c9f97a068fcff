// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/testing.h"

namespace sluice::sprig {
namespace {

TEST_CASE("maps are made, read and changed in place", "[sprig]") {
  const Row rows[] = {
      {"{{ dict \"a\" 1 2 \"b\" \"odd\" }}", "map[2:b a:1 odd:]"},
      {"{{ $d := dict \"a\" 1 }}{{ get $d \"a\" }}{{ get $d \"b\" | quote }}", "1\"\""},
      {"{{ $d := dict }}{{ $_ := set $d \"a\" 1 }}{{ $d }}{{ $_ := unset $d \"a\" }}{{ $d }}",
       "map[a:1]map[]"},
      {"{{ hasKey (dict \"a\" nil) \"a\" }}{{ hasKey (dict) \"a\" }}", "truefalse"},
      {"{{ pluck \"a\" (dict \"a\" 1) (dict \"b\" 2) (dict \"a\" 3) }}", "[1 3]"},
      {"{{ keys (dict \"b\" 1 \"a\" 2) (dict \"c\" 3) }}{{ values (dict \"b\" 1 \"a\" 2) }}",
       "[a b c][2 1]"},
      {"{{ $d := dict \"a\" 1 \"b\" 2 }}{{ pick $d \"a\" \"x\" }}{{ omit $d \"a\" }}{{ $d }}",
       "map[a:1]map[b:2]map[a:1 b:2]"},
      {"{{ $d := dict \"a\" (dict \"b\" 1) }}{{ dig \"a\" \"b\" 0 $d }}{{ dig \"a\" \"x\" 0 $d }}",
       "10"},
      {"{{ $d := dict \"a\" (dict \"b\" 1) }}{{ $c := deepCopy $d }}"
       "{{ $_ := set $c.a \"b\" 2 }}{{ $d }}{{ $c }}",
       "map[a:map[b:1]]map[a:map[b:2]]"},
  };
  CheckRows(rows);
}

TEST_CASE("merge fills what is empty, mergeOverwrite takes what is there", "[sprig]") {
  const Row rows[] = {
      {"{{ merge (dict \"a\" 1 \"b\" 0) (dict \"a\" 2 \"b\" 2 \"c\" 3) (dict \"c\" 4 \"d\" 5) }}",
       "map[a:1 b:2 c:3 d:5]"},
      {"{{ merge (dict \"m\" (dict \"x\" 1)) (dict \"m\" (dict \"x\" 2 \"y\" 3)) }}",
       "map[m:map[x:1 y:3]]"},
      {"{{ merge (dict \"a\" 1) (dict \"a\" (dict \"b\" 1)) }}", "map[a:1]"},
      {"{{ merge (dict \"a\" (list)) (dict \"a\" (list 1)) }}", "map[a:[1]]"},
      {"{{ merge (dict) (dict \"a\" nil) }}", "map[]"},
      {"{{ mergeOverwrite (dict \"a\" 1 \"b\" 1 \"c\" 1) (dict \"a\" 2 \"b\" \"\" \"c\" nil) }}",
       "map[a:2 b: c:<nil>]"},
      {"{{ mergeOverwrite (dict \"l\" (list 1 2)) (dict \"l\" (list)) }}", "map[l:[]]"},
      {"{{ mergeOverwrite (dict \"m\" (dict \"x\" 1 \"y\" 1)) (dict \"m\" (dict \"x\" 2)) }}",
       "map[m:map[x:2 y:1]]"},
      {"{{ mergeOverwrite (dict \"m\" 1) (dict \"m\" (dict \"x\" 2)) }}", "map[m:map[x:2]]"},
      // The first map is changed, and what it took is shared with the source.
      {"{{ $a := dict }}{{ $b := dict \"m\" (dict) }}{{ $_ := merge $a $b }}"
       "{{ $_ := set $a.m \"x\" 1 }}{{ $b }}",
       "map[m:map[x:1]]"},
      {"{{ $a := dict \"x\" 1 }}{{ merge $a $a }}", "map[x:1]"},
  };
  CheckRows(rows);
}

TEST_CASE("what is no map is refused, and a map in itself ends in an error", "[sprig]") {
  const Row rows[] = {
      {"{{ dig \"a\" 1 }}", "dig: dig needs at least three arguments"},
      {"{{ dig \"a\" 1 nil }}",
       "dig: interface conversion: interface {} is nil, not map[string]interface {}"},
      {"{{ dig \"a\" \"b\" 1 (dict \"a\" 2) }}",
       "dig: interface conversion: interface {} is int, not map[string]interface {}"},
      {"{{ dig 1 2 (dict) }}", "dig: interface conversion: interface {} is int, not string"},
      {"{{ deepCopy nil }}", "deepCopy: reflect: call of reflect.Value.Type on zero Value"},
      {"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
       "deepCopy: the value nests deeper than 1000"},
      {"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}"
       "{{ merge $d $e }}",
       "merge: the value nests deeper than 1000"},
      {"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}"
       "{{ deepEqual $d $e }}",
       "deepEqual: the compared values nest deeper than 1000"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace sluice::sprig
