// Reading: get, list, selectors, pages, forms.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

Value Labelled(const std::string& name, const Value& labels) {
  Value object = ConfigMap(name);
  object.Ensure("metadata").Set("labels", labels);
  return object;
}

// The names in a list, without what a controller puts into every namespace.
std::vector<std::string> Names(const Value& list) {
  std::vector<std::string> names;
  for (const Value& item : list["items"].items()) {
    const absl::string_view name = item["metadata"]["name"].str();
    if (name != "kube-root-ca.crt") names.emplace_back(name);
  }
  return names;
}

TEST_CASE("what is not there is not found", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  struct Row {
    std::string path;
    int code;
    const char* message;
  };
  const char* no_resource = "the server could not find the requested resource";
  const Row rows[] = {
      {ns.Path("configmaps/none"), 404, "configmaps \"none\" not found"},
      {ns.Path("apps/v1", "deployments/none"), 404, "deployments.apps \"none\" not found"},
      {"/api/v1/namespaces/none", 404, "namespaces \"none\" not found"},
      {"/api/v1/nonsense", 404, no_resource},
      {"/apis/apps/v1/nonsense/x", 404, no_resource},
      {"/api/v1/configmaps/x", 404, no_resource},
      {ns.Path("configmaps/x/status"), 404, no_resource},
  };
  for (const Row& row : rows) {
    INFO(row.path);
    const Answer answer = api.Get(row.path);
    CHECK(answer.code == row.code);
    CHECK(answer.message() == row.message);
    CHECK(answer.reason() == "NotFound");
  }
  const Answer details = api.Get(ns.Path("apps/v1", "deployments/none"));
  CHECK(details.body["details"] ==
        Value{{"name", "none"}, {"group", "apps"}, {"kind", "deployments"}});
  for (const char* path : {"/nonsense", "/apis/nonsense/v1", "/apis/nonsense/v1/things"}) {
    const Answer answer = api.Get(path);
    CHECK(answer.code == 404);
    CHECK(answer.text == "404 page not found\n");
  }
}

TEST_CASE("lists choose by labels and fields", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"), Labelled("a", {{"app", "web"}, {"tier", "1"}})).code ==
          201);
  REQUIRE(api.Post(ns.Path("configmaps"), Labelled("b", {{"app", "db"}, {"tier", "2"}})).code ==
          201);
  REQUIRE(api.Post(ns.Path("configmaps"), ConfigMap("c")).code == 201);

  using Strings = std::vector<std::string>;
  struct Row {
    const char* query;
    Strings names;
  };
  const Row rows[] = {
      {"", {"a", "b", "c"}},
      {"labelSelector=app%3Dweb", {"a"}},
      {"labelSelector=app%3D%3Dweb", {"a"}},
      {"labelSelector=app!%3Dweb", {"b", "c"}},
      {"labelSelector=app", {"a", "b"}},
      {"labelSelector=!app", {"c"}},
      {"labelSelector=app+in+(web,db),tier+notin+(2)", {"a"}},
      {"labelSelector=tier%3E1", {"b"}},
      {"labelSelector=tier%3C2,app", {"a"}},
      {"fieldSelector=metadata.name%3Db", {"b"}},
      {"fieldSelector=metadata.name!%3Db", {"a", "c"}},
      {"fieldSelector=metadata.name%3Db&labelSelector=app%3Dweb", {}},
  };
  for (const Row& row : rows) {
    INFO(row.query);
    const Answer answer = api.Get(ns.Path("configmaps?") + row.query);
    CHECK(answer.code == 200);
    CHECK(answer.body["kind"].str() == "ConfigMapList");
    CHECK(answer.body["apiVersion"].str() == "v1");
    CHECK(Names(answer.body) == row.names);
  }
}

