// SPDX-License-Identifier: Apache-2.0
#include "common/notation/verify.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::notation {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Recorded signatures, see testdata/README.md.
const Value& Recorded() {
  static const Value* const kRecorded = [] {
    std::ifstream file("common/notation/testdata/signatures.json");
    std::stringstream text;
    text << file.rdbuf();
    return new Value(value::ParseJson(text.str()).value());
  }();
  return *kRecorded;
}

const absl::Time kNow = absl::FromUnixSeconds(1795392000);  // 2026-11-23

Artifact Signed() {
  return {"application/vnd.oci.image.manifest.v1+json", std::string(Recorded()["digest"].str()),
          Recorded()["size"].int_or(0)};
}
std::string BytesOf(const Value& signature) {
  std::string bytes;
  REQUIRE(absl::Base64Unescape(signature["envelope"].str(), &bytes));
  return bytes;
}
const Value& Named(absl::string_view name) {
  for (const Value& signature : Recorded()["signatures"].items()) {
    if (signature["name"].str() == name) return signature;
  }
  FAIL("no such signature: " << name);
  return Recorded();
}

TrustPolicy Policy(absl::string_view level, absl::string_view identity) {
  return TrustPolicy::Parse(
             absl::StrCat(
                 R"({"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],)",
                 R"("signatureVerification":{"level":")", level,
                 R"("},"trustStores":["ca:x","signingAuthority:y"],)", R"("trustedIdentities":[")",
                 identity, R"("]}]})"))
      .value();
}

std::string VerdictOf(const Statement& statement, const Value& signature, absl::Time now = kNow,
                      const Artifact& artifact = Signed()) {
  const auto envelope = Envelope::Parse(signature["mediaType"].str(), BytesOf(signature));
  if (!envelope.ok()) return absl::StrCat("error: ", envelope.status().message());
  const auto trusted = crypto::Certificate::FromPem(Recorded()["root"].str()).value();
  const auto trust = VerifyEnvelope(statement, trusted, *envelope, artifact, now);
  if (!trust.ok()) return absl::StrCat("error: ", trust.status().message());
  return *trust == Trust::kTrusted ? "verified" : "ignored";
}

TEST_CASE("verdicts are those of notation", "[notation]") {
  int compared = 0;
  for (const Value& signature : Recorded()["signatures"].items()) {
    for (const value::Member& verdict : signature["verdicts"].members()) {
      CAPTURE(signature["name"].str(), verdict.key);
      const std::pair<std::string, std::string> key =
          absl::StrSplit(verdict.key, absl::MaxSplits(' ', 1));
      const TrustPolicy policy = Policy(key.first, key.second);
      const std::string ours = VerdictOf(*policy.For("registry.example.com/app"), signature);
      const absl::string_view theirs = verdict.value.str();
      CHECK(ours == (absl::StartsWith(theirs, "ignored") ? "ignored" : theirs));
      ++compared;
    }
  }
  CHECK(compared > 200);
}

TEST_CASE("a signature is about one artifact", "[notation]") {
  const TrustPolicy policy = Policy("strict", "*");
  const Statement& statement = *policy.For("r/a");
  for (const char* name : {"p256-jws", "p256-cose"}) {
    const Value& signature = Named(name);
    CHECK(VerdictOf(statement, signature) == "verified");
    Artifact other = Signed();
    other.digest = absl::StrCat("sha256:", std::string(64, '0'));
    CHECK(VerdictOf(statement, signature, kNow, other) == "error: content descriptor mismatch");
    other = Signed();
    other.media_type = "application/other";
    CHECK(VerdictOf(statement, signature, kNow, other) == "error: content descriptor mismatch");
  }
}

TEST_CASE("a signature is good in its time", "[notation]") {
  const TrustPolicy policy = Policy("strict", "*");
  const Statement& statement = *policy.For("r/a");
  const absl::Time signed_at = absl::FromUnixSeconds(1748736000);
  for (const char* form : {"jws", "cose"}) {
    const Value& expiring = Named(absl::StrCat("expired-", form));
    CHECK(VerdictOf(statement, expiring, signed_at + absl::Minutes(59)) == "verified");
    CHECK(absl::StartsWith(VerdictOf(statement, expiring, signed_at + absl::Minutes(61)),
                           "error: digital signature has expired"));
    const Value& short_lived = Named(absl::StrCat("expiredCertificate-", form));
    CHECK(VerdictOf(statement, short_lived, signed_at) == "verified");
    CHECK(absl::StartsWith(VerdictOf(statement, short_lived, absl::UnixEpoch()),
                           "error: verification time is before certificate"));
    // A signing authority vouches for the time.
    CHECK(VerdictOf(statement, Named(absl::StrCat("signingAuthority-", form)), absl::UnixEpoch()) ==
          "verified");
  }
}

