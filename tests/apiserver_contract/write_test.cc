// Updating and patching.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

constexpr char kRejected[] = "the server rejected our request due to an error in our request";

TEST_CASE("an update replaces the object and moves its version", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));

  const Answer updated = api.Put(ns.Path("configmaps/a"), ConfigMap("a", Value{{"k", "w"}}));

  CHECK(updated.code == 200);
  CHECK(updated.body["data"] == Value{{"k", "w"}});
  CHECK(updated.meta("uid") == created.meta("uid"));
  CHECK(updated.meta("creationTimestamp") == created.meta("creationTimestamp"));
  CHECK(updated.version() != created.version());

  const Answer same = api.Put(ns.Path("configmaps/a"), ConfigMap("a", Value{{"k", "w"}}));
  CHECK(same.code == 200);
  CHECK(same.version() == updated.version());
}

TEST_CASE("updates that must not be are refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));
  const std::string modified =
      "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please "
      "apply "
      "your changes to the latest version and try again";

  Value stale = ConfigMap("a");
  stale.Ensure("metadata").Set("resourceVersion", "1");
  const Answer conflict = api.Put(ns.Path("configmaps/a"), stale);
  CHECK(conflict.code == 409);
  CHECK(conflict.reason() == "Conflict");
  CHECK(conflict.message() == modified);
  CHECK(conflict.body["details"] == Value{{"name", "a"}, {"kind", "configmaps"}});

  Value other_uid = ConfigMap("a");
  other_uid.Ensure("metadata").Set("uid", "12");
  const Answer uid = api.Put(ns.Path("configmaps/a"), other_uid);
  CHECK(uid.code == 409);
  CHECK(absl::StrContains(uid.message(), "Precondition failed: UID in precondition: 12"));

  const Answer name = api.Put(ns.Path("configmaps/a"), ConfigMap("b"));
  CHECK(name.code == 400);
  CHECK(name.message() == "the name of the object (b) does not match the name on the URL (a)");

  const Answer missing = api.Put(ns.Path("configmaps/none"), ConfigMap("none"));
  CHECK(missing.code == 404);
  CHECK(missing.message() == "configmaps \"none\" not found");

  const Answer collection = api.Put(ns.Path("configmaps"), ConfigMap("a"));
  CHECK(collection.code == 405);
}

TEST_CASE("some kinds are created by an update", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer lease =
      api.Put(ns.Path("coordination.k8s.io/v1", "leases/l"),
              Value{{"metadata", Value{{"name", "l"}}}, {"spec", Value::EmptyObject()}});

  CHECK(lease.code == 201);
  CHECK_FALSE(lease.meta("uid").str().empty());
}

TEST_CASE("immutable fields stay", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "deployments"), Deployment("web")).code == 201);
  Value fixed = ConfigMap("fixed");
  fixed.Set("immutable", true);
  REQUIRE(api.Post(ns.Path("configmaps"), fixed).code == 201);

  struct Row {
    std::string path;
    Value patch;
    const char* fragment;
  };
  const Row rows[] = {
      {ns.Path("configmaps/fixed"), Value{{"data", Value{{"k", "w"}}}},
       "ConfigMap \"fixed\" is invalid: data: Forbidden: field is immutable when `immutable` is "
       "set"},
      {ns.Path("configmaps/fixed"), Value{{"metadata", Value{{"uid", "12"}}}},
       "metadata.uid: Invalid value: \"12\": field is immutable"},
      {ns.Path("apps/v1", "deployments/web"),
       Value{{"spec", Value{{"selector", Value{{"matchLabels", Value{{"app", "other"}}}}},
                            {"template",
                             Value{{"metadata", Value{{"labels", Value{{"app", "other"}}}}}}}}}},
       "field is immutable"},
  };
  for (const Row& row : rows) {
    INFO(row.path);
    const Answer answer = api.Patch(row.path, kMergePatch, row.patch);
    CHECK(answer.code == 422);
    CHECK(answer.reason() == "Invalid");
    INFO(answer.message());
    CHECK(absl::StrContains(answer.message(), row.fragment));
  }
}

TEST_CASE("the four patches change what they say", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "deployments"), Deployment("web")).code == 201);
  const std::string path = ns.Path("apps/v1", "deployments/web");

  const Value operation = {{"op", "replace"}, {"path", "/spec/replicas"}, {"value", 3}};
  const Answer json = api.Patch(path, kJsonPatch, Value(Value::Array{operation}));
  CHECK(json.code == 200);
  CHECK(json.body["spec"]["replicas"].int_or(0) == 3);
  CHECK(json.meta("generation").int_or(0) == 2);

  const Answer merge = api.Patch(
      path, kMergePatch,
      Value{{"metadata", Value{{"labels", Value{{"x", "y"}}}}}, {"spec", Value{{"paused", true}}}});
  CHECK(merge.body["metadata"]["labels"] == Value{{"x", "y"}});
  CHECK(merge.body["spec"]["paused"].bool_or(false));
  CHECK(merge.meta("generation").int_or(0) == 3);

  // Containers merge by name.
  const Value env = {{"name", "A"}, {"value", "1"}};
  const Value container = {{"name", "c"}, {"env", Value(Value::Array{env})}};
  const Value sidecar = {{"name", "d"}, {"image", "side"}};
  const Answer strategic = api.Patch(
      path, kStrategicPatch,
      Value{{"spec", Value{{"template",
                            Value{{"spec", Value{{"containers",
                                                  Value(Value::Array{container, sidecar})}}}}}}}});
  REQUIRE(strategic.code == 200);
  const Value& containers = strategic.body["spec"]["template"]["spec"]["containers"];
  REQUIRE(containers.size() == 2);
  CHECK(containers.at(0)["image"].str() == "nginx:1");
  CHECK(containers.at(0)["env"].at(0)["value"].str() == "1");
  CHECK(containers.at(1)["name"].str() == "d");

  // Nothing else writes a configmap, so its version tells that nothing was written.
  const Answer map = api.Post(ns.Path("configmaps"), ConfigMap("still"));
  const Answer none =
      api.Patch(ns.Path("configmaps/still"), kMergePatch, Value{{"data", Value{{"k", "v"}}}});
  CHECK(none.code == 200);
  CHECK(none.version() == map.version());
}

