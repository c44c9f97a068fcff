// What the API server refuses in pods.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("a pod's containers are named and have images", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: '', image: nginx}]}}",
       "Pod \"p\" is invalid: spec.containers[0].name: Required value"},
      {"{spec: {containers: [{name: A, image: nginx}]}}",
       "Pod \"p\" is invalid: spec.containers[0].name: Invalid value: \"A\": a lowercase RFC "
       "1123 label must consist of lower case alphanumeric characters or '-', and must start "
       "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {containers: [{name: c, image: ''}]}}",
       "Pod \"p\" is invalid: spec.containers[0].image: Required value"},
      {"{spec: {containers: [{name: c, image: ' x'}]}}",
       "Pod \"p\" is invalid: spec.containers[0].image: Invalid value: \" x\": must not have "
       "leading or trailing whitespace"},
      {"{spec: {containers: [{name: c, image: nginx, imagePullPolicy: Foo}]}}",
       "Pod \"p\" is invalid: spec.containers[0].imagePullPolicy: Unsupported value: \"Foo\": "
       "supported values: \"Always\", \"IfNotPresent\", \"Never\""},
      {"{spec: {containers: [{name: c, image: nginx, terminationMessagePolicy: X}]}}",
       "Pod \"p\" is invalid: spec.containers[0].terminationMessagePolicy: Unsupported value: "
       "\"X\": supported values: \"File\", \"FallbackToLogsOnError\""},
      {"{spec: {containers: []}}", "Pod \"p\" is invalid: spec.containers: Required value"},
      {"{spec: {containers: [{name: c, image: a}, {name: c, image: b}]}}",
       "Pod \"p\" is invalid: spec.containers[1].name: Duplicate value: \"c\""},
      {"{spec: {initContainers: [{name: c, image: x}]}}",
       "Pod \"p\" is invalid: spec.initContainers[0].name: Duplicate value: \"c\""},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod's resources are quantities of known things", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: c, image: nginx, resources: {limits: {memory: '-1'}}}]}}",
       "Pod \"p\" is invalid: [spec.containers[0].resources.limits[memory]: Invalid value: "
       "\"-1\": must be greater than or equal to 0, "
       "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater "
       "than or equal to 0]"},
      {"{spec: {containers: [{name: c, image: nginx, resources: {limits: {foo: '1'}}}]}}",
       "Pod \"p\" is invalid: [spec.containers[0].resources.limits[foo]: Invalid value: "
       "\"foo\": must be a standard resource type or fully qualified, "
       "spec.containers[0].resources.limits[foo]: Invalid value: \"foo\": must be a standard "
       "resource for containers, spec.containers[0].resources.requests[foo]: Invalid value: "
       "\"foo\": must be a standard resource type or fully qualified, "
       "spec.containers[0].resources.requests[foo]: Invalid value: \"foo\": must be a "
       "standard resource for containers]"},
      {"{spec: {containers: [{name: c, image: nginx, resources: {limits: {example.com/gpu: "
       "'1.5'}}}]}}",
       "Pod \"p\" is invalid: [spec.containers[0].resources.limits[example.com/gpu]: Invalid "
       "value: \"1500m\": must be an integer, "
       "spec.containers[0].resources.requests[example.com/gpu]: Invalid value: \"1500m\": "
       "must be an integer]"},
      {"{spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: '100m'}, "
       "limits: {cpu: '50m'}}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].resources.requests: Invalid value: \"100m\": "
       "must be less than or equal to cpu limit of 50m"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("what is no quantity cannot be decoded", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: '1.5.2'}}}]}}",
       "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular "
       "expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"{spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: abc}}}]}}",
       "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular "
       "expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"{spec: {containers: [{name: c, image: nginx, resources: {requests: {memory: '1 "
       "Gi'}}}]}}",
       "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular "
       "expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 400);
}

TEST_CASE("a pod's ports have numbers, names and protocols", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 0}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].ports[0].containerPort: Required value"},
      {"{spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 70000}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: "
       "70000: must be between 1 and 65535, inclusive"},
      {"{spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80, protocol: "
       "FOO}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].ports[0].protocol: Unsupported value: "
       "\"FOO\": supported values: \"SCTP\", \"TCP\", \"UDP\""},
      {"{spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80, name: a}, "
       "{containerPort: 81, name: a}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].ports[1].name: Duplicate value: \"a\""},
      {"{spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80, name: "
       "UPPER}]}]}}",
       "Pod \"p\" is invalid: [spec.containers[0].ports[0].name: Invalid value: \"UPPER\": "
       "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), "
       "spec.containers[0].ports[0].name: Invalid value: \"UPPER\": must contain at least one "
       "letter (a-z)]"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod's environment has sources that exist", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: c, image: nginx, env: [{name: ''}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].env[0].name: Required value"},
      {"{spec: {containers: [{name: c, image: nginx, env: [{name: a=b}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid "
       "environment variable name must consist only of printable ASCII characters other than "
       "'='"},
      {"{spec: {containers: [{name: c, image: nginx, env: [{name: A, valueFrom: {}}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].env[0].valueFrom: Invalid value: \"\": must "
       "specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"},
      {"{spec: {containers: [{name: c, image: nginx, env: [{name: A, value: x, valueFrom: "
       "{fieldRef: {fieldPath: metadata.name}}}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].env[0].valueFrom: Invalid value: \"\": may "
       "not be specified when `value` is not empty"},
      {"{spec: {containers: [{name: c, image: nginx, env: [{name: A, valueFrom: {fieldRef: "
       "{fieldPath: metadata.foo}}}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid "
       "value: \"metadata.foo\": error converting fieldPath: field label not supported: "
       "metadata.foo"},
      {"{spec: {containers: [{name: c, image: nginx, envFrom: [{configMapRef: {name: ''}}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].envFrom[0].configMapRef.name: Required value"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod's probes and hooks do one thing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {containers: [{name: c, image: nginx, livenessProbe: {}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].livenessProbe: Required value: must specify "
       "a handler type"},
      {"{spec: {containers: [{name: c, image: nginx, livenessProbe: {tcpSocket: {port: x_y}, "
       "successThreshold: 2}}]}}",
       "Pod \"p\" is invalid: [spec.containers[0].livenessProbe.tcpSocket.port: Invalid "
       "value: \"x_y\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens "
       "(-), spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1]"},
      {"{spec: {containers: [{name: c, image: nginx, readinessProbe: {exec: {command: [a]}, "
       "periodSeconds: -1}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].readinessProbe.periodSeconds: Invalid value: "
       "-1: must be greater than or equal to 0"},
      {"{spec: {containers: [{name: c, image: nginx, lifecycle: {preStop: {}}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].lifecycle.preStop: Required value: must "
       "specify a handler type"},
      {"{spec: {containers: [{name: c, image: nginx, lifecycle: {postStart: {httpGet: {port: "
       "1}, exec: {command: [x]}}}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].lifecycle.postStart.httpGet: Forbidden: may "
       "not specify more than 1 handler type"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod's volumes have one source, complete", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]}}",
       "Pod \"p\" is invalid: spec.volumes[1].name: Duplicate value: \"v\""},
      {"{spec: {volumes: [{name: v, configMap: {name: ''}}]}}",
       "Pod \"p\" is invalid: spec.volumes[0].configMap.name: Required value"},
      {"{spec: {volumes: [{name: v, secret: {}}]}}",
       "Pod \"p\" is invalid: spec.volumes[0].secret.secretName: Required value"},
      {"{spec: {volumes: [{name: v, hostPath: {path: ''}}]}}",
       "Pod \"p\" is invalid: spec.volumes[0].hostPath.path: Required value"},
      {"{spec: {volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]}}",
       "Pod \"p\" is invalid: spec.volumes[0].hostPath: Forbidden: may not specify more than "
       "1 volume type"},
      {"{spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: ''}}]}}",
       "Pod \"p\" is invalid: spec.volumes[0].persistentVolumeClaim.claimName: Required value"},
      {"{spec: {volumes: [{name: v, configMap: {name: x, items: [{key: '', path: ../a}]}}]}}",
       "Pod \"p\" is invalid: [spec.volumes[0].configMap.items[0].key: Required value, "
       "spec.volumes[0].configMap.items[0].path: Invalid value: \"../a\": must not contain "
       "'..']"},
      {"{spec: {volumes: [{name: V_, emptyDir: {sizeLimit: '-1'}}]}}",
       "Pod \"p\" is invalid: [spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field "
       "must be a valid resource quantity, spec.volumes[0].name: Invalid value: \"V_\": a "
       "lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
       "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
       "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]"},
      {"{spec: {containers: [{name: c, image: nginx, volumeMounts: [{name: nope, mountPath: "
       "/x}]}]}}",
       "Pod \"p\" is invalid: spec.containers[0].volumeMounts[0].name: Not found: \"nope\""},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod says where it may run in words the scheduler knows", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {tolerations: [{operator: X}]}}",
       "Pod \"p\" is invalid: [spec.tolerations[0].operator: Invalid value: \"X\": operator "
       "must be Exists when `key` is empty, which means \"match all values and all keys\", "
       "spec.tolerations[0].operator: Unsupported value: \"X\": supported values: \"Equal\", "
       "\"Exists\"]"},
      {"{spec: {tolerations: [{key: a, operator: Exists, value: x}]}}",
       "Pod \"p\" is invalid: spec.tolerations[0].operator: Invalid value: \"x\": value must "
       "be empty when `operator` is 'Exists'"},
      {"{spec: {tolerations: [{operator: Exists, effect: X}]}}",
       "Pod \"p\" is invalid: spec.tolerations[0].effect: Unsupported value: \"X\": supported "
       "values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\""},
      {"{spec: {nodeSelector: {a b: c}}}",
       "Pod \"p\" is invalid: spec.nodeSelector: Invalid value: \"a b\": name part must "
       "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
       "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
       "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
      {"{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
       "{nodeSelectorTerms: []}}}}}",
       "Pod \"p\" is invalid: "
       "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelector"
       "Terms: Required value: must have at least one node selector term"},
      {"{spec: {topologySpreadConstraints: [{maxSkew: 0, topologyKey: '', whenUnsatisfiable: "
       "X}]}}",
       "Pod \"p\" is invalid: [spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: "
       "must be greater than zero, spec.topologySpreadConstraints[0].topologyKey: Required "
       "value: can not be empty, spec.topologySpreadConstraints[0].whenUnsatisfiable: "
       "Unsupported value: \"X\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"]"},
      {"{spec: {readinessGates: [{conditionType: a b}]}}",
       "Pod \"p\" is invalid: spec.readinessGates[0].conditionType: Invalid value: \"a b\": "
       "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
       "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
       "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod's policies are among those there are", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {restartPolicy: X}}",
       "Pod \"p\" is invalid: spec.restartPolicy: Unsupported value: \"X\": supported values: "
       "\"Always\", \"OnFailure\", \"Never\""},
      {"{spec: {dnsPolicy: X}}",
       "Pod \"p\" is invalid: spec.dnsPolicy: Unsupported value: \"X\": supported values: "
       "\"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\""},
      {"{spec: {activeDeadlineSeconds: 0}}",
       "Pod \"p\" is invalid: spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 "
       "and 2147483647, inclusive"},
      {"{spec: {serviceAccountName: A_}}",
       "Pod \"p\" is invalid: spec.serviceAccountName: Invalid value: \"A_\": a lowercase RFC "
       "1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
       "must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
      {"{spec: {hostname: A_}}",
       "Pod \"p\" is invalid: spec.hostname: Invalid value: \"A_\": a lowercase RFC 1123 "
       "label must consist of lower case alphanumeric characters or '-', and must start and "
       "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {hostAliases: [{ip: x, hostnames: [A_]}]}}",
       "Pod \"p\" is invalid: [spec.hostAliases[0].ip: Invalid value: \"x\": must be a valid "
       "IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.hostAliases[0].hostnames[0]: "
       "Invalid value: \"A_\": a lowercase RFC 1123 subdomain must consist of lower case "
       "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric "
       "character (e.g. 'example.com', regex used for validation is "
       "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')]"},
      {"{spec: {os: {name: x}}}",
       "Pod \"p\" is invalid: spec.os: Unsupported value: \"x\": supported values: \"linux\", "
       "\"windows\""},
      {"{spec: {shareProcessNamespace: true, hostPID: true}}",
       "Pod \"p\" is invalid: spec.securityContext.shareProcessNamespace: Invalid value: "
       "true: ShareProcessNamespace and HostPID cannot both be enabled"},
      {"{spec: {ephemeralContainers: [{name: x, image: 'y'}]}}",
       "Pod \"p\" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create"},
      {"{spec: {securityContext: {fsGroup: -2}}}",
       "Pod \"p\" is invalid: spec.securityContext.fsGroup: Invalid value: -2: must be "
       "between 0 and 2147483647, inclusive"},
      {"{spec: {containers: [{name: c, image: nginx, securityContext: {runAsUser: -1}}]}}",
       "Pod \"p\" is invalid: spec.containers[0].securityContext.runAsUser: Invalid value: "
       "-1: must be between 0 and 2147483647, inclusive"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 422);
}

TEST_CASE("a pod needs a priority class that exists", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}");
  const Refusal rows[] = {
      {"{spec: {priorityClassName: no-such-class}}",
       "pods \"p\" is forbidden: no PriorityClass with name no-such-class was found"},
  };
  CheckRefusals(api, ns.Path("pods"), base, rows, 403);
}

}  // namespace
}  // namespace sluice::apiserver_contract
