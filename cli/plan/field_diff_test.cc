// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/field_diff.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::plan {
namespace {

TEST_CASE("differences are told by field, and in lists by key", "[plan]") {
  struct Row {
    const char* before;
    const char* after;
    const char* changes;  // "path: before > after", by line
  };
  const Row rows[] = {
      {"{a: 1, b: {c: x}}", "{a: 1, b: {c: x}}", ""},
      {"{a: 1}", "{a: 2}", "a: 1 > 2"},
      {"{a: 1}", "{a: '1'}", "a: 1 > \"1\""},
      {"{a: 1}", "{b: 1}", "a: 1 > null\nb: null > 1"},
      {"{metadata: {labels: {app.io/name: x}}}", "{metadata: {labels: {app.io/name: z}}}",
       "metadata.labels[app.io/name]: \"x\" > \"z\""},
      // A container that moved and changed is one change.
      {"{c: [{name: a, image: x}, {name: b, image: w}]}",
       "{c: [{name: b, image: z}, {name: a, image: x}]}", "c[name=b].image: \"w\" > \"z\""},
      {"{c: [{name: a}]}", "{c: [{name: b}]}",
       "c[name=b]: null > {\"name\":\"b\"}\nc[name=a]: {\"name\":\"a\"} > null"},
      {"{c: [{name: a}, {name: b}]}", "{c: [{name: b}, {name: a}]}",
       "c (order): [{\"name\":\"a\"},{\"name\":\"b\"}] > [{\"name\":\"b\"},{\"name\":\"a\"}]"},
      // Names that are no key, as two have the same.
      {"{c: [{name: a, port: 1}, {name: a, port: 2}]}",
       "{c: [{name: a, port: 1}, {name: x, port: 2}]}", "c[port=2].name: \"a\" > \"x\""},
      {"{c: [{x: {}}]}", "{c: [{x: {a: 1}}]}", "c[0].x.a: null > 1"},
      {"{args: [-a, -b]}", "{args: [-b, -c]}", "args[]: \"-a\" > null\nargs[]: null > \"-c\""},
      {"{args: [-a, -b]}", "{args: [-b, -a]}", "args (order): [\"-a\",\"-b\"] > [\"-b\",\"-a\"]"},
      {"{a: []}", "{a: [1]}", "a: [] > [1]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before, row.after);
    const auto changes =
        DiffFields(value::ParseYaml(row.before).value(), value::ParseYaml(row.after).value());
    CHECK(absl::StrJoin(changes, "\n", [](std::string* out, const FieldChange& change) {
            absl::StrAppend(out, change.path, ": ", value::FormatJson(change.before, {0, false}),
                            " > ", value::FormatJson(change.after, {0, false}));
          }) == row.changes);
  }
}

}  // namespace
}  // namespace sluice::plan
