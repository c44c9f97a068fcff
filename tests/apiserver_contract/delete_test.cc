// Deleting: preconditions, finalizers, propagation, collections, namespaces.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

bool Gone(const Answer& answer) { return answer.code == 404; }

Value Owned(const std::string& name, const Answer& owner, bool blocks = false) {
  Value object = ConfigMap(name);
  const Value reference = {{"apiVersion", "v1"},
                           {"kind", "ConfigMap"},
                           {"name", owner.meta("name")},
                           {"uid", owner.meta("uid")},
                           {"blockOwnerDeletion", blocks}};
  object.Ensure("metadata").Set("ownerReferences", Value(Value::Array{reference}));
  return object;
}

TEST_CASE("deleting answers what was deleted", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));
  REQUIRE(api.Post(ns.Path("serviceaccounts"), Value{{"metadata", Value{{"name", "a"}}}}).code ==
          201);

  const Answer dry = api.Delete(ns.Path("configmaps/a?dryRun=All"));
  CHECK(dry.code == 200);
  CHECK(api.Get(ns.Path("configmaps/a")).code == 200);

  const Answer deleted = api.Delete(ns.Path("configmaps/a"));
  CHECK(deleted.code == 200);
  CHECK(deleted.body["status"].str() == "Success");
  CHECK(deleted.body["details"] ==
        Value{{"name", "a"}, {"kind", "configmaps"}, {"uid", created.meta("uid")}});
  CHECK(api.Delete(ns.Path("configmaps/a")).code == 404);

  // Some kinds answer the object.
  const Answer account = api.Delete(ns.Path("serviceaccounts/a"));
  CHECK(account.body["kind"].str() == "ServiceAccount");
}

TEST_CASE("preconditions hold a delete back", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));

  const Answer uid =
      api.Delete(ns.Path("configmaps/a"), Value{{"preconditions", Value{{"uid", "123"}}}});
  CHECK(uid.code == 409);
  CHECK(uid.message() ==
        absl::StrCat(
            "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition "
            "(123) does not match the UID in record (",
            created.meta("uid").str(), "). The object might have been deleted and then recreated"));
  const Answer version = api.Delete(ns.Path("configmaps/a"),
                                    Value{{"preconditions", Value{{"resourceVersion", "1"}}}});
  CHECK(version.code == 409);
  CHECK(absl::StrContains(version.message(), "The object might have been modified"));
  const Answer right = api.Delete(ns.Path("configmaps/a"),
                                  Value{{"preconditions", Value{{"uid", created.meta("uid")}}}});
  CHECK(right.code == 200);

  const Answer policy = api.Delete(ns.Path("configmaps/a?propagationPolicy=Foo"));
  CHECK(policy.code == 422);
  CHECK(policy.message() ==
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Foo\": "
        "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
}

TEST_CASE("finalizers keep an object until the last is removed", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Value object = ConfigMap("a");
  object.Ensure("metadata")
      .Set("finalizers", Value(Value::Array{"example.com/a", "example.com/b"}));
  REQUIRE(api.Post(ns.Path("configmaps"), object).code == 201);
  const std::string path = ns.Path("configmaps/a");

  const Answer deleting = api.Delete(path);
  CHECK(deleting.code == 200);
  CHECK(deleting.body["kind"].str() == "ConfigMap");
  CHECK_FALSE(deleting.meta("deletionTimestamp").str().empty());
  CHECK(deleting.meta("deletionGracePeriodSeconds").int_or(-1) == 0);
  // Again changes nothing.
  CHECK(api.Delete(path).version() == deleting.version());

  const Value more = Value(Value::Array{"example.com/a", "example.com/b", "example.com/c"});
  const Answer added =
      api.Patch(path, kMergePatch, Value{{"metadata", Value{{"finalizers", more}}}});
  CHECK(added.code == 422);
  CHECK(absl::StrContains(
      added.message(),
      "metadata.finalizers: Forbidden: no new finalizers can be added if the "
      "object is being deleted, found new finalizers []string{\"example.com/c\"}"));

  const Answer one =
      api.Patch(path, kMergePatch,
                Value{{"metadata", Value{{"finalizers", Value(Value::Array{"example.com/b"})}}}});
  CHECK(one.code == 200);
  CHECK(api.Get(path).code == 200);
  const Answer last =
      api.Patch(path, kMergePatch, Value{{"metadata", Value{{"finalizers", nullptr}}}});
  CHECK(last.code == 200);
  CHECK(api.Get(path).code == 404);
}

