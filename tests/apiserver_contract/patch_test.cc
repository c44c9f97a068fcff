// What the four kinds of patches make of objects.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("json patches edit by path", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"),
                   Yaml("{metadata: {name: a, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}"))
              .code == 201);
  const Change rows[] = {
      {"[{op: add, path: /data/n, value: '3'}]", 200, "data", "{'n': '3', x: '1', 'y': '2'}"},
      {"[{op: replace, path: /data/x, value: '9'}]", 200, "data", "{x: '9', 'y': '2'}"},
      {"[{op: remove, path: /data/x}]", 200, "data", "{'y': '2'}"},
      {"[{op: copy, from: /data/x, path: /data/c}]", 200, "data", "{c: '1', x: '1', 'y': '2'}"},
      {"[{op: move, from: /data/x, path: /data/m}]", 200, "data", "{m: '1', 'y': '2'}"},
      {"[{op: add, path: /data/a~0b~1c, value: x}]", 422, "message",
       "'ConfigMap \"a\" is invalid: data[a~b/c]: Invalid value: \"a~b/c\": a valid config "
       "key must consist of alphanumeric characters, ''-'', ''_'' or ''.'' (e.g. "
       "''key.name'',  or ''KEY_NAME'',  or ''key-name'', regex used for validation is "
       "''[-._a-zA-Z0-9]+'')'"},
      {"[{op: add, path: /metadata/labels, value: {a: b}}]", 200, "metadata.labels", "{a: b}"},
      {"[{op: remove, path: /data}]", 200, "data", "null"},
      {"[]", 200, "data", "{x: '1', 'y': '2'}"},
  };
  CheckChanges(api, ns.Path("configmaps/a"), kJsonPatch, rows);
}

TEST_CASE("json patches apply wholly or not at all", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"),
                   Yaml("{metadata: {name: a, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}"))
              .code == 201);
  const Change rows[] = {
      {"[{op: test, path: /data/x, value: '1'}, {op: add, path: /data/x, value: '9'}]", 200, "data",
       "{x: '9', 'y': '2'}"},
      {"[{op: add, path: /data/x, value: '9'}, {op: test, path: /data/x, value: '1'}]", 422,
       "message", "the server rejected our request due to an error in our request"},
      {"[{op: test, path: /data/none, value: '1'}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{op: test, path: /metadata/annotations, value: null}]", 200, "data", "{x: '1', 'y': '2'}"},
      {"[{op: replace, path: /data/none, value: z}]", 200, "data", "{none: z, x: '1', 'y': '2'}"},
      {"[{op: remove, path: /data/none}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{op: move, from: /data/none, path: /data/m}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{op: add, path: /data/n/m, value: z}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{op: foo, path: /x}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{path: /x}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"{op: add}", 400, "message",
       "'error decoding patch: json: cannot unmarshal object into Go value of type "
       "[]handlers.jsonPatchOp'"},
  };
  CheckChanges(api, ns.Path("configmaps/a"), kJsonPatch, rows);
}

TEST_CASE("json patches index lists", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(
      api.Post(ns.Path("configmaps"), Yaml("{metadata: {name: a, finalizers: [a/b, c/d]}}")).code ==
      201);
  const Change rows[] = {
      {"[{op: add, path: /metadata/finalizers/-, value: e/f}]", 200, "metadata.finalizers",
       "[a/b, c/d, e/f]"},
      {"[{op: add, path: /metadata/finalizers/0, value: e/f}]", 200, "metadata.finalizers",
       "[e/f, a/b, c/d]"},
      {"[{op: add, path: /metadata/finalizers/2, value: e/f}]", 200, "metadata.finalizers",
       "[a/b, c/d, e/f]"},
      {"[{op: add, path: /metadata/finalizers/7, value: e/f}]", 422, "message",
       "the server rejected our request due to an error in our request"},
      {"[{op: remove, path: /metadata/finalizers/0}]", 200, "metadata.finalizers", "[c/d]"},
      {"[{op: remove, path: /metadata/finalizers/-1}]", 200, "metadata.finalizers", "[a/b]"},
      {"[{op: replace, path: /metadata/finalizers/1, value: g/h}]", 200, "metadata.finalizers",
       "[a/b, g/h]"},
      {"[{op: test, path: /metadata/finalizers/1, value: c/d}]", 200, "metadata.finalizers",
       "[a/b, c/d]"},
  };
  CheckChanges(api, ns.Path("configmaps/a"), kJsonPatch, rows);
}

