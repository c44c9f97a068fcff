// Reviews of access and of tokens, impersonation.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

constexpr char kAuthorization[] = "/apis/authorization.k8s.io/v1/";
constexpr char kAuthentication[] = "/apis/authentication.k8s.io/v1/";
constexpr char kRbac[] = "rbac.authorization.k8s.io/v1";

// In `ns`, the role r lets the service account bot, the user jane and the group devs read
// configmaps, and the secret one.
void Grant(Target& api, const Namespace& ns) {
  REQUIRE(api.Post(ns.Path("serviceaccounts"), Yaml("{metadata: {name: bot}}")).code == 201);
  REQUIRE(api.Post(ns.Path(kRbac, "roles"),
                   Yaml("{metadata: {name: r}, rules: [{apiGroups: [''], resources: [configmaps], "
                        "verbs: [get, list]}, {apiGroups: [''], resources: [secrets], "
                        "resourceNames: [one], verbs: [get]}, {apiGroups: [apps], resources: "
                        "[deployments/scale], verbs: ['*']}]}"))
              .code == 201);
  Value binding = Yaml(
      "{metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, "
      "subjects: [{kind: User, name: jane}, {kind: Group, name: devs}]}");
  binding.FindMutable("subjects")
      ->Append(Value{{"kind", "ServiceAccount"}, {"name", "bot"}, {"namespace", ns.name()}});
  REQUIRE(api.Post(ns.Path(kRbac, "rolebindings"), binding).code == 201);
  // A real server's authorizer hears of it a moment later.
  const Value review = {{"spec", Value{{"user", "jane"},
                                       {"resourceAttributes", Value{{"namespace", ns.name()},
                                                                    {"verb", "get"},
                                                                    {"resource", "configmaps"}}}}}};
  for (int i = 0; i < 500; ++i) {
    const Answer answer = api.Post(absl::StrCat(kAuthorization, "subjectaccessreviews"), review);
    if (answer.body["status"]["allowed"].bool_or(false)) return;
  }
}

TEST_CASE("an access review tells who may do what, and by which binding", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Grant(api, ns);
  struct Row {
    const char* spec;  // with the namespace to be added to its resourceAttributes
    bool allowed;
    const char* subject;
  };
  const Row rows[] = {
      {"{user: jane, resourceAttributes: {verb: get, resource: configmaps}}", true,
       "User \"jane\""},
      {"{user: jane, resourceAttributes: {verb: delete, resource: configmaps}}", false, ""},
      {"{user: x, groups: [devs], resourceAttributes: {verb: list, resource: configmaps}}", true,
       "Group \"devs\""},
      {"{user: x, resourceAttributes: {verb: list, resource: configmaps}}", false, ""},
      {"{user: jane, resourceAttributes: {verb: get, resource: secrets, name: one}}", true,
       "User \"jane\""},
      {"{user: jane, resourceAttributes: {verb: get, resource: secrets, name: two}}", false, ""},
      {"{user: jane, resourceAttributes: {verb: get, resource: secrets}}", false, ""},
      {"{user: jane, resourceAttributes: {verb: update, group: apps, resource: deployments, "
       "subresource: scale}}",
       true, "User \"jane\""},
      {"{user: jane, resourceAttributes: {verb: update, group: apps, resource: deployments}}",
       false, ""},
      {"{user: x, groups: ['system:masters'], resourceAttributes: {verb: '*', group: '*', "
       "resource: '*'}}",
       true, nullptr},
  };
  for (const Row& row : rows) {
    INFO(row.spec);
    Value spec = Yaml(row.spec);
    spec.Ensure("resourceAttributes").Set("namespace", ns.name());
    const Answer answer =
        api.Post(absl::StrCat(kAuthorization, "subjectaccessreviews"), Value{{"spec", spec}});
    CHECK(answer.code == 201);
    CHECK(answer.body["status"]["allowed"].bool_or(false) == row.allowed);
    if (row.subject == nullptr) continue;
    const std::string reason = row.allowed
                                   ? absl::StrCat("RBAC: allowed by RoleBinding \"b/", ns.name(),
                                                  "\" of Role \"r\" to ", row.subject)
                                   : "";
    CHECK(answer.body["status"]["reason"].str() == reason);
  }
}

