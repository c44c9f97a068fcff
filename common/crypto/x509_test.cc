// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/x509.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/crypto/private_key.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

const absl::Time kBegin = absl::FromUnixSeconds(1767225600);  // 2026-01-01
const absl::Time kEnd = kBegin + absl::Hours(24 * 365);

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

CertificatePtr Parse(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  CertificatePtr certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return certificate;
}

// X509_V_OK, or why `certificate` does not pass as `purpose` under `authority` at `when`.
int Verify(const std::string& authority, const std::string& certificate, int purpose,
           absl::Time when) {
  const CertificatePtr root = Parse(authority);
  const CertificatePtr leaf = Parse(certificate);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_STORE_CTX_set_time(context, 0, absl::ToTimeT(when));
  X509_verify_cert(context);
  const int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return result;
}

CertificateRequest ServerRequest() {
  CertificateRequest request;
  request.common_name = "api";
  request.dns_names = {"localhost", "api.test"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  request.server = true;
  request.not_before = kBegin;
  request.not_after = kEnd;
  return request;
}

TEST_CASE("a server certificate verifies under its authority, for its purpose and time", "[x509]") {
  const KeyPair authority = CreateAuthority("test authority", kBegin, kEnd).value();
  const KeyPair other = CreateAuthority("test authority", kBegin, kEnd).value();
  const KeyPair server = IssueCertificate(authority, ServerRequest()).value();

  const absl::Time during = kBegin + absl::Hours(1);
  const std::string& ca = authority.certificate_pem;
  CHECK(Verify(ca, server.certificate_pem, X509_PURPOSE_SSL_SERVER, during) == X509_V_OK);
  CHECK(Verify(ca, server.certificate_pem, X509_PURPOSE_SSL_CLIENT, during) ==
        X509_V_ERR_INVALID_PURPOSE);
  CHECK(Verify(ca, server.certificate_pem, X509_PURPOSE_SSL_SERVER, kEnd + absl::Hours(1)) ==
        X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK(Verify(other.certificate_pem, server.certificate_pem, X509_PURPOSE_SSL_SERVER, during) !=
        X509_V_OK);
}

TEST_CASE("a certificate names the hosts it was asked for and no others", "[x509]") {
  const KeyPair authority = CreateAuthority("test authority", kBegin, kEnd).value();
  CertificateRequest request = ServerRequest();
  request.dns_names.push_back("a,DNS:evil.test");
  const CertificatePtr leaf = Parse(IssueCertificate(authority, request).value().certificate_pem);
  REQUIRE(leaf != nullptr);
  CHECK(X509_check_host(leaf.get(), "api.test", 0, 0, nullptr) == 1);
  CHECK(X509_check_host(leaf.get(), "evil.test", 0, 0, nullptr) == 0);
  CHECK(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0) == 1);
  CHECK(X509_check_ip_asc(leaf.get(), "::1", 0) == 1);
  CHECK(X509_check_ip_asc(leaf.get(), "127.0.0.2", 0) == 0);
}

TEST_CASE("a client certificate carries the user and its groups", "[x509]") {
  const KeyPair authority = CreateAuthority("test authority", kBegin, kEnd).value();
  CertificateRequest request;
  request.common_name = "admin";
  request.organizations = {"system:masters", "team"};
  request.client = true;
  request.not_before = kBegin;
  request.not_after = kEnd;
  const KeyPair client = IssueCertificate(authority, request).value();
  CHECK(client.private_key_pem.Reveal().find("BEGIN PRIVATE KEY") != absl::string_view::npos);
  const CertificatePtr leaf = Parse(client.certificate_pem);
  char subject[256];
  X509_NAME_oneline(X509_get_subject_name(leaf.get()), subject, sizeof(subject));
  CHECK(std::string(subject) == "/O=system:masters/O=team/CN=admin");
  CHECK(Verify(authority.certificate_pem, client.certificate_pem, X509_PURPOSE_SSL_CLIENT,
               kBegin + absl::Hours(1)) == X509_V_OK);
}

TEST_CASE("requests that make no sense are refused by name", "[x509]") {
  const KeyPair authority = CreateAuthority("test authority", kBegin, kEnd).value();
  const auto refusal = [&](auto change) {
    CertificateRequest request = ServerRequest();
    change(request);
    return IssueCertificate(authority, request).status();
  };
  using Code = absl::StatusCode;
  CHECK_THAT(refusal([](auto& r) { r.ip_addresses = {"host"}; }),
             StatusIs(Code::kInvalidArgument, "\"host\" is not an IP address"));
  CHECK_THAT(refusal([](auto& r) { r.not_after = r.not_before; }),
             StatusIs(Code::kInvalidArgument, "validity"));
  CHECK_THAT(refusal([](auto& r) { r.common_name = std::string(65, 'x'); }),
             StatusIs(Code::kInvalidArgument, "subject CN"));

  KeyPair broken = authority;
  broken.certificate_pem = "not PEM";
  CHECK_THAT(IssueCertificate(broken, ServerRequest()).status(),
             StatusIs(Code::kInvalidArgument, "authority certificate"));
  broken = authority;
  broken.private_key_pem = CreateAuthority("other", kBegin, kEnd).value().private_key_pem;
  CHECK_THAT(IssueCertificate(broken, ServerRequest()).status(),
             StatusIs(Code::kInvalidArgument, "do not belong together"));
}

TEST_CASE("certificates of charts pass under their authority", "[crypto]") {
  for (const KeyKind kind : {KeyKind::kEcdsaP256, KeyKind::kEd25519, KeyKind::kRsa2048}) {
    const PrivateKey authority_key = PrivateKey::Generate(kind).value();
    const PrivateKey key = PrivateKey::Generate(KeyKind::kEcdsaP256).value();
    CertificateRequest authority = ServerRequest();
    authority.common_name = std::string(100, 'x');  // Go checks no length
    const std::string root = IssueTlsCertificate(authority, authority_key, true, nullptr).value();
    const Issuer issuer{root, authority_key};
    const std::string leaf = IssueTlsCertificate(ServerRequest(), key, false, &issuer).value();
    CHECK(Verify(root, leaf, X509_PURPOSE_SSL_SERVER, kBegin + absl::Hours(1)) == X509_V_OK);
    CHECK(Verify(root, leaf, X509_PURPOSE_SSL_CLIENT, kBegin + absl::Hours(1)) == X509_V_OK);
    CHECK(Verify(root, leaf, X509_PURPOSE_SSL_SERVER, kEnd + absl::Hours(1)) ==
          X509_V_ERR_CERT_HAS_EXPIRED);
    const Issuer other{root, key};
    CHECK_THAT(IssueTlsCertificate(ServerRequest(), key, false, &other).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "doesn't match parent's PublicKey"));
    CHECK(CheckCertificate(leaf).ok());
  }
  CHECK_THAT(CheckCertificate("x"),
             StatusIs(absl::StatusCode::kInvalidArgument, "unable to decode certificate"));
}

