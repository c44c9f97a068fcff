// What strategic merge patches make of objects.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("strategic patches merge containers by name", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(
      api.Post(
             ns.Path("apps/v1", "deployments"),
             Yaml(
                 "{metadata: {name: d}, spec: {paused: true, replicas: 0, selector: {matchLabels: "
                 "{a: "
                 "d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: c, image: "
                 "nginx, env: [{name: A, value: '1'}, {name: B, value: '2'}], ports: "
                 "[{containerPort: "
                 "80}]}], tolerations: [{key: x, operator: Exists}]}}}}"))
          .code == 201);
  const Change rows[] = {
      {"{spec: {template: {spec: {containers: [{name: c, image: x}]}}}}", 200,
       "spec.template.spec.containers.0.image", "x"},
      {"{spec: {template: {spec: {containers: [{name: c, image: x}]}}}}", 200,
       "spec.template.spec.containers.0.env", "[{name: A, value: '1'}, {name: B, value: '2'}]"},
      {"{spec: {template: {spec: {containers: [{name: d, image: 'y'}]}}}}", 200,
       "spec.template.spec.containers.0.name", "d"},
      {"{spec: {template: {spec: {containers: [{name: d, image: 'y'}]}}}}", 200,
       "spec.template.spec.containers.1.name", "c"},
      {"{spec: {template: {spec: {containers: [{$patch: delete, name: c}, {name: d, image: "
       "z}]}}}}",
       200, "spec.template.spec.containers.0.name", "d"},
      {"{spec: {template: {spec: {containers: [{$patch: delete, name: c}, {name: d, image: "
       "z}]}}}}",
       200, "spec.template.spec.containers.1.name", "null"},
      {"{spec: {template: {spec: {containers: [{$patch: replace}, {name: d, image: z}]}}}}", 200,
       "spec.template.spec.containers.0.name", "d"},
      {"{spec: {template: {spec: {containers: [{$patch: replace}, {name: d, image: z}]}}}}", 200,
       "spec.template.spec.containers.1.name", "null"},
      {"{spec: {template: {spec: {containers: [{image: x}]}}}}", 500, "message",
       "'map: map[image:x] does not contain declared merge key: name'"},
      {"{spec: {template: {spec: {$setElementOrder/containers: [{name: d}, {name: c}], "
       "containers: [{name: d, image: z}]}}}}",
       200, "spec.template.spec.containers.0.name", "d"},
      {"{spec: {template: {spec: {$setElementOrder/containers: [{name: d}, {name: c}], "
       "containers: [{name: d, image: z}]}}}}",
       200, "spec.template.spec.containers.1.name", "c"},
  };
  CheckChanges(api, ns.Path("apps/v1", "deployments/d"), kStrategicPatch, rows);
}

TEST_CASE("strategic patches order and remove what is in a list", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(
      api.Post(
             ns.Path("apps/v1", "deployments"),
             Yaml(
                 "{metadata: {name: d}, spec: {paused: true, replicas: 0, selector: {matchLabels: "
                 "{a: "
                 "d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: c, image: "
                 "nginx, env: [{name: A, value: '1'}, {name: B, value: '2'}], ports: "
                 "[{containerPort: "
                 "80}]}], tolerations: [{key: x, operator: Exists}]}}}}"))
          .code == 201);
  const Change rows[] = {
      {"{spec: {template: {spec: {containers: [{name: c, $setElementOrder/env: [{name: B}, "
       "{name: A}]}]}}}}",
       200, "spec.template.spec.containers.0.env",
       "[{name: B, value: '2'}, {name: A, value: '1'}]"},
      {"{spec: {template: {spec: {containers: [{name: c, $setElementOrder/env: [{name: B}], "
       "env: [{name: A, $patch: delete}]}]}}}}",
       200, "spec.template.spec.containers.0.env", "[{name: B, value: '2'}]"},
      {"{spec: {template: {spec: {containers: [{name: c, env: [{name: A, value: null}]}]}}}}", 200,
       "spec.template.spec.containers.0.env", "[{name: A}, {name: B, value: '2'}]"},
      {"{spec: {template: {spec: {containers: [{name: c, env: [{name: C, value: '3'}]}]}}}}", 200,
       "spec.template.spec.containers.0.env",
       "[{name: C, value: '3'}, {name: A, value: '1'}, {name: B, value: '2'}]"},
      {"{spec: {template: {spec: {containers: [{name: c, env: null}]}}}}", 200,
       "spec.template.spec.containers.0.env", "null"},
      {"{spec: {template: {spec: {containers: [{name: c, ports: [{containerPort: 81}]}]}}}}", 200,
       "spec.template.spec.containers.0.ports",
       "[{containerPort: 81, protocol: TCP}, {containerPort: 80, protocol: TCP}]"},
      {"{spec: {template: {spec: {containers: [{name: c, ports: [{containerPort: 80, name: "
       "'n'}]}]}}}}",
       200, "spec.template.spec.containers.0.ports",
       "[{name: 'n', containerPort: 80, protocol: TCP}]"},
      {"{spec: {template: {spec: {containers: [{name: c, ports: [{containerPort: 80, $patch: "
       "delete}]}]}}}}",
       200, "spec.template.spec.containers.0.ports", "null"},
  };
  CheckChanges(api, ns.Path("apps/v1", "deployments/d"), kStrategicPatch, rows);
}

