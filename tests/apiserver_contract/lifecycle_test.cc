// How objects, definitions and what hangs on them come and go.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/definition.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

Value AnySchema() { return Yaml("{type: object, x-kubernetes-preserve-unknown-fields: true}"); }

std::string ConditionOf(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type) {
      return absl::StrCat(condition["status"].str(), " ", condition["reason"].str());
    }
  }
  return "";
}

bool IsGone(const Answer& answer) { return answer.code == 404; }

TEST_CASE("a definition's group, scope and names stay", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Definition definition(api, AnySchema());
  struct Row {
    const char* patch;
    const char* fragment;
  };
  const Row rows[] = {
      {"{spec: {group: x.y}}", "spec.group: Invalid value: \"x.y\": field is immutable"},
      {"{spec: {scope: Cluster}}", "spec.scope: Invalid value: \"Cluster\": field is immutable"},
      {"{spec: {names: {kind: Q, listKind: QList, singular: q}}}",
       "spec.names.kind: Invalid value: \"Q\": field is immutable"},
      {"{spec: {names: {plural: qs}}}",
       "spec.names.plural: Invalid value: \"qs\": field is immutable"},
      {"{spec: {versions: [{name: v2, served: true, storage: true, schema: {openAPIV3Schema: "
       "{type: object}}}]}}",
       "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was "
       "previously a storage version, and must remain in spec.versions until a storage migration "
       "ensures no data remains persisted in v1 and removes v1 from status.storedVersions"},
  };
  for (const Row& row : rows) {
    INFO(row.patch);
    const Answer answer =
        api.Patch(definition.self() + "?dryRun=All", kMergePatch, Yaml(row.patch));
    CHECK(answer.code == 422);
    INFO(answer.message());
    CHECK(absl::StrContains(answer.message(), row.fragment));
  }
}

TEST_CASE("a second definition does not get names that are taken", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Definition first(api, AnySchema());
  const std::string name = "others." + first.group();
  const Value version = {{"name", "v1"},
                         {"served", true},
                         {"storage", true},
                         {"schema", Value{{"openAPIV3Schema", AnySchema()}}}};
  const Answer created =
      api.Post(kDefinitions, Value{{"metadata", Value{{"name", name}}},
                                   {"spec", Value{{"group", first.group()},
                                                  {"scope", "Namespaced"},
                                                  {"names", Yaml("{plural: others, kind: W}")},
                                                  {"versions", Value(Value::Array{version})}}}});
  REQUIRE(created.code == 201);

  const Answer refused = api.Await(absl::StrCat(kDefinitions, "/", name), [](const Answer& answer) {
    return !ConditionOf(answer.body, "NamesAccepted").empty();
  });

  CHECK(ConditionOf(refused.body, "NamesAccepted") == "False ListKindConflict");
  CHECK(ConditionOf(refused.body, "Established") == "False NotAccepted");
  CHECK(refused.body["status"]["acceptedNames"]["plural"].str() == "others");
  CHECK(refused.body["status"]["acceptedNames"]["kind"].str().empty());
  CHECK(api.Get(absl::StrCat("/apis/", first.group(), "/v1/others")).code == 404);
  api.Delete(absl::StrCat(kDefinitions, "/", name));
}

