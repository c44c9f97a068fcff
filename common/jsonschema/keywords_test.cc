// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/schema.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/jsonschema/testing.h"

namespace sluice::jsonschema {
namespace {

// The texts are those of santhosh-tekuri/jsonschema v6.0.3.
TEST_CASE("each keyword refuses what it should, in the reference's words", "[jsonschema]") {
  const Row rows[] = {
      {R"({"type":"string"})", R"("a")", ""},
      {R"({"type":"string"})", "1", "- at '': got number, want string"},
      {R"({"type":["integer","null","object"]})", "1.0", ""},
      {R"({"type":["integer","null","object"]})", "1.5",
       "- at '': got number, want null or integer or object"},
      {R"({"type":"number"})", "1", ""},
      {R"({"type":"integer"})", "1e20", ""},
      {"false", "1", "- at '': false schema"},
      {"true", "1", ""},
      {"{}", "1", ""},
      {R"({"enum":[1.0,1e3,null,true,"x",1.50]})", "3",
       "- at '': value must be one of 1.0, 1e3, <nil>, true, 'x', 1.50"},
      {R"({"enum":[1.0,1e3]})", "1000", ""},
      {R"({"enum":["only"]})", "3", "- at '': value must be 'only'"},
      {R"({"enum":[{}]})", "3", "- at '': 'enum' failed"},
      {R"({"enum":[[1],{"b":0}]})", R"({"b":0.0})", ""},
      {R"({"const":null})", "3", "- at '': value must be <nil>"},
      {R"({"const":{}})", "3", "- at '': 'const' failed"},
      {R"({"const":1.0})", "1", ""},
      {R"({"const":12345678901234567890123})", "3",
       "- at '': value must be 12345678901234567890123"},
      {R"({"minimum":1})", "0", "- at '': minimum: got 0, want 1"},
      {R"({"minimum":1,"maximum":0})", "0.5",
       "- at '': minimum: got 0.5, want 1\n"
       "- at '': maximum: got 0.5, want 0"},
      {R"({"maximum":1234.5})", "1234567", "- at '': maximum: got 1.234567×10⁰⁶, want 1,234.5"},
      {R"({"maximum":1234.5})", "123456.75", "- at '': maximum: got 123,456.75, want 1,234.5"},
      {R"({"maximum":-1e300})", "1.5e-7", "- at '': maximum: got 1.5×10⁻⁰⁷, want -1×10³⁰⁰"},
      {R"({"exclusiveMinimum":1,"exclusiveMaximum":1})", "1",
       "- at '': exclusiveMinimum: got 1, want 1\n"
       "- at '': exclusiveMaximum: got 1, want 1"},
      {R"({"multipleOf":0.01})", "1.1", ""},
      {R"({"multipleOf":0.01})", "0.075", "- at '': multipleOf: got 0.075, want 0.01"},
      {R"({"multipleOf":3e5})", "9e5", ""},
      {R"({"multipleOf":7})", "1e20", "- at '': multipleOf: got 1×10²⁰, want 7"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,)"
       R"("exclusiveMaximum":true})",
       "5", "- at '': exclusiveMaximum: got 5, want 5"},
      {R"({"minLength":3,"maxLength":1})", R"("日本")",
       "- at '': minLength: got 2, want 3\n"
       "- at '': maxLength: got 2, want 1"},
      {R"({"minLength":1234567})", R"("x")", "- at '': minLength: got 1, want 1,234,567"},
      {R"({"pattern":"^a'\"b$"})", R"("it's \"so\" \\")",
       R"(- at '': 'it\'s "so" \' does not match pattern '^a\'"b$')"},
      {R"({"pattern":"b"})", R"("abc")", ""},
      {R"({"minItems":1})", "[]", "- at '': minItems: got 0, want 1"},
      {R"({"maxItems":1})", "[1,2]", "- at '': maxItems: got 2, want 1"},
      {R"({"uniqueItems":true})", R"([1,{"a":[2]},{"a":[2.0]}])",
       "- at '': items at 1 and 2 are equal"},
      {R"({"uniqueItems":true})", R"([1,"1",true,null])", ""},
      {R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["x",true,1])",
       "- at '/1': false schema\n"
       "- at '/2': false schema"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#",)"
       R"("items":[{"type":"string"},{"type":"integer"}],"additionalItems":false})",
       R"(["x",1,2,3])", "- at '': last 2 additionalItem(s) not allowed"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[true],)"
       R"("additionalItems":{"type":"string"}})",
       R"(["x",1])", "- at '/1': got number, want string"},
      {R"({"contains":{"const":5}})", "[1,2]",
       "- at '': no items match contains schema\n"
       "  - at '/0': value must be 5\n"
       "  - at '/1': value must be 5"},
      {R"({"contains":{"type":"string"},"minContains":3})", R"(["a","b",1])",
       "- at '': min 3 items required to match contains schema,"
       " but matched 2 items at 0 1\n"
       "  - at '/2': got number, want string"},
      {R"({"contains":{"type":"string"},"minContains":3})", "[1]",
       "- at '': min 3 items required to match contains schema, but none matched\n"
       "  - at '/0': got number, want string"},
      {R"({"contains":{"type":"string"},"maxContains":1})", R"(["a","b"])",
       "- at '': max 1 items required to match contains schema,"
       " but matched 2 items at 0 1"},
      {R"({"contains":{"type":"string"},"minContains":0})", "[1]", ""},
      {R"({"minProperties":2,"maxProperties":0})", R"({"a":1})",
       "- at '': minProperties: got 1, want 2\n"
       "- at '': maxProperties: got 1, want 0"},
      {R"({"required":["b","a"]})", "{}", "- at '': missing properties 'b', 'a'"},
      {R"({"required":["b","a"]})", R"({"a":1})", "- at '': missing property 'b'"},
      {R"({"properties":{"a":{"type":"string"}},"patternProperties":{"^x-":{"type":)"
       R"("string"}},"additionalProperties":false})",
       R"({"a":1,"c":1,"b":1,"x-y":1})",
       "- at '/a': got number, want string\n"
       "- at '/x-y': got number, want string\n"
       "- at '': additional properties 'b', 'c' not allowed"},
      {R"({"additionalProperties":{"type":"string"}})", R"({"a/b":1})",
       "- at '/a~1b': got number, want string"},
      {R"({"additionalProperties":{"properties":{"~":{"type":"string"}}}})", R"({"a":{"~":1}})",
       "- at '/a/~0': got number, want string"},
      {R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})",
       "- at '': invalid propertyName 'abc'\n"
       "  - at '': maxLength: got 3, want 2"},
      {R"({"dependentRequired":{"a":["b","c"]}})", R"({"a":1,"c":1})",
       "- at '': properties 'b' required, if 'a' exists"},
      {R"({"dependentSchemas":{"a":{"required":["d"]}}})", R"({"a":1})",
       "- at '': missing property 'd'"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#",)"
       R"("dependencies":{"a":["b"],"c":{"minProperties":5}}})",
       R"({"a":1,"c":1})",
       "- at '': properties 'b' required, if 'a' exists\n"
       "- at '': minProperties: got 2, want 5"},
      {R"({"allOf":[{"type":"integer"},{"minimum":5}]})", "1",
       "- at '': 'allOf' failed\n"
       "  - at '': minimum: got 1, want 5"},
      {R"({"anyOf":[{"type":"string","minLength":3},{"type":"integer","minimum":5}]})", "1",
       "- at '': 'anyOf' failed\n"
       "  - at '': got number, want string\n"
       "  - at '': minimum: got 1, want 5"},
      {R"({"oneOf":[{"type":"string"},{"type":"array"}]})", "true",
       "- at '': 'oneOf' failed, none matched\n"
       "  - at '': got boolean, want string\n"
       "  - at '': got boolean, want array"},
      {R"({"oneOf":[{"type":"integer"},{"type":"string"},{"type":"number"}]})", "1",
       "- at '': 'oneOf' failed, subschemas 0, 2 matched"},
      {R"({"not":{"type":"string"}})", R"("x")", "- at '': 'not' failed"},
      {R"({"if":{"const":1},"then":{"type":"string"},"else":{"type":"array"}})", "1",
       "- at '': got number, want string"},
      {R"({"if":{"const":1},"then":{"type":"string"},"else":{"type":"array"}})", "2",
       "- at '': got number, want array"},
      {R"({"if":false,"then":{"type":"string"},"else":{"type":"array"}})", "2",
       "- at '': got number, want array"},
      {R"({"properties":{"a":{"properties":{"b":{"minimum":5,"multipleOf":3}}}}})",
       R"({"a":{"b":1}})",
       "- at '/a/b': minimum: got 1, want 5\n"
       "- at '/a/b': multipleOf: got 1, want 3"},
      {R"({"anyOf":[{"required":["x"],"minProperties":4},{"type":"array"}]})", "{}",
       "- at '': 'anyOf' failed\n"
       "  - at '': validation failed\n"
       "    - at '': minProperties: got 0, want 4\n"
       "    - at '': missing property 'x'\n"
       "  - at '': got object, want array"},
      {R"({"format":"email"})", R"("x")", ""},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","format":"email"})", R"("x")",
       "- at '': 'x' is not valid email: missing @"},
      {R"({"$schema":"https://json-schema.org/draft/2019-09/schema","format":"email"})", R"("x")",
       ""},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","format":"email"})", "5", ""},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","format":"idn-email"})", R"("x")",
       ""},
      {R"({"contentEncoding":"base64","contentMediaType":"application/json"})", R"("{")", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema, row.instance);
    CHECK(Findings(row) == row.findings);
  }
}

}  // namespace
}  // namespace sluice::jsonschema
