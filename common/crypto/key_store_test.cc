// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/key_store.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/handles.h"
#include "common/crypto/x509.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

struct Material {
  KeyPair authority;
  KeyPair leaf;
};

const Material& TestMaterial() {
  static const auto* const kMaterial = [] {
    auto* material = new Material();
    const absl::Time now = absl::FromUnixSeconds(1700000000);
    material->authority = CreateAuthority("ca", now, now + absl::Hours(1)).value();
    CertificateRequest request;
    request.common_name = "client";
    request.client = true;
    request.not_before = now;
    request.not_after = now + absl::Hours(1);
    material->leaf = IssueCertificate(material->authority, request).value();
    return material;
  }();
  return *kMaterial;
}

CertificatePtr Certificate(const std::string& pem) {
  const BioPtr bio = ReadOnly(pem);
  return CertificatePtr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}
KeyPtr Key(const Secret& pem) {
  const BioPtr bio = ReadOnly(pem.Reveal());
  return KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

// A .pfx file whose parts are encrypted with these ciphers; 0 for OpenSSL's own choice.
Secret Pkcs12(const std::string& password, int key_cipher, int certificate_cipher) {
  OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* const modern = OSSL_PROVIDER_load(context, "default");
  OSSL_PROVIDER* const old = OSSL_PROVIDER_load(context, "legacy");
  const KeyPtr key = Key(TestMaterial().leaf.private_key_pem);
  const CertificatePtr leaf = Certificate(TestMaterial().leaf.certificate_pem);
  STACK_OF(X509)* chain = sk_X509_new_null();
  const CertificatePtr authority = Certificate(TestMaterial().authority.certificate_pem);
  sk_X509_push(chain, authority.get());
  PKCS12* file = PKCS12_create_ex(password.c_str(), "name", key.get(), leaf.get(), chain,
                                  key_cipher, certificate_cipher, 0, 0, 0, context, nullptr);
  sk_X509_free(chain);
  REQUIRE(file != nullptr);
  const BioPtr out(BIO_new(BIO_s_mem()));
  REQUIRE(i2d_PKCS12_bio(out.get(), file) == 1);
  PKCS12_free(file);
  OSSL_PROVIDER_unload(old);
  OSSL_PROVIDER_unload(modern);
  OSSL_LIB_CTX_free(context);
  return Secret(Contents(out.get()));
}

void CheckPem(const Secret& pem, size_t certificates) {
  const absl::string_view text = pem.Reveal();
  CHECK(absl::StartsWith(text, "-----BEGIN PRIVATE KEY-----"));
  const std::string leaf = TestMaterial().leaf.certificate_pem;
  const size_t first = text.find("-----BEGIN CERTIFICATE-----");
  CHECK(absl::StartsWith(text.substr(first), leaf));
  size_t count = 0;
  for (size_t at = first; at != absl::string_view::npos;
       at = text.find("-----BEGIN CERTIFICATE-----", at + 1)) {
    ++count;
  }
  CHECK(count == certificates);
  CHECK(EVP_PKEY_eq(Key(pem).get(), Key(TestMaterial().leaf.private_key_pem).get()) == 1);
}

TEST_CASE("PKCS #12 files open with their password, whatever encrypts them", "[crypto]") {
  struct Row {
    const char* name;
    int key_cipher;
    int certificate_cipher;
  };
  const Row rows[] = {
      {"AES", 0, 0},
      {"3DES", NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And3_Key_TripleDES_CBC},
      {"RC2", NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Secret file = Pkcs12("pass word", row.key_cipher, row.certificate_cipher);
    CheckPem(KeyStoreToPem(file, Secret("pass word")).value(), 2);
    CHECK_THAT(KeyStoreToPem(file, Secret("other")).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "neither PEM nor a PKCS #12 file"));
    CHECK_FALSE(KeyStoreToPem(file, Secret()).ok());
  }
  CheckPem(KeyStoreToPem(Pkcs12("", 0, 0), Secret()).value(), 2);
}

TEST_CASE("PEM opens with its password too", "[crypto]") {
  const Material& material = TestMaterial();
  const std::string certificates =
      absl::StrCat(material.leaf.certificate_pem, material.authority.certificate_pem);
  const std::string plain = absl::StrCat(certificates, material.leaf.private_key_pem.Reveal());
  CheckPem(KeyStoreToPem(Secret(plain), Secret()).value(), 2);
  CheckPem(KeyStoreToPem(Secret(plain), Secret("not needed")).value(), 2);

  const KeyPtr key = Key(material.leaf.private_key_pem);
  std::string password = "p@ss";
  const BioPtr out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), password.data(),
                                        static_cast<int>(password.size()), nullptr, nullptr) == 1);
  const std::string encrypted = absl::StrCat(Contents(out.get()), certificates);
  CheckPem(KeyStoreToPem(Secret(encrypted), Secret(password)).value(), 2);
  for (const char* wrong : {"", "other"}) {
    CHECK_THAT(KeyStoreToPem(Secret(encrypted), Secret(wrong)).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "no private key that the password"));
  }
}

TEST_CASE("what holds no certificate with its key is refused", "[crypto]") {
  const Material& material = TestMaterial();
  for (const std::string& text :
       {std::string(), std::string("text"), material.leaf.certificate_pem,
        std::string(material.leaf.private_key_pem.Reveal()),
        std::string("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"),
        std::string((size_t{1} << 20) + 1, 'x')}) {
    const absl::Status status = KeyStoreToPem(Secret(text), Secret("p")).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK_FALSE(absl::StrContains(status.message(), "text"));
  }
}

}  // namespace
}  // namespace sluice::crypto
