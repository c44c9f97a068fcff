// Discovery, OpenAPI, health and version.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

const Value& Named(const Value& list, const char* field, absl::string_view name) {
  static const Value* const kNone = new Value;
  for (const Value& item : list.items()) {
    if (item[field].str() == name) return item;
  }
  return *kNone;
}

TEST_CASE("groups and resources are listed", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());

  const Answer core = api.Get("/api");
  CHECK(core.body["kind"].str() == "APIVersions");
  CHECK(core.body["versions"] == Value(Value::Array{"v1"}));

  const Answer groups = api.Get("/apis");
  CHECK(groups.body["kind"].str() == "APIGroupList");
  const Value& scaling = Named(groups.body["groups"], "name", "autoscaling");
  CHECK(scaling["preferredVersion"]["groupVersion"].str() == "autoscaling/v2");
  CHECK(scaling["versions"].size() == 2);

  const Answer group = api.Get("/apis/apps");
  CHECK(group.body["kind"].str() == "APIGroup");
  CHECK(group.body["name"].str() == "apps");

  const Answer apps = api.Get("/apis/apps/v1");
  CHECK(apps.body["kind"].str() == "APIResourceList");
  CHECK(apps.body["groupVersion"].str() == "apps/v1");
  const Value& deployments = Named(apps.body["resources"], "name", "deployments");
  CHECK(deployments["kind"].str() == "Deployment");
  CHECK(deployments["namespaced"].bool_or(false));
  CHECK(deployments["shortNames"] == Value(Value::Array{"deploy"}));
  CHECK(deployments["categories"] == Value(Value::Array{"all"}));
  const Value& scale = Named(apps.body["resources"], "name", "deployments/scale");
  CHECK(scale["group"].str() == "autoscaling");
  CHECK(scale["kind"].str() == "Scale");
  const Answer core_resources = api.Get("/api/v1");
  const Value& eviction = Named(core_resources.body["resources"], "name", "pods/eviction");
  CHECK(eviction["group"].str() == "policy");
  CHECK(eviction["verbs"] == Value(Value::Array{"create"}));
}

TEST_CASE("discovery comes in one piece for those who ask", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const char* type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  const Answer answer = api.Get("/apis", {{"Accept", absl::StrCat(type, ",application/json")}});

  CHECK(answer.headers.Get("Content-Type") == type);
  CHECK(answer.body["kind"].str() == "APIGroupDiscoveryList");
  CHECK(answer.body["apiVersion"].str() == "apidiscovery.k8s.io/v2");
  const Value* apps = nullptr;
  for (const Value& item : answer.body["items"].items()) {
    if (item["metadata"]["name"].str() == "apps") apps = &item;
  }
  REQUIRE(apps != nullptr);
  const Value& version = (*apps)["versions"].at(0);
  CHECK(version["version"].str() == "v1");
  CHECK(version["freshness"].str() == "Current");
  const Value& deployments = Named(version["resources"], "resource", "deployments");
  CHECK(deployments["scope"].str() == "Namespaced");
  CHECK(deployments["singularResource"].str() == "deployment");
  CHECK(deployments["subresources"].size() == 2);
  // The order of groups is the order of preference.
  CHECK(answer.body["items"].at(0)["metadata"]["name"].str() == "apiregistration.k8s.io");
  CHECK(answer.body["items"].at(1)["metadata"]["name"].str() == "apps");
}

TEST_CASE("OpenAPI tells schemas and what operations take", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());

  const Answer index = api.Get("/openapi/v3");
  const std::string url(index.body["paths"]["apis/apps/v1"]["serverRelativeURL"].str());
  CHECK(absl::StartsWith(url, "/openapi/v3/apis/apps/v1?hash="));

  const Answer apps = api.Get(url);
  CHECK(apps.body["openapi"].str() == "3.0.0");
  const Value& deployment = apps.body["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"];
  CHECK(deployment["x-kubernetes-group-version-kind"].at(0)["kind"].str() == "Deployment");
  CHECK(deployment["properties"]["spec"]["allOf"].at(0)["$ref"].str() ==
        "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec");
  const Value& patch =
      apps.body["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
  CHECK(patch["requestBody"]["content"].Has(kApplyPatch));
  CHECK(patch["requestBody"]["content"].Has(kStrategicPatch));
  CHECK_FALSE(Named(patch["parameters"], "name", "fieldValidation").is_null());
  CHECK_FALSE(Named(patch["parameters"], "name", "dryRun").is_null());

  const Answer v2 = api.Get("/openapi/v2");
  CHECK(v2.code == 200);
  CHECK(v2.body["swagger"].str() == "2.0");
  CHECK(v2.body["definitions"].Has("io.k8s.api.core.v1.Pod"));
}

TEST_CASE("health and version are there for everybody", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    const Answer answer = api.Get(path);
    CHECK(answer.code == 200);
    CHECK(answer.text == "ok");
  }
  CHECK(absl::EndsWith(api.Get("/readyz?verbose").text, "readyz check passed\n"));
  const Answer version = api.Get("/version");
  CHECK(version.body["major"].str() == "1");
  CHECK(version.body["minor"].str() == "34");
  CHECK(absl::StartsWith(version.body["gitVersion"].str(), "v1.34."));
}

}  // namespace
}  // namespace sluice::apiserver_contract
