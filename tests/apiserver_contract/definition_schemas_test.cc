// What the API server refuses in the schemas of custom resources.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("every field has a type", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: foo}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].type: Unsupported value: \"foo\": "
       "supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", "
       "\"string\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: string}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.type: Invalid value: \"string\": must be object at "
       "the root"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: "
       "must not be empty for specified object fields"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items: Required value: must be "
       "specified"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items.type: Required value: must not "
       "be empty for specified array items"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {nullable: "
       "true}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: "
       "must not be empty for specified object fields"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: object, "
       "additionalProperties: {}}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[a].additionalProperties.ty"
       "pe: Required value: must not be empty for specified object fields"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("what OpenAPI has and definitions do not", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, id: x}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].id: Forbidden: id is not supported"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, $ref: '#/x'}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].$ref: Forbidden: $ref is not "
       "supported"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, patternProperties: {a: {type: "
       "string}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].patternProperties: Forbidden: "
       "patternProperties is not supported"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, definitions: {a: {type: "
       "string}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].definitions: Forbidden: definitions "
       "is not supported"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: [{type: string}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items: Forbidden: items must be a "
       "schema object and not an array"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, uniqueItems: true, items: {type: "
       "string}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].uniqueItems: Forbidden: uniqueItems "
       "cannot be set to true since the runtime complexity becomes quadratic"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: string}}, "
       "additionalProperties: {type: string}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].additionalProperties: Forbidden: "
       "additionalProperties and properties are mutual exclusive"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: string, pattern: '['}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].pattern: Invalid value: \"[\": must "
       "be a valid regular expression, but isn't: error parsing regexp: missing closing ]: `[`"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, "
       "x-kubernetes-preserve-unknown-fields: false}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-preserve-unknown-fields:"
       " Invalid value: false: must be true or undefined"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("lists are sets or maps of what can be compared", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: object, properties: {a: "
       "{type: string}}}, x-kubernetes-list-type: map}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Required "
       "value: must not be empty if x-kubernetes-list-type is map"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: object, properties: {a: "
       "{type: string}}}, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items.properties[a].default: "
       "Required value: this property is in x-kubernetes-list-map-keys, so it must have a "
       "default or be a required property"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: object, properties: {a: "
       "{type: string}}}, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [b]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Invalid "
       "value: [\"b\"]: entries must all be names of item properties"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: string}, "
       "x-kubernetes-list-type: foo}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-type: Unsupported "
       "value: \"foo\": supported values: \"atomic\", \"set\", \"map\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, x-kubernetes-list-type: set}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].type: Invalid value: \"object\": "
       "must be array if x-kubernetes-list-type is specified"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, x-kubernetes-map-type: foo}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-map-type: Unsupported "
       "value: \"foo\": supported values: \"atomic\", \"granular\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, x-kubernetes-list-type: set, items: "
       "{type: object, properties: {a: {type: string}}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items.x-kubernetes-map-type: Invalid "
       "value: null: must be atomic as item of a list with x-kubernetes-list-type=set"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: string}, "
       "x-kubernetes-list-map-keys: [a]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-type: Required "
       "value: must be map if x-kubernetes-list-map-keys is non-empty"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: array, items: {type: string, nullable: "
       "true}, x-kubernetes-list-type: set}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].items.nullable: Forbidden: cannot be "
       "nullable when x-kubernetes-list-type is set"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("alternatives only restrict", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: string}}, "
       "anyOf: [{properties: {a: {type: string}}}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].anyOf[0].properties[a].type: "
       "Forbidden: must be empty to be structural"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, not: {default: {}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].not.default: Forbidden: must be "
       "undefined to be structural"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, allOf: [{description: x}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].allOf[0].description: Forbidden: "
       "must be empty to be structural"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, oneOf: "
       "[{x-kubernetes-preserve-unknown-fields: true}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].oneOf[0].x-kubernetes-preserve-unknow"
       "n-fields: Forbidden: must be false to be structural"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, allOf: [{properties: {metadata: "
       "{required: [name]}}}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].allOf[0].properties[metadata]: "
       "Forbidden: must not be specified in a nested context"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("defaults fit their schemas", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: integer, default: x}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].default: Invalid value: \"string\":  "
       "in body must be of type integer: \"string\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, default: {a: 1}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].default: Invalid value: {\"a\":1}: "
       "must not have unknown fields"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: string, enum: [a], default: b}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].default: Unsupported value: \"b\": "
       "supported values: \"a\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: string, "
       "maxLength: 2, default: abc}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Too long: may "
       "not be more than 2 bytes"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("embedded resources and numbers that may be strings", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, x-kubernetes-embedded-resource: "
       "true}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties: Required value: must not "
       "be empty if x-kubernetes-embedded-resource is true without "
       "x-kubernetes-preserve-unknown-fields"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: string, x-kubernetes-embedded-resource: "
       "true}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.validation.openAPIV3Schema.properties[spec].properties: Required value: must "
       "not be empty if x-kubernetes-embedded-resource is true without "
       "x-kubernetes-preserve-unknown-fields, "
       "spec.validation.openAPIV3Schema.properties[spec].type: Invalid value: \"string\": "
       "must be object if x-kubernetes-embedded-resource is true]"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {x-kubernetes-int-or-string: true, "
       "x-kubernetes-preserve-unknown-fields: true}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-preserve-unknown-fields:"
       " Invalid value: true: must be false if x-kubernetes-int-or-string is true"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, additionalProperties: {type: "
       "string}, x-kubernetes-embedded-resource: true}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "[spec.validation.openAPIV3Schema.properties[spec].additionalProperties: Forbidden: "
       "must not be used if x-kubernetes-embedded-resource is set, "
       "spec.validation.openAPIV3Schema.properties[spec].properties: Required value: must not "
       "be empty if x-kubernetes-embedded-resource is true without "
       "x-kubernetes-preserve-unknown-fields]"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("metadata is hardly restricted", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {metadata: {type: object, properties: {labels: {type: "
       "object}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify "
       "anything other than name and generateName, but metadata is implicitly specified"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {metadata: {type: object, default: {}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[metadata].default: Forbidden: must not be "
       "set in top-level metadata"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {kind: {type: integer}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[kind].type: Invalid value: \"integer\": "
       "must be string"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
