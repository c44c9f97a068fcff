// How pods are stored, and what of them may change.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("quantities are stored in one form", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer = api.Post(
      ns.Path("pods") + "?dryRun=All",
      Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: x, resources: {limits: "
           "{cpu: 0.5, memory: 1024Mi, ephemeral-storage: '1e3'}, requests: {cpu: 0.0001}}}]}}"));

  REQUIRE(answer.code == 201);
  const Value& resources = answer.body["spec"]["containers"].at(0)["resources"];
  CHECK(resources["limits"] == Yaml("{cpu: 500m, memory: 1Gi, ephemeral-storage: '1e3'}"));
  CHECK(resources["requests"] == Yaml("{cpu: 1m, memory: 1Gi, ephemeral-storage: '1e3'}"));
}

TEST_CASE("doubtful pods are taken with a warning", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  struct Row {
    const char* container;
    const char* warning;
  };
  const Row rows[] = {
      {"{name: c, image: x, env: [{name: A}, {name: A}]}",
       "299 - \"spec.containers[0].env[1]: hides previous definition of \\\"A\\\", which may be "
       "dropped when using apply\""},
      {"{name: c, image: x, ports: [{containerPort: 80}, {containerPort: 80}]}",
       "299 - \"spec.containers[0].ports[1]: duplicate port definition with "
       "spec.containers[0].ports[0]\""},
  };
  for (const Row& row : rows) {
    INFO(row.container);
    Value pod = Yaml("{metadata: {name: p}, spec: {}}");
    pod.Ensure("spec").Set("containers", Value(Value::Array{Yaml(row.container)}));
    const Answer answer = api.Post(ns.Path("pods") + "?dryRun=All", pod);
    CHECK(answer.code == 201);
    CHECK(answer.headers.Get("Warning") == row.warning);
  }
}

TEST_CASE("nobody owns what the server sets in a pod", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer =
      api.Post(ns.Path("pods") + "?dryRun=All",
               Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: x}]}}"));

  REQUIRE(answer.code == 201);
  CHECK(answer.body["spec"]["priority"].int_or(-1) == 0);
  CHECK(answer.body["spec"]["tolerations"].size() == 2);
  const Value& owned = answer.meta("managedFields").at(0)["fieldsV1"]["f:spec"];
  CHECK(owned.Has("f:containers"));
  CHECK(owned.Has("f:restartPolicy"));
  CHECK_FALSE(owned.Has("f:priority"));
  CHECK_FALSE(owned.Has("f:tolerations"));
}

TEST_CASE("little of a pod may change", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  // Nobody runs it: it asks for a node that is not there.
  REQUIRE(api.Post(ns.Path("pods"),
                   Yaml("{metadata: {name: p}, spec: {schedulingGates: [{name: a/b}], containers: "
                        "[{name: c, image: x}]}}"))
              .code == 201);

  CHECK(api.Patch(ns.Path("pods/p?dryRun=All"), kStrategicPatch,
                  Yaml("{spec: {containers: [{name: c, image: z}]}}"))
            .code == 200);
  const Answer answer = api.Patch(ns.Path("pods/p?dryRun=All"), kStrategicPatch,
                                  Yaml("{spec: {containers: [{name: d, image: z}]}}"));
  CHECK(answer.code == 422);
  CHECK(answer.message() ==
        "Pod \"p\" is invalid: spec.containers: Forbidden: pod updates may not add or remove "
        "containers");
}

}  // namespace
}  // namespace sluice::apiserver_contract
