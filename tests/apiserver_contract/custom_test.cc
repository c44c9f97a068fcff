// Custom resources.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

constexpr char kCrds[] = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

constexpr char kSchema[] = R"({
  "type": "object",
  "properties": {
    "spec": {
      "type": "object",
      "required": ["size"],
      "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 10},
        "color": {"type": "string", "default": "red", "enum": ["red", "green"]},
        "replicas": {"type": "integer"},
        "note": {"type": "string", "nullable": true},
        "when": {"type": "string", "format": "date-time"},
        "list": {
          "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
          "items": {"type": "object", "required": ["name"],
                    "properties": {"name": {"type": "string"}, "value": {"type": "string"}}}
        },
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}
      }
    },
    "status": {"type": "object",
               "properties": {"ready": {"type": "boolean"}, "replicas": {"type": "integer"}}}
  }
})";

// A definition of its own group, served from construction to destruction.
class Widgets {
 public:
  explicit Widgets(Target& api) : api_(api), group_(Unique("w") + ".example.com") {
    const Value schema = {{"openAPIV3Schema", value::ParseJson(kSchema).value()}};
    const auto column = [](const char* name, const char* type, const char* path) {
      return Value{{"name", name}, {"type", type}, {"jsonPath", path}};
    };
    const Value v1 = {
        {"name", "v1"},
        {"served", true},
        {"storage", true},
        {"schema", schema},
        {"subresources", Value{{"status", Value::EmptyObject()},
                               {"scale", Value{{"specReplicasPath", ".spec.replicas"},
                                               {"statusReplicasPath", ".status.replicas"}}}}},
        {"selectableFields", Value(Value::Array{Value{{"jsonPath", ".spec.color"}}})},
        {"additionalPrinterColumns",
         Value(Value::Array{column("Size", "integer", ".spec.size"),
                            column("Color", "string", ".spec.color"),
                            column("Ready", "boolean", ".status.ready"),
                            column("Age", "date", ".metadata.creationTimestamp")})}};
    Value beta = v1;
    beta.Set("name", "v1beta1");
    beta.Set("storage", false);
    beta.Set("deprecated", true);
    created_ = api_.Post(
        kCrds, Value{{"metadata", Value{{"name", name()}}},
                     {"spec", Value{{"group", group_},
                                    {"scope", "Namespaced"},
                                    {"names", Value{{"plural", "widgets"},
                                                    {"singular", "widget"},
                                                    {"kind", "Widget"},
                                                    {"shortNames", Value(Value::Array{"wd"})}}},
                                    {"versions", Value(Value::Array{v1, beta})}}}});
    const auto established = [](const Answer& answer) {
      for (const Value& condition : answer.body["status"]["conditions"].items()) {
        if (condition["type"].str() == "Established") return condition["status"].str() == "True";
      }
      return false;
    };
    api_.Await(absl::StrCat(kCrds, "/", name()), established);
    // A real server serves it a moment later.
    api_.Await(absl::StrCat("/apis/", group_, "/v1/widgets"),
               [](const Answer& answer) { return answer.code == 200; });
    api_.Await(absl::StrCat("/apis/", group_, "/v1beta1/widgets"),
               [](const Answer& answer) { return answer.code == 200; });
  }
  ~Widgets() { api_.Delete(absl::StrCat(kCrds, "/", name())); }

  std::string name() const { return "widgets." + group_; }
  const std::string& group() const { return group_; }
  const Answer& created() const { return created_; }
  std::string Path(const Namespace& ns, const std::string& rest, const char* version = "v1") const {
    return ns.Path(absl::StrCat(group_, "/", version), rest);
  }
  Value Widget(const std::string& name, Value spec, const char* version = "v1") const {
    return Value{{"apiVersion", absl::StrCat(group_, "/", version)},
                 {"kind", "Widget"},
                 {"metadata", Value{{"name", name}}},
                 {"spec", std::move(spec)}};
  }

 private:
  Target& api_;
  std::string group_;
  Answer created_;
};

TEST_CASE("a definition is established and discovered", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);

  CHECK(widgets.created().code == 201);
  CHECK(widgets.created().body["spec"]["names"]["listKind"].str() == "WidgetList");
  CHECK(widgets.created().body["spec"]["conversion"]["strategy"].str() == "None");
  CHECK(widgets.created().body["status"]["storedVersions"] == Value(Value::Array{"v1"}));
  const Answer crd = api.Get(absl::StrCat(kCrds, "/", widgets.name()));
  CHECK(crd.body["status"]["acceptedNames"]["kind"].str() == "Widget");
  CHECK(crd.body["status"]["conditions"].at(0)["type"].str() == "NamesAccepted");
  CHECK(crd.body["status"]["conditions"].at(0)["reason"].str() == "NoConflicts");
  CHECK(crd.body["status"]["conditions"].at(1)["type"].str() == "Established");
  CHECK(crd.body["status"]["conditions"].at(1)["reason"].str() == "InitialNamesAccepted");

  const Answer group = api.Await("/apis/" + widgets.group(),
                                 [](const Answer& answer) { return answer.code == 200; });
  CHECK(group.body["preferredVersion"]["version"].str() == "v1");
  const Answer list = api.Get(absl::StrCat("/apis/", widgets.group(), "/v1"));
  CHECK(list.body["resources"].at(0)["name"].str() == "widgets");
  CHECK(list.body["resources"].at(0)["shortNames"] == Value(Value::Array{"wd"}));
  CHECK(list.body["resources"].size() == 3);
}