TEST_CASE("a definition waits for its last instance", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Definition definition(api, AnySchema());
  Value kept = definition.Object("kept", Value::EmptyObject());
  kept.Ensure("metadata").Set("finalizers", Yaml("[example.com/wait]"));
  REQUIRE(api.Post(definition.Path(ns), kept).code == 201);
  // A real server adds its own finalizer a moment after it has established the definition.
  api.Await(definition.self(), [](const Answer& answer) {
    return answer.meta("finalizers").size() > 0 || !ConditionOf(answer.body, "Established").empty();
  });

  REQUIRE(api.Delete(definition.self()).code == 200);
  const Answer terminating = api.Await(definition.self(), [](const Answer& answer) {
    return ConditionOf(answer.body, "Terminating") == "True InstanceDeletionInProgress";
  });
  CHECK(ConditionOf(terminating.body, "Terminating") == "True InstanceDeletionInProgress");
  CHECK_FALSE(terminating.meta("deletionTimestamp").is_null());
  CHECK(terminating.meta("finalizers") == Yaml("[customresourcecleanup.apiextensions.k8s.io]"));
  const Answer kept_on = api.Await(definition.Path(ns) + "/kept", [](const Answer& answer) {
    return !answer.meta("deletionTimestamp").is_null();
  });
  CHECK_FALSE(kept_on.meta("deletionTimestamp").is_null());
  const Answer late =
      api.Post(definition.Path(ns), definition.Object("late", Value::EmptyObject()));
  CHECK(late.code == 403);
  CHECK(late.message() ==
        absl::StrCat("ws.", definition.group(),
                     " \"late\" is forbidden: create not allowed while custom resource definition "
                     "is terminating"));

  CHECK(
      api.Patch(definition.Path(ns) + "/kept", kMergePatch, Yaml("{metadata: {finalizers: null}}"))
          .code == 200);
  CHECK(IsGone(api.Await(definition.self(), IsGone)));
}

TEST_CASE("formats that nobody knows are warned of", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Answer answer = api.Post(
      absl::StrCat(kDefinitions, "?dryRun=All"),
      Yaml("{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
           "Cluster, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: "
           "true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: string, format: "
           "strange}, b: {type: string, format: uuid}}}}}]}}"));
  CHECK(answer.code == 201);
  CHECK(answer.headers.Get("Warning") == "299 - \"unrecognized format \\\"strange\\\"\"");
}

TEST_CASE("columns look anywhere in an object", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  // A definition's path is only asked to start with a dot.
  for (const char* path :
       {".spec.a", ".", "..", "..name", ".spec..a", ".spec[", ".a[?(@.b==1)].c"}) {
    INFO(path);
    Value crd = Yaml(
        "{metadata: {name: ws.contract.example.com}, spec: {group: contract.example.com, scope: "
        "Cluster, names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: true, "
        "schema: {openAPIV3Schema: {type: object}}}]}}");
    Value& version = crd.Ensure("spec").FindMutable("versions")->mutable_items()[0];
    version.Set("additionalPrinterColumns",
                Value(Value::Array{Value{{"name", "X"}, {"type", "string"}, {"jsonPath", path}}}));
    CHECK(api.Post(absl::StrCat(kDefinitions, "?dryRun=All"), crd).code == 201);
  }
}

TEST_CASE("names that stand twice are warned of, or refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string body = R"({"metadata":{"name":"a"},"data":{"k":"1","k":"2"}})";
  const http::Headers json = {{"Content-Type", "application/json"}};

  const Answer warned = api.Send("POST", ns.Path("configmaps?dryRun=All"), body, json);
  CHECK(warned.code == 201);
  CHECK(warned.headers.Get("Warning") == "299 - \"duplicate field \\\"data.k\\\"\"");
  CHECK(warned.body["data"]["k"].str() == "2");
  const Answer refused =
      api.Send("POST", ns.Path("configmaps?dryRun=All&fieldValidation=Strict"), body, json);
  CHECK(refused.code == 400);
  CHECK(refused.message() ==
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: "
        "duplicate field \"data.k\"");
}

TEST_CASE("dry runs of every verb change nothing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));
  REQUIRE(created.code == 201);

  CHECK(api.Post(ns.Path("configmaps?dryRun=All"), ConfigMap("b")).code == 201);
  const Answer updated =
      api.Put(ns.Path("configmaps/a?dryRun=All"), ConfigMap("a", Value{{"k", "w"}}));
  CHECK(updated.code == 200);
  CHECK(updated.body["data"]["k"].str() == "w");
  CHECK(api.Patch(ns.Path("configmaps/a?dryRun=All"), kMergePatch, Yaml("{data: {k: x}}"))
            .body["data"]["k"]
            .str() == "x");
  CHECK(api.Patch(ns.Path("configmaps/c?dryRun=All&fieldManager=m"), kApplyPatch, ConfigMap("c"))
            .code == 201);
  CHECK(api.Delete(ns.Path("configmaps/a?dryRun=All")).code == 200);
  CHECK(api.Delete(ns.Path("configmaps?dryRun=All&labelSelector=x")).code == 200);
  CHECK(api.Delete(ns.Path("configmaps/a"), Yaml("{dryRun: [All]}")).code == 200);

  CHECK(api.Get(ns.Path("configmaps/a")).body == created.body);
  CHECK(api.Get(ns.Path("configmaps/b")).code == 404);
  CHECK(api.Get(ns.Path("configmaps/c")).code == 404);
}

