// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/undeclared.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

TEST_CASE("the field that the server names is taken out", "[ssa]") {
  struct Row {
    const char* name;
    const char* object;
    const char* path;
    const char* left;  // "" if nothing can be taken out
  };
  const Row rows[] = {
      {"a member", "{spec: {replica: 1, replicas: 2}}", ".spec.replica", "{spec: {replicas: 2}}"},
      {"at the top", "{daata: {a: b}, data: {}}", ".daata", "{data: {}}"},
      {"in a list with keys", "{c: [{name: a, x: 1}, {name: b, x: 1}]}", ".c[name=\"b\"].x",
       "{c: [{name: a, x: 1}, {name: b}]}"},
      {"by two keys, one of them a default", "{p: [{port: 1}, {port: 2, x: {y: 1}}]}",
       ".p[port=2,protocol=\"TCP\"].x", "{p: [{port: 1}, {port: 2}]}"},
      {"a name with dots", "{m: {a.b/c: {d: 1, e: 2}}}", ".m.a.b/c.d", "{m: {a.b/c: {e: 2}}}"},
      {"an unknown name with dots", "{m: {a.b/c: 1}}", ".m.a.b/c", "{m: {}}"},
      {"a bracket in a string", "{c: [{name: 'a]', x: 1}]}", ".c[name=\"a]\"].x",
       "{c: [{name: 'a]'}]}"},
      {"not there", "{spec: {}}", ".spec.replica", ""},
      {"not a list", "{c: {}}", ".c[name=\"b\"].x", ""},
      {"a bracket that does not close", "{c: [{x: 1}]}", ".c[name=\"b.x", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Value object = value::ParseYaml(row.object).value();
    const auto dropped = DropUndeclared(
        absl::InternalError(absl::StrCat("failed to create typed patch object (default/x; apps/v1, "
                                         "Kind=Deployment): ",
                                         row.path, ": field not declared in schema")),
        object);
    CHECK(dropped.has_value() == (*row.left != '\0'));
    const Value expected = value::ParseYaml(*row.left == '\0' ? row.object : row.left).value();
    CHECK(value::FormatJson(object) == value::FormatJson(expected));
  }
}

TEST_CASE("of several errors the first is taken", "[ssa]") {
  Value object = value::ParseYaml("{a: 1, b: 2}").value();
  CHECK(
      DropUndeclared(absl::InternalError("failed to create typed patch object (x): errors:\n  .a: "
                                         "field not declared in schema\n  .b: field not declared "
                                         "in schema"),
                     object) == ".a");
}

TEST_CASE("other errors, and kinds that are not built in, are left alone", "[ssa]") {
  Value object = value::ParseYaml("{spec: {replica: 1}}").value();
  CHECK_FALSE(DropUndeclared(absl::InternalError(".spec.replica: Required value"), object));
  CHECK_FALSE(DropUndeclared(absl::OkStatus(), object));
  CHECK(object["spec"].Has("replica"));
  CHECK(DropsUndeclared({"apps", "v1", "Deployment"}));
  CHECK(DropsUndeclared({"", "v1", "ConfigMap"}));
  CHECK_FALSE(DropsUndeclared({"example.com", "v1", "Widget"}));
  CHECK_FALSE(DropsUndeclared({"gateway.networking.k8s.io", "v1", "Gateway"}));
  CHECK_FALSE(DropsUndeclared({"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}));
  CHECK_FALSE(DropsUndeclared({"rbac.authorization.k8s.io", "v1", "Role"}));
}

}  // namespace
}  // namespace sluice::ssa
