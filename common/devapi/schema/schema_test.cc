// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/schema.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/devapi/schema/prune.h"
#include "common/devapi/schema/validate.h"
#include "common/devapi/testdata.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;
using ::sluice::value::FormatJson;
using ::sluice::value::ParseJson;

// Stands for the built-in ObjectMeta.
const Schema& AnyMetadata() {
  static const Schema* const kSchema = [] {
    auto* schema = new Schema;
    schema->definition = "ObjectMeta";
    return schema;
  }();
  return *kSchema;
}

std::shared_ptr<const CustomSchema> Compile(const Value& open_api) {
  return CompileCustomSchema(open_api, AnyMetadata()).value();
}

struct Outcome {
  Value object;
  std::vector<std::string> unknown;
  FieldErrors errors;
};

// What the API server does with an object that a client sends.
Outcome Admit(const CustomSchema& schema, Value object, const ValidateOptions& options = {}) {
  Outcome outcome;
  outcome.unknown = PruneUnknown(*schema.root, object);
  DropNulls(*schema.root, object);
  ApplyDefaults(*schema.root, object);
  outcome.errors = ValidateCustomObject(schema, object, options);
  outcome.object = std::move(object);
  return outcome;
}

std::vector<std::string> Sorted(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    texts.push_back(error.reason + " " + ToString(error));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

FieldErrors ErrorsOf(const Value& recorded) {
  FieldErrors errors;
  for (const Value& one : recorded.items()) {
    errors.push_back(
        {std::string(one.at(0).str()), std::string(one.at(1).str()), std::string(one.at(2).str())});
  }
  return errors;
}

TEST_CASE("objects are pruned, defaulted and refused as by the real API server", "[devapi]") {
  const Value recorded = RecordedAnswers("custom.json");
  const auto schema = Compile(recorded["schema"]);
  REQUIRE(recorded["cases"].size() > 50);
  for (const Value& row : recorded["cases"].items()) {
    if (row.Has("refused")) continue;  // for its metadata: go_codec_test.cc
    const std::string spec = FormatJson(row["spec"]);
    CAPTURE(spec);
    Value object = {{"apiVersion", "test.io/v1"}, {"kind", "Probe"}, {"spec", row["spec"]}};
    const Outcome outcome = Admit(*schema, object);
    CHECK(Sorted(outcome.errors) == Sorted(ErrorsOf(row["errors"])));
    if (row.Has("stored")) CHECK(FormatJson(outcome.object["spec"]) == FormatJson(row["stored"]));
    std::vector<std::string> unknown;
    for (const Value& path : row["unknown"].items()) unknown.emplace_back(path.str());
    CHECK(outcome.unknown == unknown);
  }
}

TEST_CASE("what an update leaves alone is not checked again", "[devapi]") {
  const auto schema = Compile(ParseJson(R"({"type":"object","properties":{"spec":{
      "type":"object","required":["must"],"properties":{
        "name":{"type":"string","maxLength":3},
        "items":{"type":"array","x-kubernetes-list-type":"map",
          "x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{
            "k":{"type":"string"},"v":{"type":"string","enum":["a"]}}}},
        "count":{"type":"integer","maximum":5}}}}})")
                                  .value());
  struct Row {
    const char* old_spec;
    const char* new_spec;
    std::vector<std::string> errors;
  };
  const Row rows[] = {
      {R"({"name":"long"})", R"({"name":"long"})", {}},
      {R"({"name":"long"})",
       R"({"name":"long","count":9})",
       {"FieldValueInvalid spec.count: Invalid value: 9: spec.count in body should be less than or "
        "equal to 5",
        "FieldValueRequired spec.must: Required value"}},
      {R"({"must":1,"items":[{"k":"x","v":"bad"}]})",
       R"({"must":1,"items":[{"k":"y","v":"a"},{"k":"x","v":"bad"}]})",
       {}},
      {R"({"must":1,"items":[{"k":"x","v":"bad"}]})",
       R"({"must":1,"items":[{"k":"y","v":"bad"}]})",
       {"FieldValueNotSupported spec.items[0].v: Unsupported value: \"bad\": supported values: "
        "\"a\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.old_spec, row.new_spec);
    const Value old_object = {{"spec", ParseJson(row.old_spec).value()}};
    const Value new_object = {{"spec", ParseJson(row.new_spec).value()}};
    CHECK(Sorted(ValidateCustomObject(*schema, new_object, {.old_object = &old_object})) ==
          row.errors);
  }
}

TEST_CASE("a rule on oldSelf is tried on updates only", "[devapi]") {
  const auto schema = Compile(ParseJson(R"({"type":"object","properties":{"spec":{"type":"string",
      "x-kubernetes-validations":[{"rule":"self == oldSelf","message":"is immutable"}]}}})")
                                  .value());
  const Value a = {{"spec", "a"}};
  const Value b = {{"spec", "b"}};
  CHECK(ValidateCustomObject(*schema, b).empty());
  CHECK(ValidateCustomObject(*schema, a, {.old_object = &a}).empty());
  CHECK(JoinErrors(ValidateCustomObject(*schema, b, {.old_object = &a})) ==
        "spec: Invalid value: \"string\": is immutable");
}

TEST_CASE("a schema that cannot be compiled is refused with the path of the fault", "[devapi]") {
  struct Row {
    const char* schema;
    const char* error;
  };
  const Row rows[] = {
      {R"({"type":"object","properties":{"a":{"type":"text"}}})",
       "properties[a]: type: Unsupported value: \"text\""},
      {R"({"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map",
          "items":{"type":"object"}}}})",
       "properties[a]: x-kubernetes-list-map-keys: Required value"},
      {R"({"type":"object","properties":{"a":5}})", "properties[a]: must be an object"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CHECK_THAT(CompileCustomSchema(ParseJson(row.schema).value(), AnyMetadata()).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.error));
  }
}

TEST_CASE("without a schema everything is kept", "[devapi]") {
  const auto schema = Compile(Value());
  const Value object = ParseJson(R"({"apiVersion":"a/v1","spec":{"x":[{"y":null}]}})").value();
  const Outcome outcome = Admit(*schema, object);
  CHECK(outcome.object == object);
  CHECK(outcome.unknown.empty());
  CHECK(outcome.errors.empty());
}

}  // namespace
}  // namespace sluice::devapi
