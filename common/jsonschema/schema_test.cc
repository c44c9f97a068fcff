// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/schema.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::jsonschema {
namespace {

using ::sluice::testing::IsOk;

// The texts are those of santhosh-tekuri/jsonschema v6.0.3.
TEST_CASE("a schema that is none is refused, in the reference's words", "[jsonschema]") {
  struct Refusal {
    const char* schema;
    const char* message;
  };
  const Refusal rows[] = {
      {R"({"type":"nope"})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/type': 'anyOf' failed\n"
       "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null',"
       " 'number', 'object', 'string'\n"
       "    - at '/type': got string, want array"},
      {R"({"properties":{"a":{"type":5}}})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/properties/a': 'allOf' failed\n"
       "    - at '/properties/a/type': 'anyOf' failed\n"
       "      - at '/properties/a/type': value must be one of 'array', 'boolean',"
       " 'integer', 'null', 'number', 'object', 'string'\n"
       "      - at '/properties/a/type': got number, want array"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#",)"
       R"json("properties":{"a":{"pattern":"(?=x)"}}})json",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'http://json-schema.org/draft-07/schema#'\n"
       "- at '/properties/a/pattern': '(?=x)' is not valid regex: error parsing "
       "regexp: invalid or unsupported Perl syntax: `(?=`"},
      {R"({"patternProperties":{"[":{}}})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/patternProperties': invalid propertyName '['\n"
       "    - at '': '[' is not valid regex: error parsing regexp: missing closing ]: "
       "`[`"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","required":[]})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'http://json-schema.org/draft-04/schema#'\n"
       "- at '/required': minItems: got 0, want 1"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":true}})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'http://json-schema.org/draft-04/schema#'\n"
       "- at '/properties/a': got boolean, want object"},
      {R"({"$schema":"http://json-schema.org/draft-06/schema#","exclusiveMinimum":true})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'http://json-schema.org/draft-06/schema#'\n"
       "- at '/exclusiveMinimum': got boolean, want number"},
      {R"({"$schema":"https://json-schema.org/draft/2019-09/schema","minContains":-1})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2019-09/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/minContains': minimum: got -1, want 0"},
      {R"({"minLength":1.5,"required":"a"})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '': validation failed\n"
       "    - at '/minLength': got number, want integer\n"
       "    - at '/required': got string, want array"},
      {"[]", R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
             "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
             "- at '': got array, want boolean or object"},
      {R"("x")", R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
                 "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
                 "- at '': got string, want boolean or object"},
      {R"({"$ref":"#/nope"})", R"(json-pointer in "file:///values.schema.json#/nope" not found)"},
      {R"({"$ref":"#nope"})", R"(anchor in "file:///values.schema.json#nope" not found in schema )"
                              R"("file:///values.schema.json")"},
      {R"({"$ref":"#/a~2"})", R"(invalid json-pointer "file:///values.schema.json#/a~2")"},
      {R"({"$ref":"defs.json"})",
       R"(failing loading "file:///defs.json": open /defs.json: no such file or )"
       "directory"},
      {R"({"$ref":"http://x/y.json"})",
       R"(failing loading "http://x/y.json": remote schemas are not fetched)"},
      {R"({"$ref":"foo:bar"})",
       R"(failing loading "foo:bar": no URLLoader registered for "foo:bar")"},
      {R"({"$ref":":"})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       R"(  - at '/$ref': ':' is not valid uri-reference: parse ":": missing protocol )"
       "scheme"},
      {R"({"components":{"a":{"type":"strin"}},"$ref":"#/components/a"})",
       R"("file:///values.schema.json#/components/a" is not valid against metaschema: )"
       "jsonschema validation failed with 'https:"
       "//json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/type': 'anyOf' failed\n"
       "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null',"
       " 'number', 'object', 'string'\n"
       "    - at '/type': got string, want array"},
      {R"({"$schema":""})", R"(failing loading "": no URLLoader registered for "")"},
      {R"({"$schema":"http://json-schema.org/draft-03/schema#"})",
       R"(failing loading "http://json-schema.org/draft-03/schema": remote schemas are )"
       "not fetched"},
      {R"({"$schema":"file:///values.schema.json"})",
       R"(draft "file:///values.schema.json" is not supported)"},
      {R"({"$schema":"%zz"})",
       R"(invalid $schema in "file:///values.schema.json#": parse "%zz": invalid URL )"
       R"(escape "%zz")"},
      {R"({"$schema":"urn:a","type":"x"})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/type': 'anyOf' failed\n"
       "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null',"
       " 'number', 'object', 'string'\n"
       "    - at '/type': got string, want array"},
      {R"({"$schema":5})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/$schema': got number, want string"},
      {R"({"$schema":"https://json-schema.org/draft/2020-12/meta/core","$anchor":"9"})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'urn:mem:metaschema'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/$anchor': '9' does not match pattern '^[A-Za-z_][-A-Za-z0-9._]*$'"},
      {R"({"$id":"http://a/b","$defs":{"x":{"$id":"http://a/b"}}})",
       R"(duplicate id "http://a/b" in "file:///values.schema.json" at "/$defs/x" and "")"},
      {R"({"$defs":{"x":{"$anchor":"q"},"y":{"$anchor":"q"}}})",
       R"(duplicate anchor "q" in "file:///values.schema.json" at "/$defs/x" and )"
       R"("/$defs/y")"},
      {R"({"$defs":{"e":{"$id":"http://e/x","$schema":"http:)"
       R"(//json-schema.org/draft-07/schema#","type":"z"}}})",
       R"("file:///values.schema.json#" is not valid against metaschema: jsonschema )"
       "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
       "- at '': 'allOf' failed\n"
       "  - at '/$defs/e/type': 'anyOf' failed\n"
       "    - at '/$defs/e/type': value must be one of 'array', 'boolean', 'integer',"
       " 'null', 'number', 'object', 'string'\n"
       "    - at '/$defs/e/type': got string, want array"},
      {"{bad json", "invalid character 'b' looking for beginning of object key string"},
      {"", "EOF"},
      {R"({"type":"object")", "unexpected EOF"},
  };
  for (const Refusal& row : rows) {
    CAPTURE(row.schema);
    const absl::Status status = Schema::Parse(row.schema).status();
    CHECK(std::string(status.message()) == row.message);
    CHECK_FALSE(status.ok());
  }
}

TEST_CASE("values that JSON does not have are refused", "[jsonschema]") {
  const Schema schema = Schema::Parse(R"({"items":{"type":"number"}})").value();
  const Value instance(Value::Array{Value(1.5), Value(std::numeric_limits<double>::infinity())});
  CHECK(schema.Validate(instance).message() == "- at '/1': invalid jsonType float64");
}

TEST_CASE("findings of properties come in the order of their names", "[jsonschema]") {
  const Schema schema =
      Schema::Parse(R"({"additionalProperties":{"type":"string"},"required":["z"]})").value();
  CHECK(schema.Validate(value::ParseJson(R"({"c":1,"a":1})").value()).message() ==
        "- at '': missing property 'z'\n"
        "- at '/a': got number, want string\n"
        "- at '/c': got number, want string");
}

TEST_CASE("a loader supplies other documents, metaschemas among them", "[jsonschema]") {
  Options options;
  options.load = [](absl::string_view url) -> absl::StatusOr<std::string> {
    if (url == "http://x/port.json") return R"({"type":"integer","maximum":65535})";
    if (url == "http://x/bad.json") return R"({"type":"x"})";
    if (url == "http://x/text.json") return "{";
    if (url == "http://x/meta.json") {
      return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$vocabulary":{
          "https://json-schema.org/draft/2020-12/vocab/core":true,
          "https://json-schema.org/draft/2020-12/vocab/format-assertion":true}})";
    }
    if (url == "http://x/odd.json") {
      return R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
                 "$vocabulary":{"http://x/v":true}})";
    }
    return absl::NotFoundError("no such document");
  };
  struct Loaded {
    const char* schema;
    const char* instance;
    const char* message;
  };
  const Loaded rows[] = {
      {R"({"$id":"http://x/","$ref":"port.json"})", "70000",
       "- at '': maximum: got 70,000, want 65,535"},
      {R"({"$ref":"http://x/gone.json"})", "1",
       R"(failing loading "http://x/gone.json": no such document)"},
      {R"({"$ref":"http://x/text.json"})", "1",
       R"(failing loading "http://x/text.json": unexpected EOF)"},
      {R"({"$ref":"urn:x"})", "1", ""},
      // Of the vocabularies only those in force count: no "type" here, but formats.
      {R"({"$schema":"http://x/meta.json","type":"integer","format":"ipv4"})", R"("a")",
       "- at '': 'a' is not valid ipv4: expected four decimals"},
      {R"({"$schema":"http://x/odd.json"})", "1",
       R"(unsupported vocabulary "http://x/v" in "http://x/odd.json")"},
  };
  for (const Loaded& row : rows) {
    CAPTURE(row.schema);
    const absl::StatusOr<Schema> schema = Schema::Parse(row.schema, options);
    const absl::Status status =
        schema.ok() ? schema->Validate(value::ParseJson(row.instance).value()) : schema.status();
    CHECK(std::string(status.message()) == row.message);
  }
  CHECK_THAT(Schema::Parse(R"({"$ref":"http://x/bad.json"})", options).status(),
             ::sluice::testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                         "\"http://x/bad.json#\" is not valid against metaschema"));
  CHECK_THAT(Schema::Parse(R"({"$ref":"http://x/port.json"})", options).status(), IsOk());
}

}  // namespace
}  // namespace sluice::jsonschema