TEST_CASE("strategic patches replace lists that do not merge", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(
      api.Post(
             ns.Path("apps/v1", "deployments"),
             Yaml(
                 "{metadata: {name: d}, spec: {paused: true, replicas: 0, selector: {matchLabels: "
                 "{a: "
                 "d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: c, image: "
                 "nginx, env: [{name: A, value: '1'}, {name: B, value: '2'}], ports: "
                 "[{containerPort: "
                 "80}]}], tolerations: [{key: x, operator: Exists}]}}}}"))
          .code == 201);
  const Change rows[] = {
      {"{spec: {template: {spec: {tolerations: [{key: 'y', operator: Exists}]}}}}", 200,
       "spec.template.spec.tolerations", "[{key: 'y', operator: Exists}]"},
      {"{spec: {template: {spec: {tolerations: []}}}}", 200, "spec.template.spec.tolerations",
       "null"},
      {"{spec: {template: {spec: {imagePullSecrets: [{name: a}]}}}}", 200,
       "spec.template.spec.imagePullSecrets", "[{name: a}]"},
      {"{metadata: {finalizers: [a/b]}}", 200, "metadata.finalizers", "[a/b]"},
  };
  CheckChanges(api, ns.Path("apps/v1", "deployments/d"), kStrategicPatch, rows);
}

TEST_CASE("strategic patches retain, replace and refuse", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(
      api.Post(
             ns.Path("apps/v1", "deployments"),
             Yaml(
                 "{metadata: {name: d}, spec: {paused: true, replicas: 0, selector: {matchLabels: "
                 "{a: "
                 "d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: c, image: "
                 "nginx, env: [{name: A, value: '1'}, {name: B, value: '2'}], ports: "
                 "[{containerPort: "
                 "80}]}], tolerations: [{key: x, operator: Exists}]}}}}"))
          .code == 201);
  const Change rows[] = {
      {"{spec: {strategy: {$retainKeys: [type], type: Recreate}}}", 200, "spec.strategy",
       "{type: Recreate}"},
      {"{spec: {strategy: {type: Recreate, rollingUpdate: null}}}", 200, "spec.strategy",
       "{type: Recreate}"},
      {"{spec: {template: {metadata: {labels: {$patch: replace, a: d, q: r}}}}}", 200,
       "spec.template.metadata.labels", "{a: d, q: r}"},
      {"{$patch: foo}", 500, "message", "'unknown patch type: foo in map: map[$patch:foo]'"},
      {"{spec: {replicas: null}}", 200, "spec.replicas", "1"},
      {"{status: {replicas: 4}}", 200, "status.replicas", "null"},
      {"{spec: {template: {spec: {volumes: [{name: v, emptyDir: {}}]}}}}", 200,
       "spec.template.spec.volumes", "[{name: v, emptyDir: {}}]"},
      {"{spec: {selector: {matchLabels: {b: c}}}}", 422, "message",
       "'Deployment.apps \"d\" is invalid: [spec.template.metadata.labels: Invalid value: "
       "{\"a\":\"d\"}: `selector` does not match template `labels`, spec.selector: Invalid "
       "value: {\"matchLabels\":{\"a\":\"d\",\"b\":\"c\"}}: field is immutable]'"},
      {"{spec: {template: {spec: {restartPolicy: Never}}}}", 422, "message",
       "'Deployment.apps \"d\" is invalid: spec.template.spec.restartPolicy: Unsupported "
       "value: \"Never\": supported values: \"Always\"'"},
  };
  CheckChanges(api, ns.Path("apps/v1", "deployments/d"), kStrategicPatch, rows);
}

TEST_CASE("a service's ports merge by number", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("services"), Yaml("{metadata: {name: s}, spec: {selector: {a: b}, "
                                             "ports: [{name: http, port: 80}, {name: "
                                             "https, port: 443}]}}"))
              .code == 201);
  const Change rows[] = {
      {"{spec: {ports: [{port: 80, targetPort: 8080}]}}", 200, "spec.ports",
       "[{name: http, protocol: TCP, port: 80, targetPort: 8080}, {name: https, protocol: "
       "TCP, port: 443, targetPort: 443}]"},
      {"{spec: {ports: [{port: 81, name: x}]}}", 200, "spec.ports",
       "[{name: x, protocol: TCP, port: 81, targetPort: 81}, {name: http, protocol: TCP, "
       "port: 80, targetPort: 80}, {name: https, protocol: TCP, port: 443, targetPort: 443}]"},
      {"{spec: {ports: [{port: 443, $patch: delete}]}}", 200, "spec.ports",
       "[{name: http, protocol: TCP, port: 80, targetPort: 80}]"},
      {"{spec: {$setElementOrder/ports: [{port: 443}, {port: 80}]}}", 200, "spec.ports",
       "[{name: https, protocol: TCP, port: 443, targetPort: 443}, {name: http, protocol: "
       "TCP, port: 80, targetPort: 80}]"},
      {"{spec: {selector: {$patch: replace, z: 'y'}}}", 200, "spec.selector", "{z: 'y'}"},
  };
  CheckChanges(api, ns.Path("services/s"), kStrategicPatch, rows);
}

}  // namespace
}  // namespace sluice::apiserver_contract
