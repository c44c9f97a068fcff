// Tokens, identities, roles, faults, the audit log.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "common/devapi/requests/audit.h"
#include "common/devapi/bootstrap.h"
#include "common/devapi/requests/faults.h"
#include "common/devapi/access/identity.h"
#include "common/devapi/access/rbac.h"
#include "common/devapi/service_addresses.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::StatusIs;

Tokens::Claims SomeClaims(absl::Time now) {
  Tokens::Claims claims;
  claims.ns = "n";
  claims.service_account = "sa";
  claims.uid = "u";
  claims.audiences = {"a"};
  claims.issued_at = now;
  claims.expires_at = now + absl::Hours(1);
  return claims;
}

TEST_CASE("a token is known until it expires, and only unchanged", "[devapi]") {
  FakeClock clock;
  const Tokens tokens("key");
  const std::string token = tokens.Issue(SomeClaims(clock.Now()));

  const UserInfo user = tokens.Authenticate(token, clock.Now()).value();
  CHECK(user.name == "system:serviceaccount:n:sa");
  CHECK(user.InGroup("system:serviceaccounts:n"));
  clock.Advance(absl::Hours(1));
  CHECK_THAT(tokens.Authenticate(token, clock.Now()).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "expired"));
  std::string forged = token;
  forged[forged.size() / 2] ^= 1;
  CHECK_FALSE(tokens.Authenticate(forged, absl::UnixEpoch()).ok());
  CHECK_FALSE(Tokens("other").Authenticate(token, absl::UnixEpoch()).ok());
  CHECK_FALSE(tokens.Authenticate("", absl::UnixEpoch()).ok());
}

TEST_CASE("who asks is told by token, certificate, and impersonation", "[devapi]") {
  FakeClock clock;
  Tokens tokens("key");
  tokens.AddStatic(Secret("secret"), {"admin", "", {kMastersGroup}, {}});
  const auto who = [&](http::Headers headers, http::PeerIdentity peer = {}) {
    return Authenticate(tokens, headers, peer, clock.Now());
  };

  CHECK(who({{"Authorization", "Bearer secret"}}).value().user.name == "admin");
  CHECK(who({}, {"cert-user", {"g"}}).value().user.InGroup("g"));
  CHECK(who({}).value().user.name == kAnonymousUser);
  CHECK_THAT(who({{"Authorization", "Bearer wrong"}}).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "Unauthorized"));

  const Authentication as = who({{"Authorization", "Bearer secret"},
                                 {"Impersonate-User", "system:serviceaccount:n:sa"},
                                 {"Impersonate-Extra-Reason", "test"}})
                                .value();
  CHECK(as.impersonating);
  CHECK(as.original.name == "admin");
  CHECK(as.user.InGroup("system:serviceaccounts:n"));
  CHECK(as.user.InGroup("system:authenticated"));
  CHECK(as.user.extra.at("reason").front() == "test");
  CHECK_FALSE(who({{"Authorization", "Bearer secret"}, {"Impersonate-Group", "g"}}).ok());
}

TEST_CASE("roles allow what their rules say", "[devapi]") {
  FakeClock clock;
  Cluster cluster(clock);
  REQUIRE(Bootstrap(cluster).ok());
  const auto strings = [](std::initializer_list<const char*> items) {
    Value list = Value::EmptyArray();
    for (const char* item : items) list.Append(item);
    return list;
  };
  const Value rules = Value(Value::Array{Value{{"apiGroups", strings({"apps"})},
                                               {"resources", strings({"deployments", "*/scale"})},
                                               {"verbs", strings({"get"})}},
                                         Value{{"apiGroups", strings({""})},
                                               {"resources", strings({"secrets"})},
                                               {"resourceNames", strings({"one"})},
                                               {"verbs", strings({"*"})}}});
  const Value subject = {{"kind", "Group"}, {"name", "team"}};
  REQUIRE(Seed(cluster, Value{{"apiVersion", "rbac.authorization.k8s.io/v1"},
                              {"kind", "Role"},
                              {"metadata", Value{{"name", "r"}, {"namespace", "default"}}},
                              {"rules", rules}})
              .ok());
  REQUIRE(Seed(cluster, Value{{"apiVersion", "rbac.authorization.k8s.io/v1"},
                              {"kind", "RoleBinding"},
                              {"metadata", Value{{"name", "rb"}, {"namespace", "default"}}},
                              {"roleRef", Value{{"apiGroup", "rbac.authorization.k8s.io"},
                                                {"kind", "Role"},
                                                {"name", "r"}}},
                              {"subjects", Value(Value::Array{subject})}})
              .ok());
  const UserInfo user = {"someone", "", {"team", "system:authenticated"}, {}};
  struct Row {
    const char* verb;
    const char* group;
    const char* resource;
    const char* subresource;
    const char* ns;
    const char* name;
    bool allowed;
  };
  const Row rows[] = {
      {"get", "apps", "deployments", "", "default", "x", true},
      {"get", "apps", "deployments", "status", "default", "x", false},
      {"get", "apps", "statefulsets", "scale", "default", "x", true},
      {"list", "apps", "deployments", "", "default", "", false},
      {"get", "apps", "deployments", "", "other", "x", false},
      {"get", "", "deployments", "", "default", "x", false},
      {"delete", "", "secrets", "", "default", "one", true},
      {"delete", "", "secrets", "", "default", "two", false},
      {"create", "authorization.k8s.io", "selfsubjectaccessreviews", "", "", "", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.verb, row.resource, row.subresource, row.name);
    Attributes attributes;
    attributes.verb = row.verb;
    attributes.group = row.group;
    attributes.resource = row.resource;
    attributes.subresource = row.subresource;
    attributes.ns = row.ns;
    attributes.name = row.name;
    CHECK(Authorize(cluster, user, attributes).allowed == row.allowed);
    const UserInfo master = {"root", "", {kMastersGroup}, {}};
    CHECK(Authorize(cluster, master, attributes).allowed);
  }
  Attributes path;
  path.is_resource = false;
  path.verb = "get";
  path.path = "/apis/apps/v1";
  CHECK(Authorize(cluster, user, path).allowed);
  path.path = "/metrics";
  CHECK_FALSE(Authorize(cluster, user, path).allowed);
}

