// Creating objects.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("a created object carries what the server knows of it", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer created = api.Post(ns.Path("configmaps"), ConfigMap("a"));

  CHECK(created.code == 201);
  CHECK(created.body["apiVersion"].str() == "v1");
  CHECK(created.body["kind"].str() == "ConfigMap");
  CHECK(created.body["data"] == Value{{"k", "v"}});
  CHECK(created.meta("name").str() == "a");
  CHECK(created.meta("namespace").str() == ns.name());
  CHECK(created.meta("uid").str().size() == 36);
  CHECK_FALSE(created.version().empty());
  CHECK_FALSE(created.meta("creationTimestamp").str().empty());
  CHECK(created.meta("generation").is_null());
  const Value& fields = created.meta("managedFields").at(0);
  CHECK(fields["manager"].str() == "contract");
  CHECK(fields["operation"].str() == "Update");
  CHECK(fields["apiVersion"].str() == "v1");
  CHECK(fields["fieldsV1"] ==
        Value{{"f:data", Value{{".", Value::EmptyObject()}, {"f:k", Value::EmptyObject()}}}});
  CHECK(api.Get(ns.Path("configmaps/a")).body == created.body);
}

TEST_CASE("what cannot be created is refused in the server's words", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"), ConfigMap("taken")).code == 201);

  struct Row {
    std::string path;
    Value body;
    int code;
    const char* reason;
    std::string message;
  };
  const Value none = Value::EmptyObject();
  const Row rows[] = {
      {ns.Path("configmaps"), ConfigMap("taken"), 409, "AlreadyExists",
       "configmaps \"taken\" already exists"},
      {ns.Path("configmaps"), Value{{"metadata", none}}, 422, "Invalid",
       "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is "
       "required"},
      {ns.Path("configmaps"), Value{{"metadata", Value{{"name", "x"}, {"resourceVersion", "12"}}}},
       500, "", "resourceVersion should not be set on objects to be created"},
      {ns.Path("configmaps"), Value{{"metadata", Value{{"name", "x"}, {"namespace", "other"}}}},
       400, "BadRequest",
       "the namespace of the provided object does not match the namespace sent on the request"},
      {ns.Path("configmaps"),
       Value{{"kind", "Secret"}, {"apiVersion", "v1"}, {"metadata", Value{{"name", "x"}}}}, 400,
       "BadRequest",
       "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to "
       "(core.ConfigMap): unknown conversion"},
      {ns.Path("configmaps"),
       Value{{"kind", "ConfigMap"}, {"apiVersion", "v2"}, {"metadata", Value{{"name", "x"}}}}, 400,
       "BadRequest",
       "ConfigMap in version \"v2\" cannot be handled as a ConfigMap: no kind \"ConfigMap\" is "
       "registered for version \"v2\" in scheme \"pkg/runtime/scheme.go:110\""},
      {ns.Path("configmaps"), Value{{"metadata", Value{{"name", "x"}}}, {"data", Value{{"a", 1}}}},
       400, "BadRequest",
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal "
       "number "
       "into Go struct field ConfigMap.data of type string"},
      {"/api/v1/namespaces/no-such-namespace/configmaps", ConfigMap("x"), 404, "NotFound",
       "namespaces \"no-such-namespace\" not found"},
      {ns.Path("configmaps") + "?dryRun=x", ConfigMap("x"), 422, "Invalid",
       "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"x\"]: supported "
       "values: \"All\""},
      {ns.Path("configmaps") + "?fieldValidation=x", ConfigMap("x"), 422, "Invalid",
       "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"x\": "
       "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""},
      {ns.Path("configmaps") + "?fieldManager=a%01", ConfigMap("x"), 422, "Invalid",
       "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\x01\": "
       "invalid "
       "character U+0001 (at position 1)"},
      {"/api/v1/configmaps", ConfigMap("x"), 405, "MethodNotAllowed",
       "the server does not allow this method on the requested resource"},
  };
  for (const Row& row : rows) {
    INFO(row.path << " " << row.message);
    const Answer answer = api.Post(row.path, row.body);
    CHECK(answer.code == row.code);
    CHECK(answer.reason() == row.reason);
    CHECK(answer.message() == row.message);
    CHECK(answer.body["kind"].str() == "Status");
    CHECK(answer.body["code"].int_or(0) == row.code);
  }
}

TEST_CASE("an invalid object is refused with a cause per field", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer = api.Post(ns.Path("configmaps"), ConfigMap("A_b", Value{{"k&", "v"}}));

  CHECK(answer.code == 422);
  CHECK(absl::StartsWith(answer.message(), "ConfigMap \"A_b\" is invalid: [metadata.name: "));
  const Value& details = answer.body["details"];
  CHECK(details["kind"].str() == "ConfigMap");
  CHECK(details["name"].str() == "A_b");
  REQUIRE(details["causes"].size() == 2);
  CHECK(details["causes"].at(0)["field"].str() == "metadata.name");
  CHECK(details["causes"].at(0)["reason"].str() == "FieldValueInvalid");
  CHECK(details["causes"].at(1)["field"].str() == "data[k&]");
}

TEST_CASE("names are generated from their prefix", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Value body = {{"metadata", Value{{"generateName", "gen-"}}}};
  const Answer first = api.Post(ns.Path("configmaps"), body);
  const Answer second = api.Post(ns.Path("configmaps"), body);

  CHECK(first.code == 201);
  CHECK(absl::StartsWith(first.meta("name").str(), "gen-"));
  CHECK(first.meta("name").str().size() == 9);
  CHECK(first.meta("generateName").str() == "gen-");
  CHECK(first.meta("name") != second.meta("name"));
}

TEST_CASE("a dry run tells what would be stored and stores nothing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer = api.Post(ns.Path("configmaps") + "?dryRun=All", ConfigMap("dry"));

  CHECK(answer.code == 201);
  CHECK(answer.meta("name").str() == "dry");
  CHECK_FALSE(answer.meta("uid").str().empty());
  CHECK(api.Get(ns.Path("configmaps/dry")).code == 404);
}

TEST_CASE("unknown fields are dropped with a warning, or refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Value body = ConfigMap("fields");
  body.Set("bogus", 1);
  body.Ensure("metadata").Set("foo", 2);

  const Answer strict = api.Post(ns.Path("configmaps") + "?fieldValidation=Strict", body);
  CHECK(strict.code == 400);
  CHECK(strict.message() ==
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: "
        "unknown field \"bogus\", unknown field \"metadata.foo\"");

  const Answer ignored =
      api.Post(ns.Path("configmaps") + "?fieldValidation=Ignore&dryRun=All", body);
  CHECK(ignored.code == 201);
  CHECK_FALSE(ignored.headers.Has("Warning"));

  const Answer warned = api.Post(ns.Path("configmaps"), body);
  CHECK(warned.code == 201);
  CHECK(warned.headers.Get("Warning") == "299 - \"unknown field \\\"bogus\\\"\"");
  CHECK_FALSE(warned.body.Has("bogus"));
}

TEST_CASE("bodies may be YAML; other types are not understood", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer yaml =
      api.Send("POST", ns.Path("configmaps"), "metadata: {name: yaml}\ndata: {k: 'on'}\n",
               {{"Content-Type", "application/yaml"}});
  CHECK(yaml.code == 201);
  CHECK(yaml.body["data"]["k"].str() == "on");

  const Answer text =
      api.Send("POST", ns.Path("configmaps"), "{}", {{"Content-Type", "text/plain"}});
  CHECK(text.code == 415);
  CHECK(text.reason() == "UnsupportedMediaType");

  const Answer broken =
      api.Send("POST", ns.Path("configmaps"), "{\"kind\":", {{"Content-Type", "application/json"}});
  CHECK(broken.code == 400);
  CHECK(
      absl::StartsWith(broken.message(),
                       "the object provided is unrecognized (must be of type ConfigMap): couldn't "
                       "get version/kind; json parse error: "));
}

TEST_CASE("defaults show in what is stored", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer = api.Post(ns.Path("apps/v1", "deployments"), Deployment("web"));

  REQUIRE(answer.code == 201);
  CHECK(answer.meta("generation").int_or(0) == 1);
  const Value& spec = answer.body["spec"];
  CHECK(spec["strategy"]["type"].str() == "RollingUpdate");
  CHECK(spec["strategy"]["rollingUpdate"]["maxSurge"].str() == "25%");
  CHECK(spec["revisionHistoryLimit"].int_or(0) == 10);
  CHECK(spec["progressDeadlineSeconds"].int_or(0) == 600);
  CHECK(spec["template"]["spec"]["restartPolicy"].str() == "Always");
  CHECK(spec["template"]["spec"]["containers"].at(0)["imagePullPolicy"].str() == "IfNotPresent");
  CHECK(answer.body["status"] == Value::EmptyObject());
}

TEST_CASE("the client's status is not taken on creation", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Value body = Deployment("web");
  body.Set("status", Value{{"replicas", 7}});

  const Answer answer = api.Post(ns.Path("apps/v1", "deployments"), body);

  CHECK(answer.code == 201);
  CHECK(answer.body["status"]["replicas"].is_null());
}

TEST_CASE("a secret's stringData becomes data", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const Answer answer = api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", "s"}}},
                                                           {"stringData", Value{{"a", "b"}}}});

  CHECK(answer.code == 201);
  CHECK(answer.body["data"]["a"].str() == "Yg==");
  CHECK(answer.body["type"].str() == "Opaque");
  CHECK_FALSE(answer.body.Has("stringData"));
}