TEST_CASE("merge patches merge objects and replace the rest", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"),
                   Yaml("{metadata: {name: a, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}"))
              .code == 201);
  const Change rows[] = {
      {"{data: {x: null, 'n': '3'}}", 200, "data", "{'n': '3', 'y': '2'}"},
      {"{data: null}", 200, "data", "null"},
      {"{metadata: {labels: {m: '2'}}}", 200, "metadata.labels", "{l: '1', m: '2'}"},
      {"{metadata: {labels: null}}", 200, "metadata.labels", "null"},
      {"{}", 200, "data", "{x: '1', 'y': '2'}"},
      {"{foo: 1}", 200, "data", "{x: '1', 'y': '2'}"},
      {"[]", 400, "message",
       "'error decoding patch: json: cannot unmarshal array into Go value of type "
       "map[string]interface {}'"},
  };
  CheckChanges(api, ns.Path("configmaps/a"), kMergePatch, rows);
}

TEST_CASE("a patch leaves name, namespace and kind alone", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"),
                   Yaml("{metadata: {name: a, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}"))
              .code == 201);
  const Change rows[] = {
      {"{metadata: {name: b}}", 400, "message",
       "the name of the object (b) does not match the name on the URL (a)"},
      {"{metadata: {namespace: other}}", 400, "message",
       "the namespace of the provided object does not match the namespace sent on the request"},
      {"{metadata: null}", 400, "message",
       "'the name of the object (a based on URL) was undeterminable: name must be provided'"},
      {"{metadata: {resourceVersion: '1'}}", 409, "message",
       "'Operation cannot be fulfilled on configmaps \"a\": the object has been modified; "
       "please apply your changes to the latest version and try again'"},
      {"{metadata: {creationTimestamp: '2020-01-01T00:00:00Z'}}", 200, "data",
       "{x: '1', 'y': '2'}"},
      {"{metadata: {generateName: x-}}", 200, "metadata.generateName", "x-"},
      {"{metadata: {managedFields: [{}]}}", 200, "metadata.managedFields", "null"},
      {"{metadata: {managedFields: []}}", 200, "metadata.managedFields", "null"},
  };
  CheckChanges(api, ns.Path("configmaps/a"), kMergePatch, rows);
}

TEST_CASE("a service keeps its address and changes its type", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("services"), Yaml("{metadata: {name: s}, spec: {selector: {a: b}, "
                                             "ports: [{name: http, port: 80}, {name: "
                                             "https, port: 443}]}}"))
              .code == 201);
  const Change rows[] = {
      {"{spec: {clusterIP: '10.0.9.9'}}", 422, "message",
       "'Service \"s\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.0.9.9\"]: may not "
       "change once set'"},
      {"{spec: {type: NodePort}}", 200, "spec.type", "NodePort"},
      {"{spec: {type: NodePort}}", 200, "spec.externalTrafficPolicy", "Cluster"},
      {"{spec: {type: LoadBalancer}}", 200, "spec.allocateLoadBalancerNodePorts", "true"},
      {"{spec: {type: ExternalName, externalName: a.b, clusterIP: '', clusterIPs: null}}", 200,
       "spec.ipFamilies", "null"},
      {"{spec: {type: ExternalName, externalName: a.b, clusterIP: '', clusterIPs: null}}", 200,
       "spec.internalTrafficPolicy", "null"},
      {"{spec: {type: ExternalName, externalName: a.b, clusterIP: '', clusterIPs: null}}", 200,
       "spec.clusterIP", "null"},
      {"{spec: {type: X}}", 422, "message",
       "'Service \"s\" is invalid: spec.type: Unsupported value: \"X\": supported values: "
       "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"'"},
      {"{spec: {clusterIP: null}}", 200, "spec.type", "ClusterIP"},
  };
  CheckChanges(api, ns.Path("services/s"), kStrategicPatch, rows);
}

