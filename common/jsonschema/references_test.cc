// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/schema.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/jsonschema/testing.h"

namespace sluice::jsonschema {
namespace {

// The texts are those of santhosh-tekuri/jsonschema v6.0.3.
TEST_CASE("references and what they leave unevaluated", "[jsonschema]") {
  const Row rows[] = {
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}})", "1",
       "- at '': got number, want string"},
      {R"({"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"minProperties":4,)"
       R"("required":["x"]}}})",
       R"({"a":{}})",
       "- at '/a': validation failed\n"
       "  - at '/a': minProperties: got 0, want 4\n"
       "  - at '/a': missing property 'x'"},
      {R"({"$ref":"#/$defs/a~1b%20c","$defs":{"a/b c":{"type":"string"}}})", "1",
       "- at '': got number, want string"},
      {R"({"$ref":"#/$defs/a","minimum":5,"$defs":{"a":{"type":"integer"}}})", "1",
       "- at '': minimum: got 1, want 5"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a",)"
       R"("minimum":5,"definitions":{"a":{"type":"integer"}}})",
       "1", ""},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a",)"
       R"("const":5,"definitions":{"a":{"type":"integer"}}})",
       "1", "- at '': value must be 5"},
      {R"({"$ref":"#x","$defs":{"a":{"$anchor":"x","type":"string"}}})", "1",
       "- at '': got number, want string"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","id":"http://a/",)"
       R"("properties":{"y":{"$ref":"#foo"}},"definitions":{"x":{"id":"#foo",)"
       R"("type":"string"}}})",
       R"({"y":1})", "- at '/y': got number, want string"},
      {R"({"$defs":{"a":{"$id":"sub/x.json","$defs":{"b":{"type":"integer"}}},)"
       R"("c":{"$id":"sub/y.json","$ref":"x.json#/$defs/b"}},"$ref":"sub/y.json"})",
       R"("s")", "- at '': got string, want integer"},
      {R"({"$id":"http://x/y","$ref":"http://x/y#/$defs/a",)"
       R"("$defs":{"a":{"type":"integer"}}})",
       R"("s")", "- at '': got string, want integer"},
      {R"({"components":{"a":[1,{"type":"string"}]},"$ref":"#/components/a/1"})", "1",
       "- at '': got number, want string"},
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#"}}})", "1",
       R"(- at '': both /$ref/$ref and  resolve to "file:///values.schema.json#" )"
       "causing reference cycle"},
      {R"({"properties":{"a":{"anyOf":[{"$ref":"#/properties/a"}]}}})", R"({"a":1})",
       "- at '/a': 'anyOf' failed\n"
       "  - at '/a': both /properties/a/anyOf/0/$ref and /properties/a resolve to "
       R"("file:///values.schema.json#/properties/a" causing reference cycle)"},
      {R"({"properties":{"next":{"$ref":"#"}},"required":["v"]})",
       R"({"v":1,"next":{"next":{"v":1},"v":1}})", ""},
      {R"({"$ref":"urn:example:thing"})", "1", ""},
      {R"({"$ref":"http://json-schema.org/draft-07/schema#"})", R"({"type":5})",
       "- at '/type': 'anyOf' failed\n"
       "  - at '/type': value must be one of 'array', 'boolean', 'integer', 'null',"
       " 'number', 'object', 'string'\n"
       "  - at '/type': got number, want array"},
      {R"({"$id":"http://x/tree","$dynamicAnchor":"node",)"
       R"("properties":{"kids":{"items":{"$dynamicRef":"#node"}},"n":{"type":"string"}}})",
       R"({"kids":[{"n":1}]})", "- at '/kids/0/n': got number, want string"},
      {R"({"$id":"http://x/strict","$ref":"tree","$dynamicAnchor":"node",)"
       R"("unevaluatedProperties":false,"$defs":{"t":{"$id":"tree",)"
       R"("$dynamicAnchor":"node","properties":{"kids":{"items":{"$dynamicRef":)"
       R"("#node"}},"n":true}}}})",
       R"({"kids":[{"n":1,"bad":1}]})",
       "- at '/kids/0/bad': false schema\n"
       "- at '/kids': false schema"},
      {R"({"$schema":"https://json-schema.org/draft/2019-09/schema",)"
       R"("$id":"http://x/strict","$recursiveAnchor":true,"$ref":"tree",)"
       R"("unevaluatedProperties":false,"$defs":{"t":{"$id":"tree",)"
       R"("$recursiveAnchor":true,"properties":{"kids":{"items":{"$recursiveRef":)"
       R"("#"}}}}}})",
       R"({"kids":[{"bad":1}]})",
       "- at '/kids/0/bad': false schema\n"
       "- at '/kids': false schema"},
      {R"({"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}},)"
       R"({"if":{"required":["c"]},"then":{"properties":{"c":true}}}]})",
       R"({"a":1,"b":2,"c":1})", "- at '/b': false schema"},
      {R"({"unevaluatedProperties":{"type":"string"},)"
       R"("anyOf":[{"properties":{"a":{"type":"integer"}}},)"
       R"({"properties":{"b":{"type":"integer"}}}]})",
       R"({"a":1,"b":2,"c":3})", "- at '/c': got number, want string"},
      {R"({"unevaluatedItems":false,"prefixItems":[true],"contains":{"const":3}})", "[1,2,3]",
       "- at '/1': false schema"},
      {R"({"unevaluatedItems":false,"allOf":[{"items":true}]})", "[1,2,3]", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema, row.instance);
    CHECK(Findings(row) == row.findings);
  }
}

}  // namespace
}  // namespace sluice::jsonschema
