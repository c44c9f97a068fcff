// What the API server refuses in definitions of custom resources.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("a definition's names fit together", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{metadata: {name: x.y}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"x.y\" is invalid: metadata.name: "
       "Invalid value: \"x.y\": must be spec.names.plural+\".\"+spec.group"},
      {"{spec: {names: {singular: A}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.names.singular: Invalid value: \"A\": a DNS-1035 label must consist of lower "
       "case alphanumeric characters or '-', start with an alphabetic character, and end with "
       "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
       "is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {names: {shortNames: [A_]}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.names.shortNames[0]: Invalid value: \"A_\": a DNS-1035 label must consist of "
       "lower case alphanumeric characters or '-', start with an alphabetic character, and "
       "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
       "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {names: {categories: [A_]}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.names.categories[0]: Invalid value: \"A_\": a DNS-1035 label must consist of "
       "lower case alphanumeric characters or '-', start with an alphabetic character, and "
       "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
       "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"},
      {"{spec: {names: {listKind: W}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.names.listKind: Invalid value: \"W\": kind and listKind may not be the same"},
      {"{spec: {names: {kind: w_}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.names.singular: Invalid value: \"w_\": a DNS-1035 label must consist of lower "
       "case alphanumeric characters or '-', start with an alphabetic character, and end with "
       "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
       "is '[a-z]([-a-z0-9]*[a-z0-9])?'), spec.names.kind: Invalid value: \"w_\": may have "
       "mixed case, but should otherwise match: a DNS-1035 label must consist of lower case "
       "alphanumeric characters or '-', start with an alphabetic character, and end with an "
       "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
       "'[a-z]([-a-z0-9]*[a-z0-9])?'), spec.names.listKind: Invalid value: \"w_List\": may "
       "have mixed case, but should otherwise match: a DNS-1035 label must consist of lower "
       "case alphanumeric characters or '-', start with an alphabetic character, and end with "
       "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
       "is '[a-z]([-a-z0-9]*[a-z0-9])?')]"},
      {"{spec: {scope: X}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.scope: Unsupported value: \"X\": supported values: \"Cluster\", \"Namespaced\""},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("a group is a domain, and not the community's", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{metadata: {name: ws.apps}, spec: {group: apps}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.apps\" is invalid: spec.group: "
       "Invalid value: \"apps\": should be a domain with at least one dot"},
      {"{metadata: {name: ws.foo.k8s.io}, spec: {group: foo.k8s.io}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.foo.k8s.io\" is invalid: "
       "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups "
       "must have approval annotation \"api-approved.kubernetes.io\", see "
       "https://github.com/kubernetes/enhancements/pull/1111"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("one version is stored, each has a name and a schema", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.versions[0].schema.openAPIV3Schema: Required value"},
      {"{spec: {versions: [{name: v1, served: true, storage: false, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.versions: Invalid value: "
       "[{\"Name\":\"v1\",\"Served\":true,\"Storage\":false,\"Deprecated\":false,\"Deprecation"
       "Warning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null"
       ",\"SelectableFields\":null}]: must have exactly one version marked as storage "
       "version, status.storedVersions: Invalid value: null: must have at least one stored "
       "version]"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}}, {name: v1, served: true, "
       "storage: false, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: "
       "object}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.versions: Invalid value: "
       "[{\"Name\":\"v1\",\"Served\":true,\"Storage\":true,\"Deprecated\":false,\"DeprecationW"
       "arning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
       "\"SelectableFields\":null},{\"Name\":\"v1\",\"Served\":true,\"Storage\":false,\"Deprec"
       "ated\":false,\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"Addit"
       "ionalPrinterColumns\":null,\"SelectableFields\":null}]: must contain unique version "
       "names"},
      {"{spec: {versions: [{name: V_1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.versions[0].name: Invalid value: \"V_1\": a DNS-1035 label must consist of "
       "lower case alphanumeric characters or '-', start with an alphabetic character, and "
       "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
       "validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), spec.version: Invalid value: \"V_1\": a "
       "DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
       "an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
       "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')]"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, deprecationWarning: x}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.versions[0].deprecationWarning: Invalid value: \"x\": can only be set for "
       "deprecated versions"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("columns have names, types and paths", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, additionalPrinterColumns: "
       "[{name: a, type: string, jsonPath: spec.a}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec.a\": must be a "
       "simple json path starting with ."},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, additionalPrinterColumns: "
       "[{name: a, type: foo, jsonPath: .spec}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.additionalPrinterColumns[0].type: Invalid value: \"foo\": must be one of "
       "boolean,date,integer,number,string"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, additionalPrinterColumns: "
       "[{name: '', type: string, format: foo, jsonPath: .spec}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.additionalPrinterColumns[0].name: Required value, "
       "spec.additionalPrinterColumns[0].format: Invalid value: \"foo\": must be one of "
       "byte,date,date-time,double,float,int32,int64,password]"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, additionalPrinterColumns: "
       "[{name: a, type: string, jsonPath: ''}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.additionalPrinterColumns[0].JSONPath: Required value"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("scale looks below spec and status", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, subresources: {scale: "
       "{specReplicasPath: .x, statusReplicasPath: .status.y}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.subresources.scale.specReplicasPath: Invalid value: \".x\": should be a json "
       "path under .spec"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, subresources: {scale: "
       "{specReplicasPath: .spec.x, statusReplicasPath: .y}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.subresources.scale.statusReplicasPath: Invalid value: \".y\": should be a json "
       "path under .status"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, subresources: {scale: "
       "{specReplicasPath: .spec.x, statusReplicasPath: .status.y, labelSelectorPath: "
       ".foo}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.subresources.scale.labelSelectorPath: Invalid value: \".foo\": should be a json "
       "path under either .spec or .status"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, subresources: {scale: {}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.subresources.scale.specReplicasPath: Required value, "
       "spec.subresources.scale.statusReplicasPath: Required value]"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("selectable fields are scalars that exist", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: object}}}}}}, "
       "selectableFields: [{jsonPath: .spec.a}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.selectableFields[0].jsonPath: Invalid value: \".spec.a\": must point to a field "
       "of type string, boolean or integer. Enum string fields and strings with formats are "
       "allowed."},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, selectableFields: [{jsonPath: "
       ".spec.b}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.selectableFields[0].jsonPath: Invalid value: \".spec.b\": is an invalid path: "
       "does not refer to a valid field"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object}}}}, selectableFields: [{jsonPath: "
       ".metadata.name}]}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.selectableFields[0].jsonPath: Invalid value: \".metadata.name\": is an invalid "
       "path: does not refer to a valid field"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("conversion is by name or by webhook", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {conversion: {strategy: X}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.conversion.strategy: Unsupported value: \"X\": supported values: \"None\", "
       "\"Webhook\""},
      {"{spec: {conversion: {strategy: Webhook}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.conversion.webhookClientConfig: Required value: required when strategy is set "
       "to Webhook, spec.conversion.conversionReviewVersions: Required value]"},
      {"{spec: {conversion: {strategy: None, webhook: {conversionReviewVersions: [v1]}}}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy "
       "is not set to Webhook"},
      {"{spec: {preserveUnknownFields: true}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set "
       "x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
