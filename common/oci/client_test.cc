// SPDX-License-Identifier: Apache-2.0
#include "common/oci/client.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/x509.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::oci_testing::Registry;
using ::sluice::oci_testing::RegistryOptions;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context& Ctx() {
  static const Context* const context = new Context(Context::Background());
  return *context;
}

std::unique_ptr<Client> NewClient(ClientOptions options = {}) {
  options.first_wait = absl::Milliseconds(1);
  return Client::Create(std::move(options)).value();
}

Reference RefTo(const Registry& registry, absl::string_view rest) {
  return ParseReference(absl::StrCat(registry.host(), "/", rest)).value();
}

absl::StatusOr<std::string> Blob(Client& client, const Reference& reference,
                                 const Descriptor& blob) {
  std::string content;
  const absl::Status status =
      client.FetchBlob(Ctx(), reference.repository, blob, [&](absl::string_view bytes) {
        content.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return content;
}

TEST_CASE("an artifact is found by its tag and by its digest, and its layer fetched", "[oci]") {
  Registry registry;
  const std::string layer(300'000, 'x');
  const std::string digest = registry.AddArtifact("org/app", "v1", "application/x", layer);
  const auto client = NewClient();
  for (const std::string& name : {std::string("org/app:v1"), "org/app@" + digest}) {
    CAPTURE(name);
    const Reference reference = RefTo(registry, name);
    const Descriptor head = client->Head(Ctx(), reference).value();
    CHECK(head.digest.ToString() == digest);
    CHECK(head.media_type == kOciManifest);
    const Image image = client->GetImage(Ctx(), reference, Platform()).value();
    CHECK(image.descriptor.digest.ToString() == digest);
    CHECK(image.descriptor.size == head.size);
    CHECK(image.manifest.annotations.at("org.opencontainers.image.revision") == "v1");
    REQUIRE(image.manifest.layers.size() == 1);
    CHECK(image.manifest.layers[0].media_type == "application/x");
    CHECK(Blob(*client, reference, image.manifest.layers[0]).value() == layer);
  }
  CHECK(registry.CountOf("/v2/") == 7);  // one of them to find out how to speak to it
  CHECK(registry.requests().back().authorization.empty());
}

TEST_CASE("what is not there is not found, in the registry's words", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  const auto client = NewClient();
  const Reference unknown = RefTo(registry, "org/app:v2");
  CHECK_THAT(client->Head(Ctx(), unknown).status(),
             StatusIs(absl::StatusCode::kNotFound, "HEAD responses have no body"));
  CHECK_THAT(client->Resolve(Ctx(), unknown).status(),
             StatusIs(absl::StatusCode::kNotFound,
                      absl::StrCat("GET ", registry.url(),
                                   "/v2/org/app/manifests/v2: "
                                   "MANIFEST_UNKNOWN: manifest unknown; map[Tag:v2]")));
  CHECK_THAT(client->ListTags(Ctx(), RefTo(registry, "org/none").repository).status(),
             StatusIs(absl::StatusCode::kNotFound, "NAME_UNKNOWN"));
  Descriptor blob{.digest = Digest::Of("nowhere"), .size = 7};
  CHECK_THAT(Blob(*client, unknown, blob).status(),
             StatusIs(absl::StatusCode::kNotFound, "BLOB_UNKNOWN"));
}

TEST_CASE("tags are listed over all pages", "[oci]") {
  for (const size_t page_size : {0, 1, 3, 7}) {
    CAPTURE(page_size);
    Registry registry({.page_size = page_size});
    std::vector<std::string> expected;
    for (char c = 'a'; c < 'h'; ++c) {
      expected.push_back(absl::StrCat(std::string(1, c), "+1"));
      registry.AddManifest("org/app", expected.back(), kOciManifest, "{}");
    }
    CHECK(NewClient()->ListTags(Ctx(), RefTo(registry, "org/app").repository).value() == expected);
  }
  Registry empty;
  empty.AddBlob("org/app", "x");
  CHECK(NewClient()->ListTags(Ctx(), RefTo(empty, "org/app").repository)->empty());
}

TEST_CASE("an index leads to the platform's manifest", "[oci]") {
  Registry registry;
  const std::string child = registry.AddArtifact("org/app", "", "t", "layer");
  const std::string index =
      absl::StrCat(R"({"schemaVersion":2,"manifests":[{"mediaType":"x","digest":")", child,
                   R"(","size":1,"platform":{"os":"linux","architecture":"arm64"}}]})");
  for (const absl::string_view type : {kOciIndex, kDockerList}) {
    const std::string digest = registry.AddManifest("org/app", "multi", type, index);
    const auto client = NewClient();
    const Reference reference = RefTo(registry, "org/app:multi");
    CHECK(client->Resolve(Ctx(), reference)->digest.ToString() == digest);
    CHECK(
        client->GetImage(Ctx(), reference, {"linux", "arm64", ""})->descriptor.digest.ToString() ==
        child);
    CHECK_THAT(client->GetImage(Ctx(), reference, Platform()).status(),
               StatusIs(absl::StatusCode::kNotFound, "no child with platform linux/amd64"));
  }
}