TEST_CASE("private keys are written and read in the customary form", "[crypto]") {
  struct KeyRow {
    KeyKind kind;
    const char* begin;
  };
  const KeyRow rows[] = {
      {KeyKind::kRsa2048, "-----BEGIN RSA PRIVATE KEY-----"},
      {KeyKind::kEcdsaP256, "-----BEGIN EC PRIVATE KEY-----"},
      {KeyKind::kEd25519, "-----BEGIN PRIVATE KEY-----"},
  };
  for (const KeyRow& row : rows) {
    CAPTURE(row.begin);
    const Secret pem = PrivateKey::Generate(row.kind)->ToPem().value();
    CHECK(absl::StartsWith(pem.Reveal(), row.begin));
    CHECK(PrivateKey::FromPem(pem.Reveal())->ToPem().value() == pem);
  }
  struct Refusal {
    const char* pem;
    const char* message;
  };
  const Refusal refusals[] = {
      {"x", "no PEM data in input"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
       "no private key data in PEM block of type CERTIFICATE"},
      {"-----BEGIN X PRIVATE KEY-----\nAAAA\n-----END X PRIVATE KEY-----\n",
       "invalid private key type X"},
      {"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
       "parsing EC private key from PEM"},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "decoding PEM as PKCS#8"},
  };
  for (const Refusal& row : refusals) {
    CAPTURE(row.pem);
    CHECK_THAT(PrivateKey::FromPem(row.pem).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

}  // namespace
}  // namespace sluice::crypto