TEST_CASE("custom objects are defaulted, pruned and checked", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  const std::string path = widgets.Path(ns, "widgets");

  const Answer created =
      api.Post(path, widgets.Widget("a", {{"size", 3}, {"bogus", 1}, {"free", Value{{"any", 1}}}}));
  REQUIRE(created.code == 201);
  CHECK(created.body["spec"] == Value{{"size", 3}, {"color", "red"}, {"free", Value{{"any", 1}}}});
  CHECK(created.headers.Get("Warning") == "299 - \"unknown field \\\"spec.bogus\\\"\"");
  CHECK(created.meta("generation").int_or(0) == 1);

  struct Row {
    Value spec;
    int code;
    std::string message;
  };
  const std::string invalid = absl::StrCat("Widget.", widgets.group(), " \"x\" is invalid: ");
  const Row rows[] = {
      {Value::EmptyObject(), 422, invalid + "spec.size: Required value"},
      {{{"size", 11}},
       422,
       invalid + "spec.size: Invalid value: 11: spec.size in body should be less than or equal to "
                 "10"},
      {{{"size", 1}, {"color", "blue"}},
       422,
       invalid + "spec.color: Unsupported value: \"blue\": supported values: \"red\", \"green\""},
      {{{"size", "big"}},
       422,
       invalid + "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: "
                 "\"string\""},
      {{{"size", 1}, {"when", "today"}},
       422,
       invalid +
           "spec.when: Invalid value: \"today\": spec.when in body must be of type date-time: "
           "\"today\""},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const Answer answer = api.Post(path, widgets.Widget("x", row.spec));
    CHECK(answer.code == row.code);
    CHECK(answer.message() == row.message);
  }
  const Answer strict =
      api.Post(path + "?fieldValidation=Strict", widgets.Widget("x", {{"size", 1}, {"bogus", 1}}));
  CHECK(strict.code == 400);
  CHECK(absl::StrContains(strict.message(), "strict decoding error: unknown field \"spec.bogus\""));
  const Answer untyped = api.Post(path, Value{{"metadata", Value{{"name", "x"}}}});
  CHECK(untyped.code == 400);
}