TEST_CASE("referrers come from the API or from their tag", "[oci]") {
  const std::string index =
      absl::StrCat(R"({"schemaVersion":2,"manifests":[)"
                   R"({"mediaType":"m","digest":"sha256:)",
                   std::string(64, '1'),
                   R"(","size":1,"artifactType":"sig"},)"
                   R"({"mediaType":"m","digest":"sha256:)",
                   std::string(64, '2'), R"(","size":1,"artifactType":"sbom"}]})");
  for (const bool api : {true, false}) {
    Registry registry({.referrers_api = api});
    const Digest digest =
        Digest::Parse(registry.AddArtifact("org/app", "v1", "t", "layer")).value();
    const auto client = NewClient();
    const Repository repository = RefTo(registry, "org/app").repository;
    CHECK(client->ListReferrers(Ctx(), repository, digest, "")->empty());
    registry.SetReferrers("org/app", digest.ToString(), index);
    registry.AddManifest("org/app", absl::StrCat("sha256-", digest.hex), kOciIndex, index);
    CHECK(client->ListReferrers(Ctx(), repository, digest, "")->size() == 2);
    const auto signatures = client->ListReferrers(Ctx(), repository, digest, "sig").value();
    REQUIRE(signatures.size() == 1);
    CHECK(signatures[0].digest.hex == std::string(64, '1'));
  }
}

crypto::CertificateRequest Request(bool server) {
  crypto::CertificateRequest request;
  request.common_name = "test";
  if (server) request.ip_addresses = {"127.0.0.1"};
  request.server = server;
  request.client = !server;
  request.not_before = absl::Now() - absl::Hours(1);
  request.not_after = absl::Now() + absl::Hours(1);
  return request;
}

TEST_CASE("TLS is checked, with the authority and the certificate that are given", "[oci]") {
  const absl::Time now = absl::Now();
  const crypto::KeyPair authority =
      crypto::CreateAuthority("ca", now - absl::Hours(1), now + absl::Hours(1)).value();
  const crypto::KeyPair server = crypto::IssueCertificate(authority, Request(true)).value();
  const crypto::KeyPair person = crypto::IssueCertificate(authority, Request(false)).value();
  Registry registry({.certificate_pem = server.certificate_pem,
                     .private_key_pem = server.private_key_pem,
                     .client_ca_pem = authority.certificate_pem});
  registry.AddArtifact("org/app", "v1", "t", "x");
  const Reference reference = RefTo(registry, "org/app:v1");

  ClientOptions options;
  options.tries = 1;
  CHECK_THAT(NewClient(options)->Head(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kUnavailable, "certificate"));
  options.tls.insecure_skip_verify = true;
  CHECK_THAT(NewClient(options)->Head(Ctx(), reference).status(), IsOk());
  options.tls = {.ca_pem = authority.certificate_pem,
                 .certificate_pem = person.certificate_pem,
                 .private_key_pem = person.private_key_pem};
  CHECK_THAT(NewClient(options)->Head(Ctx(), reference).status(), IsOk());

  options.tls.ca_pem = "no certificate";
  CHECK_THAT(Client::Create(options).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("plain HTTP needs leave, or a host for which that goes without saying", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  // The same server under a name that is not on the list.
  Reference reference = RefTo(registry, "org/app:v1");
  reference.repository.registry = absl::StrCat("127.0.1:", registry.port());
  REQUIRE_FALSE(reference.repository.MayUseHttp());
  ClientOptions options;
  options.tries = 1;
  CHECK_THAT(NewClient(options)->Head(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kUnavailable, "tls: wrong version number"));
  CHECK(registry.requests().empty());
  options.insecure = true;
  CHECK_THAT(NewClient(options)->Head(Ctx(), reference).status(), IsOk());
}

TEST_CASE("requests go through the proxy", "[oci]") {
  Registry proxy;  // answers for whatever host it is asked for
  proxy.AddArtifact("org/app", "v1", "t", "x");
  ClientOptions options;
  options.insecure = true;
  options.tries = 1;
  options.proxy_url = proxy.url();
  const auto head =
      NewClient(options)->Head(Ctx(), ParseReference("far.invalid/org/app:v1").value());
  CHECK_THAT(head.status(), IsOk());
  CHECK(proxy.CountOf("/manifests/v1") == 1);
  options.proxy_url = "http://127.0.0.1:1";
  CHECK_THAT(
      NewClient(options)->Head(Ctx(), ParseReference("far.invalid/org/app:v1").value()).status(),
      StatusIs(absl::StatusCode::kUnavailable, "127.0.0.1:1"));
}

}  // namespace
}  // namespace sluice::oci