TEST_CASE("a local review is about its namespace", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string path =
      absl::StrCat(ns.Path("authorization.k8s.io/v1", "localsubjectaccessreviews"));
  const Value attributes = {{"namespace", ns.name()}, {"verb", "get"}, {"resource", "pods"}};

  const Answer mine =
      api.Post(path, Value{{"spec", Value{{"user", "x"}, {"resourceAttributes", attributes}}}});
  CHECK(mine.code == 201);
  CHECK(mine.meta("namespace").str() == ns.name());
  CHECK_FALSE(mine.body["status"]["allowed"].bool_or(true));

  const Answer other =
      api.Post(path, Yaml("{spec: {user: x, resourceAttributes: {namespace: other, verb: get}}}"));
  CHECK(other.code == 422);
  CHECK(other.message() ==
        ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: "
        "\"other\": must match metadata.namespace");
  const Answer path_review =
      api.Post(path, Yaml("{spec: {user: x, nonResourceAttributes: {path: /x, verb: get}}}"));
  CHECK(path_review.code == 422);
  CHECK(absl::StrContains(path_review.message(), "disallowed on this kind of request"));
}

TEST_CASE("a review is about somebody and one thing", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Refusal rows[] = {
      {"{}",
       "[spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or "
       "resourceAttributes must be specified, spec.user: Invalid value: \"\": at least one of user "
       "or group must be specified]"},
      {"{user: x, resourceAttributes: {}, nonResourceAttributes: {path: /x}}",
       "spec.nonResourceAttributes: Invalid value: {\"Path\":\"/x\",\"Verb\":\"\"}: cannot be "
       "specified in combination with resourceAttributes"},
      {"{resourceAttributes: {verb: get}}",
       "spec.user: Invalid value: \"\": at least one of user or group must be specified"},
  };
  for (const Refusal& row : rows) {
    INFO(row.change);
    const Answer answer = api.Post(absl::StrCat(kAuthorization, "subjectaccessreviews"),
                                   Value{{"spec", Yaml(row.change)}});
    CHECK(answer.code == 422);
    CHECK(answer.message() == absl::StrCat(".authorization.k8s.io \"\" is invalid: ", row.message));
  }
}

TEST_CASE("paths are reviewed too", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const auto review = [&](const char* group, const char* path) {
    return api.Post(
        absl::StrCat(kAuthorization, "subjectaccessreviews"),
        Value{{"spec", Value{{"user", "x"},
                             {"groups", Value(Value::Array{group})},
                             {"nonResourceAttributes", Value{{"path", path}, {"verb", "get"}}}}}});
  };
  const Answer allowed = review("system:authenticated", "/apis/apps");
  CHECK(allowed.body["status"]["allowed"].bool_or(false));
  CHECK(allowed.body["status"]["reason"].str() ==
        "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole "
        "\"system:discovery\" to Group \"system:authenticated\"");
  CHECK_FALSE(review("others", "/apis/apps").body["status"]["allowed"].bool_or(true));
  CHECK_FALSE(review("system:authenticated", "/metrics").body["status"]["allowed"].bool_or(true));
}

TEST_CASE("tokens last as long as they may", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("serviceaccounts"), Yaml("{metadata: {name: bot}}")).code == 201);
  const std::string path = ns.Path("serviceaccounts/bot/token");
  const auto ask = [&](const char* spec) { return api.Post(path, Value{{"spec", Yaml(spec)}}); };

  CHECK(ask("{}").body["spec"]["expirationSeconds"].int_or(0) == 3600);
  CHECK(ask("{expirationSeconds: 600}").body["spec"]["expirationSeconds"].int_or(0) == 600);
  CHECK(ask("{audiences: [x]}").body["spec"]["audiences"] == Yaml("[x]"));
  const Answer brief = ask("{expirationSeconds: 5}");
  CHECK(brief.code == 422);
  CHECK(absl::StrContains(brief.message(), "may not specify a duration less than 10 minutes"));
  const Answer bound = ask("{boundObjectRef: {kind: Pod, apiVersion: v1, name: nope}}");
  CHECK(bound.code == 404);
  CHECK(bound.message() == "pods \"nope\" not found");
  CHECK(api.Post(ns.Path("serviceaccounts/none/token"), Value::EmptyObject()).code == 404);
}

