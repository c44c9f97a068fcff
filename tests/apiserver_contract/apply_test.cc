// Server-side apply and who owns what.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

const Value& FieldsOf(const Answer& answer, absl::string_view manager) {
  static const Value* const kNone = new Value;
  for (const Value& entry : answer.meta("managedFields").items()) {
    if (entry["manager"].str() == manager) return entry["fieldsV1"];
  }
  return *kNone;
}

TEST_CASE("applying creates, then owns, then changes", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("configmaps/a");

  const Answer created = api.Patch(path + "?fieldManager=one", kApplyPatch, ConfigMap("a"));
  CHECK(created.code == 201);
  CHECK(created.meta("managedFields").at(0)["operation"].str() == "Apply");
  CHECK(FieldsOf(created, "one") == Value{{"f:data", Value{{"f:k", Value::EmptyObject()}}}});

  const Answer same = api.Patch(path + "?fieldManager=one", kApplyPatch, ConfigMap("a"));
  CHECK(same.code == 200);
  CHECK(same.version() == created.version());

  const Answer changed =
      api.Patch(path + "?fieldManager=one", kApplyPatch, ConfigMap("a", Value{{"other", "x"}}));
  CHECK(changed.body["data"] == Value{{"other", "x"}});
}

TEST_CASE("two managers conflict over a value, share an equal one, and may force", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("configmaps/a");
  REQUIRE(api.Patch(path + "?fieldManager=one", kApplyPatch, ConfigMap("a")).code == 201);

  const Value other = ConfigMap("a", Value{{"k", "w"}});
  const Answer conflict = api.Patch(path + "?fieldManager=two", kApplyPatch, other);
  CHECK(conflict.code == 409);
  CHECK(conflict.reason() == "Conflict");
  CHECK(conflict.message() == "Apply failed with 1 conflict: conflict with \"one\": .data.k");
  CHECK(conflict.body["details"]["causes"].at(0) == Value{{"reason", "FieldManagerConflict"},
                                                          {"message", "conflict with \"one\""},
                                                          {"field", ".data.k"}});

  const Answer shared = api.Patch(path + "?fieldManager=two", kApplyPatch, ConfigMap("a"));
  CHECK(shared.code == 200);
  CHECK(shared.meta("managedFields").size() == 2);

  const Answer forced = api.Patch(path + "?fieldManager=two&force=true", kApplyPatch, other);
  CHECK(forced.code == 200);
  CHECK(forced.body["data"]["k"].str() == "w");
  CHECK(FieldsOf(forced, "one").is_null());
}

TEST_CASE("a dry run of an apply changes nothing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("apps/v1", "deployments/web");

  const Answer absent =
      api.Patch(path + "?fieldManager=one&dryRun=All", kApplyPatch, Deployment("web"));
  CHECK(absent.code == 201);
  CHECK(api.Get(path).code == 404);

  REQUIRE(api.Patch(path + "?fieldManager=one", kApplyPatch, Deployment("web")).code == 201);
  const Answer dry =
      api.Patch(path + "?fieldManager=one&dryRun=All", kApplyPatch, Deployment("web", 5));
  CHECK(dry.code == 200);
  CHECK(dry.body["spec"]["replicas"].int_or(0) == 5);
  CHECK(dry.meta("generation").int_or(0) == 2);
  CHECK(api.Get(path).body["spec"]["replicas"].int_or(0) == 1);
}

TEST_CASE("what an apply needs is asked for", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("configmaps/a");

  const Answer manager = api.Patch(path, kApplyPatch, ConfigMap("a"));
  CHECK(manager.code == 422);
  CHECK(manager.message() ==
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for "
        "apply patch");

  const Answer kind = api.Patch(path + "?fieldManager=one", kApplyPatch, Value::EmptyObject());
  CHECK(kind.code == 400);
  CHECK(kind.message() == "invalid object type: /, Kind=");

  Value unknown = ConfigMap("a");
  unknown.Set("bogus", 1);
  const Answer field = api.Patch(path + "?fieldManager=one", kApplyPatch, unknown);
  CHECK(field.code == 500);
  CHECK(absl::StrContains(field.message(), ".bogus: field not declared in schema"));

  Value managed = ConfigMap("a");
  const Value entry = {{"manager", "x"}};
  managed.Ensure("metadata").Set("managedFields", Value(Value::Array{entry}));
  const Answer fields = api.Patch(path + "?fieldManager=one", kApplyPatch, managed);
  CHECK(fields.code == 400);
  CHECK(fields.message() == "metadata.managedFields must be nil");
}

TEST_CASE("applied lists merge by their keys", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("apps/v1", "deployments/web");
  REQUIRE(api.Patch(path + "?fieldManager=one", kApplyPatch, Deployment("web")).code == 201);

  const Value sidecar = {{"name", "d"}, {"image", "side"}};
  const Value part = {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"spec",
       Value{{"template", Value{{"spec", Value{{"containers", Value(Value::Array{sidecar})}}}}}}}};
  const Answer both = api.Patch(path + "?fieldManager=two", kApplyPatch, part);
  REQUIRE(both.code == 200);
  CHECK(both.body["spec"]["template"]["spec"]["containers"].size() == 2);

  // A manager that no longer says it takes it away.
  const Value nothing = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}};
  const Answer one = api.Patch(path + "?fieldManager=two", kApplyPatch, nothing);
  CHECK(one.body["spec"]["template"]["spec"]["containers"].size() == 1);
}

TEST_CASE("status is applied through its subresource", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path = ns.Path("apps/v1", "deployments/web");
  REQUIRE(api.Patch(path + "?fieldManager=one", kApplyPatch, Deployment("web")).code == 201);

  const Value status = {{"apiVersion", "apps/v1"},
                        {"kind", "Deployment"},
                        {"status", Value{{"observedGeneration", 1}}}};
  const Answer answer = api.Patch(path + "/status?fieldManager=two", kApplyPatch, status);

  CHECK(answer.code == 200);
  CHECK(answer.body["status"]["observedGeneration"].int_or(0) == 1);
  CHECK(FieldsOf(answer, "two") ==
        Value{{"f:status", Value{{"f:observedGeneration", Value::EmptyObject()}}}});
  for (const Value& entry : answer.meta("managedFields").items()) {
    if (entry["manager"].str() == "two") CHECK(entry["subresource"].str() == "status");
  }
}

}  // namespace
}  // namespace sluice::apiserver_contract
