// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/verify.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::sigstore {
namespace {

using ::sluice::testing::IsOk;

// Recorded signatures, see testdata/README.md.
Value Recorded(const char* name) {
  std::ifstream file(absl::StrCat("common/sigstore/testdata/", name));
  std::stringstream text;
  text << file.rdbuf();
  return value::ParseJson(text.str()).value();
}

const Value& Keyless() {
  static const Value* const kRecorded = new Value(Recorded("keyless.json"));
  return *kRecorded;
}

std::map<std::string, std::string> Annotations(const Value& layer) {
  std::map<std::string, std::string> result;
  for (const value::Member& member : layer["annotations"].members()) {
    result[member.key] = std::string(member.value.str());
  }
  return result;
}

Signature Layer(const Value& layer) {
  return Signature::FromLayer(layer["payload"].str(), Annotations(layer)).value();
}
Signature Bundle(const Value& bundle) {
  return Signature::FromBundle(value::FormatJson(bundle)).value();
}

TrustedRoot Root() {
  return TrustedRoot::Parse(value::FormatJson(Keyless()["trustedRoot"])).value();
}
std::string Digest() { return std::string(Keyless()["digest"].str()); }
std::string OtherDigest() { return absl::StrCat("sha256:", std::string(64, '0')); }

TEST_CASE("signatures of cosign's keys are good for their artifact only", "[sigstore]") {
  const Value recorded = Recorded("cosign_keys.json");
  for (const Value& row : recorded.items()) {
    CAPTURE(row["type"].str());
    const auto key = crypto::PublicKey::FromPem(row["key"].str());
    REQUIRE_THAT(key.status(), IsOk());
    const std::string digest(row["digest"].str());
    Signature signature = Layer(row);
    CHECK_THAT(VerifyWithKey(signature, *key, digest), IsOk());
    CHECK(absl::IsUnauthenticated(VerifyWithKey(signature, *key, OtherDigest())));
    Signature changed = signature;
    changed.payload += " ";
    CHECK(absl::IsUnauthenticated(VerifyWithKey(changed, *key, digest)));
    changed = signature;
    changed.value[changed.value.size() / 2] ^= 1;
    CHECK(absl::IsUnauthenticated(VerifyWithKey(changed, *key, digest)));
    changed.value.clear();
    CHECK(absl::IsUnauthenticated(VerifyWithKey(changed, *key, digest)));
    for (const Value& other : recorded.items()) {
      if (other["key"] == row["key"]) continue;
      const auto other_key = crypto::PublicKey::FromPem(other["key"].str());
      CHECK(absl::IsUnauthenticated(VerifyWithKey(signature, *other_key, digest)));
    }
  }
}

TEST_CASE("bundles of cosign's keys are good for their artifact only", "[sigstore]") {
  const Value recorded = Recorded("cosign_keys.json");
  for (const Value& row : recorded.items()) {
    CAPTURE(row["type"].str());
    const auto key = crypto::PublicKey::FromPem(row["bundleKey"].str());
    const std::string digest(row["bundleDigest"].str());
    const Signature signature = Signature::FromBundle(row["bundle"].str()).value();
    if (row["type"].str() == "ed25519") {
      // Signed over a digest, which cosign itself refuses.
      CHECK_FALSE(VerifyWithKey(signature, *key, digest).ok());
      continue;
    }
    CHECK_THAT(VerifyWithKey(signature, *key, digest), IsOk());
    CHECK(absl::IsUnauthenticated(VerifyWithKey(signature, *key, OtherDigest())));
    Signature changed = signature;
    changed.payload_type += "x";
    CHECK(absl::IsUnauthenticated(VerifyWithKey(changed, *key, digest)));
  }
}

TEST_CASE("a signature by an identity is good", "[sigstore]") {
  const TrustedRoot root = Root();
  for (const bool bundled : {false, true}) {
    CAPTURE(bundled);
    const Signature signature = bundled ? Bundle(Keyless()["bundle"]) : Layer(Keyless()["good"]);
    CHECK_THAT(VerifyWithIdentity(signature, root, {}, Digest()), IsOk());
    struct Row {
      const char* issuer;
      const char* subject;
      bool good;
    };
    const Row rows[] = {
        {"^https://token\\.actions\\.githubusercontent\\.com$", "^https://github.com/example/",
         true},
        {"actions", "release", true},  // somewhere in it is enough
        {".*", ".*", true},
        {"^https://accounts\\.example\\.com$", ".*", false},
        {".*", "^https://github.com/other/", false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.issuer, row.subject);
      const IdentityRule rule = IdentityRule::Parse(row.issuer, row.subject).value();
      CHECK(VerifyWithIdentity(signature, root, {&rule, 1}, Digest()).ok() == row.good);
    }
    const IdentityRule both[] = {IdentityRule::Parse("^no$", "^no$").value(),
                                 IdentityRule::Parse("actions", "release").value()};
    CHECK_THAT(VerifyWithIdentity(signature, root, both, Digest()), IsOk());
    // Issuer and subject are of one rule.
    const IdentityRule crossed[] = {IdentityRule::Parse("actions", "^no$").value(),
                                    IdentityRule::Parse("^no$", "release").value()};
    const absl::Status refused = VerifyWithIdentity(signature, root, crossed, Digest());
    CHECK(absl::StartsWith(refused.message(),
                           "none of the expected identities matched what was in the certificate, "
                           "got subjects [https://github.com/example/app/"));
    CHECK(absl::IsUnauthenticated(VerifyWithIdentity(signature, root, {}, OtherDigest())));
  }
  CHECK(absl::IsInvalidArgument(IdentityRule::Parse("[", ".*").status()));
  CHECK(absl::IsInvalidArgument(IdentityRule::Parse(".*", "(").status()));
}

// What cosign itself refuses, recorded.
TEST_CASE("signatures that cosign refuses are refused", "[sigstore]") {
  struct Row {
    const char* name;
    const char* reason;
  };
  const Row rows[] = {
      {"late", "certificate has expired"},
      {"bundleLate", "certificate has expired"},
      {"wrongKey", "invalid signature when validating with the certificate's key"},
      {"bundleWrongKey", "invalid signature when validating with the certificate's key"},
      {"server", "the certificate is not one for signing code"},
      {"unlogged", "the certificate has no timestamp of a certificate log"},
      {"otherAuthority", "certificate does not lead to a trusted authority"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Value& recorded = Keyless()[row.name];
    const Signature signature = recorded.Has("annotations") ? Layer(recorded) : Bundle(recorded);
    const absl::Status refused = VerifyWithIdentity(signature, Root(), {}, Digest());
    CHECK(absl::IsUnauthenticated(refused));
    CAPTURE(refused.message());
    CHECK(absl::StrContains(refused.message(), row.reason));
  }
}

// CVE-2022-36056, CVE-2026-22703, CVE-2026-24122, CVE-2026-39395, CVE-2026-54787: each check on its
// own, with the others as they were.
TEST_CASE("every single check refuses", "[sigstore][advisory]") {
  struct Row {
    const char* what;
    std::function<void(Signature&, TrustedRoot&)> change;
    const char* reason;
  };
  const absl::Time begun = absl::FromUnixSeconds(1748736000);  // the certificate's
  const Row rows[] = {
      {"no certificate", [](Signature& s, TrustedRoot&) { s.certificate.reset(); },
       "no certificate found on signature"},
      {"no log entry", [](Signature& s, TrustedRoot&) { s.entries.clear(); },
       "no transparency log entry"},
      {"another time",
       [](Signature& s, TrustedRoot&) { s.entries[0].integrated += absl::Seconds(1); },
       "the signed entry timestamp is not the log's"},
      {"another index", [](Signature& s, TrustedRoot&) { ++s.entries[0].index; },
       "the signed entry timestamp is not the log's"},
      {"another body", [](Signature& s, TrustedRoot&) { s.entries[0].body += " "; },
       "the signed entry timestamp is not the log's"},
      {"no promise", [](Signature& s, TrustedRoot&) { s.entries[0].promise.clear(); },
       "the signed entry timestamp is not the log's"},
      {"another log", [](Signature& s, TrustedRoot&) { s.entries[0].log_id[0] ^= 1; },
       "no trusted log"},
      {"no logs", [](Signature&, TrustedRoot& r) { r.transparency_logs.clear(); },
       "no trusted log"},
      {"log not yet in use",
       [begun](Signature&, TrustedRoot& r) {
         r.transparency_logs[0].period.start = begun + absl::Hours(1);
       },
       "no trusted log"},
      {"log out of use",
       [begun](Signature&, TrustedRoot& r) { r.transparency_logs[0].period.end = begun; },
       "no trusted log"},
      {"the log's key another one",
       [](Signature&, TrustedRoot& r) { r.transparency_logs[0].key = r.certificate_logs[0].key; },
       "the signed entry timestamp is not the log's"},
      {"authority out of use",
       [begun](Signature&, TrustedRoot& r) { r.authorities[0].period.end = begun; },
       "no trusted certificate authority"},
      {"no intermediate",
       [](Signature&, TrustedRoot& r) { r.authorities[0].intermediates.clear(); },
       "certificate does not lead to a trusted authority"},
      {"no certificate logs", [](Signature&, TrustedRoot& r) { r.certificate_logs.clear(); },
       "no trusted certificate log"},
      {"certificate log out of use",
       [begun](Signature&, TrustedRoot& r) {
         r.certificate_logs[0].period.end = begun - absl::Seconds(1);
       },
       "no trusted certificate log"},
      {"the certificate log's key another one",
       [](Signature&, TrustedRoot& r) { r.certificate_logs[0].key = r.transparency_logs[0].key; },
       "no trusted certificate log"},
      {"another signature", [](Signature& s, TrustedRoot&) { s.value.back() ^= 1; },
       "the log entry is about another signature"},
      {"another payload", [](Signature& s, TrustedRoot&) { s.payload += " "; },
       "the log entry is about another signature"},
      {"another certificate",
       [](Signature& s, TrustedRoot& r) { s.certificate = r.authorities[0].root; },
       "the log entry is about another signature"},
  };
  for (const bool bundled : {false, true}) {
    for (const Row& row : rows) {
      CAPTURE(bundled, row.what);
      Signature signature = bundled ? Bundle(Keyless()["bundle"]) : Layer(Keyless()["good"]);
      TrustedRoot root = Root();
      row.change(signature, root);
      const absl::Status refused = VerifyWithIdentity(signature, root, {}, Digest());
      CHECK(absl::IsUnauthenticated(refused));
      CAPTURE(refused.message());
      CHECK(absl::StrContains(refused.message(), row.reason));
    }
  }
}

TEST_CASE("an inclusion proof that is there must hold", "[sigstore][advisory]") {
  struct Row {
    const char* what;
    std::function<void(InclusionProof&)> change;
    const char* reason;
  };
  const Row rows[] = {
      {"another leaf", [](InclusionProof& p) { p.index = 1; }, "does not lead to its root"},
      {"outside", [](InclusionProof& p) { p.index = 5; }, "outside of its tree"},
      {"negative", [](InclusionProof& p) { p.index = -1; }, "outside of its tree"},
      {"another size", [](InclusionProof& p) { p.tree_size = 8; }, "about another tree"},
      {"one hash less", [](InclusionProof& p) { p.hashes.pop_back(); }, "too short"},
      {"one hash more", [](InclusionProof& p) { p.hashes.push_back(p.hashes[0]); }, "too long"},
      {"another root", [](InclusionProof& p) { p.root_hash[0] ^= 1; }, "does not lead to its root"},
      {"no checkpoint", [](InclusionProof& p) { p.checkpoint.clear(); }, "no signed note"},
      {"unsigned checkpoint",
       [](InclusionProof& p) { p.checkpoint.resize(p.checkpoint.find("\n\n") + 2); },
       "not signed by the log"},
      {"changed checkpoint", [](InclusionProof& p) { p.checkpoint.insert(0, "x"); },
       "not signed by the log"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Signature signature = Bundle(Keyless()["bundle"]);
    REQUIRE(signature.entries[0].proof.has_value());
    row.change(*signature.entries[0].proof);
    const absl::Status refused = VerifyWithIdentity(signature, Root(), {}, Digest());
    CHECK(absl::IsUnauthenticated(refused));
    CAPTURE(refused.message());
    CHECK(absl::StrContains(refused.message(), row.reason));
  }
}

// Entries of attestations that were made before "dsse": the signature is in there encoded twice.
TEST_CASE("an older entry is about one signature, too", "[sigstore]") {
  const Signature signature = Bundle(Keyless()["bundle"]);
  const Value dsse = value::ParseJson(signature.entries[0].body).value();
  const Value& verifier = dsse["spec"]["signatures"].at(0)["verifier"];
  const std::string sig = absl::Base64Escape(absl::Base64Escape(signature.value));
  struct Row {
    std::string sig;
    Value verifier;
    Value hash;
    const char* version;
    bool good;
  };
  const Value& hash = dsse["spec"]["payloadHash"];
  const Value other_hash = {{"algorithm", "sha256"}, {"value", std::string(64, '0')}};
  const Row rows[] = {
      {sig, verifier, hash, "0.0.2", true},
      {absl::Base64Escape(signature.value), verifier, hash, "0.0.2", false},
      {sig, "", hash, "0.0.2", false},
      {sig, verifier, other_hash, "0.0.2", false},
      {sig, verifier, hash, "0.0.1", false},
  };
  for (const Row& row : rows) {
    LogEntry entry = signature.entries[0];
    entry.body = value::FormatJson(Value(
        {{"apiVersion", row.version},
         {"kind", "intoto"},
         {"spec",
          {{"content",
            {{"payloadHash", row.hash},
             {"envelope",
              {{"signatures",
                Value(Value::Array{{{"sig", row.sig}, {"publicKey", row.verifier}}})}}}}}}}}));
    CAPTURE(entry.body);
    CHECK(signature.CheckEntry(entry, *signature.certificate).ok() == row.good);
  }
}

TEST_CASE("what is no signature does not parse", "[sigstore]") {
  const Value& good = Keyless()["good"];
  struct Row {
    const char* annotation;
    const char* value;
  };
  const Row rows[] = {
      {"dev.cosignproject.cosign/signature", ""},
      {"dev.cosignproject.cosign/signature", "no base64!"},
      {"dev.sigstore.cosign/certificate", "no PEM"},
      {"dev.sigstore.cosign/bundle", "no JSON"},
      {"dev.sigstore.cosign/bundle", R"({"Payload":{"logID":"12"}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotation, row.value);
    auto annotations = Annotations(good);
    annotations[row.annotation] = row.value;
    CHECK_FALSE(Signature::FromLayer(good["payload"].str(), annotations).ok());
  }
  for (const char* json :
       {"", "[]", "{}", R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"})",
        R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":)"
        R"({"signatures":[]}})"}) {
    CAPTURE(json);
    CHECK_FALSE(Signature::FromBundle(json).ok());
  }
  for (const char* json :
       {"", "{}",
        R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",)"
        R"("certificateAuthorities":[{}]})",
        R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",)"
        R"("tlogs":[{"publicKey":{"rawBytes":"x"}}]})"}) {
    CAPTURE(json);
    CHECK_FALSE(TrustedRoot::Parse(json).ok());
  }
}

}  // namespace
}  // namespace sluice::sigstore
