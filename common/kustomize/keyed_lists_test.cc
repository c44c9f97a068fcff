// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/keyed_lists.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

// The merged list where each row becomes its patch, or else its target; "-" removes a row whose
// first value is "gone". "no" if the keys do not tell the elements apart.
std::string Assembled(const std::string& target, const std::string& patch,
                      const std::vector<absl::string_view>& keys) {
  NodeArena arena;
  Node* target_list = ReadNode(arena, target).value();
  Node* patch_list = ReadNode(arena, patch).value();
  const auto lists = KeyedLists::Of(target_list, patch_list, keys);
  if (!lists.has_value()) return "no";
  std::vector<Node*> merged;
  for (const KeyedLists::Row& row : lists->rows()) {
    Node* one = row.patch != nullptr ? row.patch : row.target;
    merged.push_back(row.values[0] == "gone" ? nullptr : one);
  }
  Node* list = arena.List();
  list->content = lists->Assemble(target_list, merged);
  return value::FormatJson(ToValue(list).value());
}

TEST_CASE("elements are put together by their keys", "[kustomize]") {
  struct Row {
    const char* target;
    const char* patch;
    std::vector<absl::string_view> keys;
    const char* want;
  };
  const Row rows[] = {
      // The patch's elements come first, those of both in their place with the target's node.
      {"[{k: a, v: 1}, {k: b}]",
       "[{k: c}, {k: a, v: 2}]",
       {"k"},
       R"([{"k":"c"},{"k":"a","v":1},{"k":"b"}])"},
      {"[{k: a, v: 1}, {k: b}, {k: a, v: 3}]", "[{k: b}]", {"k"}, R"([{"k":"b"},{"k":"a","v":3}])"},
      {"[{k: gone}, {k: b}]", "[{k: gone}]", {"k"}, R"([{"k":"b"}])"},
      // With two keys the target's elements keep their order behind the patch's new ones.
      {"[{k: a, l: x}, {k: b, l: x}]",
       "[{k: b, l: x}, {k: a, l: y}]",
       {"k", "l"},
       R"([{"k":"a","l":"y"},{"k":"a","l":"x"},{"k":"b","l":"x"}])"},
      // A key that nobody has does not count.
      {"[{k: a}, {k: b}]", "[{k: b, v: 1}]", {"k", "l"}, R"([{"k":"b"},{"k":"a"}])"},
      {"[a, b]", "[c, a]", {}, R"(["c","a","b"])"},
      {"[{k: a}, {k: b, l: x}]", "[]", {"k", "l"}, "no"},
      {"[{k: a}]", "[{v: 1}]", {"k"}, "no"},
      {"[{k: a}]", "[text]", {"k"}, "no"},
      {"[{k: ''}]", "[]", {"k"}, "no"},
      {"[a]", "[{$patch: delete}]", {}, "no"},
      {"[]", "[]", {"k"}, "no"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target, row.patch);
    CHECK(Assembled(row.target, row.patch, row.keys) == row.want);
  }
}

}  // namespace
}  // namespace sluice::kustomize
