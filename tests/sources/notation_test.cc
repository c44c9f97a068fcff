// spec.verify by recorded signatures of the Notary Project (common/notation/testdata) of an
// artifact in a registry in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kSignatureType[] = "application/vnd.cncf.notary.signature";

const Value& Recorded() {
  static const Value* const kRecorded = [] {
    std::ifstream file("common/notation/testdata/signatures.json");
    std::stringstream text;
    text << file.rdbuf();
    return new Value(value::ParseJson(text.str()).value());
  }();
  return *kRecorded;
}

const Value& Named(absl::string_view name) {
  for (const Value& signature : Recorded()["signatures"].items()) {
    if (signature["name"].str() == name) return signature;
  }
  FAIL("no such signature: " << name);
  return Recorded();
}

// The artifact that was signed, byte by byte; its digest.
std::string AddSigned(oci_testing::Registry& registry) {
  constexpr absl::string_view kLayer = "hello app/notation";
  return registry.AddManifest(
      "app", "v1", kManifestType,
      absl::StrCat(R"({"schemaVersion":2,"mediaType":")", kManifestType,
                   R"(","config":{"mediaType":"application/vnd.cncf.flux.config.v1+json",)",
                   R"("digest":")", registry.AddBlob("app", "{}"),
                   R"(","size":2},"layers":[{"mediaType":"text/plain","digest":")",
                   registry.AddBlob("app", kLayer), R"(","size":)", kLayer.size(), "}]}"));
}

Value Descriptor(oci_testing::Registry& registry, absl::string_view type,
                 const std::string& bytes) {
  return {{"mediaType", type},
          {"digest", registry.AddBlob("app", bytes)},
          {"size", static_cast<int64_t>(bytes.size())}};
}

// By the referrers API, or by the tag that stands in for it.
void Attach(oci_testing::Registry& registry, bool api, const std::string& digest,
            const std::vector<Value>& signatures) {
  Value::Array referrers;
  for (const Value& signature : signatures) {
    std::string envelope;
    REQUIRE(absl::Base64Unescape(signature["envelope"].str(), &envelope));
    const std::string manifest = value::FormatJson(Value(
        {{"schemaVersion", 2},
         {"mediaType", kManifestType},
         {"config", Descriptor(registry, kSignatureType, "{}")},
         {"layers",
          Value(Value::Array{Descriptor(registry, signature["mediaType"].str(), envelope)})}}));
    referrers.push_back({{"mediaType", kManifestType},
                         {"digest", registry.AddManifest("app", "", kManifestType, manifest)},
                         {"size", static_cast<int64_t>(manifest.size())},
                         {"artifactType", kSignatureType}});
  }
  const std::string index =
      value::FormatJson(Value({{"schemaVersion", 2},
                               {"mediaType", "application/vnd.oci.image.index.v1+json"},
                               {"manifests", Value(std::move(referrers))}}));
  if (api) {
    registry.SetReferrers("app", digest, index);
  } else {
    registry.AddManifest("app", absl::StrReplaceAll(digest, {{":", "-"}}),
                         "application/vnd.oci.image.index.v1+json", index);
  }
}

std::string Policy(const std::string& level, const std::string& identity = "*",
                   const std::string& scope = "*") {
  return absl::StrCat(R"({"version":"1.0","trustPolicies":[{"name":"p","registryScopes":[")", scope,
                      R"("],"signatureVerification":{"level":")", level,
                      R"("},"trustStores":["ca:x"],"trustedIdentities":[")", identity, R"("]}]})");
}

constexpr char kVerify[] =
    ", ref: {tag: v1}, layerSelector: {operation: copy}, verify: {provider: notation, secretRef: "
    "{name: trust}}";