TEST_CASE("a store of the other type does not count", "[notation]") {
  const auto policy = TrustPolicy::Parse(
      R"({"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],
          "signatureVerification":{"level":"strict"},"trustStores":["ca:x"],
          "trustedIdentities":["*"]}]})");
  CHECK(VerdictOf(*policy->For("r/a"), Named("p256-jws")) == "verified");
  CHECK(absl::StartsWith(VerdictOf(*policy->For("r/a"), Named("signingAuthority-jws")),
                         "error: the signature's certificate chain does not contain"));
}

// CVE-2023-33959, CVE-2024-23332 and their like: nothing that was changed passes, at no level.
TEST_CASE("a changed envelope is refused", "[notation][advisory]") {
  for (const char* level : {"strict", "permissive", "audit"}) {
    const TrustPolicy policy = Policy(level, "*");
    const Statement& statement = *policy.For("r/a");
    const auto trusted = crypto::Certificate::FromPem(Recorded()["root"].str()).value();
    for (const char* name : {"rsa2048-jws", "p256-jws", "rsa2048-cose", "p384-cose"}) {
      CAPTURE(level, name);
      const Envelope good =
          Envelope::Parse(Named(name)["mediaType"].str(), BytesOf(Named(name))).value();
      const auto refuses = [&](const Envelope& envelope) {
        return absl::IsUnauthenticated(
            VerifyEnvelope(statement, trusted, envelope, Signed(), kNow).status());
      };
      CHECK_FALSE(refuses(good));
      Envelope changed = good;
      changed.signed_bytes.back() ^= 1;
      CHECK(refuses(changed));
      changed = good;
      changed.signature.front() ^= 1;
      CHECK(refuses(changed));
      changed = good;
      changed.signature.clear();
      CHECK(refuses(changed));
      changed = good;
      changed.digest = crypto::Algorithm::kSha512;
      CHECK(refuses(changed));
      changed = good;
      changed.pss = !changed.pss;
      CHECK(refuses(changed));
      changed = good;
      changed.chain.pop_back();  // no root at its end
      CHECK(refuses(changed));
      changed = good;
      changed.chain = {trusted[0]};
      CHECK(refuses(changed));
      changed = good;
      changed.chain[1] = crypto::Certificate::FromPem(Recorded()["otherRoot"].str()).value()[0];
      CHECK(refuses(changed));
    }
  }
}

TEST_CASE("what is no envelope does not parse", "[notation]") {
  const std::string jws = BytesOf(Named("p256-jws"));
  const std::string cose = BytesOf(Named("p256-cose"));
  const Value parsed = value::ParseJson(jws).value();
  const auto with_header = [&](const std::string& from, const std::string& to) {
    std::string header;
    REQUIRE(absl::WebSafeBase64Unescape(parsed["protected"].str(), &header));
    REQUIRE(absl::StrContains(header, from));
    Value changed = parsed;
    changed.Set("protected", absl::WebSafeBase64Escape(absl::StrReplaceAll(header, {{from, to}})));
    return value::FormatJson(changed);
  };
  Value no_chain = parsed;
  no_chain.Set("header", Value::EmptyObject());
  const std::string rows[] = {
      "",
      "{}",
      with_header("ES256", "none"),
      with_header("ES256", "HS256"),
      with_header("\"crit\":[", "\"crit\":[\"unknown\","),
      with_header("\"crit\":[\"io.cncf.notary.signingScheme\"]", "\"crit\":[]"),
      with_header("notary.x509", "notary.other"),
      with_header("notary.payload", "other.payload"),
      value::FormatJson(no_chain),
  };
  for (const std::string& row : rows) {
    CAPTURE(row.substr(0, 80));
    CHECK(absl::IsInvalidArgument(Envelope::Parse(kJwsType, row).status()));
  }
  CHECK(absl::IsInvalidArgument(Envelope::Parse("text/plain", jws).status()));
  CHECK(absl::IsInvalidArgument(Envelope::Parse(kCoseType, jws).status()));
  for (size_t size = 0; size < cose.size(); ++size) {
    CHECK_FALSE(Envelope::Parse(kCoseType, absl::string_view(cose).substr(0, size)).ok());
  }
  CHECK_FALSE(Envelope::Parse(kCoseType, cose + "x").ok());
  CHECK_FALSE(Envelope::Parse(kCoseType, std::string(100'000, '\x81')).ok());  // nested lists
  CHECK_THAT(Envelope::Parse(kCoseType, absl::StrCat("\x9a", std::string("\0\1\0\0", 4),
                                                     std::string(65'536, '\0')))
                 .status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "too many items"));
  CHECK_FALSE(Envelope::Parse(kCoseType, "\x9b\xff\xff\xff\xff\xff\xff\xff\xff").ok());
}

}  // namespace
}  // namespace sluice::notation
