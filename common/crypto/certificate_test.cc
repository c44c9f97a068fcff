// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/certificate.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/signing.h"
#include "common/crypto/x509.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const absl::Time kStart = absl::FromUnixSeconds(1767225600);  // 2026-01-01
const absl::Time kEnd = kStart + absl::Hours(24);

Certificate One(const std::string& pem) { return Certificate::FromPem(pem).value()[0]; }

CertificateRequest Request(absl::Time end = kEnd) {
  CertificateRequest request;
  request.common_name = "leaf";
  request.organizations = {"sluice"};
  request.dns_names = {"a.example.com"};
  request.ip_addresses = {"10.0.0.1"};
  request.server = true;
  request.not_before = kStart;
  request.not_after = end;
  return request;
}

TEST_CASE("a certificate tells what stands in it", "[crypto]") {
  const KeyPair authority = CreateAuthority("ca", kStart, kEnd).value();
  const Certificate root = One(authority.certificate_pem);
  const Certificate leaf = One(IssueCertificate(authority, Request()).value().certificate_pem);
  CHECK(leaf.not_before() == kStart);
  CHECK(leaf.not_after() == kEnd);
  CHECK(leaf.ValidAt(kStart));
  CHECK(leaf.ValidAt(kEnd));
  CHECK_FALSE(leaf.ValidAt(kStart - absl::Seconds(1)));
  CHECK_FALSE(leaf.ValidAt(kEnd + absl::Seconds(1)));
  const std::vector<NamePart> subject = {{"O", "sluice"}, {"CN", "leaf"}};
  CHECK(leaf.Subject() == subject);
  const std::vector<std::string> names = {"a.example.com", "10.0.0.1"};
  CHECK(leaf.AlternativeNames() == names);
  CHECK(leaf.HasPurpose("1.3.6.1.5.5.7.3.1"));
  CHECK_FALSE(leaf.HasPurpose(kCodeSigning));
  CHECK(leaf.MaySign());
  CHECK_FALSE(leaf.is_authority());
  CHECK(root.is_authority());
  CHECK_FALSE(root.MaySign());
  CHECK_FALSE(root.has_purposes());
  CHECK(leaf.IsSignedBy(root));
  CHECK(root.IsSignedBy(root));
  CHECK_FALSE(root.IsSignedBy(leaf));
  CHECK_FALSE(leaf.IsSignedBy(One(CreateAuthority("ca", kStart, kEnd).value().certificate_pem)));
  CHECK(leaf.Extension("2.5.29.17").has_value());
  CHECK_FALSE(leaf.Extension("1.2.3.4").has_value());
  CHECK_FALSE(leaf.Extension("no OID").has_value());
  CHECK(leaf.Timestamps(root).value().empty());
  CHECK(Certificate::FromDer(leaf.der()).value() == leaf);
}

TEST_CASE("what is no certificate does not parse", "[crypto]") {
  const std::string pem = CreateAuthority("ca", kStart, kEnd).value().certificate_pem;
  const std::string der = One(pem).der();
  CHECK(absl::IsInvalidArgument(Certificate::FromDer("").status()));
  CHECK(absl::IsInvalidArgument(Certificate::FromDer(der + "x").status()));
  for (size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(Certificate::FromDer(absl::string_view(der).substr(0, size)).ok());
  }
  CHECK(absl::IsInvalidArgument(Certificate::FromPem("").status()));
  CHECK(absl::IsInvalidArgument(
      Certificate::FromPem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
          .status()));
  CHECK(Certificate::FromPem(pem + pem).value().size() == 2);
  std::string many;
  for (int i = 0; i < 101; ++i) many += pem;
  CHECK(absl::IsInvalidArgument(Certificate::FromPem(many).status()));
}