TEST_CASE("an artifact is verified by notation's trust policy", "[verification]") {
  struct Row {
    std::vector<const char*> signatures;
    std::string policy;
    const char* condition;  // of SourceVerified after "SourceVerified="; "" if there is none
  };
  constexpr char kGood[] = "True Succeeded: verified signature of revision v1@sha256:";
  constexpr char kFailed[] =
      "False VerificationError: failed to verify the signature using provider 'notation': ";
  const std::string none = absl::StrCat(kFailed, "no signature is associated with \"");
  const std::string all = absl::StrCat(
      kFailed, "signature verification failed for all the signatures associated with ");
  const std::string stopped = absl::StrCat(kFailed, "signature evaluation stopped.");
  const std::string no_statement = absl::StrCat(kFailed, "artifact \"");
  constexpr char kElse[] = "x509.subject: C=DE, ST=Berlin, O=else";
  const Row rows[] = {
      {{"p256-jws"}, Policy("strict"), kGood},
      {{"p256-cose"}, Policy("strict"), kGood},
      {{"rsa2048-jws"}, Policy("permissive", "x509.subject: C=DE, ST=Berlin, O=sluice"), kGood},
      {{"p256-jws"}, Policy("audit"), kGood},
      // As fact 47 of the specification has it.
      {{"p256-jws"}, Policy("audit", kElse), ""},
      {{"p256-jws"}, Policy("permissive", kElse), all.c_str()},
      {{"p256-jws"}, Policy("skip"), ""},
      {{}, Policy("skip"), ""},
      {{}, Policy("audit"), none.c_str()},
      {{}, Policy("strict"), none.c_str()},
      {{"otherArtifact-jws"}, Policy("audit"), all.c_str()},
      {{"expired-jws"}, Policy("strict"), all.c_str()},
      {{"expired-jws"}, Policy("permissive"), kGood},
      {{"expiredCertificate-cose"}, Policy("strict"), all.c_str()},
      {{"otherRoot-jws"}, Policy("strict"), all.c_str()},
      {{"otherRoot-jws", "expired-jws", "p256-jws"}, Policy("strict"), kGood},
      {{"otherRoot-jws", "expired-jws", "otherArtifact-jws", "p256-jws"},
       Policy("strict"),
       stopped.c_str()},
      {{"p256-jws"}, Policy("strict", "*", "registry.example.com/app"), no_statement.c_str()},
  };
  for (const bool api : {true, false}) {
    for (const Row& row : rows) {
      CAPTURE(api, row.signatures, row.policy);
      oci_testing::RegistryOptions options;
      options.referrers_api = api;
      oci_testing::Registry registry(options);
      const std::string digest = AddSigned(registry);
      REQUIRE(digest == Recorded()["digest"].str());
      std::vector<Value> signatures;
      for (const char* name : row.signatures) signatures.push_back(Named(name));
      Attach(registry, api, digest, signatures);
      OciRepositories repositories;
      repositories.Apply(SecretManifest(
          "trust",
          {{"trustpolicy.json", row.policy}, {"ca.crt", std::string(Recorded()["root"].str())}}));
      repositories.Add(absl::StrCat("oci://", registry.host(), "/app"), kVerify);
      const bool refused = absl::StartsWith(row.condition, "False");
      CHECK(repositories.Run().ok() == !refused);
      const std::string condition = repositories.Condition("SourceVerified");
      CAPTURE(condition);
      if (row.condition[0] == '\0') {
        CHECK(condition.empty());
      } else {
        CHECK(absl::StartsWith(condition, absl::StrCat("SourceVerified=", row.condition)));
      }
      CHECK(repositories.Live()["status"]["artifact"].is_null() == refused);
    }
  }
}

TEST_CASE("what is ignored is looked at again, what is verified is not", "[verification]") {
  oci_testing::Registry registry;
  const std::string digest = AddSigned(registry);
  Attach(registry, true, digest, {Named("p256-jws")});
  OciRepositories repositories;
  for (const std::string identity : {"x509.subject: C=DE, ST=Berlin, O=else", "*"}) {
    repositories.Apply(
        SecretManifest("trust", {{"trustpolicy.json", Policy("audit", identity)},
                                 {"ca.pem", std::string(Recorded()["root"].str())}}));
    repositories.Add(absl::StrCat("oci://", registry.host(), "/app"), kVerify);
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(repositories.Condition("SourceVerified").empty() == (identity != "*"));
  }
  const int asked = registry.CountOf("/referrers/");
  CHECK(asked == 2);
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(registry.CountOf("/referrers/") == asked);
}

TEST_CASE("secrets without trust are told as in Flux", "[verification]") {
  const std::string root(Recorded()["root"].str());
  struct Row {
    std::vector<std::pair<std::string, std::string>> secret;
    const char* verify;
    const char* message;
  };
  constexpr char kWithSecret[] = "verify: {provider: notation, secretRef: {name: trust}}";
  const Row rows[] = {
      {{{"ca.crt", root}}, kWithSecret, "'trustpolicy.json' not found in secret 'trust'"},
      {{{"trustpolicy.json", Policy("strict")}},
       kWithSecret,
       "no certificates found in secret 'trust'"},
      {{{"trustpolicy.json", "{}"}, {"ca.crt", root}},
       kWithSecret,
       "trustpolicy.json: trust policy document is missing or has empty version"},
      {{{"trustpolicy.json", ""}, {"ca.crt", root}}, kWithSecret, "trustpolicy.json: invalid JSON"},
      {{{"trustpolicy.json", Policy("strict", "*", "h/a b*")}, {"ca.crt", root}},
       kWithSecret,
       "trustpolicy.json: trust policy statement \"p\" has registry scope"},
      {{{"trustpolicy.json", Policy("strict")}, {"ca.crt", "x"}},
       kWithSecret,
       "failed to parse certificate 'ca.crt': no certificate in PEM"},
      {{}, "verify: {provider: notation}", "verification secret cannot be empty: '"},
  };
  oci_testing::Registry registry;
  AddSigned(registry);
  for (const Row& row : rows) {
    CAPTURE(row.message);
    OciRepositories repositories;
    repositories.Apply(SecretManifest("trust", row.secret));
    repositories.Add(absl::StrCat("oci://", registry.host(), "/app"),
                     absl::StrCat(", ref: {tag: v1}, ", row.verify));
    CHECK_FALSE(repositories.Run().ok());
    const std::string condition = repositories.Condition("SourceVerified");
    CAPTURE(condition);
    CHECK(absl::StartsWith(condition,
                           absl::StrCat("SourceVerified=False VerificationError: failed to verify "
                                        "the signature using provider 'notation': ",
                                        row.message)));
  }
}

}  // namespace
}  // namespace sluice::sources