TEST_CASE("a job's shape stays, its speed does not", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("batch/v1", "jobs"), Yaml("{metadata: {name: j}, spec: {suspend: true, "
                                                     "template: {spec: {restartPolicy: Never, "
                                                     "containers: [{name: c, image: x}]}}}}"))
              .code == 201);
  const Change rows[] = {
      {"{spec: {completions: 2}}", 422, "message",
       "'Job.batch \"j\" is invalid: spec.completions: Invalid value: 2: field is immutable'"},
      {"{spec: {parallelism: 3}}", 200, "spec.parallelism", "3"},
      {"{spec: {backoffLimit: 1}}", 200, "spec.backoffLimit", "1"},
      {"{spec: {suspend: false}}", 200, "spec.suspend", "false"},
      {"{spec: {completionMode: Indexed}}", 422, "message",
       "'Job.batch \"j\" is invalid: spec.completionMode: Invalid value: \"Indexed\": field "
       "is immutable'"},
      {"{spec: {template: {spec: {nodeSelector: {a: b}}}}}", 200, "spec.template.spec.nodeSelector",
       "{a: b}"},
      {"{spec: {ttlSecondsAfterFinished: 3}}", 200, "spec.ttlSecondsAfterFinished", "3"},
  };
  CheckChanges(api, ns.Path("batch/v1", "jobs/j"), kStrategicPatch, rows);
}

TEST_CASE("an immutable configmap stays as it is", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"),
                   Yaml("{metadata: {name: imm}, data: {a: b}, immutable: true}"))
              .code == 201);
  const Change rows[] = {
      {"{data: {a: c}}", 422, "message",
       "'ConfigMap \"imm\" is invalid: data: Forbidden: field is immutable when `immutable` "
       "is set'"},
      {"{immutable: false}", 422, "message",
       "'ConfigMap \"imm\" is invalid: immutable: Forbidden: field is immutable when "
       "`immutable` is set'"},
      {"{immutable: null}", 422, "message",
       "'ConfigMap \"imm\" is invalid: immutable: Forbidden: field is immutable when "
       "`immutable` is set'"},
      {"{binaryData: {z: eA==}}", 422, "message",
       "'ConfigMap \"imm\" is invalid: binaryData: Forbidden: field is immutable when "
       "`immutable` is set'"},
      {"{metadata: {labels: {x: 'y'}}}", 200, "metadata.labels", "{x: 'y'}"},
  };
  CheckChanges(api, ns.Path("configmaps/imm"), kMergePatch, rows);
}

TEST_CASE("an immutable secret stays as it is, and so does its type", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("secrets"),
                   Yaml("{metadata: {name: imm}, data: {a: eA==}, immutable: true, type: x}"))
              .code == 201);
  const Change rows[] = {
      {"{data: {a: eQ==}}", 422, "message",
       "'Secret \"imm\" is invalid: data: Forbidden: field is immutable when `immutable` is "
       "set'"},
      {"{immutable: false}", 422, "message",
       "'Secret \"imm\" is invalid: immutable: Forbidden: field is immutable when `immutable` "
       "is set'"},
      {"{type: 'y'}", 422, "message",
       "'Secret \"imm\" is invalid: type: Invalid value: \"y\": field is immutable'"},
      {"{stringData: {a: q}}", 422, "message",
       "'Secret \"imm\" is invalid: data: Forbidden: field is immutable when `immutable` is "
       "set'"},
      {"{metadata: {labels: {x: 'y'}}}", 200, "metadata.labels", "{x: 'y'}"},
  };
  CheckChanges(api, ns.Path("secrets/imm"), kMergePatch, rows);
}

}  // namespace
}  // namespace sluice::apiserver_contract
