// spec.verify by cosign's recorded signatures (common/sigstore/testdata) of artifacts in a registry
// in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kBundleType[] = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr char kLayerType[] = "application/vnd.dev.cosign.simplesigning.v1+json";

Value Recorded(const char* name) {
  std::ifstream file(absl::StrCat("common/sigstore/testdata/", name));
  std::stringstream text;
  text << file.rdbuf();
  return value::ParseJson(text.str()).value();
}

// The artifact that was signed, byte by byte, in the repository "app"; its digest.
std::string AddSigned(oci_testing::Registry& registry, const std::string& name) {
  const std::string layer = absl::StrCat("hello ", name);
  const std::string config = registry.AddBlob("app", "{}");
  const std::string digest = registry.AddBlob("app", layer);
  return registry.AddManifest(
      "app", "v1", kManifestType,
      absl::StrCat(R"({"schemaVersion":2,"mediaType":")", kManifestType,
                   R"(","config":{"mediaType":"application/vnd.cncf.flux.config.v1+json",)",
                   R"("digest":")", config, R"(","size":2},"layers":[{"mediaType":"text/plain",)",
                   R"("digest":")", digest, R"(","size":)", layer.size(), "}]}"));
}

Value Descriptor(oci_testing::Registry& registry, const char* type, const std::string& bytes) {
  return {{"mediaType", type},
          {"digest", registry.AddBlob("app", bytes)},
          {"size", static_cast<int64_t>(bytes.size())}};
}

// Layers of cosign's in the tag that is made of `digest`.
void AttachLayers(oci_testing::Registry& registry, const std::string& digest,
                  const std::vector<Value>& signatures) {
  Value::Array layers;
  for (const Value& signature : signatures) {
    Value layer = Descriptor(registry, kLayerType, std::string(signature["payload"].str()));
    layer.Set("annotations", signature["annotations"]);
    layers.push_back(std::move(layer));
  }
  registry.AddManifest(
      "app", absl::StrCat(absl::StrReplaceAll(digest, {{":", "-"}}), ".sig"), kManifestType,
      value::FormatJson(
          Value({{"schemaVersion", 2},
                 {"mediaType", kManifestType},
                 {"config", Descriptor(registry, "application/vnd.oci.image.config.v1+json", "{}")},
                 {"layers", Value(std::move(layers))}})));
}

// A bundle among the referrers of `digest`.
void AttachBundle(oci_testing::Registry& registry, const std::string& digest,
                  const std::string& bundle) {
  const std::string manifest = value::FormatJson(
      Value({{"schemaVersion", 2},
             {"mediaType", kManifestType},
             {"artifactType", kBundleType},
             {"config", Descriptor(registry, "application/vnd.oci.empty.v1+json", "{}")},
             {"layers", Value(Value::Array{Descriptor(registry, kBundleType, bundle)})}}));
  const std::string added = registry.AddManifest("app", "", kManifestType, manifest);
  registry.SetReferrers(
      "app", digest,
      value::FormatJson(
          Value({{"schemaVersion", 2},
                 {"manifests", Value(Value::Array{{{"mediaType", kManifestType},
                                                   {"digest", added},
                                                   {"size", static_cast<int64_t>(manifest.size())},
                                                   {"artifactType", kBundleType}}})}})));
}

std::string UrlOf(const oci_testing::Registry& registry) {
  return absl::StrCat("oci://", registry.host(), "/app");
}

constexpr char kCopy[] = ", ref: {tag: v1}, layerSelector: {operation: copy}";

TEST_CASE("an artifact is verified by cosign's keys", "[verification]") {
  const Value recorded = Recorded("cosign_keys.json");
  for (const Value& row : recorded.items()) {
    CAPTURE(row["type"].str());
    for (const bool bundled : {false, true}) {
      if (bundled && row["type"].str() == "ed25519") continue;  // see testdata/README.md
      CAPTURE(bundled);
      oci_testing::Registry registry;
      const std::string digest =
          AddSigned(registry, absl::StrCat(bundled ? "app3/" : "app/", row["type"].str()));
      REQUIRE(digest == row[bundled ? "bundleDigest" : "digest"].str());
      if (bundled) {
        AttachBundle(registry, digest, std::string(row["bundle"].str()));
      } else {
        AttachLayers(registry, digest, {row});
      }
      OciRepositories repositories;
      repositories.Apply(SecretManifest(
          "keys", {{"a.pub", std::string(recorded.at(row == recorded.at(0) ? 1 : 0)["key"].str())},
                   {"b.pub", std::string(row["key"].str())},
                   {"cosign.key", "not looked at"}}));
      repositories.Add(
          UrlOf(registry),
          absl::StrCat(kCopy, ", verify: {provider: cosign, secretRef: {name: keys}}"));
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      CHECK(repositories.Condition("SourceVerified") ==
            absl::StrCat("SourceVerified=True Succeeded: verified signature of revision v1@",
                         digest));
      CHECK(absl::StartsWith(repositories.Condition("Ready"), "Ready=True Succeeded"));
      // Once verified, an unchanged artifact under an unchanged spec is not verified again.
      const int signatures = registry.CountOf(".sig") + registry.CountOf("/referrers/");
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      CHECK(registry.CountOf(".sig") + registry.CountOf("/referrers/") == signatures);
      repositories.Add(UrlOf(registry), kCopy);
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      CHECK(repositories.Condition("SourceVerified").empty());
    }
  }
}

