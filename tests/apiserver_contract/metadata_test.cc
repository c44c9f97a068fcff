// What the API server refuses in metadata and in data.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("names fit their kind", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: fresh, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}");
  const Refusal rows[] = {
      {"{metadata: {name: A}}",
       "ConfigMap \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 "
       "subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
       "start and end with an alphanumeric character (e.g. 'example.com', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
      {"{metadata: {name: "
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
       "ConfigMap "
       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
       " is invalid: metadata.name: Invalid value: "
       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
       ": must be no more than 253 characters"},
      {"{metadata: {name: a..b}}",
       "ConfigMap \"a..b\" is invalid: metadata.name: Invalid value: \"a..b\": a lowercase "
       "RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
       "and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
       "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
      {"{metadata: {name: -a}}",
       "ConfigMap \"-a\" is invalid: metadata.name: Invalid value: \"-a\": a lowercase RFC "
       "1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
       "must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
  };
  CheckRefusals(api, ns.Path("configmaps"), base, rows, 422);
}

TEST_CASE("namespaces are labels", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml("{metadata: {name: x}}");
  const Refusal rows[] = {
      {"{metadata: {name: a.b}}",
       "Namespace \"a.b\" is invalid: metadata.name: Invalid value: \"a.b\": must not contain "
       "dots"},
      {"{metadata: {name: A}}",
       "Namespace \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 "
       "label must consist of lower case alphanumeric characters or '-', and must start and "
       "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
       "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
      {"{metadata: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
       "Namespace \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is "
       "invalid: [metadata.name: Invalid value: "
       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more "
       "than 63 characters, metadata.labels: Invalid value: "
       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more "
       "than 63 characters]"},
  };
  CheckRefusals(api, "/api/v1/namespaces", base, rows, 422);
}

TEST_CASE("roles are called anything that fits a path", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: 'system:a:B_'}}");
  const Refusal rows[] = {
      {"{metadata: {name: a/b}}",
       "Role.rbac.authorization.k8s.io \"a/b\" is invalid: metadata.name: Invalid value: "
       "\"a/b\": may not contain '/'"},
      {"{metadata: {name: ..}}",
       "Role.rbac.authorization.k8s.io \"..\" is invalid: metadata.name: Invalid value: "
       "\"..\": may not be '..'"},
      {"{metadata: {name: a%b}}",
       "Role.rbac.authorization.k8s.io \"a%b\" is invalid: metadata.name: Invalid value: "
       "\"a%b\": may not contain '%'"},
  };
  CheckRefusals(api, ns.Path("rbac.authorization.k8s.io/v1", "roles"), base, rows, 422);
}

TEST_CASE("labels and annotations have keys and values of their form", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: fresh, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}");
  const Refusal rows[] = {
      {"{metadata: {labels: {a b: c}}}",
       "ConfigMap \"fresh\" is invalid: metadata.labels: Invalid value: \"a b\": name part "
       "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
       "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
       "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
      {"{metadata: {labels: {x: '-'}}}",
       "ConfigMap \"fresh\" is invalid: metadata.labels: Invalid value: \"-\": a valid label "
       "must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
       "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
       "or '12345', regex used for validation is "
       "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
      {"{metadata: {annotations: {/x: 'y'}}}",
       "ConfigMap \"fresh\" is invalid: metadata.annotations: Invalid value: \"/x\": prefix "
       "part must be non-empty"},
      {"{metadata: {labels: {x: "
       "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv}}}",
       "ConfigMap \"fresh\" is invalid: metadata.labels: Invalid value: "
       "\"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\": must be no more "
       "than 63 characters"},
  };
  CheckRefusals(api, ns.Path("configmaps"), base, rows, 422);
}

TEST_CASE("finalizers are qualified, owners complete", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: fresh, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}");
  const Refusal rows[] = {
      {"{metadata: {finalizers: [x]}}",
       "ConfigMap \"fresh\" is invalid: metadata.finalizers[0]: Invalid value: \"x\": name is "
       "neither a standard finalizer name nor is it fully qualified"},
      {"{metadata: {finalizers: [orphan, foregroundDeletion]}}",
       "ConfigMap \"fresh\" is invalid: metadata.finalizers: Invalid value: "
       "[\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot "
       "be both set"},
      {"{metadata: {ownerReferences: [{apiVersion: v1, kind: X, name: '', uid: ''}]}}",
       "ConfigMap \"fresh\" is invalid: [metadata.ownerReferences.name: Invalid value: \"\": "
       "must not be empty, metadata.ownerReferences.uid: Invalid value: \"\": must not be "
       "empty]"},
      {"{metadata: {ownerReferences: [{apiVersion: '', kind: '', name: a, uid: b}]}}",
       "ConfigMap \"fresh\" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: "
       "\"\": version must not be empty, metadata.ownerReferences.kind: Invalid value: \"\": "
       "must not be empty]"},
  };
  CheckRefusals(api, ns.Path("configmaps"), base, rows, 422);
}

TEST_CASE("data has keys that are file names", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: fresh, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}");
  const Refusal rows[] = {
      {"{data: {..: x}}",
       "ConfigMap \"fresh\" is invalid: data[..]: Invalid value: \"..\": must not be '..'"},
      {"{data: {a/b: c}}",
       "ConfigMap \"fresh\" is invalid: data[a/b]: Invalid value: \"a/b\": a valid config key "
       "must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
       "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"},
      {"{binaryData: {x: eQ==}}",
       "ConfigMap \"fresh\" is invalid: data[x]: Invalid value: \"x\": duplicate of key "
       "present in binaryData"},
  };
  CheckRefusals(api, ns.Path("configmaps"), base, rows, 422);
}

