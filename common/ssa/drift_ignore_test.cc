// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/drift_ignore.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

using Paths = std::vector<std::string>;
using ::sluice::testing::StatusIs;

Value Yaml(const char* text) { return value::ParseYaml(text).value(); }

TEST_CASE("rules select objects as patches do", "[ssa]") {
  const Value object = Yaml(
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: prod, labels: "
      "{app: "
      "web}, annotations: {team: x}}}");
  struct Row {
    const char* target;
    bool selects;
  };
  const Row rows[] = {
      {"{}", true},
      {"{kind: Deployment}", true},
      {"{kind: Deploy}", false},  // anchored
      {"{kind: 'Deploy.*'}", true},
      {"{kind: 'A|Deployment'}", true},
      {"{group: apps, version: v1, name: web, namespace: prod}", true},
      {"{group: batch}", false},
      {"{version: v1beta1}", false},
      {"{name: we}", false},
      {"{namespace: test}", false},
      {"{labelSelector: app=web}", true},
      {"{labelSelector: app=api}", false},
      {"{annotationSelector: team=x}", true},
      {"{annotationSelector: '!team'}", false},
  };
  for (const Row& row : rows) {
    INFO(row.target);
    Value rules = Value::EmptyArray();
    rules.Append({{"paths", Yaml("[/spec/replicas]")}, {"target", Yaml(row.target)}});
    const auto ignore = DriftIgnore::Compile(rules);
    REQUIRE(ignore.ok());
    CHECK((ignore->PathsFor(object) == Paths{"/spec/replicas"}) == row.selects);
  }
}

TEST_CASE("several rules add up; of those without target the last counts", "[ssa]") {
  const Value object = Yaml("{apiVersion: v1, kind: Service, metadata: {name: a}}");
  const auto ignore = DriftIgnore::Compile(
      Yaml("[{paths: [/a]}, {paths: [/b], target: {kind: Service}}, {paths: [/c]}]"));
  REQUIRE(ignore.ok());
  CHECK(ignore->PathsFor(object) == Paths{"/c", "/b"});
}

TEST_CASE("expressions that do not parse are named", "[ssa]") {
  CHECK_THAT(DriftIgnore::Compile(Yaml("[{paths: [/a], target: {name: '('}}]")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "invalid spec.ignore target.name"));
  CHECK_THAT(
      DriftIgnore::Compile(Yaml("[{paths: [/a], target: {labelSelector: 'a in ('}}]")).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "invalid spec.ignore target.labelSelector"));
}

TEST_CASE("ignored fields keep their live value, or stay with who applied them", "[ssa]") {
  struct Row {
    const char* name;
    const char* path;
    const char* managed;  // fieldsV1 of another Apply manager
    const char* applied;
  };
  const char* desired = "{spec: {replicas: 1, c: [{name: a, image: one}]}}";
  const char* live = "{spec: {replicas: 5, c: [{name: a, image: two}]}}";
  const Row rows[] = {
      {"nobody else applied it", "/spec/replicas", "{}",
       "{spec: {replicas: 5, c: [{name: a, image: one}]}}"},
      {"somebody did", "/spec/replicas", "{'f:spec': {'f:replicas': {}}}",
       "{spec: {c: [{name: a, image: one}]}}"},
      {"somebody applied something else", "/spec/replicas", "{'f:spec': {'f:paused': {}}}",
       "{spec: {replicas: 5, c: [{name: a, image: one}]}}"},
      {"in a list", "/spec/c/0/image", "{}", "{spec: {replicas: 1, c: [{name: a, image: two}]}}"},
      {"in a list, applied by key", "/spec/c/0/image",
       R"({'f:spec': {'f:c': {'k:{"name":"a"}': {'f:image': {}}}}})",
       "{spec: {replicas: 1, c: [{name: a}]}}"},
      {"in a list, another item", "/spec/c/0/image",
       R"({'f:spec': {'f:c': {'k:{"name":"b"}': {'f:image': {}}}}})",
       "{spec: {replicas: 1, c: [{name: a, image: two}]}}"},
      {"missing", "/spec/nope/deep", "{}", "{spec: {replicas: 1, c: [{name: a, image: one}]}}"},
      {"past the end", "/spec/c/7/image", "{}",
       "{spec: {replicas: 1, c: [{name: a, image: one}]}}"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Value now = Yaml(live);
    Value entry = {{"manager", "other"}, {"operation", "Apply"}, {"fieldsV1", Yaml(row.managed)}};
    now.Ensure("metadata").Set("managedFields", Value(Value::Array{entry}));
    const Value applied =
        KeepingLive(Yaml(desired), now, Yaml(desired), {row.path}, "kustomize-controller");
    CHECK(value::FormatJson(applied) == value::FormatJson(Yaml(row.applied)));
  }
}

TEST_CASE("paths are taken out of both sides before they are compared", "[ssa]") {
  CHECK(value::FormatJson(
            WithoutPaths(Yaml("{metadata: {annotations: {a/b: x, c: y}}, l: [1, 2], k: 1}"),
                         {"/metadata/annotations/a~1b", "/l/0", "/nope/x", "k"})) ==
        value::FormatJson(Yaml("{metadata: {annotations: {c: y}}, l: [2], k: 1}")));
}

}  // namespace
}  // namespace sluice::ssa