TEST_CASE("patches that cannot be applied are refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"), ConfigMap("a")).code == 201);

  const auto one = [](Value operation) { return Value(Value::Array{std::move(operation)}); };
  struct Row {
    const char* name;
    const char* type;
    Value patch;
    int code;
    std::string message;
  };
  const Row rows[] = {
      {"a", kJsonPatch, one({{"op", "test"}, {"path", "/data/k"}, {"value", "x"}}), 422, kRejected},
      {"a", kJsonPatch, one({{"op", "remove"}, {"path", "/data/none"}}), 422, kRejected},
      {"a", kJsonPatch, Value::EmptyObject(), 400,
       "error decoding patch: json: cannot unmarshal object into Go value of type "
       "[]handlers.jsonPatchOp"},
      {"none", kMergePatch, Value::EmptyObject(), 404, "configmaps \"none\" not found"},
      {"a", "application/json", Value::EmptyObject(), 415, "415: Unsupported Media Type"},
      {"a", kMergePatch, Value{{"metadata", Value{{"resourceVersion", "1"}}}}, 409,
       "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please "
       "apply your changes to the latest version and try again"},
      {"a?force=true", kMergePatch, Value::EmptyObject(), 422,
       "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for "
       "non-apply patch"},
  };
  for (const Row& row : rows) {
    INFO(row.type << " " << row.message);
    const Answer answer = api.Patch(ns.Path("configmaps/") + row.name, row.type, row.patch);
    CHECK(answer.code == row.code);
    CHECK(answer.message() == row.message);
  }
}

TEST_CASE("a patch must leave an object of its kind", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"), ConfigMap("a")).code == 201);

  const Answer type =
      api.Patch(ns.Path("configmaps/a"), kMergePatch, Value{{"data", Value{{"k", 1}}}});
  CHECK(type.code == 422);
  CHECK(absl::StartsWith(type.message(), " \"\" is invalid: patch: Invalid value: \"{"));
  CHECK(absl::EndsWith(type.message(),
                       "json: cannot unmarshal number into Go struct field ConfigMap.data of type "
                       "string"));
  const Answer strict =
      api.Patch(ns.Path("configmaps/a?fieldValidation=Strict"), kMergePatch, Value{{"foo", 1}});
  CHECK(strict.code == 422);
  CHECK(absl::EndsWith(strict.message(), "strict decoding error: unknown field \"foo\""));
}

TEST_CASE("status changes through its subresource only", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "deployments"), Deployment("web")).code == 201);
  const std::string path = ns.Path("apps/v1", "deployments/web");
  const Value patch = {{"spec", Value{{"replicas", 5}}},
                       {"status", Value{{"replicas", 77}, {"observedGeneration", 1}}}};

  const Answer main = api.Patch(path, kMergePatch, patch);
  CHECK(main.body["spec"]["replicas"].int_or(0) == 5);
  CHECK(main.body["status"]["replicas"].int_or(0) != 77);

  const Value again = {{"spec", Value{{"replicas", 9}}},
                       {"status", Value{{"replicas", 5}, {"observedGeneration", 1}}}};
  const Answer status = api.Patch(path + "/status", kMergePatch, again);
  CHECK(status.code == 200);
  CHECK(status.body["spec"]["replicas"].int_or(0) == 5);
  CHECK(status.body["status"]["replicas"].int_or(0) == 5);
  CHECK(status.meta("generation") == main.meta("generation"));
}

TEST_CASE("scale shows and sets the replicas", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "deployments"), Deployment("web", 2)).code == 201);
  const std::string path = ns.Path("apps/v1", "deployments/web");

  const Answer scale = api.Get(path + "/scale");
  CHECK(scale.body["kind"].str() == "Scale");
  CHECK(scale.body["apiVersion"].str() == "autoscaling/v1");
  CHECK(scale.body["spec"]["replicas"].int_or(0) == 2);
  CHECK(scale.body["status"]["selector"].str() == "app=web");

  const Answer patched =
      api.Patch(path + "/scale", kMergePatch, Value{{"spec", Value{{"replicas", 4}}}});
  CHECK(patched.code == 200);
  CHECK(patched.body["spec"]["replicas"].int_or(0) == 4);
  CHECK(api.Get(path).body["spec"]["replicas"].int_or(0) == 4);

  const Answer negative =
      api.Patch(path + "/scale", kMergePatch, Value{{"spec", Value{{"replicas", -1}}}});
  CHECK(negative.code == 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