TEST_CASE("a collection is deleted by selector", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  for (const char* name : {"a", "b"}) {
    Value object = ConfigMap(name);
    object.Ensure("metadata").Set("labels", Value{{"x", name}});
    REQUIRE(api.Post(ns.Path("configmaps"), object).code == 201);
  }

  const Answer deleted = api.Delete(ns.Path("configmaps?labelSelector=x%3Da"));

  CHECK(deleted.code == 200);
  CHECK(deleted.body["kind"].str() == "ConfigMapList");
  CHECK(deleted.body["items"].size() == 1);
  CHECK(api.Get(ns.Path("configmaps/a")).code == 404);
  CHECK(api.Get(ns.Path("configmaps/b")).code == 200);
  CHECK(api.Delete("/api/v1/namespaces").code == 405);
}

TEST_CASE("dependents go with their owner, in the background", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  const Answer owner = api.Post(ns.Path("configmaps"), ConfigMap("owner"));
  REQUIRE(api.Post(ns.Path("configmaps"), Owned("child", owner)).code == 201);

  REQUIRE(api.Delete(ns.Path("configmaps/owner?propagationPolicy=Background")).code == 200);

  CHECK(api.Await(ns.Path("configmaps/child"), Gone).code == 404);
}

TEST_CASE("dependents go before their owner, in the foreground", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  const Answer owner = api.Post(ns.Path("configmaps"), ConfigMap("owner"));
  Value child = Owned("child", owner, /*blocks=*/true);
  child.Ensure("metadata").Set("finalizers", Value(Value::Array{"example.com/a"}));
  REQUIRE(api.Post(ns.Path("configmaps"), child).code == 201);

  const Answer deleted = api.Delete(ns.Path("configmaps/owner?propagationPolicy=Foreground"));
  CHECK(deleted.code == 200);
  CHECK(deleted.meta("finalizers").at(0).str() == "foregroundDeletion");
  const auto deleting = [](const Answer& answer) {
    return !answer.meta("deletionTimestamp").is_null();
  };
  CHECK(api.Await(ns.Path("configmaps/child"), deleting).code == 200);
  CHECK(api.Get(ns.Path("configmaps/owner")).code == 200);
  api.Patch(ns.Path("configmaps/child"), kMergePatch,
            Value{{"metadata", Value{{"finalizers", nullptr}}}});
  CHECK(api.Await(ns.Path("configmaps/owner"), Gone).code == 404);
}

TEST_CASE("orphans stay, without their owner", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  const Answer owner = api.Post(ns.Path("configmaps"), ConfigMap("owner"));
  REQUIRE(api.Post(ns.Path("configmaps"), Owned("child", owner)).code == 201);

  REQUIRE(api.Delete(ns.Path("configmaps/owner?propagationPolicy=Orphan")).code == 200);

  CHECK(api.Await(ns.Path("configmaps/owner"), Gone).code == 404);
  const Answer child = api.Get(ns.Path("configmaps/child"));
  CHECK(child.code == 200);
  CHECK(child.meta("ownerReferences").empty());
}

TEST_CASE("a namespace takes its content with it", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  const std::string name = Unique("going");
  const std::string path = "/api/v1/namespaces/" + name;
  const Answer created = api.Post("/api/v1/namespaces", Value{{"metadata", Value{{"name", name}}}});
  CHECK(created.body["status"]["phase"].str() == "Active");
  CHECK(created.body["spec"]["finalizers"] == Value(Value::Array{"kubernetes"}));
  CHECK(created.meta("labels")["kubernetes.io/metadata.name"].str() == name);
  Value held = ConfigMap("held");
  held.Ensure("metadata").Set("finalizers", Value(Value::Array{"example.com/a"}));
  REQUIRE(api.Post(path + "/configmaps", held).code == 201);

  const Answer deleting = api.Delete(path);
  CHECK(deleting.code == 200);
  CHECK(deleting.body["status"]["phase"].str() == "Terminating");
  const Answer refused = api.Post(path + "/configmaps", ConfigMap("late"));
  CHECK(refused.code == 403);
  CHECK(refused.message() ==
        absl::StrCat("configmaps \"late\" is forbidden: unable to create new content in namespace ",
                     name, " because it is being terminated"));
  CHECK(refused.body["details"]["causes"].at(0)["reason"].str() == "NamespaceTerminating");
  const auto reports = [](const Answer& answer) {
    return answer.body["status"]["conditions"].size() == 5;
  };
  const Answer waiting = api.Await(path, reports);
  bool named = false;
  for (const Value& condition : waiting.body["status"]["conditions"].items()) {
    if (condition["type"].str() != "NamespaceFinalizersRemaining") continue;
    named = absl::StrContains(condition["message"].str(), "example.com/a in 1 resource instances");
  }
  CHECK(named);
  api.Patch(path + "/configmaps/held", kMergePatch,
            Value{{"metadata", Value{{"finalizers", nullptr}}}});
  CHECK(api.Await(path, Gone).code == 404);

  const Answer safe = api.Delete("/api/v1/namespaces/default");
  CHECK(safe.code == 403);
  CHECK(safe.message() == "namespaces \"default\" is forbidden: this namespace may not be deleted");
}

}  // namespace
}  // namespace sluice::apiserver_contract