TEST_CASE("an object that is going takes no new finalizers", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Value object = ConfigMap("a");
  object.Ensure("metadata").Set("finalizers", Yaml("[example.com/a, example.com/b]"));
  REQUIRE(api.Post(ns.Path("configmaps"), object).code == 201);
  REQUIRE(api.Delete(ns.Path("configmaps/a")).code == 200);

  const Answer more =
      api.Patch(ns.Path("configmaps/a"), kMergePatch,
                Yaml("{metadata: {finalizers: [example.com/a, example.com/b, example.com/c]}}"));
  CHECK(more.code == 422);
  CHECK(absl::StrContains(more.message(),
                          "metadata.finalizers: Forbidden: no new finalizers can be added if the "
                          "object is being deleted, found new finalizers "
                          "[]string{\"example.com/c\"}"));
  // It may still change otherwise, and goes with the last.
  CHECK(api.Patch(ns.Path("configmaps/a"), kMergePatch, Yaml("{data: {k: w}}")).code == 200);
  CHECK(api.Patch(ns.Path("configmaps/a"), kMergePatch,
                  Yaml("{metadata: {finalizers: [example.com/b]}}"))
            .code == 200);
  CHECK(api.Get(ns.Path("configmaps/a")).code == 200);
  CHECK(
      api.Patch(ns.Path("configmaps/a"), kMergePatch, Yaml("{metadata: {finalizers: []}}")).code ==
      200);
  CHECK(api.Get(ns.Path("configmaps/a")).code == 404);
}

TEST_CASE("a deployment's replica set and pods belong to it", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  const Answer deployment = api.Post(ns.Path("apps/v1", "deployments"), Deployment("web", 2));
  REQUIRE(deployment.code == 201);

  const Answer sets = api.Await(ns.Path("apps/v1", "replicasets"), [](const Answer& answer) {
    return answer.body["items"].at(0)["status"]["replicas"].int_or(0) == 2;
  });
  REQUIRE(sets.body["items"].size() == 1);
  const Value& set = sets.body["items"].at(0);
  const std::string hash(set["metadata"]["labels"]["pod-template-hash"].str());
  CHECK(set["metadata"]["name"].str() == "web-" + hash);
  CHECK(set["metadata"]["annotations"]["deployment.kubernetes.io/revision"].str() == "1");
  CHECK(set["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"].str() == "2");
  CHECK(set["spec"]["selector"]["matchLabels"]["pod-template-hash"].str() == hash);
  const Value owner = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"},
                       {"name", "web"},           {"uid", deployment.meta("uid")},
                       {"controller", true},      {"blockOwnerDeletion", true}};
  CHECK(set["metadata"]["ownerReferences"] == Value(Value::Array{owner}));

  const Answer pods = api.Await(
      ns.Path("pods"), [](const Answer& answer) { return answer.body["items"].size() == 2; });
  REQUIRE(pods.body["items"].size() == 2);
  const Value& pod = pods.body["items"].at(0);
  CHECK(absl::StartsWith(pod["metadata"]["name"].str(), absl::StrCat("web-", hash, "-")));
  CHECK(pod["metadata"]["generateName"].str() == absl::StrCat("web-", hash, "-"));
  CHECK(pod["metadata"]["labels"] == Value{{"app", "web"}, {"pod-template-hash", hash}});
  CHECK(pod["metadata"]["ownerReferences"].at(0)["kind"].str() == "ReplicaSet");
  CHECK(pod["metadata"]["ownerReferences"].at(0)["uid"] == set["metadata"]["uid"]);
}