TEST_CASE("an update of a custom object needs its version", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  REQUIRE(api.Post(widgets.Path(ns, "widgets"), widgets.Widget("a", {{"size", 1}})).code == 201);
  const std::string path = widgets.Path(ns, "widgets/a");

  const Answer blind = api.Put(path, widgets.Widget("a", {{"size", 2}}));
  CHECK(blind.code == 422);
  CHECK(blind.message() ==
        absl::StrCat("widgets.", widgets.group(),
                     " \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be "
                     "specified for an update"));

  const Answer patched = api.Patch(path, kMergePatch, Value{{"spec", Value{{"size", 2}}}});
  CHECK(patched.code == 200);
  CHECK(patched.meta("generation").int_or(0) == 2);
  const Answer strategic = api.Patch(path, kStrategicPatch, Value{{"spec", Value{{"size", 3}}}});
  CHECK(strategic.code == 415);
  CHECK(strategic.message() ==
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
}

TEST_CASE("a custom object's status and scale are apart", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  Value body = widgets.Widget("a", {{"size", 1}, {"replicas", 2}});
  body.Set("status", Value{{"ready", true}});
  const Answer created = api.Post(widgets.Path(ns, "widgets"), body);
  CHECK_FALSE(created.body.Has("status"));
  const std::string path = widgets.Path(ns, "widgets/a");

  const Answer status = api.Patch(path + "/status", kMergePatch,
                                  Value{{"status", Value{{"ready", true}, {"replicas", 2}}},
                                        {"spec", Value{{"size", 9}}},
                                        {"metadata", Value{{"labels", Value{{"x", "y"}}}}}});
  CHECK(status.code == 200);
  CHECK(status.body["status"]["ready"].bool_or(false));
  CHECK(status.body["spec"]["size"].int_or(0) == 1);
  CHECK(status.meta("labels").is_null());
  CHECK(status.meta("generation").int_or(0) == 1);

  const Answer scale = api.Get(path + "/scale");
  CHECK(scale.body["spec"]["replicas"].int_or(0) == 2);
  CHECK(scale.body["status"]["replicas"].int_or(0) == 2);
  api.Patch(path + "/scale", kMergePatch, Value{{"spec", Value{{"replicas", 5}}}});
  CHECK(api.Get(path).body["spec"]["replicas"].int_or(0) == 5);
}

TEST_CASE("every served version shows the object", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  const Answer created = api.Post(widgets.Path(ns, "widgets", "v1beta1"),
                                  widgets.Widget("a", {{"size", 1}}, "v1beta1"));
  REQUIRE(created.code == 201);
  CHECK(created.body["apiVersion"].str() == widgets.group() + "/v1beta1");
  CHECK(created.headers.Get("Warning") == absl::StrCat("299 - \"", widgets.group(),
                                                       "/v1beta1 Widget is deprecated; use ",
                                                       widgets.group(), "/v1 Widget\""));

  const Answer v1 = api.Get(widgets.Path(ns, "widgets/a"));
  CHECK(v1.body["apiVersion"].str() == widgets.group() + "/v1");
  CHECK(v1.meta("uid") == created.meta("uid"));
  const Answer list = api.Get(widgets.Path(ns, "widgets"));
  CHECK(list.body["items"].at(0)["apiVersion"].str() == widgets.group() + "/v1");
  CHECK(list.body["items"].at(0)["kind"].str() == "Widget");
  const Answer wrong =
      api.Post(widgets.Path(ns, "widgets"), widgets.Widget("b", {{"size", 1}}, "v1beta1"));
  CHECK(wrong.code == 400);
  CHECK(wrong.message() == absl::StrCat("the API version in the data (", widgets.group(),
                                        "/v1beta1) does not match the expected API version (",
                                        widgets.group(), "/v1)"));
}

TEST_CASE("custom columns and selectable fields", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  api.Post(widgets.Path(ns, "widgets"), widgets.Widget("a", {{"size", 1}, {"color", "green"}}));
  api.Post(widgets.Path(ns, "widgets"), widgets.Widget("b", {{"size", 2}}));

  const Answer table = api.Get(widgets.Path(ns, "widgets"),
                               {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  REQUIRE(table.body["columnDefinitions"].size() == 5);
  CHECK(table.body["columnDefinitions"].at(0)["name"].str() == "Name");
  CHECK(table.body["columnDefinitions"].at(1)["name"].str() == "Size");
  const Value& cells = table.body["rows"].at(0)["cells"];
  CHECK(cells.at(0).str() == "a");
  CHECK(cells.at(1).int_or(0) == 1);
  CHECK(cells.at(2).str() == "green");
  CHECK(cells.at(3).is_null());

  const Answer green = api.Get(widgets.Path(ns, "widgets?fieldSelector=spec.color%3Dgreen"));
  CHECK(green.body["items"].size() == 1);
  const Answer size = api.Get(widgets.Path(ns, "widgets?fieldSelector=spec.size%3D1"));
  CHECK(size.code == 400);
  CHECK(size.message() == "field label not supported: spec.size");
}

TEST_CASE("custom objects are applied", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Widgets widgets(api);
  Namespace ns(api);
  const std::string path = widgets.Path(ns, "widgets/a");
  const auto with = [&](const char* name, const char* text) {
    const Value item = {{"name", name}, {"value", text}};
    return widgets.Widget("a", {{"size", 1}, {"list", Value(Value::Array{item})}});
  };

  REQUIRE(api.Patch(path + "?fieldManager=one", kApplyPatch, with("x", "1")).code == 201);
  const Answer both = api.Patch(path + "?fieldManager=two", kApplyPatch, with("y", "2"));
  REQUIRE(both.code == 200);
  CHECK(both.body["spec"]["list"].size() == 2);
  const Answer conflict = api.Patch(path + "?fieldManager=two", kApplyPatch, with("x", "9"));
  CHECK(conflict.code == 409);
  CHECK(conflict.message() ==
        "Apply failed with 1 conflict: conflict with \"one\": .spec.list[name=\"x\"].value");
}

TEST_CASE("instances go with their definition", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  std::string path;
  std::string crd;
  {
    Widgets widgets(api);
    path = widgets.Path(ns, "widgets/a");
    crd = absl::StrCat(kCrds, "/", widgets.name());
    REQUIRE(api.Post(widgets.Path(ns, "widgets"), widgets.Widget("a", {{"size", 1}})).code == 201);
  }
  const auto gone = [](const Answer& answer) { return answer.code == 404; };
  CHECK(api.Await(crd, gone).code == 404);
  CHECK(api.Await(path, gone).code == 404);
}

}  // namespace
}  // namespace sluice::apiserver_contract
