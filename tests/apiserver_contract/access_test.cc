// Who may do what: tokens, reviews, impersonation, roles.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

constexpr char kRbac[] = "rbac.authorization.k8s.io/v1";

// A service account that may read configmaps of the namespace, and nothing else.
void CreateReader(Target& api, const Namespace& ns) {
  api.Post(ns.Path("serviceaccounts"), Value{{"metadata", Value{{"name", "reader"}}}});
  const Value rule = {{"apiGroups", Value(Value::Array{""})},
                      {"resources", Value(Value::Array{"configmaps"})},
                      {"verbs", Value(Value::Array{"get", "list"})}};
  api.Post(ns.Path(kRbac, "roles"),
           Value{{"metadata", Value{{"name", "reader"}}}, {"rules", Value(Value::Array{rule})}});
  const Value subject = {{"kind", "ServiceAccount"}, {"name", "reader"}, {"namespace", ns.name()}};
  api.Post(ns.Path(kRbac, "rolebindings"),
           Value{{"metadata", Value{{"name", "reader"}}},
                 {"roleRef", Value{{"apiGroup", "rbac.authorization.k8s.io"},
                                   {"kind", "Role"},
                                   {"name", "reader"}}},
                 {"subjects", Value(Value::Array{subject})}});
}

TEST_CASE("nobody gets in with a wrong token", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Answer answer = api.Get("/api/v1/namespaces", {{"Authorization", "Bearer nonsense"}});
  CHECK(answer.code == 401);
  CHECK(answer.reason() == "Unauthorized");
  CHECK(answer.message() == "Unauthorized");
}

TEST_CASE("a service account does what its roles allow", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  CreateReader(api, ns);
  const std::string user = absl::StrCat("system:serviceaccount:", ns.name(), ":reader");
  const http::Headers as = {{"Impersonate-User", user}};
  // A real server's informers take a moment to see the roles.
  for (int i = 0; i < 100 && api.Get(ns.Path("configmaps"), as).code != 200; ++i) {
  }

  CHECK(api.Get(ns.Path("configmaps"), as).code == 200);
  const Answer write = api.Post(ns.Path("configmaps"), ConfigMap("a"), as);
  CHECK(write.code == 403);
  CHECK(write.reason() == "Forbidden");
  CHECK(
      write.message() ==
      absl::StrCat("configmaps is forbidden: User \"", user,
                   "\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"",
                   ns.name(), "\""));
  const Answer elsewhere = api.Get("/apis/apps/v1/deployments", as);
  CHECK(elsewhere.code == 403);
  CHECK(elsewhere.message() ==
        absl::StrCat("deployments.apps is forbidden: User \"", user,
                     "\" cannot list resource \"deployments\" in API group \"apps\" at the cluster "
                     "scope"));
  const Answer named = api.Get(ns.Path("secrets/x"), as);
  CHECK(named.message() ==
        absl::StrCat("secrets \"x\" is forbidden: User \"", user,
                     "\" cannot get resource \"secrets\" in API group \"\" in the namespace \"",
                     ns.name(), "\""));
  // Discovery is for everybody who is known.
  CHECK(api.Get("/apis", as).code == 200);
}

TEST_CASE("tokens of service accounts are issued and known", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  CreateReader(api, ns);

  const Answer request = api.Post(ns.Path("serviceaccounts/reader/token"),
                                  Value{{"spec", Value{{"expirationSeconds", 700}}}});
  REQUIRE(request.code == 201);
  CHECK(request.body["kind"].str() == "TokenRequest");
  CHECK(request.body["spec"]["expirationSeconds"].int_or(0) == 700);
  const std::string token(request.body["status"]["token"].str());
  CHECK_FALSE(request.body["status"]["expirationTimestamp"].str().empty());

  const Answer self = api.Post("/apis/authentication.k8s.io/v1/selfsubjectreviews",
                               Value::EmptyObject(), {{"Authorization", "Bearer " + token}});
  CHECK(self.code == 201);
  const std::string user = absl::StrCat("system:serviceaccount:", ns.name(), ":reader");
  CHECK(self.body["status"]["userInfo"]["username"].str() == user);

  const Answer review = api.Post("/apis/authentication.k8s.io/v1/tokenreviews",
                                 Value{{"spec", Value{{"token", token}}}});
  CHECK(review.body["status"]["authenticated"].bool_or(false));
  CHECK(review.body["status"]["user"]["username"].str() == user);
  const Answer wrong = api.Post("/apis/authentication.k8s.io/v1/tokenreviews",
                                Value{{"spec", Value{{"token", "x"}}}});
  CHECK_FALSE(wrong.body["status"]["authenticated"].bool_or(false));

  const Answer brief = api.Post(ns.Path("serviceaccounts/reader/token"),
                                Value{{"spec", Value{{"expirationSeconds", 5}}}});
  CHECK(brief.code == 422);
  CHECK(absl::StrContains(brief.message(), "may not specify a duration less than 10 minutes"));
}

TEST_CASE("reviews say what is allowed", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  CreateReader(api, ns);
  const auto review = [&](const char* verb, const char* resource) {
    return api.Post(
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        Value{{"spec",
               Value{{"user", absl::StrCat("system:serviceaccount:", ns.name(), ":reader")},
                     {"resourceAttributes",
                      Value{{"namespace", ns.name()}, {"verb", verb}, {"resource", resource}}}}}});
  };
  Answer allowed = review("get", "configmaps");
  for (int i = 0; i < 100 && !allowed.body["status"]["allowed"].bool_or(false); ++i) {
    allowed = review("get", "configmaps");
  }

  CHECK(allowed.code == 201);
  CHECK(allowed.body["status"]["allowed"].bool_or(false));
  CHECK(absl::StartsWith(allowed.body["status"]["reason"].str(),
                         "RBAC: allowed by RoleBinding \"reader/"));
  CHECK_FALSE(review("delete", "configmaps").body["status"]["allowed"].bool_or(true));
  const Answer self = api.Post(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      Value{{"spec", Value{{"resourceAttributes", Value{{"verb", "*"}, {"resource", "*"}}}}}});
  CHECK(self.body["status"]["allowed"].bool_or(false));
}

}  // namespace
}  // namespace sluice::apiserver_contract