TEST_CASE("a token review knows whose token it is", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("serviceaccounts"), Yaml("{metadata: {name: bot}}")).code == 201);
  const Answer issued = api.Post(ns.Path("serviceaccounts/bot/token"), Value::EmptyObject());
  const std::string token(issued.body["status"]["token"].str());
  const auto review = [&](const std::string& text, const char* audiences) {
    return api.Post(absl::StrCat(kAuthentication, "tokenreviews"),
                    Value{{"spec", Value{{"token", text}, {"audiences", Yaml(audiences)}}}});
  };

  const Answer known = review(token, "[]");
  CHECK(known.body["status"]["authenticated"].bool_or(false));
  const Value& user = known.body["status"]["user"];
  CHECK(user["username"].str() == absl::StrCat("system:serviceaccount:", ns.name(), ":bot"));
  CHECK(user["groups"] == Value(Value::Array{"system:serviceaccounts",
                                             absl::StrCat("system:serviceaccounts:", ns.name()),
                                             "system:authenticated"}));
  const Answer broken = review("x.y.z", "[]");
  CHECK(broken.code == 201);
  CHECK_FALSE(broken.body["status"]["authenticated"].bool_or(false));
  CHECK(broken.body["status"]["error"].str() == "invalid bearer token");
  CHECK_FALSE(review(token, "[other]").body["status"]["authenticated"].bool_or(false));
  const Answer none = review("", "[]");
  CHECK(none.code == 400);
  CHECK(none.message() == "token is required for TokenReview in authentication");
}

TEST_CASE("an administrator may act as somebody else", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  Grant(api, ns);
  struct Row {
    const char* name;
    http::Headers headers;
    int code;
    std::string user;
  };
  const std::string bot = absl::StrCat("system:serviceaccount:", ns.name(), ":bot");
  const Row rows[] = {
      {"a user", {{"Impersonate-User", "jane"}}, 200, "jane"},
      {"a user without rights", {{"Impersonate-User", "nobody"}}, 403, "nobody"},
      {"a group", {{"Impersonate-User", "x"}, {"Impersonate-Group", "devs"}}, 200, "x"},
      {"a service account", {{"Impersonate-User", bot}}, 200, bot},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Answer list = api.Get(ns.Path("configmaps"), row.headers);
    CHECK(list.code == row.code);
    if (row.code == 403) {
      CHECK(list.message() ==
            absl::StrCat("configmaps is forbidden: User \"", row.user,
                         "\" cannot list resource \"configmaps\" in API group \"\" in the "
                         "namespace \"",
                         ns.name(), "\""));
    }
    const Answer self = api.Post(absl::StrCat(kAuthentication, "selfsubjectreviews"),
                                 Value::EmptyObject(), row.headers);
    CHECK(self.body["status"]["userInfo"]["username"].str() == row.user);
  }
  CHECK(api.Get(ns.Path("configmaps"), {{"Impersonate-Group", "devs"}}).code == 500);
}

TEST_CASE("others may not act as somebody else", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("serviceaccounts"), Yaml("{metadata: {name: bot}}")).code == 201);
  const Answer issued = api.Post(ns.Path("serviceaccounts/bot/token"), Value::EmptyObject());
  const std::string bearer = absl::StrCat("Bearer ", issued.body["status"]["token"].str());

  const Answer answer =
      api.Get(ns.Path("configmaps"), {{"Authorization", bearer}, {"Impersonate-User", "jane"}});

  CHECK(answer.code == 403);
  CHECK(answer.message() ==
        absl::StrCat("users \"jane\" is forbidden: User \"system:serviceaccount:", ns.name(),
                     ":bot\" cannot impersonate resource \"users\" in API group \"\" at the "
                     "cluster scope"));
}

TEST_CASE("nobody grants more than they have", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer answer = api.Post(ns.Path(kRbac, "roles"),
                                 Yaml("{metadata: {name: all}, rules: [{apiGroups: ['*'], "
                                      "resources: ['*'], verbs: ['*']}]}"),
                                 {{"Impersonate-User", "nobody"}});
  CHECK(answer.code == 403);
  CHECK(absl::StrContains(answer.message(), "User \"nobody\" cannot create resource \"roles\""));
}

TEST_CASE("without a token only health and version are shown", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  CHECK(api.Get("/version", {{"Authorization", ""}}).code == 200);
  CHECK(api.Get("/readyz", {{"Authorization", ""}}).code == 200);
  const Answer anonymous = api.Get("/api/v1/secrets", {{"Authorization", ""}});
  CHECK(anonymous.code == 403);
  CHECK(absl::StrContains(anonymous.message(), "User \"system:anonymous\" cannot list resource"));
  const Answer wrong = api.Get("/api/v1/secrets", {{"Authorization", "Bearer nope"}});
  CHECK(wrong.code == 401);
  CHECK(wrong.reason() == "Unauthorized");
}

}  // namespace
}  // namespace sluice::apiserver_contract
