// SPDX-License-Identifier: Apache-2.0
#include "common/access/reviewer.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::access {
namespace {

using ::sluice::testing::StatusIs;

constexpr char kRole[] = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: default}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get]}
)";
constexpr char kBinding[] = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: tool, namespace: default}]
)";
constexpr char kAccount[] = R"(
apiVersion: v1
kind: ServiceAccount
metadata: {name: tool, namespace: default}
)";
const kube::Resource kConfigMaps = {"", "v1", "configmaps", "ConfigMap", true};

Secret TokenOf(kube_testing::ApiServer& api, const std::string& account) {
  kube::ApiRequest request;
  request.method = "POST";
  request.path = absl::StrCat("/api/v1/namespaces/default/serviceaccounts/", account, "/token");
  request.content_type = "application/json";
  request.body = Value{{"apiVersion", "authentication.k8s.io/v1"},
                       {"kind", "TokenRequest"},
                       {"spec", {{"expirationSeconds", 3600}}}};
  return Secret(std::string(api.client().Do(api.ctx(), request).value()["status"]["token"].str()));
}

struct Fixture {
  Fixture() {
    for (const char* manifest : {kAccount, kRole, kBinding}) api.Write(manifest, "test");
    token = TokenOf(api, "tool");
    clock.Advance(absl::Now() - clock.Now());
    api.client().Take();
  }
  kube_testing::ApiServer api;
  testing::FakeClock clock;
  Reviewer reviewer{api.client(), clock};
  Secret token;
};

TEST_CASE("a service account's token is known, and until when", "[access]") {
  Fixture fixture;
  const Identity identity = fixture.reviewer.Authenticate(fixture.api.ctx(), fixture.token).value();
  CHECK(identity.user.name == "system:serviceaccount:default:tool");
  CHECK(identity.expires > fixture.clock.Now() + absl::Minutes(50));
  CHECK(identity.expires < fixture.clock.Now() + absl::Minutes(70));
  for (const char* wrong : {"", "no.such.token", "x"}) {
    CHECK_THAT(fixture.reviewer.Authenticate(fixture.api.ctx(), Secret(wrong)).status(),
               StatusIs(absl::StatusCode::kUnauthenticated, "token"));
  }
  CHECK_THAT(
      fixture.reviewer.Authenticate(fixture.api.ctx(), Secret(std::string(100'000, 'x'))).status(),
      StatusIs(absl::StatusCode::kUnauthenticated, "longer"));
}

TEST_CASE("what a role allows is allowed, and nothing else", "[access]") {
  Fixture fixture;
  const User user = fixture.reviewer.Authenticate(fixture.api.ctx(), fixture.token).value().user;
  struct Row {
    const char* verb;
    const char* ns;
    bool allowed;
  };
  for (const Row& row : {Row{"get", "default", true}, Row{"patch", "default", false},
                         Row{"get", "kube-system", false}, Row{"get", "", false}}) {
    CAPTURE(row.verb, row.ns);
    CHECK(fixture.reviewer.Allowed(fixture.api.ctx(), user, {row.verb, kConfigMaps, row.ns, "some"})
              .value() == row.allowed);
  }
}

TEST_CASE("answers are kept for ten seconds", "[access]") {
  Fixture fixture;
  const Question question = {"get", kConfigMaps, "default", "some"};
  User user;
  for (int i = 0; i < 5; ++i) {
    user = fixture.reviewer.Authenticate(fixture.api.ctx(), fixture.token).value().user;
    CHECK(fixture.reviewer.Allowed(fixture.api.ctx(), user, question).value());
    fixture.reviewer.Authenticate(fixture.api.ctx(), Secret("bad")).IgnoreError();
  }
  CHECK(fixture.api.client().Take().size() == 3);
  fixture.clock.Advance(Reviewer::kKept);
  CHECK(fixture.reviewer.Allowed(fixture.api.ctx(), user, question).value());
  CHECK(fixture.api.client().Take().size() == 1);
}

TEST_CASE("a token that ends is not taken from memory", "[access]") {
  Fixture fixture;
  fixture.clock.Advance(absl::Hours(1) - absl::Seconds(5));
  // The API server's clock says that it is good, ours will not for long.
  CHECK(fixture.reviewer.Authenticate(fixture.api.ctx(), fixture.token).ok());
  fixture.clock.Advance(absl::Seconds(8));
  CHECK_THAT(fixture.reviewer.Authenticate(fixture.api.ctx(), fixture.token).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "has ended"));
}

// Says of every token that it is good, and of nobody whose it is.
class NamelessClient : public kube::Client {
 public:
  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest&) override {
    return Value{{"status", {{"authenticated", true}, {"user", {{"username", ""}}}}}};
  }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("nobody watches here");
  }
};

// An API server that answers nothing but errors.
class BrokenClient : public kube::Client {
 public:
  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest&) override {
    return absl::PermissionDeniedError("tokenreviews is forbidden");
  }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("nobody watches here");
  }
};

TEST_CASE("a token that names no user is no token", "[access]") {
  NamelessClient client;
  Reviewer reviewer(client, RealClock());
  CHECK_THAT(reviewer.Authenticate(Context::Background(), Secret("x")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "names no user"));
}

TEST_CASE("who cannot ask does not guess", "[access]") {
  BrokenClient client;
  Reviewer reviewer(client, RealClock());
  const Context ctx = Context::Background();
  CHECK_THAT(reviewer.Authenticate(ctx, Secret("x")).status(),
             StatusIs(absl::StatusCode::kUnavailable, "no TokenReview"));
  CHECK_THAT(reviewer.Allowed(ctx, {}, {"get", kConfigMaps, "", ""}).status(),
             StatusIs(absl::StatusCode::kUnavailable, "no SubjectAccessReview"));
}

}  // namespace
}  // namespace sluice::access
