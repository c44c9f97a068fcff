// What the API server refuses in services and what goes with them.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("a service's ports and addresses make sense", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: s}, spec: {ports: [{name: http, port: 80}]}}");
  const Refusal rows[] = {
      {"{metadata: {name: '1a'}}",
       "Service \"1a\" is invalid: metadata.name: Invalid value: \"1a\": a DNS-1035 label "
       "must consist of lower case alphanumeric characters or '-', start with an alphabetic "
       "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
       "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {ports: [{port: 0}]}}",
       "Service \"s\" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 "
       "and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 0: must be between 1 "
       "and 65535, inclusive]"},
      {"{spec: {ports: [{port: 80}, {port: 81}]}}",
       "Service \"s\" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: "
       "Required value]"},
      {"{spec: {ports: [{port: 80, appProtocol: a b}]}}",
       "Service \"s\" is invalid: spec.ports[0].appProtocol: Invalid value: \"a b\": name "
       "part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
       "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex "
       "used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
      {"{spec: {ports: [{port: 80, nodePort: 30000}]}}",
       "Service \"s\" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when "
       "`type` is 'ClusterIP'"},
      {"{spec: {type: X}}",
       "Service \"s\" is invalid: spec.type: Unsupported value: \"X\": supported values: "
       "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""},
      {"{spec: {type: ExternalName}}",
       "Service \"s\" is invalid: spec.externalName: Required value"},
      {"{spec: {sessionAffinity: X}}",
       "Service \"s\" is invalid: spec.sessionAffinity: Unsupported value: \"X\": supported "
       "values: \"ClientIP\", \"None\""},
      {"{spec: {externalIPs: [x]}}",
       "Service \"s\" is invalid: spec.externalIPs[0]: Invalid value: \"x\": must be a valid "
       "IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"},
      {"{spec: {externalTrafficPolicy: Local}}",
       "Service \"s\" is invalid: spec.externalTrafficPolicy: Invalid value: \"Local\": may "
       "only be set for externally-accessible services"},
      {"{spec: {internalTrafficPolicy: X}}",
       "Service \"s\" is invalid: spec.internalTrafficPolicy: Unsupported value: \"X\": "
       "supported values: \"Cluster\", \"Local\""},
      {"{spec: {ipFamilyPolicy: RequireDualStack}}",
       "Service \"s\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": "
       "this cluster is not configured for dual-stack services"},
      {"{spec: {healthCheckNodePort: 30001}}",
       "Service \"s\" is invalid: spec.healthCheckNodePort: Invalid value: 30001: may only be "
       "set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"},
  };
  CheckRefusals(api, ns.Path("services"), base, rows, 422);
}

TEST_CASE("an autoscaler has bounds and a target", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: h}, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: "
      "d, apiVersion: apps/v1}}}");
  const Refusal rows[] = {
      {"{spec: {maxReplicas: 0}}",
       "HorizontalPodAutoscaler.autoscaling \"h\" is invalid: [spec.maxReplicas: Invalid "
       "value: 0: must be greater than 0, spec.maxReplicas: Invalid value: 0: must be greater "
       "than or equal to `minReplicas`]"},
      {"{spec: {minReplicas: 5}}",
       "HorizontalPodAutoscaler.autoscaling \"h\" is invalid: spec.maxReplicas: Invalid "
       "value: 3: must be greater than or equal to `minReplicas`"},
      {"{spec: {scaleTargetRef: {name: ''}}}",
       "HorizontalPodAutoscaler.autoscaling \"h\" is invalid: spec.scaleTargetRef.name: "
       "Required value"},
  };
  CheckRefusals(api, ns.Path("autoscaling/v2", "horizontalpodautoscalers"), base, rows, 422);
}

TEST_CASE("a disruption budget says one thing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml("{metadata: {name: h}, spec: {minAvailable: 1, selector: {}}}");
  const Refusal rows[] = {
      {"{spec: {maxUnavailable: 1}}",
       "PodDisruptionBudget.policy \"h\" is invalid: spec: Invalid value: "
       "{\"MinAvailable\":1,\"Selector\":{},\"MaxUnavailable\":1,\"UnhealthyPodEvictionPolicy"
       "\":null}: minAvailable and maxUnavailable cannot be both set"},
  };
  CheckRefusals(api, ns.Path("policy/v1", "poddisruptionbudgets"), base, rows, 422);
}

TEST_CASE("a claim says how much and how", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: p}, spec: {accessModes: [ReadWriteOnce], resources: {requests: "
      "{storage: '1Gi'}}}}");
  const Refusal rows[] = {
      {"{spec: {accessModes: []}}",
       "PersistentVolumeClaim \"p\" is invalid: spec.accessModes: Required value: at least 1 "
       "access mode is required"},
      {"{spec: {accessModes: [X]}}",
       "PersistentVolumeClaim \"p\" is invalid: spec.accessModes: Unsupported value: \"X\": "
       "supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", "
       "\"ReadWriteOncePod\""},
      {"{spec: {resources: null}}",
       "PersistentVolumeClaim \"p\" is invalid: spec.resources[storage]: Required value"},
      {"{spec: {resources: {requests: {storage: '-1'}}}}",
       "PersistentVolumeClaim \"p\" is invalid: spec.resources[storage]: Invalid value: "
       "\"-1\": must be greater than zero"},
  };
  CheckRefusals(api, ns.Path("persistentvolumeclaims"), base, rows, 422);
}

TEST_CASE("an ingress leads paths to backends", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: h}, spec: {rules: [{host: a.b, http: {paths: [{path: /, pathType: "
      "Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}");
  const Refusal rows[] = {
      {"{spec: {rules: [{host: A_}]}}",
       "Ingress.networking.k8s.io \"h\" is invalid: spec.rules[0].host: Invalid value: "
       "\"A_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
       "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
       "'example.com', regex used for validation is "
       "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
      {"{spec: {rules: [{http: {paths: [{path: x, pathType: Prefix, backend: {service: {name: "
       "s, port: {number: 80}}}}]}}]}}",
       "Ingress.networking.k8s.io \"h\" is invalid: spec.rules[0].http.paths[0].path: Invalid "
       "value: \"x\": must be an absolute path"},
      {"{spec: {rules: null}}",
       "Ingress.networking.k8s.io \"h\" is invalid: spec: Invalid value: null: either "
       "`defaultBackend` or `rules` must be specified"},
  };
  CheckRefusals(api, ns.Path("networking.k8s.io/v1", "ingresses"), base, rows, 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