TEST_CASE("secrets hold what their type asks for", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: s}}");
  const Refusal rows[] = {
      {"{type: kubernetes.io/tls}",
       "Secret \"s\" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required "
       "value]"},
      {"{type: kubernetes.io/dockerconfigjson}",
       "Secret \"s\" is invalid: data[.dockerconfigjson]: Required value"},
      {"{type: kubernetes.io/basic-auth}",
       "Secret \"s\" is invalid: [data[username]: Required value, data[password]: Required "
       "value]"},
      {"{type: kubernetes.io/ssh-auth}",
       "Secret \"s\" is invalid: data[ssh-privatekey]: Required value"},
      {"{type: kubernetes.io/service-account-token}",
       "Secret \"s\" is invalid: metadata.annotations[kubernetes.io/service-account.name]: "
       "Required value"},
      {"{data: {a b: eA==}}",
       "Secret \"s\" is invalid: data[a b]: Invalid value: \"a b\": a valid config key must "
       "consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
       "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"},
  };
  CheckRefusals(api, ns.Path("secrets"), base, rows, 422);
}

TEST_CASE("text of the wrong type cannot be decoded", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: fresh, labels: {l: '1'}}, data: {x: '1', 'y': '2'}}");
  const Refusal rows[] = {
      {"{data: {x: 1}}",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "number into Go struct field ConfigMap.data of type string"},
      {"{metadata: {labels: {a: 1}}}",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "number into Go struct field ObjectMeta.metadata.labels of type string"},
      {"{immutable: x}",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "string into Go struct field ConfigMap.immutable of type bool"},
      {"{data: [a]}",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "array into Go struct field ConfigMap.data of type map[string]string"},
      {"{metadata: x}",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "string into Go struct field ConfigMap.metadata of type v1.ObjectMeta"},
  };
  CheckRefusals(api, ns.Path("configmaps"), base, rows, 400);
}

TEST_CASE("a role says what and how", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: r}}");
  const Refusal rows[] = {
      {"{rules: [{apiGroups: [''], resources: [x]}]}",
       "Role.rbac.authorization.k8s.io \"r\" is invalid: rules[0].verbs: Required value: "
       "verbs must contain at least one value"},
      {"{rules: [{nonResourceURLs: [/x], verbs: [get]}]}",
       "Role.rbac.authorization.k8s.io \"r\" is invalid: rules[0].nonResourceURLs: Invalid "
       "value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs"},
      {"{rules: [{verbs: [get]}]}",
       "Role.rbac.authorization.k8s.io \"r\" is invalid: [rules[0].apiGroups: Required value: "
       "resource rules must supply at least one api group, rules[0].resources: Required "
       "value: resource rules must supply at least one resource]"},
  };
  CheckRefusals(api, ns.Path("rbac.authorization.k8s.io/v1", "roles"), base, rows, 422);
}

TEST_CASE("a binding names a role and subjects", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "
      "r}}");
  const Refusal rows[] = {
      {"{roleRef: {apiGroup: x, kind: Foo, name: ''}}",
       "RoleBinding.rbac.authorization.k8s.io \"b\" is invalid: [roleRef.apiGroup: "
       "Unsupported value: \"x\": supported values: \"rbac.authorization.k8s.io\", "
       "roleRef.kind: Unsupported value: \"Foo\": supported values: \"Role\", "
       "\"ClusterRole\", roleRef.name: Required value]"},
      {"{subjects: [{kind: Foo, name: a}, {kind: ServiceAccount, name: A_}, {kind: User, "
       "name: ''}]}",
       "RoleBinding.rbac.authorization.k8s.io \"b\" is invalid: [subjects[0].kind: "
       "Unsupported value: \"Foo\": supported values: \"ServiceAccount\", \"User\", "
       "\"Group\", subjects[1].name: Invalid value: \"A_\": a lowercase RFC 1123 subdomain "
       "must consist of lower case alphanumeric characters, '-' or '.', and must start and "
       "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
       "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), "
       "subjects[2].name: Required value]"},
  };
  CheckRefusals(api, ns.Path("rbac.authorization.k8s.io/v1", "rolebindings"), base, rows, 422);
}

TEST_CASE("a lease lasts some time", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: l}, spec: {holderIdentity: x}}");
  const Refusal rows[] = {
      {"{spec: {leaseDurationSeconds: 0}}",
       "Lease.coordination.k8s.io \"l\" is invalid: spec.leaseDurationSeconds: Invalid value: "
       "0: must be greater than 0"},
      {"{spec: {leaseTransitions: -1}}",
       "Lease.coordination.k8s.io \"l\" is invalid: spec.leaseTransitions: Invalid value: -1: "
       "must be greater than or equal to 0"},
  };
  CheckRefusals(api, ns.Path("coordination.k8s.io/v1", "leases"), base, rows, 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