TEST_CASE("a fault strikes the requests it matches, as often as it says", "[devapi]") {
  Faults faults;
  REQUIRE(faults
              .Add(Value{{"match", Value{{"verb", "update"}, {"resource", "configmaps"}}},
                         {"status", 429},
                         {"retryAfterSeconds", 3},
                         {"latency", "5ms"},
                         {"count", 2}})
              .ok());
  Attributes update;
  update.verb = "update";
  update.resource = "configmaps";
  update.name = "x";
  Attributes get = update;
  get.verb = "get";

  CHECK(faults.Next(get, "u").error.ok());
  const Fault first = faults.Next(update, "u");
  CHECK(first.latency == absl::Milliseconds(5));
  CHECK(HttpCode(first.error) == 429);
  CHECK(RetryAfterSeconds(first.error) == 3);
  CHECK_FALSE(faults.Next(update, "u").error.ok());
  CHECK(faults.Next(update, "u").error.ok());
  CHECK(faults.List().at(0)["hits"].int_or(0) == 2);
  for (const Value& wrong :
       {Value(), Value::EmptyObject(), Value{{"status", 200}}, Value{{"latency", "soon"}}}) {
    CHECK_FALSE(faults.Add(wrong).ok());
  }
  const int64_t id = faults.Add(Value{{"status", 500}}).value();
  CHECK(HttpCode(faults.Next(get, "u").error) == 500);
  faults.Remove(id);
  CHECK(faults.Next(get, "u").error.ok());
}

TEST_CASE("the audit log keeps the last entries and counts all", "[devapi]") {
  AuditLog log(2);
  for (const char* verb : {"get", "get", "list"}) {
    AuditEntry entry;
    entry.what.verb = verb;
    entry.user_agent = "kubectl/v1";
    log.Add(entry);
  }
  CHECK(log.Entries().size() == 2);
  CHECK(log.Entries().at(1)["verb"].str() == "list");
  CHECK(log.Counts() == Value{{"total", 3},
                              {"verbs", Value{{"get", 2}, {"list", 1}}},
                              {"agents", Value{{"kubectl", 3}}}});
  log.Clear();
  CHECK(log.Counts()["total"].int_or(-1) == 0);
}

TEST_CASE("addresses of services are handed out once and given back", "[devapi]") {
  ServiceAddresses addresses;
  const auto service = [](const char* type, Value ports) {
    return Value{{"spec", Value{{"type", type}, {"ports", std::move(ports)}}}};
  };
  const Value port = Value(Value::Array{Value{{"port", 80}}});
  Value first = service("NodePort", port);
  REQUIRE(addresses.Assign(first).empty());
  Value second = service("ClusterIP", port);
  REQUIRE(addresses.Assign(second).empty());
  CHECK(first["spec"]["clusterIP"] != second["spec"]["clusterIP"]);
  CHECK(first["spec"]["ports"].at(0)["nodePort"].int_or(0) == 30000);
  CHECK(second["spec"]["ports"].at(0)["nodePort"].is_null());

  Value same_ip = service("ClusterIP", port);
  same_ip.Ensure("spec").Set("clusterIP", first["spec"]["clusterIP"]);
  CHECK(addresses.Assign(same_ip).front().field == "spec.clusterIPs");
  Value same_port =
      service("NodePort", Value(Value::Array{Value{{"port", 80}, {"nodePort", 30000}}}));
  CHECK(addresses.Assign(same_port).front().field == "spec.ports[0].nodePort");
  Value outside = service("NodePort", Value(Value::Array{Value{{"port", 80}, {"nodePort", 80}}}));
  CHECK(addresses.Assign(outside).front().field == "spec.ports[0].nodePort");

  // An update keeps what it had.
  Value update = service("NodePort", port);
  update.Ensure("spec").Set("clusterIP", first["spec"]["clusterIP"]);
  REQUIRE(addresses.Reassign(first, update).empty());
  CHECK(update["spec"]["ports"].at(0)["nodePort"].int_or(0) == 30000);
  addresses.Release(first);
  CHECK(addresses.Assign(same_ip).empty());
  CHECK(addresses.Assign(same_port).empty());

  Value headless = service("ClusterIP", port);
  headless.Ensure("spec").Set("clusterIP", "None");
  CHECK(addresses.Assign(headless).empty());
  CHECK(headless["spec"]["clusterIP"].str() == "None");
}

}  // namespace
}  // namespace sluice::devapi