TEST_CASE("services get an address", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value port = {{"port", 80}};
  const Value ports = Value(Value::Array{port});

  const Answer answer = api.Post(ns.Path("services"), Value{{"metadata", Value{{"name", "svc"}}},
                                                            {"spec", Value{{"ports", ports}}}});

  REQUIRE(answer.code == 201);
  const Value& spec = answer.body["spec"];
  CHECK(absl::StartsWith(spec["clusterIP"].str(), "10.0."));
  CHECK(spec["clusterIPs"].at(0) == spec["clusterIP"]);
  CHECK(spec["type"].str() == "ClusterIP");
  CHECK(spec["sessionAffinity"].str() == "None");
  CHECK(spec["ports"].at(0)["targetPort"].int_or(0) == 80);
  CHECK(spec["ports"].at(0)["protocol"].str() == "TCP");
  CHECK(answer.body["status"]["loadBalancer"] == Value::EmptyObject());

  const Answer taken =
      api.Post(ns.Path("services"),
               Value{{"metadata", Value{{"name", "svc2"}}},
                     {"spec", Value{{"ports", ports}, {"clusterIP", spec["clusterIP"]}}}});
  CHECK(taken.code == 422);
  CHECK(absl::StrContains(taken.message(), "provided IP is already allocated"));

  const Answer node_port =
      api.Post(ns.Path("services"), Value{{"metadata", Value{{"name", "np"}}},
                                          {"spec", Value{{"ports", ports}, {"type", "NodePort"}}}});
  CHECK(node_port.code == 201);
  CHECK(node_port.body["spec"]["ports"].at(0)["nodePort"].int_or(0) >= 30000);
  CHECK(node_port.body["spec"]["externalTrafficPolicy"].str() == "Cluster");
}

}  // namespace
}  // namespace sluice::apiserver_contract
