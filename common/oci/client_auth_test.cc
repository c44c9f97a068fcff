// Credentials: what a registry is shown, and what nobody else may see.

// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/parallel.h"
#include "common/oci/client.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::oci_testing::Registry;
using ::sluice::oci_testing::RegistryOptions;
using ::sluice::oci_testing::Seen;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Access = RegistryOptions::Access;

const Context& Ctx() {
  static const Context* const context = new Context(Context::Background());
  return *context;
}

std::unique_ptr<Client> ClientAs(const Credential& credential) {
  ClientOptions options;
  options.tries = 1;
  options.credentials = [credential](const Context&, const Repository&) { return credential; };
  return Client::Create(std::move(options)).value();
}

Credential Person(const char* password = "secret") {
  return Credential{.username = "me", .password = Secret(password)};
}

Reference RefTo(const Registry& registry, absl::string_view rest) {
  return ParseReference(absl::StrCat(registry.host(), "/", rest)).value();
}

RegistryOptions Guarded(Access access) {
  RegistryOptions options;
  options.access = access;
  options.username = "me";
  options.password = "secret";
  return options;
}

TEST_CASE("Basic credentials are shown when the registry asks for them", "[oci]") {
  Registry registry(Guarded(Access::kBasic));
  registry.AddArtifact("org/app", "v1", "t", "x");
  const Reference reference = RefTo(registry, "org/app:v1");
  CHECK_THAT(ClientAs(Person())->Head(Ctx(), reference).status(), IsOk());
  CHECK(registry.requests()[0].authorization.empty());  // not before
  CHECK_THAT(ClientAs(Person("wrong"))->Resolve(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "UNAUTHORIZED"));
  CHECK_THAT(ClientAs({})->Resolve(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_CASE("a token is fetched once for a repository, with its scope", "[oci]") {
  Registry registry(Guarded(Access::kBearer));
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.AddArtifact("org/other", "v1", "t", "x");
  const auto client = ClientAs(Person());
  for (int i = 0; i < 3; ++i) {
    CHECK_THAT(client->Head(Ctx(), RefTo(registry, "org/app:v1")).status(), IsOk());
  }
  CHECK(registry.CountOf("/token") == 1);
  CHECK_THAT(client->Head(Ctx(), RefTo(registry, "org/other:v1")).status(), IsOk());
  CHECK(registry.CountOf("/token") == 2);
  for (const Seen& seen : registry.requests()) {
    // The password goes to the token service only, the token to the registry only.
    CHECK(absl::StartsWith(seen.authorization, "Basic ") == (seen.path == "/token"));
    if (seen.path != "/token") continue;
    CHECK(absl::StrContains(seen.query, "service=registry.test"));
    CHECK(absl::StrContains(seen.query, "scope=repository%3Aorg%2F"));
  }
}

TEST_CASE("a token that is no longer taken is replaced once", "[oci]") {
  Registry registry(Guarded(Access::kBearer));
  registry.AddArtifact("org/app", "v1", "t", "x");
  const auto client = ClientAs(Person());
  const Reference reference = RefTo(registry, "org/app:v1");
  CHECK_THAT(client->Head(Ctx(), reference).status(), IsOk());
  registry.RevokeTokens();
  CHECK_THAT(client->Head(Ctx(), reference).status(), IsOk());
  CHECK(registry.CountOf("/token") == 2);
}

TEST_CASE("anonymous tokens are fetched without credentials", "[oci]") {
  Registry registry({.access = Access::kBearer});
  registry.AddArtifact("org/app", "v1", "t", "x");
  CHECK_THAT(ClientAs({})->Head(Ctx(), RefTo(registry, "org/app:v1")).status(), IsOk());
  for (const Seen& seen : registry.requests()) {
    CHECK_FALSE(absl::StartsWith(seen.authorization, "Basic "));
  }
}

TEST_CASE("wrong credentials are the token service's refusal", "[oci]") {
  Registry registry(Guarded(Access::kBearer));
  registry.AddArtifact("org/app", "v1", "t", "x");
  const absl::Status status =
      ClientAs(Person("wrong"))->Head(Ctx(), RefTo(registry, "org/app:v1")).status();
  CHECK_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated, "unknown user"));
  CHECK_FALSE(absl::StrContains(status.message(), "wrong"));
}

TEST_CASE("an identity token is exchanged by form, or by name where there is no form", "[oci]") {
  Credential credential = Person();
  credential.identity_token = Secret("refresh me");
  for (const char* known : {"refresh me", ""}) {
    CAPTURE(known);
    RegistryOptions options = Guarded(Access::kBearer);
    options.identity_token = known;
    Registry registry(options);
    registry.AddArtifact("org/app", "v1", "t", "x");
    CHECK_THAT(ClientAs(credential)->Head(Ctx(), RefTo(registry, "org/app:v1")).status(), IsOk());
    CHECK(registry.CountOf("/token") == (*known != '\0' ? 1 : 2));
  }
  RegistryOptions options = Guarded(Access::kBearer);
  options.identity_token = "another";
  Registry registry(options);
  registry.AddArtifact("org/app", "v1", "t", "x");
  CHECK_THAT(ClientAs(credential)->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "unknown refresh token"));
}

