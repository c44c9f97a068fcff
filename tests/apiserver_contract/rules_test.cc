// Validation rules of custom resources, in CEL.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/definition.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("rules that do not compile are refused with the definition", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: self.a >}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: {\"Rule\":\"self.a "
       "\\u003e\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\""
       "\",\"OptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:9: Syntax error: "
       "mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', "
       "'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.a >\n | "
       "........^"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: self.b > 1}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: {\"Rule\":\"self.b \\u003e "
       "1\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\",\"O"
       "ptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n "
       "| self.b > 1\n | ....^"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: self.a}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: "
       "{\"Rule\":\"self.a\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"Fie"
       "ldPath\":\"\",\"OptionalOldSelf\":null}: cel expression must evaluate to a bool"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: self.a == 'x'}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: {\"Rule\":\"self.a == "
       "'x'\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\","
       "\"OptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:8: found no matching "
       "overload for '_==_' applied to '(int, string)'\n | self.a == 'x'\n | .......^"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: string, "
       "maxLength: 9}}, x-kubernetes-validations: [{rule: 'self.a.matches(''['')'}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: "
       "{\"Rule\":\"self.a.matches('[')\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason"
       "\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: compilation failed: ERROR: "
       "<input>:1:16: invalid matches argument\n | self.a.matches('[')\n | ...............^"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, "
       "x-kubernetes-preserve-unknown-fields: true, x-kubernetes-validations: [{rule: "
       "self.foo == 1}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Invalid value: {\"Rule\":\"self.foo == "
       "1\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\",\"O"
       "ptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:5: undefined field "
       "'foo'\n | self.foo == 1\n | ....^"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("rules are written in one line, with messages of one line", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: ''}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: "
       "Required value: rule is not specified"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', message: ' '}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: "
       "Invalid value: \" \": must be non-empty if specified"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', message: 'a\n\n                      "
       "b'}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: "
       "Invalid value: \"a\\nb\": must not contain line breaks"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: \"true ||\\n false\"}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: "
       "Required value: message must be specified if rule contains line breaks"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', reason: Foo}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].reason: "
       "Unsupported value: \"Foo\": supported values: \"FieldValueDuplicate\", "
       "\"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\""},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', fieldPath: .b}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].fieldPath"
       ": Invalid value: \".b\": must be a valid path"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', fieldPath: a}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].fieldPath"
       ": Invalid value: \"a\": must be a valid path"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("message expressions are texts", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', messageExpression: self.a}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageEx"
       "pression: Invalid value: "
       "{\"Rule\":\"true\",\"Message\":\"\",\"MessageExpression\":\"self.a\",\"Reason\":null,"
       "\"FieldPath\":\"\",\"OptionalOldSelf\":null}: messageExpression must evaluate to a "
       "string"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', messageExpression: self.}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageEx"
       "pression: Invalid value: "
       "{\"Rule\":\"true\",\"Message\":\"\",\"MessageExpression\":\"self.\",\"Reason\":null,\""
       "FieldPath\":\"\",\"OptionalOldSelf\":null}: messageExpression compilation failed: "
       "ERROR: <input>:1:6: Syntax error: no viable alternative at input '.'\n | self.\n | "
       ".....^"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', messageExpression: ' '}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageEx"
       "pression: Required value: messageExpression must be non-empty if specified"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

TEST_CASE("old values are compared where there are some", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Value base = Yaml(
      "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
      "Namespaced, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
      "true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}");
  const Refusal rows[] = {
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {l: {type: array, "
       "maxItems: 5, items: {type: string, maxLength: 5, x-kubernetes-validations: [{rule: "
       "self == oldSelf}]}}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[l].items.x-kubernetes-vali"
       "dations[0].rule: Invalid value: \"self == oldSelf\": oldSelf cannot be used on the "
       "uncorrelatable portion of the schema within "
       "spec.validation.openAPIV3Schema.properties[spec].properties[l]"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "x-kubernetes-validations: [{rule: 'true', optionalOldSelf: true}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].optionalO"
       "ldSelf: Invalid value: true: may not be set if oldSelf is not used in rule"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer, "
       "default: 0, x-kubernetes-validations: [{rule: self > 0}]}}}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid "
       "value: \"integer\": failed rule: self > 0"},
      {"{spec: {versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object, properties: {spec: {type: object, properties: {a: {type: integer}}, "
       "anyOf: [{x-kubernetes-validations: [{rule: 'true'}]}]}}}}}]}}",
       "CustomResourceDefinition.apiextensions.k8s.io \"ws.contract.example.com\" is invalid: "
       "spec.validation.openAPIV3Schema.properties[spec].anyOf[0].x-kubernetes-validations: "
       "Forbidden: must be empty to be structural"},
  };
  CheckRefusals(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", base, rows, 422);
}

// A kind whose objects are bound by rules.
Value RuledSchema() {
  return Yaml(
      "{type: object, properties: {spec: {type: object, properties: {min: {type: integer, "
      "default: 1}, max: {type: integer, default: 5}, name: {type: string, default: 'n', "
      "maxLength: 20}, req: {type: string, maxLength: 9}, imm: {type: string, default: i, "
      "maxLength: 20}, dup: {type: string, maxLength: 9}, must: {type: string, maxLength: 9}, "
      "div: {type: integer}, items: {type: array, maxItems: 10, x-kubernetes-list-type: map, "
      "x-kubernetes-list-map-keys: [k], items: {type: object, required: [k], properties: {k: "
      "{type: string, maxLength: 9}, v: {type: integer}}, x-kubernetes-validations: [{rule: "
      "self.v >= oldSelf.v, message: v only grows}, {rule: self.v != 13}]}}, m: {type: "
      "object, maxProperties: 5, additionalProperties: {type: integer, "
      "x-kubernetes-validations: [{rule: self > 0, message: positive}]}}}, "
      "x-kubernetes-validations: [{rule: self.min <= self.max, message: min must not exceed "
      "max}, {rule: self.name != 'bad', messageExpression: '''name '' + self.name + '' is "
      "bad''', fieldPath: .name}, {rule: '!has(self.req) || self.req == ''ok''', reason: "
      "FieldValueForbidden, fieldPath: .req, message: only ok}, {rule: self.imm == "
      "oldSelf.imm, message: imm is immutable}, {rule: '!has(self.dup) || self.dup != ''d''', "
      "reason: FieldValueDuplicate, fieldPath: .dup}, {rule: '!has(self.must) || self.must != "
      "''m''', reason: FieldValueRequired, fieldPath: .must, message: mm}, {rule: "
      "'!has(self.div) || 10 / self.div > 0'}, {rule: oldSelf.hasValue() || self.max < 100, "
      "optionalOldSelf: true, message: max must start below 100}]}, status: {type: object, "
      "properties: {x: {type: integer}}, x-kubernetes-validations: [{rule: self.x >= 0}]}}}");
}

TEST_CASE("rules hold for what is created", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition ruled(api, RuledSchema());
  const Refusal rows[] = {
      {"{}", ""},
      {"{min: 9}", "spec: Invalid value: \"object\": min must not exceed max"},
      {"{name: bad}", "spec.name: Invalid value: \"object\": name bad is bad"},
      {"{req: x}", "spec.req: Forbidden: only ok"},
      {"{dup: d}", "spec.dup: Duplicate value: \"object\""},
      {"{must: m}", "spec.must: Required value: mm"},
      {"{div: 0}",
       "spec: Invalid value: \"object\": division by zero evaluating rule: !has(self.div) || "
       "10 / self.div > 0"},
      {"{div: 2}", ""},
      {"{max: 200}", "spec: Invalid value: \"object\": max must start below 100"},
      {"{items: [{k: a, v: 13}]}",
       "spec.items[0]: Invalid value: \"object\": failed rule: self.v != 13"},
      {"{items: [{k: a}]}",
       "spec.items[0]: Invalid value: \"object\": no such key: v evaluating rule: self.v != 13"},
      {"{m: {a: 0}}", "spec.m[a]: Invalid value: \"integer\": positive"},
  };
  for (const Refusal& row : rows) {
    INFO(row.change);
    const Answer answer =
        api.Post(ruled.Path(ns) + "?dryRun=All", ruled.Object("w", Yaml(row.change)));
    CHECK(answer.code == (*row.message == 0 ? 201 : 422));
    CHECK(answer.message() == ruled.Refused("w", row.message));
  }
}

TEST_CASE("rules wait until types are right", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition ruled(api, RuledSchema());
  const Refusal rows[] = {
      {"{min: x}",
       "[spec.min: Invalid value: \"string\": spec.min in body must be of type integer: "
       "\"string\", <nil>: Invalid value: null: some validation rules were not checked "
       "because the object was invalid; correct the existing errors to complete validation]"},
      {"{items: x}",
       "[spec.items: Invalid value: \"string\": spec.items in body must be of type array: "
       "\"string\", <nil>: Invalid value: null: some validation rules were not checked "
       "because the object was invalid; correct the existing errors to complete validation]"},
  };
  for (const Refusal& row : rows) {
    INFO(row.change);
    const Answer answer =
        api.Post(ruled.Path(ns) + "?dryRun=All", ruled.Object("w", Yaml(row.change)));
    CHECK(answer.code == (*row.message == 0 ? 201 : 422));
    CHECK(answer.message() == ruled.Refused("w", row.message));
  }
}

TEST_CASE("rules hold for what changes, beside what it was", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition ruled(api, RuledSchema());
  REQUIRE(api.Post(ruled.Path(ns),
                   ruled.Object("w", Yaml("{items: [{k: a, v: 3}, {k: b, v: 1}], max: 50}")))
              .code == 201);
  const Refusal rows[] = {
      {"{imm: j}", "spec: Invalid value: \"object\": imm is immutable"},
      {"{imm: i}", ""},
      {"{min: 9, max: 3}", "spec: Invalid value: \"object\": min must not exceed max"},
      {"{max: 500}", ""},
      {"{items: [{k: a, v: 2}, {k: b, v: 1}]}",
       "spec.items[0]: Invalid value: \"object\": v only grows"},
      {"{items: [{k: a, v: 5}]}", ""},
      {"{items: [{k: b, v: 1}, {k: c, v: 0}]}", ""},
      {"{name: bad}", "spec.name: Invalid value: \"object\": name bad is bad"},
  };
  for (const Refusal& row : rows) {
    INFO(row.change);
    const Answer answer =
        api.Patch(ruled.Path(ns) + "/w?dryRun=All", kMergePatch, Value{{"spec", Yaml(row.change)}});
    CHECK(answer.code == (*row.message == 0 ? 200 : 422));
    CHECK(answer.message() == ruled.Refused("w", row.message));
  }
}

TEST_CASE("rules of the status hold for the status", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition ruled(api, RuledSchema());
  REQUIRE(api.Post(ruled.Path(ns), ruled.Object("w", Value::EmptyObject())).code == 201);

  const Answer refused =
      api.Patch(ruled.Path(ns) + "/w/status", kMergePatch, Yaml("{status: {x: -1}}"));
  CHECK(refused.code == 422);
  CHECK(refused.message() ==
        ruled.Refused("w", "status: Invalid value: \"object\": failed rule: self.x >= 0"));
  CHECK(api.Patch(ruled.Path(ns) + "/w/status", kMergePatch, Yaml("{status: {x: 1}}")).code == 200);
}

TEST_CASE("a rule that comes later leaves alone what does not change", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition plain(
      api, Yaml("{type: object, properties: {spec: {type: object, properties: {a: {type: string, "
                "maxLength: 9}, b: {type: integer}}}}}"));
  REQUIRE(api.Post(plain.Path(ns), plain.Object("w", Yaml("{a: long, b: 1}"))).code == 201);
  REQUIRE(plain
              .SetSchema(Yaml("{type: object, properties: {spec: {type: object, properties: {a: "
                              "{type: string, maxLength: 9, x-kubernetes-validations: [{rule: "
                              "'self.size() < 3', message: too long}]}, b: {type: integer}}}}}"))
              .code == 200);
  const std::string path = plain.Path(ns) + "/w";
  // A real server takes up the new schema a moment later.
  api.AwaitPatch(path + "?dryRun=All", Yaml("{spec: {a: other}}"), 422);

  CHECK(api.Patch(path, kMergePatch, Yaml("{spec: {b: 2}}")).code == 200);
  const Answer refused = api.Patch(path, kMergePatch, Yaml("{spec: {a: other}}"));
  CHECK(refused.code == 422);
  CHECK(refused.message() == plain.Refused("w", "spec.a: Invalid value: \"string\": too long"));
  CHECK(api.Patch(path, kMergePatch, Yaml("{spec: {a: ok}}")).code == 200);
}

}  // namespace
}  // namespace sluice::apiserver_contract
