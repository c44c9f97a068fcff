// SPDX-License-Identifier: Apache-2.0
#include "common/helm/instance.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/gotmpl/document.h"
#include "common/helm/loader.h"
#include "common/helm/values_file.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::StatusIs;

// The chart "p" with these dependencies, a chart "s" of the version 1.2.3 and their values.
struct Charts {
  std::string dependencies = "[{name: s, version: ^1}]";
  std::string values = "";
  std::string sub_values = "";
  std::string sub_dependencies = "";
};

std::shared_ptr<const Chart> Load(const Charts& charts, Dialect dialect) {
  return LoadFiles(
             {{"Chart.yaml", absl::StrCat("apiVersion: v2\nname: p\nversion: 0.1.0\n"
                                          "dependencies: ",
                                          charts.dependencies)},
              {"values.yaml", charts.values},
              {"charts/s/Chart.yaml",
               absl::StrCat("apiVersion: v2\nname: s\nversion: 1.2.3\n", charts.sub_dependencies)},
              {"charts/s/charts/g/Chart.yaml", "apiVersion: v2\nname: g\nversion: 1.0.0\n"},
              {"charts/s/values.yaml", charts.sub_values}},
             {.dialect = dialect})
      .value();
}

// The coalesced values as JSON.
std::string Coalesced(const Charts& charts, absl::string_view user,
                      Dialect dialect = Dialect::kHelm4) {
  Instance instance(Load(charts, dialect), {.dialect = dialect});
  const Value values = ParseValuesFile(user, dialect).value();
  if (const absl::Status status = instance.ProcessDependencies(values); !status.ok()) {
    return std::string(status.message());
  }
  const auto table = instance.Coalesce(values);
  if (!table.ok()) return std::string(table.status().message());
  gotmpl::Session session;
  return value::FormatJson(gotmpl::ToDocument(FromTable(*table), session).value());
}

