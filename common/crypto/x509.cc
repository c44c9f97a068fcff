// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/x509.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/handles.h"
#include "common/crypto/random.h"

namespace sluice::crypto {
namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;

absl::Status InternalError(absl::string_view what) {
  return LibraryError(absl::StatusCode::kInternal, what);
}

// What a name in a certificate may be.
enum class Names {
  kStandard,  // within the standard's lengths: a common name of 64 characters
  kAny,       // as Go, which checks no length
};

absl::Status AddNameEntry(X509_NAME* name, const char* field, absl::string_view text, Names names) {
  const int type = names == Names::kStandard ? MBSTRING_UTF8 : V_ASN1_UTF8STRING;
  if (X509_NAME_add_entry_by_txt(name, field, type,
                                 reinterpret_cast<const unsigned char*>(text.data()),
                                 static_cast<int>(text.size()), -1, 0) != 1) {
    return LibraryError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("certificate subject ", field, "=\"", absl::CEscape(text), "\""));
  }
  return absl::OkStatus();
}

// A version 3 certificate with a random serial number and everything but issuer and extensions.
absl::StatusOr<CertificatePtr> NewCertificate(const CertificateRequest& request, EVP_PKEY* key,
                                              Names names) {
  CertificatePtr certificate(X509_new());
  std::string serial = RandomBytes(16);
  serial[0] = static_cast<char>((serial[0] & 0x7f) | 0x40);  // positive, and always 16 bytes
  const NumberPtr number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()), 16, nullptr));
  if (certificate == nullptr || number == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) == nullptr ||
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(request.not_before)) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(request.not_after)) ==
          nullptr ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return InternalError("create certificate");
  }
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  for (const std::string& organization : request.organizations) {
    RETURN_IF_ERROR(AddNameEntry(subject, "O", organization, names));
  }
  if (!request.common_name.empty()) {
    RETURN_IF_ERROR(AddNameEntry(subject, "CN", request.common_name, names));
  }
  return certificate;
}

// `value` is in OpenSSL's configuration syntax: only ever a constant of ours.
absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return InternalError(absl::StrCat("certificate extension ", OBJ_nid2sn(nid)));
  }
  return absl::OkStatus();
}

absl::Status AddAlternativeName(GENERAL_NAMES* names, int type, ASN1_STRING* text) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (name == nullptr) {
    ASN1_STRING_free(text);
    return InternalError("certificate alternative name");
  }
  GENERAL_NAME_set0_value(name, type, text);
  if (sk_GENERAL_NAME_push(names, name) == 0) {
    GENERAL_NAME_free(name);
    return InternalError("certificate alternative name");
  }
  return absl::OkStatus();
}

// Built entry by entry, not from text: a name with a comma must not become two.
absl::Status AddAlternativeNames(X509* certificate, const CertificateRequest& request) {
  if (request.dns_names.empty() && request.ip_addresses.empty()) return absl::OkStatus();
  const NamesPtr names(GENERAL_NAMES_new());
  if (names == nullptr) return InternalError("certificate alternative names");
  for (const std::string& dns_name : request.dns_names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    if (text == nullptr ||
        ASN1_STRING_set(text, dns_name.data(), static_cast<int>(dns_name.size())) != 1) {
      ASN1_IA5STRING_free(text);
      return InternalError("certificate alternative name");
    }
    RETURN_IF_ERROR(AddAlternativeName(names.get(), GEN_DNS, text));
  }
  for (const std::string& address : request.ip_addresses) {
    ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(address.c_str());
    if (bytes == nullptr) {
      ERR_clear_error();
      return absl::InvalidArgumentError(
          absl::StrCat("\"", absl::CEscape(address), "\" is not an IP address"));
    }
    RETURN_IF_ERROR(AddAlternativeName(names.get(), GEN_IPADD, bytes));
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return InternalError("certificate alternative names");
  }
  return absl::OkStatus();
}

absl::Status CheckValidity(absl::Time not_before, absl::Time not_after) {
  if (not_after > not_before) return absl::OkStatus();
  return absl::InvalidArgumentError("certificate validity ends before it begins");
}

absl::StatusOr<KeyPair> SignAndEncode(X509* certificate, EVP_PKEY* key, EVP_PKEY* signing_key) {
  if (X509_sign(certificate, signing_key, EVP_sha256()) == 0) {
    return InternalError("sign certificate");
  }
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_secmem()));
  if (certificate_pem == nullptr || key_pem == nullptr ||
      PEM_write_bio_X509(certificate_pem.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return InternalError("encode certificate");
  }
  return KeyPair{Contents(certificate_pem.get()), Secret(Contents(key_pem.get()))};
}

}  // namespace

