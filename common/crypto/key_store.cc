// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/key_store.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

struct KeyStore {
  KeyPtr key;
  std::vector<CertificatePtr> certificates;
};

// Old .pfx files are encrypted with RC2 and the like, which only the legacy provider has. In a
// context of their own, so that nothing else of the process ever uses such a cipher.
OSSL_LIB_CTX* OldCiphers() {
  static OSSL_LIB_CTX* const kContext = [] {
    OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(context, "default");
    // Where it is not installed, newer files can be read all the same.
    OSSL_PROVIDER_load(context, "legacy");
    return context;
  }();
  return kContext;
}

int GivePassword(char* buffer, int size, int, void* data) {
  const auto* password = static_cast<const Secret*>(data);
  const absl::string_view text = password->Reveal();
  if (text.size() > static_cast<size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

absl::StatusOr<KeyStore> ReadPem(const Secret& bytes, const Secret& password) {
  KeyStore store;
  // OpenSSL takes a pointer that it does not write through.
  void* data = const_cast<Secret*>(&password);
  const BioPtr for_key = ReadOnly(bytes.Reveal());
  store.key.reset(PEM_read_bio_PrivateKey(for_key.get(), nullptr, GivePassword, data));
  const BioPtr for_certificates = ReadOnly(bytes.Reveal());
  while (X509* certificate =
             PEM_read_bio_X509(for_certificates.get(), nullptr, GivePassword, data)) {
    store.certificates.emplace_back(certificate);
  }
  ERR_clear_error();
  return store;
}

absl::StatusOr<KeyStore> ReadPkcs12(const Secret& bytes, const Secret& password) {
  KeyStore store;
  PKCS12* file = PKCS12_init_ex(NID_pkcs7_data, OldCiphers(), nullptr);
  const BioPtr bio = ReadOnly(bytes.Reveal());
  const bool read = file != nullptr && d2i_PKCS12_bio(bio.get(), &file) != nullptr;
  const std::unique_ptr<PKCS12, Freed<PKCS12_free>> owner(file);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* chain = nullptr;
  const std::string text(password.Reveal());
  const bool parsed = read && PKCS12_parse(file, text.c_str(), &key, &certificate, &chain) == 1;
  ERR_clear_error();
  if (!parsed) {
    return absl::InvalidArgumentError(
        "neither PEM nor a PKCS #12 file that the password and this OpenSSL can open");
  }
  store.key.reset(key);
  if (certificate != nullptr) store.certificates.emplace_back(certificate);
  while (chain != nullptr && sk_X509_num(chain) > 0) {
    store.certificates.emplace_back(sk_X509_shift(chain));
  }
  sk_X509_free(chain);
  return store;
}

}  // namespace

absl::StatusOr<Secret> KeyStoreToPem(const Secret& bytes, const Secret& password) {
  if (bytes.Reveal().size() > kMaxBytes) {
    return absl::InvalidArgumentError("the certificate file is larger than 1 MiB");
  }
  const bool is_pem = absl::StrContains(bytes.Reveal(), "-----BEGIN ");
  ASSIGN_OR_RETURN(const KeyStore store,
                   is_pem ? ReadPem(bytes, password) : ReadPkcs12(bytes, password));
  if (store.key == nullptr) {
    return absl::InvalidArgumentError("no private key that the password opens");
  }
  if (store.certificates.empty()) return absl::InvalidArgumentError("no certificate");
  const BioPtr out(BIO_new(BIO_s_mem()));
  bool written =
      out != nullptr && PEM_write_bio_PKCS8PrivateKey(out.get(), store.key.get(), nullptr, nullptr,
                                                      0, nullptr, nullptr) == 1;
  for (const CertificatePtr& certificate : store.certificates) {
    written = written && PEM_write_bio_X509(out.get(), certificate.get()) == 1;
  }
  if (!written) return LibraryError(absl::StatusCode::kInternal, "write PEM");
  return Secret(Contents(out.get()));
}

}  // namespace sluice::crypto
