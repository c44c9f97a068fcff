// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/strategic_merge.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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

// `count` elements from `element`, with # for the number.
std::string Repeated(size_t count, absl::string_view element) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ",
                    absl::StrReplaceAll(element, {{"#", absl::StrCat(i)}}));
  }
  return text;
}

TEST_CASE("what keys tell apart merges at any length, the rest within bounds", "[kustomize]") {
  const auto service = [](const std::string& ports) {
    return absl::StrCat("{apiVersion: v1, kind: Service, spec: {ports: [", ports, "]}}");
  };
  CHECK(
      Merged(service(Repeated(30'000, "{port: #, name: a}")), service("{port: 7, name: b}")).ok());
  // An element with a protocol and others without.
  const std::string irregular = "{port: x, protocol: TCP}, ";
  CHECK(Merged(service(irregular + Repeated(1'998, "{port: #}")), service("{port: 7}")).ok());
  CHECK_THAT(
      Merged(service(irregular + Repeated(1'999, "{port: #}")), service("{port: 7}")).status(),
      StatusIs(absl::StatusCode::kResourceExhausted,
               "more than 2000 elements can only be patched if each of them has port and "
               "protocol"));
  const auto map = [](const std::string& members) {
    return absl::StrCat("{apiVersion: v1, kind: ConfigMap, data: {", members, "}}");
  };
  CHECK(Merged(map(Repeated(4'999, "k#: v")), map("more: w")).ok());
  CHECK_THAT(Merged(map(Repeated(5'000, "k#: v")), map("more: w")).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 5000 members"));
}

}  // namespace
}  // namespace sluice::kustomize