TEST_CASE("a chain leads to a trusted authority at its time", "[crypto]") {
  const KeyPair authority = CreateAuthority("ca", kStart, kEnd).value();
  const KeyPair other = CreateAuthority("ca", kStart, kEnd).value();
  const Certificate root = One(authority.certificate_pem);
  const Certificate stranger = One(other.certificate_pem);
  const Certificate leaf =
      One(IssueCertificate(authority, Request(kStart + absl::Hours(1))).value().certificate_pem);
  const Certificate roots[] = {stranger, root};
  const auto chain = BuildChain(leaf, {}, roots, kStart + absl::Minutes(1));
  REQUIRE_THAT(chain.status(), IsOk());
  REQUIRE(chain->size() == 2);
  CHECK((*chain)[0] == leaf);
  CHECK((*chain)[1] == root);
  struct Row {
    std::vector<Certificate> intermediates;
    std::vector<Certificate> roots;
    absl::Time time;
  };
  const Row rows[] = {
      {{}, {}, kStart},
      {{}, {stranger}, kStart},
      {{root}, {stranger}, kStart},  // what is not trusted helps only to come further
      {{}, {root}, kStart - absl::Seconds(1)},
      {{}, {root}, kStart + absl::Hours(2)},
      {{}, {root}, kEnd + absl::Hours(1)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.roots.size(), absl::FormatTime(row.time));
    const auto refused = BuildChain(leaf, row.intermediates, row.roots, row.time);
    CHECK(absl::IsUnauthenticated(refused.status()));
    CHECK(absl::StartsWith(refused.status().message(),
                           "certificate does not lead to a trusted authority: "));
  }
}

TEST_CASE("a leaf is no authority", "[crypto]") {
  const KeyPair authority = CreateAuthority("ca", kStart, kEnd).value();
  const KeyPair leaf = IssueCertificate(authority, Request()).value();
  const Certificate below = One(IssueCertificate(leaf, Request()).value().certificate_pem);
  const Certificate between = One(leaf.certificate_pem);
  const Certificate root = One(authority.certificate_pem);
  CHECK(below.IsSignedBy(between));
  CHECK(absl::IsUnauthenticated(
      BuildChain(below, {&between, 1}, {&root, 1}, kStart + absl::Minutes(1)).status()));
}

TEST_CASE("public keys come as PEM and DER", "[crypto]") {
  const PrivateKey rsa = PrivateKey::Generate(KeyKind::kRsa2048).value();
  const std::string pem = IssueTlsCertificate(Request(), rsa, false, nullptr).value();
  const PublicKey key = One(pem).Key().value();
  CHECK(key.type() == PublicKeyType::kRsa);
  CHECK(key.rsa_bytes() == 256);
  const std::string signature = SignRsaSha256(rsa.ToPem().value(), "text").value();
  CHECK(key.Verify(Algorithm::kSha256, "text", signature));
  CHECK_FALSE(key.Verify(Algorithm::kSha256, "other", signature));
  CHECK_FALSE(key.VerifyPss(Algorithm::kSha256, "text", signature));
  CHECK_FALSE(key.VerifyPlainEcdsa(Algorithm::kSha256, "text", signature));
  const std::string der = key.ToDer();
  CHECK(PublicKey::FromDer(der).value() == key);
  CHECK(absl::IsInvalidArgument(PublicKey::FromDer(der + "x").status()));
  CHECK(absl::IsInvalidArgument(PublicKey::FromDer(der.substr(1)).status()));
  const std::string block = absl::StrCat("-----BEGIN PUBLIC KEY-----\n", absl::Base64Escape(der),
                                         "\n-----END PUBLIC KEY-----\n");
  CHECK(PublicKey::FromPem(block).value() == key);
  for (const std::string& none :
       {std::string(), pem, std::string(rsa.ToPem().value().Reveal()), block.substr(0, 100)}) {
    CHECK(absl::IsInvalidArgument(PublicKey::FromPem(none).status()));
  }
  const PublicKey ec =
      One(CreateAuthority("ca", kStart, kEnd).value().certificate_pem).Key().value();
  CHECK(ec.type() == PublicKeyType::kEcdsaP256);
  CHECK_FALSE(ec == key);
  CHECK_FALSE(ec.VerifyPss(Algorithm::kSha256, "text", signature));
  CHECK_FALSE(ec.VerifyPlainEcdsa(Algorithm::kSha256, "text", std::string(63, 'x')));
}

TEST_CASE("ASN.1 strings are read", "[crypto]") {
  CHECK(TextOfDer("\x0c\x02hi") == "hi");
  CHECK(TextOfDer("\x16\x02hi") == "hi");
  CHECK_FALSE(TextOfDer("\x0c\x03hi").has_value());
  CHECK_FALSE(TextOfDer("\x0c\x02hi!").has_value());
  CHECK_FALSE(TextOfDer("\x04\x02hi").has_value());
  CHECK_FALSE(TextOfDer("").has_value());
}

}  // namespace
}  // namespace sluice::crypto