TEST_CASE("selectors that make no sense are refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  struct Row {
    const char* path;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {"/api/v1/configmaps?fieldSelector=spec.x%3D1", 400,
       "\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
      {"/api/v1/pods?fieldSelector=spec.x%3D1", 400, "field label not supported: spec.x"},
      {"/api/v1/configmaps?labelSelector=a%20b", 400,
       "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"/api/v1/configmaps?fieldSelector=x", 400, "invalid selector: 'x'; can't understand 'x'"},
      {"/api/v1/configmaps?limit=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"},
      {"/api/v1/configmaps?resourceVersion=x", 400,
       "invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: "
       "parsing "
       "\"x\": invalid syntax"},
      {"/api/v1/configmaps?resourceVersionMatch=Exact", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
       "resourceVersionMatch is forbidden unless resourceVersion is provided"},
      {"/api/v1/configmaps?resourceVersionMatch=Foo&resourceVersion=1", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Foo\": "
       "supported values: \"Exact\", \"NotOlderThan\", \"\""},
      {"/api/v1/configmaps?resourceVersionMatch=Exact&resourceVersion=0", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
       "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""},
  };
  for (const Row& row : rows) {
    INFO(row.path);
    const Answer answer = api.Get(row.path);
    CHECK(answer.code == row.code);
    CHECK(answer.message() == row.message);
  }
}

TEST_CASE("a list is read page by page, all pages of one instant", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    REQUIRE(api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", name}}}}).code == 201);
  }

  const Answer first = api.Get(ns.Path("secrets?limit=2"));
  REQUIRE(Names(first.body) == std::vector<std::string>{"a", "b"});
  CHECK(first.meta("remainingItemCount").int_or(0) == 3);
  // What changes meanwhile does not show.
  REQUIRE(api.Delete(ns.Path("secrets/d")).code == 200);
  REQUIRE(api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", "f"}}}}).code == 201);
  const Answer second =
      api.Get(absl::StrCat(ns.Path("secrets?limit=2&continue="), first.meta("continue").str()));
  CHECK(Names(second.body) == std::vector<std::string>{"c", "d"});
  CHECK(second.version() == first.version());
  const Answer third =
      api.Get(absl::StrCat(ns.Path("secrets?limit=2&continue="), second.meta("continue").str()));
  CHECK(Names(third.body) == std::vector<std::string>{"e"});
  CHECK(third.meta("continue").str().empty());
  CHECK(third.meta("remainingItemCount").is_null());

  const Answer broken = api.Get(ns.Path("secrets?limit=2&continue=zzz"));
  CHECK(broken.code == 400);
  CHECK(absl::StartsWith(broken.message(), "invalid continue token: continue key is not valid: "));
}

TEST_CASE("a list can be asked for at an exact version", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", "a"}}}}).code == 201);
  const std::string then = api.Get(ns.Path("secrets")).version();
  REQUIRE(api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", "b"}}}}).code == 201);

  const Answer exact =
      api.Get(ns.Path("secrets?resourceVersionMatch=Exact&resourceVersion=") + then);
  CHECK(Names(exact.body) == std::vector<std::string>{"a"});
  CHECK(exact.version() == then);
  const Answer newer =
      api.Get(ns.Path("secrets?resourceVersionMatch=NotOlderThan&resourceVersion=") + then);
  CHECK(newer.code == 200);
  const Answer future = api.Get(ns.Path("secrets?resourceVersion=999999999"));
  CHECK(future.code == 504);
  CHECK(absl::StartsWith(future.message(),
                         "Timeout: Too large resource version: 999999999, current: "));
  CHECK(future.body["details"]["causes"].at(0)["reason"].str() == "ResourceVersionTooLarge");
}

TEST_CASE("items of built-in lists leave out what the list says", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("secrets"), Value{{"metadata", Value{{"name", "a"}}}}).code == 201);

  const Answer list = api.Get(ns.Path("secrets"));

  REQUIRE(list.body["items"].size() == 1);
  CHECK_FALSE(list.body["items"].at(0).Has("kind"));
  CHECK_FALSE(list.body["items"].at(0).Has("apiVersion"));
}

TEST_CASE("objects come as tables, as metadata alone, or as YAML", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("configmaps"), ConfigMap("a")).code == 201);

  const Answer table = api.Get(ns.Path("configmaps/a"),
                               {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  CHECK(table.body["kind"].str() == "Table");
  CHECK(table.body["apiVersion"].str() == "meta.k8s.io/v1");
  REQUIRE(table.body["columnDefinitions"].size() == 3);
  CHECK(table.body["columnDefinitions"].at(1)["name"].str() == "Data");
  const Value& row = table.body["rows"].at(0);
  CHECK(row["cells"].at(0).str() == "a");
  CHECK(row["cells"].at(1).int_or(0) == 1);
  CHECK(row["object"]["kind"].str() == "PartialObjectMetadata");
  CHECK(row["object"]["metadata"]["name"].str() == "a");

  const Answer partial =
      api.Get(ns.Path("configmaps/a"),
              {{"Accept", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}});
  CHECK(partial.body["kind"].str() == "PartialObjectMetadata");
  CHECK(partial.body["apiVersion"].str() == "meta.k8s.io/v1");
  CHECK_FALSE(partial.body.Has("data"));

  const Answer partials =
      api.Get(ns.Path("configmaps"),
              {{"Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}});
  CHECK(partials.body["kind"].str() == "PartialObjectMetadataList");
  CHECK(partials.body["items"].at(0)["kind"].str() == "PartialObjectMetadata");

  const Answer yaml = api.Get(ns.Path("configmaps/a"), {{"Accept", "application/yaml"}});
  CHECK(yaml.headers.Get("Content-Type") == "application/yaml");
  CHECK(absl::StartsWith(yaml.text, "apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\n"));

  const Answer html = api.Get(ns.Path("configmaps/a"), {{"Accept", "text/html"}});
  CHECK(html.code == 406);
  CHECK(html.reason() == "NotAcceptable");
}

}  // namespace
}  // namespace sluice::apiserver_contract