absl::StatusOr<KeyPair> CreateAuthority(absl::string_view common_name, absl::Time not_before,
                                        absl::Time not_after) {
  RETURN_IF_ERROR(CheckValidity(not_before, not_after));
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return InternalError("generate key");
  CertificateRequest request;
  request.common_name = std::string(common_name);
  request.not_before = not_before;
  request.not_after = not_after;
  ASSIGN_OR_RETURN(const CertificatePtr certificate,
                   NewCertificate(request, key.get(), Names::kStandard));
  X509* const x = certificate.get();
  if (X509_set_issuer_name(x, X509_get_subject_name(x)) != 1) {
    return InternalError("create certificate");
  }
  RETURN_IF_ERROR(AddExtension(x, x, NID_basic_constraints, "critical,CA:TRUE"));
  RETURN_IF_ERROR(AddExtension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign"));
  RETURN_IF_ERROR(AddExtension(x, x, NID_subject_key_identifier, "hash"));
  return SignAndEncode(x, key.get(), key.get());
}

absl::StatusOr<KeyPair> IssueCertificate(const KeyPair& authority,
                                         const CertificateRequest& request) {
  RETURN_IF_ERROR(CheckValidity(request.not_before, request.not_after));
  const CertificatePtr issuer(
      PEM_read_bio_X509(ReadOnly(authority.certificate_pem).get(), nullptr, nullptr, nullptr));
  if (issuer == nullptr) {
    return LibraryError(absl::StatusCode::kInvalidArgument, "parse authority certificate");
  }
  const KeyPtr issuer_key(PEM_read_bio_PrivateKey(
      ReadOnly(authority.private_key_pem.Reveal()).get(), nullptr, nullptr, nullptr));
  if (issuer_key == nullptr) {
    return LibraryError(absl::StatusCode::kInvalidArgument, "parse authority private key");
  }
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return LibraryError(absl::StatusCode::kInvalidArgument,
                        "authority certificate and private key do not belong together");
  }
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return InternalError("generate key");
  ASSIGN_OR_RETURN(const CertificatePtr certificate,
                   NewCertificate(request, key.get(), Names::kStandard));
  X509* const x = certificate.get();
  if (X509_set_issuer_name(x, X509_get_subject_name(issuer.get())) != 1) {
    return InternalError("create certificate");
  }
  RETURN_IF_ERROR(AddExtension(x, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(AddExtension(x, issuer.get(), NID_key_usage, "critical,digitalSignature"));
  if (request.server || request.client) {
    RETURN_IF_ERROR(AddExtension(x, issuer.get(), NID_ext_key_usage,
                                 !request.client   ? "serverAuth"
                                 : !request.server ? "clientAuth"
                                                   : "serverAuth,clientAuth"));
  }
  RETURN_IF_ERROR(AddExtension(x, issuer.get(), NID_subject_key_identifier, "hash"));
  RETURN_IF_ERROR(AddExtension(x, issuer.get(), NID_authority_key_identifier, "keyid"));
  RETURN_IF_ERROR(AddAlternativeNames(x, request));
  return SignAndEncode(x, key.get(), issuer_key.get());
}

absl::Status CheckCertificate(absl::string_view pem) {
  const BioPtr bio = ReadOnly(pem);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (bio == nullptr || PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("unable to decode certificate");
  }
  const unsigned char* at = data;
  const CertificatePtr certificate(d2i_X509(nullptr, &at, size));
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  if (certificate != nullptr) return absl::OkStatus();
  ERR_clear_error();
  return absl::InvalidArgumentError(
      "error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
}

absl::StatusOr<std::string> IssueTlsCertificate(const CertificateRequest& request,
                                                const PrivateKey& key, bool authority,
                                                const Issuer* issuer) {
  if (EVP_PKEY_get_base_id(key.handle()) == EVP_PKEY_DSA) {
    return absl::InvalidArgumentError("x509: unsupported public key type: *dsa.PublicKey");
  }
  CertificatePtr parent;
  if (issuer != nullptr) {
    parent.reset(
        PEM_read_bio_X509(ReadOnly(issuer->certificate_pem).get(), nullptr, nullptr, nullptr));
    if (parent == nullptr) {
      return LibraryError(absl::StatusCode::kInvalidArgument, "parse authority certificate");
    }
    if (X509_check_private_key(parent.get(), issuer->key.handle()) != 1) {
      ERR_clear_error();
      return absl::InvalidArgumentError(
          "x509: provided PrivateKey doesn't match parent's PublicKey");
    }
  }
  ASSIGN_OR_RETURN(const CertificatePtr certificate,
                   NewCertificate(request, key.handle(), Names::kAny));
  X509* const x = certificate.get();
  X509* const signer = parent == nullptr ? x : parent.get();
  if (X509_set_issuer_name(x, X509_get_subject_name(signer)) != 1) {
    return InternalError("create certificate");
  }
  RETURN_IF_ERROR(AddExtension(x, signer, NID_key_usage,
                               authority ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                         : "critical,digitalSignature,keyEncipherment"));
  RETURN_IF_ERROR(AddExtension(x, signer, NID_ext_key_usage, "serverAuth,clientAuth"));
  RETURN_IF_ERROR(AddExtension(x, signer, NID_basic_constraints,
                               authority ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  if (authority) RETURN_IF_ERROR(AddExtension(x, signer, NID_subject_key_identifier, "hash"));
  if (parent != nullptr && X509_get_ext_by_NID(signer, NID_subject_key_identifier, -1) >= 0) {
    RETURN_IF_ERROR(AddExtension(x, signer, NID_authority_key_identifier, "keyid"));
  }
  RETURN_IF_ERROR(AddAlternativeNames(x, request));
  EVP_PKEY* const signing_key = issuer == nullptr ? key.handle() : issuer->key.handle();
  // Ed25519 has its own digest.
  const bool has_digest = EVP_PKEY_get_base_id(signing_key) != EVP_PKEY_ED25519;
  if (X509_sign(x, signing_key, has_digest ? EVP_sha256() : nullptr) == 0) {
    return InternalError("sign certificate");
  }
  const BioPtr pem(BIO_new(BIO_s_mem()));
  if (pem == nullptr || PEM_write_bio_X509(pem.get(), x) != 1) {
    return InternalError("encode certificate");
  }
  return Contents(pem.get());
}

}  // namespace sluice::crypto