TEST_CASE("a deployment counts its revisions", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "deployments"), Deployment("web", 0)).code == 201);
  const std::string path = ns.Path("apps/v1", "deployments/web");
  const auto at = [&](const char* revision) {
    return api.Await(path, [revision](const Answer& answer) {
      return answer.meta("annotations")["deployment.kubernetes.io/revision"].str() == revision &&
             answer.body["status"]["observedGeneration"] == answer.meta("generation");
    });
  };
  CHECK(at("1").meta("annotations")["deployment.kubernetes.io/revision"].str() == "1");
  REQUIRE(api.Patch(path, kStrategicPatch,
                    Yaml("{spec: {template: {spec: {containers: [{name: c, image: 'nginx:2'}]}}}}"))
              .code == 200);
  CHECK(at("2").meta("annotations")["deployment.kubernetes.io/revision"].str() == "2");
  CHECK(api.Get(ns.Path("apps/v1", "replicasets")).body["items"].size() == 2);
}

TEST_CASE("a job makes a pod and labels it", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  const Answer job = api.Post(ns.Path("batch/v1", "jobs"),
                              Yaml("{metadata: {name: j}, spec: {template: {spec: {restartPolicy: "
                                   "Never, containers: [{name: c, image: x}]}}}}"));
  REQUIRE(job.code == 201);

  const Answer pods = api.Await(
      ns.Path("pods"), [](const Answer& answer) { return answer.body["items"].size() == 1; });

  REQUIRE(pods.body["items"].size() == 1);
  const Value& metadata = pods.body["items"].at(0)["metadata"];
  CHECK(metadata["generateName"].str() == "j-");
  CHECK(metadata["labels"]["batch.kubernetes.io/job-name"].str() == "j");
  CHECK(metadata["labels"]["batch.kubernetes.io/controller-uid"] == job.meta("uid"));
  CHECK(metadata["ownerReferences"].at(0)["kind"].str() == "Job");
}

TEST_CASE("a suspended job starts nothing", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("batch/v1", "jobs"),
                   Yaml("{metadata: {name: j}, spec: {suspend: true, template: {spec: "
                        "{restartPolicy: Never, containers: [{name: c, image: x}]}}}}"))
              .code == 201);
  const Answer job = api.Await(ns.Path("batch/v1", "jobs/j"), [](const Answer& answer) {
    return !ConditionOf(answer.body, "Suspended").empty();
  });
  CHECK(ConditionOf(job.body, "Suspended") == "True JobSuspended");
  CHECK(job.body["status"]["startTime"].is_null());
  CHECK(api.Get(ns.Path("pods")).body["items"].size() == 0);
}

TEST_CASE("a stateful set numbers its pods and claims", "[contract][controllers]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  if (!api.has_controllers()) return;
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("apps/v1", "statefulsets"),
                   Yaml("{metadata: {name: db}, spec: {serviceName: db, selector: {matchLabels: "
                        "{a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: "
                        "[{name: c, image: x}]}}, volumeClaimTemplates: [{metadata: {name: data}, "
                        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: "
                        "1Gi}}}}]}}"))
              .code == 201);
  const Answer pod =
      api.Await(ns.Path("pods/db-0"), [](const Answer& answer) { return answer.code == 200; });
  CHECK(pod.meta("labels")["statefulset.kubernetes.io/pod-name"].str() == "db-0");
  CHECK(pod.meta("labels")["apps.kubernetes.io/pod-index"].str() == "0");
  CHECK(pod.body["spec"]["hostname"].str() == "db-0");
  CHECK(pod.body["spec"]["subdomain"].str() == "db");
  CHECK(api.Get(ns.Path("persistentvolumeclaims/data-db-0")).code == 200);
}

}  // namespace
}  // namespace sluice::apiserver_contract