TEST_CASE("an artifact that nobody trusted signed is refused", "[verification]") {
  const Value recorded = Recorded("cosign_keys.json");
  const Value& signed_one = recorded.at(0);
  const Value& other = recorded.at(1);
  const std::string name = absl::StrCat("app/", signed_one["type"].str());
  struct Row {
    const char* what;
    std::vector<Value> signatures;
    std::vector<std::pair<std::string, std::string>> secret;
    std::string message;  // after the prefix; "…" is the artifact
  };
  const std::string key(signed_one["key"].str());
  const std::string other_key(other["key"].str());
  constexpr char kNone[] = "no matching signatures were found for '…'";
  const Row rows[] = {
      {"unsigned", {}, {{"a.pub", key}}, kNone},
      {"another key", {signed_one}, {{"a.pub", other_key}}, kNone},
      {"another artifact's signature", {other}, {{"a.pub", other_key}}, kNone},
      {"no key", {signed_one}, {{"a.key", key}}, "no public keys found in secret 'keys'"},
      {"no PEM",
       {signed_one},
       {{"a.pub", "x"}, {"b.pub", key}},
       "key 'a.pub': PEM decoding failed: no public key in it"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    oci_testing::Registry registry;
    const std::string digest = AddSigned(registry, name);
    if (!row.signatures.empty()) AttachLayers(registry, digest, row.signatures);
    OciRepositories repositories;
    repositories.Apply(SecretManifest("keys", row.secret));
    repositories.Add(UrlOf(registry),
                     absl::StrCat(kCopy, ", verify: {provider: cosign, secretRef: {name: keys}}"));
    CHECK_FALSE(repositories.Run().ok());
    const std::string reference = absl::StrCat(registry.host(), "/app@", digest);
    const std::string message =
        absl::StrCat("VerificationError: failed to verify the signature using provider 'cosign': ",
                     absl::StrReplaceAll(row.message, {{"…", reference}}));
    CHECK(repositories.Condition("SourceVerified") ==
          absl::StrCat("SourceVerified=False ", message));
    CHECK(repositories.Condition("Ready") == absl::StrCat("Ready=False ", message));
    CHECK(repositories.Live()["status"]["artifact"].is_null());
    // It is signed later, and the condition goes.
    AttachLayers(registry, digest, {signed_one});
    repositories.Apply(SecretManifest("keys", {{"a.pub", key}}));
    if (row.secret.size() > 1) continue;  // the other key stays in the Secret
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(absl::StartsWith(repositories.Condition("SourceVerified"), "SourceVerified=True"));
  }
}

TEST_CASE("an artifact is verified by identities", "[verification]") {
  const Value recorded = Recorded("keyless.json");
  constexpr char kTrusted[] = "trustedRootSecretRef: {name: root}";
  struct Row {
    const char* signature;
    std::string verify;
    const char* refusal;  // nullptr: verified
  };
  const Row rows[] = {
      {"good", kTrusted, nullptr},
      {"bundle", kTrusted, nullptr},
      {"good",
       absl::StrCat(kTrusted,
                    ", matchOIDCIdentity: [{issuer: '^no$', subject: '^no$'}, {issuer: "
                    "'^https://token.actions.githubusercontent.com$', subject: "
                    "'^https://github.com/example/.*'}]"),
       nullptr},
      {"good",
       absl::StrCat(kTrusted, ", matchOIDCIdentity: [{issuer: '.*', subject: 'somebody.else'}]"),
       "no matching signatures: none of the expected identities matched what was in the "
       "certificate, got subjects [https://github.com/example/app/"},
      {"good", absl::StrCat(kTrusted, ", matchOIDCIdentity: [{issuer: '[', subject: ''}]"),
       "malformed issuer in identity: "},
      {"late", kTrusted,
       "no matching signatures: certificate does not lead to a trusted authority"},
      {"wrongKey", kTrusted, "no matching signatures: invalid signature"},
      {"server", kTrusted, "no matching signatures: the certificate is not one for signing code"},
      {"unlogged", kTrusted, "no matching signatures: the certificate has no timestamp"},
      {"otherAuthority", kTrusted,
       "no matching signatures: certificate does not lead to a trusted"},
      {"bundleWrongKey", kTrusted, "no matching signatures: invalid signature"},
      {"", kTrusted, "no signatures found"},
      {"good", "trustedRootSecretRef: {name: empty}",
       "'trusted_root.json' not found in secret 'empty'"},
      {"good", "trustedRootSecretRef: {name: bad}", "unable to initialize trusted root: "},
      {"good", "trustedRootSecretRef: {name: none}", "failed to get secret 'default/none': "},
      {"good", "", "unable to initialize trusted root: there is none of the public Sigstore"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.signature, row.verify);
    oci_testing::Registry registry;
    const std::string digest = AddSigned(registry, "app/keyless");
    REQUIRE(digest == recorded["digest"].str());
    const Value& signature = recorded[row.signature];
    if (signature.Has("annotations")) AttachLayers(registry, digest, {signature});
    if (signature.Has("mediaType")) AttachBundle(registry, digest, value::FormatJson(signature));
    OciRepositories repositories;
    repositories.Apply(SecretManifest(
        "root", {{"trusted_root.json", value::FormatJson(recorded["trustedRoot"])}}));
    repositories.Apply(SecretManifest("empty", {}));
    repositories.Apply(SecretManifest("bad", {{"trusted_root.json", "{}"}}));
    repositories.Add(UrlOf(registry),
                     absl::StrCat(kCopy, ", verify: {provider: cosign",
                                  row.verify.empty() ? "" : ", ", row.verify, "}"));
    CHECK(repositories.Run().ok() == (row.refusal == nullptr));
    const std::string condition = repositories.Condition("SourceVerified");
    CAPTURE(condition);
    if (row.refusal == nullptr) {
      CHECK(absl::StartsWith(condition, "SourceVerified=True Succeeded: verified signature of"));
    } else {
      CHECK(absl::StartsWith(
          condition, absl::StrCat("SourceVerified=False VerificationError: failed to verify the "
                                  "signature using provider 'cosign keyless': ",
                                  row.refusal)));
    }
  }
}

// CVE-2023-46737, CVE-2024-29902, CVE-2024-29903: others can attach what they like.
TEST_CASE("attachments without number or bound cost little", "[verification][advisory]") {
  const Value recorded = Recorded("cosign_keys.json");
  const Value& row = recorded.at(0);
  oci_testing::Registry registry;
  const std::string digest = AddSigned(registry, absl::StrCat("app/", row["type"].str()));
  Value large = row;
  large.Set("payload", std::string(size_t{2} << 20, 'x'));
  Value broken = row;
  broken.Set("annotations", {{"dev.cosignproject.cosign/signature", "no base64!"}});
  std::vector<Value> signatures(10, large);
  signatures.insert(signatures.end(), 10, broken);
  signatures.push_back(row);
  signatures.insert(signatures.end(), 1000, row);
  AttachLayers(registry, digest, signatures);
  OciRepositories repositories;
  repositories.Apply(SecretManifest("keys", {{"a.pub", std::string(row["key"].str())}}));
  repositories.Add(UrlOf(registry),
                   absl::StrCat(kCopy, ", verify: {provider: cosign, secretRef: {name: keys}}"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(absl::StartsWith(repositories.Condition("SourceVerified"), "SourceVerified=True"));
  CHECK(registry.CountOf("/blobs/") < 60);
}

// CVE-2024-23332, CVE-2023-33959: what is stored is what was verified.
TEST_CASE("a tag that moves after its verification does not matter", "[verification][advisory]") {
  const Value recorded = Recorded("cosign_keys.json");
  const Value& row = recorded.at(0);
  oci_testing::Registry registry;
  const std::string digest = AddSigned(registry, absl::StrCat("app/", row["type"].str()));
  AttachLayers(registry, digest, {row});
  std::atomic<bool> moved = false;
  // As soon as the signature is asked for, the tag names something else.
  registry.SetFault([&](const http::ServerRequest& request, http::ServerResponse&) {
    if (absl::EndsWith(request.path, ".sig")) moved = true;
  });
  OciRepositories repositories;
  repositories.Apply(SecretManifest("keys", {{"a.pub", std::string(row["key"].str())}}));
  repositories.Add(UrlOf(registry),
                   absl::StrCat(kCopy, ", verify: {provider: cosign, secretRef: {name: keys}}"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(moved);
  int tagged = 0;
  for (const oci_testing::Seen& seen : registry.requests()) {
    if (absl::EndsWith(seen.path, "/manifests/v1")) ++tagged;
  }
  CHECK(tagged == 1);  // everything after it went by digest
  CHECK(repositories.Revision() == absl::StrCat("v1@", digest));
}

}  // namespace
}  // namespace sluice::sources