TEST_CASE("a registry token is sent as it is", "[oci]") {
  Registry registry(Guarded(Access::kBearer));
  registry.AddArtifact("org/app", "v1", "t", "x");
  Credential credential;
  credential.registry_token = Secret("mine");
  CHECK_THAT(ClientAs(credential)->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated));
  CHECK(registry.CountOf("/token") == 0);
  CHECK(registry.requests().back().authorization == "Bearer mine");
}

TEST_CASE("a blob that is kept elsewhere is fetched there without credentials", "[oci]") {
  Registry store;
  const std::string blob(100'000, 'b');
  const std::string digest = store.AddBlob("cdn", blob);
  for (const Access access : {Access::kBasic, Access::kBearer}) {
    Registry registry(Guarded(access));
    registry.AddBlob("org/app", blob);
    registry.SetFault(oci_testing::RedirectTo(
        "/blobs/", absl::StrCat(store.url(), "/v2/cdn/blobs/", digest, "?signature=x")));
    size_t size = 0;
    const Descriptor descriptor{.digest = Digest::Parse(digest).value(),
                                .size = static_cast<int64_t>(blob.size())};
    CHECK_THAT(
        ClientAs(Person())->FetchBlob(Ctx(), RefTo(registry, "org/app").repository, descriptor,
                                      [&](absl::string_view bytes) {
                                        size += bytes.size();
                                        return absl::OkStatus();
                                      }),
        IsOk());
    CHECK(size == blob.size());
    CHECK(store.requests().back().authorization.empty());
    CHECK(store.requests().back().query == "signature=x");
  }
}

TEST_CASE("a token service that leads elsewhere does not get the password there", "[oci]") {
  Registry elsewhere({.access = Access::kBearer});
  RegistryOptions options = Guarded(Access::kBearer);
  Registry registry(options);
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.SetFault(oci_testing::RedirectTo("/token", elsewhere.url() + "/token"));
  CHECK_THAT(ClientAs(Person())->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated));  // its token is another registry's
  REQUIRE(elsewhere.CountOf("/token") > 0);
  for (const Seen& seen : elsewhere.requests()) CHECK(seen.authorization.empty());
}

TEST_CASE("a token service inside of the network is not asked", "[oci]") {
  for (const char* realm :
       {"http://10.255.255.1/token", "http://localhost/token", "http://LOCALHOST.:1/token",
        "http://a.localhost/token", "http://169.254.169.254/token",
        "http://metadata.google.internal/token", "http://[::ffff:127.0.0.2]/token"}) {
    CAPTURE(realm);
    RegistryOptions options = Guarded(Access::kBearer);
    options.realm = realm;
    Registry registry(options);
    registry.AddArtifact("org/app", "v1", "t", "x");
    CHECK_THAT(ClientAs(Person())->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
               StatusIs(absl::StatusCode::kFailedPrecondition, "not public"));
  }
}

TEST_CASE("the next page of tags may not be elsewhere", "[oci]") {
  Registry elsewhere;
  Registry registry(Guarded(Access::kBasic));
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.SetFault([&](const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, "/tags/list")) return;
    response.headers.Set("Link", absl::StrCat("<", elsewhere.url(), "/v2/x>; rel=\"next\""));
  });
  CHECK_THAT(ClientAs(Person())->ListTags(Ctx(), RefTo(registry, "org/app").repository).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "next page of tags"));
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("many threads use one client", "[oci]") {
  Registry registry(Guarded(Access::kBearer));
  const std::string digest = registry.AddArtifact("org/app", "v1", "t", std::string(50'000, 'x'));
  const auto client = ClientAs(Person());
  const Reference reference = RefTo(registry, "org/app:v1");
  std::atomic<int> whole = 0;
  ParallelFor(32, 8, [&](size_t) {
    const auto image = client->GetImage(Ctx(), reference, Platform());
    size_t size = 0;
    const bool ok =
        image.ok() && client
                          ->FetchBlob(Ctx(), reference.repository, image->manifest.layers[0],
                                      [&](absl::string_view bytes) {
                                        size += bytes.size();
                                        return absl::OkStatus();
                                      })
                          .ok();
    if (ok && size == 50'000 && image->descriptor.digest.ToString() == digest) ++whole;
    return true;
  });
  CHECK(whole == 32);
  CHECK(registry.CountOf("/token") <= 8);
}

TEST_CASE("an error of the source of credentials is told", "[oci]") {
  Registry registry(Guarded(Access::kBasic));
  registry.AddArtifact("org/app", "v1", "t", "x");
  ClientOptions options;
  options.credentials = [](const Context&, const Repository&) -> absl::StatusOr<Credential> {
    return absl::PermissionDeniedError("the cloud says no");
  };
  CHECK_THAT(Client::Create(options).value()->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "the cloud says no"));
}

}  // namespace
}  // namespace sluice::oci
