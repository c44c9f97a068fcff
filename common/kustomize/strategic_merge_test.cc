// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/strategic_merge.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

absl::StatusOr<std::string> Merged(const std::string& target, const std::string& patch) {
  const BuildOptions options;
  BuildState state(options);
  Node* object = ReadNode(state.arena(), target).value();
  const absl::StatusOr<Node*> merged =
      StrategicMerge(state, object, ReadNode(state.arena(), patch).value());
  if (!merged.ok()) return merged.status();
  if (*merged == nullptr) return "deleted";
  return value::FormatJson(ToValue(*merged).value());
}

TEST_CASE("lists of a Service's ports merge by port and protocol", "[kustomize]") {
  struct Row {
    const char* ports;
    const char* patch;
    const char* want;  // "" for no ports
  };
  const Row rows[] = {
      {"[{port: 80}, {port: 81, name: x}]", "[{port: 80, $patch: delete}]",
       R"([{"name":"x","port":81}])"},
      {"[{port: 80}, {port: 81, protocol: UDP}]", "[{port: 80, $patch: delete}]",
       R"([{"port":80},{"port":81,"protocol":"UDP"}])"},
      {"[{port: 80, protocol: TCP}, {port: 81, protocol: UDP}]",
       "[{port: 80, protocol: TCP, $patch: delete}]", R"([{"port":81,"protocol":"UDP"}])"},
      {"[{port: 80, name: a}]", "[{port: 81, name: a}]",
       R"([{"name":"a","port":81},{"name":"a","port":80}])"},
      {"[{port: 80, name: a}]", "[{port: 80, $patch: replace, name: q}]",
       R"([{"name":"a","port":80}])"},
      {"[{port: 80, name: a}, {port: 81, name: b}]", "[{port: 90}, {$patch: replace}]",
       R"([{"port":90}])"},
      {"[{port: 80, name: a}, {port: 81, name: b}]", "[{$patch: delete}]", ""},
      {"[{port: 80, name: a}]", "null", ""},
      {"[{port: 80, name: a}]", "[]", R"([{"name":"a","port":80}])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.ports, row.patch);
    const std::string head = "{apiVersion: v1, kind: Service, spec: {ports: ";
    CHECK(Merged(head + row.ports + "}}", head + row.patch + "}}").value() ==
          absl::StrCat(R"({"apiVersion":"v1","kind":"Service","spec":{)",
                       *row.want == '\0' ? "" : R"("ports":)", row.want, "}}"));
  }
}

TEST_CASE("the schema decides how lists merge, and null removes", "[kustomize]") {
  struct Row {
    const char* head;
    const char* object;
    const char* patch;
    const char* want;  // of spec
  };
  const char pod[] = "apiVersion: v1, kind: Pod";
  const char custom[] = "apiVersion: x.io/v1, kind: Mine";
  const Row rows[] = {
      {pod, "{containers: [{name: a}]}", "{containers: [{name: z}]}",
       R"({"containers":[{"name":"z"},{"name":"a"}]})"},
      {pod, "{containers: [{name: a, image: x}]}", "{containers: [{name: a, image: y}]}",
       R"({"containers":[{"image":"y","name":"a"}]})"},
      {pod, "{volumes: [{name: v}]}", "{volumes: [{name: v, $patch: delete}]}",
       R"({"volumes":[]})"},
      {pod, "{tolerations: [{key: a}]}", "{tolerations: [{key: b}]}",
       R"({"tolerations":[{"key":"b"}]})"},
      {custom, "{list: [{name: x, o: 1}, {name: y}]}", "{list: [{name: x, v: 9}]}",
       R"({"list":[{"name":"x","v":9}]})"},
      {custom, "{a: 1, b: {c: 2}}", "{a: null, b: {d: 3}, e: null}", R"({"b":{"c":2,"d":3}})"},
      {custom, "{a: {b: 1}}", "{a: {$patch: replace, c: 2}}", R"({"a":{"c":2}})"},
      {custom, "{a: {b: 1}, d: 1}", "{a: {$patch: delete}}", R"({"d":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object, row.patch);
    const std::string head = std::string("{") + row.head + ", spec: ";
    const std::string merged = Merged(head + row.object + "}", head + row.patch + "}").value();
    CHECK(value::FormatJson(*value::ParseJson(merged)->Find("spec")) == row.want);
  }
}

TEST_CASE("a patch can delete the object and cannot ask for the unknown", "[kustomize]") {
  CHECK(Merged("{kind: A, a: {b: 1}}", "{kind: A, $patch: delete}").value() == "deleted");
  CHECK_THAT(Merged("{kind: A, a: {b: 1}}", "{kind: A, a: {$patch: what}}").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "unknown patch strategy 'what'"));
}

}  // namespace
}  // namespace sluice::kustomize