TEST_CASE("a user's values win over the parent's, those over the dependency's", "[helm]") {
  struct Row {
    Charts charts;
    const char* user;
    const char* expected;
  };
  const Row rows[] = {
      {{.values = "{s: {a: 2, b: 2}}", .sub_values = "{a: 1, b: 1, c: 1}"},
       "s: {a: 3}",
       R"({"s":{"a":3,"b":2,"c":1,"g":{"global":{}},"global":{}}})"},
      {{.values = "{l: [1, 2], m: {x: 1}}"},
       "{l: [], m: {w: 2}}",
       R"({"l":[],"m":{"w":2,"x":1},"s":{"g":{"global":{}},"global":{}}})"},
      // A null takes a default away; where there is none it stays.
      {{.values = "{a: 1, m: {x: 1}}"},
       "{a: null, m: {x: null, w: null}, z: null}",
       R"({"m":{"w":null},"s":{"g":{"global":{}},"global":{}},"z":null})"},
      {{.sub_values = "{a: 1}"}, "s: {a: null}", R"({"s":{"g":{"global":{}},"global":{}}})"},
      {{.values = "global: {k: 1, m: {a: 1}}", .sub_values = "global: {k: 0, m: {a: 0, b: 0}}"},
       "",
       R"({"global":{"k":1,"m":{"a":1}},"s":{"g":{"global":{"k":1,"m":{"a":1,"b":0}}},)"
       R"("global":{"k":1,"m":{"a":1,"b":0}}}})"},
      {{}, "s: 1", "type mismatch on s: %!t(float64=1)"},
      {{}, "s: [true]", "type mismatch on s: [true]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.charts.values, row.charts.sub_values, row.user);
    CHECK(Coalesced(row.charts, row.user) == row.expected);
  }
}

TEST_CASE("nulls of a chart's own defaults reach templates in Helm 3 only", "[helm]") {
  const Charts charts{.dependencies = "[]", .values = "{a: null, m: {b: null, c: 1}}"};
  CHECK(Coalesced(charts, "", Dialect::kHelm4) ==
        R"({"m":{"c":1},"s":{"g":{"global":{}},"global":{}}})");
  CHECK(Coalesced(charts, "", Dialect::kHelm3) ==
        R"({"a":null,"m":{"b":null,"c":1},"s":{"g":{"global":{}},"global":{}}})");
}

TEST_CASE("conditions and tags decide which dependencies take part", "[helm]") {
  struct Row {
    const char* dependencies;
    const char* user;
    std::vector<std::string> names;
  };
  const Row rows[] = {
      {"[{name: s, version: ^1, condition: s.use}]", "", {"s"}},
      {"[{name: s, version: ^1, condition: s.use}]", "s: {use: false}", {}},
      {"[{name: s, version: ^1, condition: s.use}]", "s: {use: no thanks}", {"s"}},
      {"[{name: s, version: ^1, condition: 'x.use,s.use'}]", "s: {use: false}", {}},
      {"[{name: s, version: ^1, condition: 'x.use,s.use'}]",
       "{x: {use: true}, s: {use: false}}",
       {"s"}},
      {"[{name: s, version: ^1, tags: [a, b]}]", "tags: {a: false}", {}},
      {"[{name: s, version: ^1, tags: [a, b]}]", "tags: {a: false, b: true}", {"s"}},
      {"[{name: s, version: ^1, tags: [a], condition: s.use}]",
       "{tags: {a: false}, s: {use: true}}",
       {"s"}},
      {"[{name: s, version: ^2, condition: s.use}]", "s: {use: false}", {}},  // by its name
      {"[{name: x, version: ^1}]", "", {"s"}},  // what is not declared stays
      {"[{name: s, version: ^1, alias: t}, {name: s, version: ^1, alias: u, condition: u.use}]",
       "u: {use: false}",
       {"t"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.dependencies, row.user);
    Instance instance(Load({.dependencies = row.dependencies}, Dialect::kHelm4), {});
    REQUIRE(instance.ProcessDependencies(ParseValuesFile(row.user, Dialect::kHelm4).value()).ok());
    std::vector<std::string> names;
    for (const ChartNode* node : instance.root().dependencies) names.push_back(node->name);
    CHECK(names == row.names);
  }
}

TEST_CASE("import-values take tables of dependencies up", "[helm]") {
  const Charts charts{
      .dependencies =
          "[{name: s, version: ^1, import-values: [data, {child: d, parent: a.b}, none]}]",
      .values = "{x: own}",
      .sub_values = "{exports: {data: {x: 1, z: 2}}, d: {z: 3}}"};
  const std::string json = Coalesced(charts, "");
  CHECK(absl::StrContains(json, R"({"a":{"b":{"z":3}},)"));
  CHECK(absl::StrContains(json, R"("x":"own","z":2})"));
}

TEST_CASE("each alias has dependencies of its own, but in Helm 3", "[helm]") {
  const Charts charts{
      .dependencies = "[{name: s, version: ^1, alias: t1}, {name: s, version: ^1, alias: t2}]",
      .sub_dependencies = "dependencies: [{name: g, version: ^1, alias: gg}]"};
  for (const Dialect dialect : {Dialect::kHelm4, Dialect::kHelm3}) {
    Instance instance(Load(charts, dialect), {.dialect = dialect});
    REQUIRE(instance.ProcessDependencies(Value::EmptyObject()).ok());
    std::vector<std::string> paths;
    for (const ChartNode* node : instance.root().dependencies) {
      for (const ChartNode* below : node->dependencies) paths.push_back(below->FullPath());
    }
    CHECK(paths ==
          (dialect == Dialect::kHelm4
               ? std::vector<std::string>{"p/charts/t1/charts/gg", "p/charts/t2/charts/gg"}
               : std::vector<std::string>{"p/charts/t1/charts/gg", "p/charts/t2/charts/g"}));
  }
}

TEST_CASE("what is worth knowing is told", "[helm]") {
  Instance instance(Load({.values = "{m: {x: 1}, s: {k: 1}}"}, Dialect::kHelm4), {});
  const Value user = ParseValuesFile("{m: {x: {y: 1}}}", Dialect::kHelm4).value();
  REQUIRE(instance.Coalesce(user).ok());
  CHECK(instance.warnings() ==
        std::vector<std::string>{
            "warning: destination for p.m.x is a table. Ignoring non-table value (1)"});
}

TEST_CASE("merging is bounded", "[helm]") {
  const auto chart = Load({.values = "{a: [1, 2, 3, 4, 5, 6, 7, 8]}"}, Dialect::kHelm4);
  Instance small(chart, {.copied_values = 10});
  CHECK_THAT(small.ProcessDependencies(Value::EmptyObject()),
             StatusIs(absl::StatusCode::kResourceExhausted, "takes too much"));
  Instance few(chart, {.nodes = 2});
  CHECK_THAT(few.ProcessDependencies(Value::EmptyObject()),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 2 dependencies"));
}

}  // namespace
}  // namespace sluice::helm
