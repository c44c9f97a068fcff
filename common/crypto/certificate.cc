// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/certificate.h"

#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

constexpr size_t kMaxCertificates = 100;
constexpr int kMaxDepth = 10;

using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using PurposesPtr = std::unique_ptr<EXTENDED_KEY_USAGE, Freed<EXTENDED_KEY_USAGE_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using TimestampsPtr = std::unique_ptr<STACK_OF(SCT), Freed<SCT_LIST_free>>;
using TextPtr = std::unique_ptr<ASN1_TYPE, Freed<ASN1_TYPE_free>>;
struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // not what is in it
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackDeleter>;

X509* Handle(const std::shared_ptr<void>& handle) { return static_cast<X509*>(handle.get()); }

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string BytesOf(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string Utf8Of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) {
    ERR_clear_error();
    return BytesOf(text);
  }
  std::string result(reinterpret_cast<char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return result;
}

absl::Time TimeOf(const ASN1_TIME* time, absl::Time otherwise) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return otherwise;
  }
  return absl::FromDateTime(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                            parts.tm_min, parts.tm_sec, absl::UTCTimeZone());
}

// The short names of RFC 4514, and what Go prints beside them.
std::string NameOfType(const ASN1_OBJECT* object) {
  switch (OBJ_obj2nid(object)) {
    case NID_commonName:
      return "CN";
    case NID_countryName:
      return "C";
    case NID_localityName:
      return "L";
    case NID_stateOrProvinceName:
      return "ST";
    case NID_streetAddress:
      return "STREET";
    case NID_organizationName:
      return "O";
    case NID_organizationalUnitName:
      return "OU";
    case NID_postalCode:
      return "POSTALCODE";
    case NID_serialNumber:
      return "SERIALNUMBER";
    default:
      break;
  }
  char text[128] = {};
  OBJ_obj2txt(text, sizeof(text), object, /*no_name=*/1);
  return text;
}

// Of the names that a certificate can have, those that people and programs are called by.
std::string TextOf(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_EMAIL:
    case GEN_DNS:
    case GEN_URI:
      return BytesOf(name.d.ia5);
    case GEN_OTHERNAME: {
      const ASN1_TYPE* value = name.d.otherName->value;
      return value != nullptr && value->type == V_ASN1_UTF8STRING ? BytesOf(value->value.utf8string)
                                                                  : "";
    }
    case GEN_IPADD: {
      const std::string bytes = BytesOf(name.d.iPAddress);
      if (bytes.size() != 4) return "";
      std::string text;
      for (const char byte : bytes) {
        absl::StrAppend(&text, text.empty() ? "" : ".",
                        static_cast<int>(static_cast<unsigned char>(byte)));
      }
      return text;
    }
    default:
      return "";
  }
}

// Big-endian.
std::string Number(uint64_t value, int bytes) {
  std::string result;
  for (int i = bytes - 1; i >= 0; --i) result.push_back(static_cast<char>(value >> (8 * i)));
  return result;
}

absl::Status NoChain(absl::string_view why) {
  ERR_clear_error();
  return absl::UnauthenticatedError(
      absl::StrCat("certificate does not lead to a trusted authority: ", why));
}

}  // namespace

Certificate::Certificate(void* handle)
    : handle_(handle, [](void* pointer) { X509_free(static_cast<X509*>(pointer)); }) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(Handle(handle_), &der);
  if (size > 0) der_.assign(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  // A validity that cannot be read is none.
  not_before_ = TimeOf(X509_get0_notBefore(Handle(handle_)), absl::InfiniteFuture());
  not_after_ = TimeOf(X509_get0_notAfter(Handle(handle_)), absl::InfinitePast());
  // Fills OpenSSL's cache of extensions, which is not thread-safe to begin.
  X509_check_purpose(Handle(handle_), -1, 0);
  ERR_clear_error();
}

absl::StatusOr<Certificate> Certificate::FromDer(absl::string_view der) {
  const unsigned char* begin = Bytes(der);
  X509* handle = d2i_X509(nullptr, &begin, static_cast<long>(der.size()));
  ERR_clear_error();
  if (handle == nullptr) return absl::InvalidArgumentError("no X.509 certificate");
  Certificate certificate(handle);
  if (begin != Bytes(der) + der.size()) {
    return absl::InvalidArgumentError("no X.509 certificate: there is something behind it");
  }
  return certificate;
}

absl::StatusOr<std::vector<Certificate>> Certificate::FromPem(absl::string_view pem) {
  std::vector<Certificate> certificates;
  const BioPtr bio = ReadOnly(pem);
  while (certificates.size() <= kMaxCertificates) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
    const bool is_certificate = std::string(name) == PEM_STRING_X509;
    const std::string der(reinterpret_cast<char*>(data), static_cast<size_t>(size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (!is_certificate) continue;
    ASSIGN_OR_RETURN(Certificate certificate, FromDer(der));
    certificates.push_back(std::move(certificate));
  }
  ERR_clear_error();
  if (certificates.empty()) return absl::InvalidArgumentError("no certificate in PEM");
  if (certificates.size() > kMaxCertificates) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kMaxCertificates, " certificates"));
  }
  return certificates;
}

absl::StatusOr<PublicKey> Certificate::Key() const {
  return PublicKey::FromHandle(X509_get_pubkey(Handle(handle_)));
}

std::vector<NamePart> Certificate::Subject() const {
  std::vector<NamePart> parts;
  const X509_NAME* name = X509_get_subject_name(Handle(handle_));
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    parts.emplace_back(NameOfType(X509_NAME_ENTRY_get_object(entry)),
                       Utf8Of(X509_NAME_ENTRY_get_data(entry)));
  }
  return parts;
}

std::vector<std::string> Certificate::AlternativeNames() const {
  std::vector<std::string> result;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(Handle(handle_), NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string text = TextOf(*sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty()) result.push_back(std::move(text));
  }
  return result;
}

std::optional<std::string> Certificate::Extension(absl::string_view oid) const {
  const ObjectPtr object(OBJ_txt2obj(std::string(oid).c_str(), /*no_name=*/1));
  if (object == nullptr) return std::nullopt;
  const int index = X509_get_ext_by_OBJ(Handle(handle_), object.get(), -1);
  if (index < 0) return std::nullopt;
  return BytesOf(X509_EXTENSION_get_data(X509_get_ext(Handle(handle_), index)));
}

bool Certificate::has_purposes() const {
  return X509_get_ext_by_NID(Handle(handle_), NID_ext_key_usage, -1) >= 0;
}

bool Certificate::HasPurpose(absl::string_view purpose) const {
  const PurposesPtr purposes(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(Handle(handle_), NID_ext_key_usage, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; purposes != nullptr && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    char text[128] = {};
    OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(purposes.get(), i), /*no_name=*/1);
    if (purpose == text) return true;
  }
  return false;
}

bool Certificate::is_authority() const { return X509_check_ca(Handle(handle_)) == 1; }

bool Certificate::MaySign() const {
  const uint32_t usage = X509_get_key_usage(Handle(handle_));  // all bits if there is none
  return (usage & KU_DIGITAL_SIGNATURE) != 0;
}

bool Certificate::IsSignedBy(const Certificate& issuer) const {
  const bool named = X509_NAME_cmp(X509_get_issuer_name(Handle(handle_)),
                                   X509_get_subject_name(Handle(issuer.handle_))) == 0;
  const bool valid =
      named && X509_verify(Handle(handle_), X509_get0_pubkey(Handle(issuer.handle_))) == 1;
  ERR_clear_error();
  return valid;
}

absl::StatusOr<std::vector<EmbeddedTimestamp>> Certificate::Timestamps(
    const Certificate& issuer) const {
  std::vector<EmbeddedTimestamp> result;
  const int index = X509_get_ext_by_NID(Handle(handle_), NID_ct_precert_scts, -1);
  if (index < 0) return result;
  const TimestampsPtr list(static_cast<STACK_OF(SCT)*>(
      X509_get_ext_d2i(Handle(handle_), NID_ct_precert_scts, nullptr, nullptr)));
  // What the log saw is the certificate before the timestamp was in it.
  const CertificatePtr before(X509_dup(Handle(handle_)));
  if (list == nullptr || before == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the certificate's timestamps do not parse");
  }
  X509_EXTENSION_free(X509_delete_ext(before.get(), index));
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(before.get(), &der);
  if (size <= 0) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the certificate cannot be written without its timestamps");
  }
  const std::string body(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  ASSIGN_OR_RETURN(const PublicKey issuer_key, issuer.Key());
  for (int i = 0; i < sk_SCT_num(list.get()); ++i) {
    const SCT* timestamp = sk_SCT_value(list.get(), i);
    if (SCT_get_version(timestamp) != SCT_VERSION_V1) continue;
    EmbeddedTimestamp one;
    unsigned char* bytes = nullptr;
    const size_t id_size = SCT_get0_log_id(timestamp, &bytes);
    one.log_id.assign(reinterpret_cast<char*>(bytes), id_size);
    const size_t signature_size = SCT_get0_signature(timestamp, &bytes);
    one.signature.assign(reinterpret_cast<char*>(bytes), signature_size);
    const size_t extensions_size = SCT_get0_extensions(timestamp, &bytes);
    const std::string extensions(reinterpret_cast<char*>(bytes), extensions_size);
    const uint64_t milliseconds = SCT_get_timestamp(timestamp);
    one.time = absl::FromUnixMillis(static_cast<int64_t>(milliseconds));
    one.signed_data = absl::StrCat(
        Number(0, 2), Number(milliseconds, 8), Number(1, 2),  // version, type; a precertificate
        Digest(Algorithm::kSha256, issuer_key.ToDer()), Number(body.size(), 3), body,
        Number(extensions.size(), 2), extensions);
    result.push_back(std::move(one));
  }
  return result;
}

absl::StatusOr<std::vector<Certificate>> BuildChain(const Certificate& leaf,
                                                    std::span<const Certificate> intermediates,
                                                    std::span<const Certificate> roots,
                                                    absl::Time time) {
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  const StackPtr helpers(sk_X509_new_null());
  if (store == nullptr || context == nullptr || helpers == nullptr) return NoChain("no memory");
  for (const Certificate& root : roots) {
    if (X509_STORE_add_cert(store.get(), Handle(root.handle_)) != 1) return NoChain("no memory");
  }
  for (const Certificate& helper : intermediates) {
    if (sk_X509_push(helpers.get(), Handle(helper.handle_)) <= 0) return NoChain("no memory");
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), Handle(leaf.handle_), helpers.get()) != 1) {
    return NoChain("no memory");
  }
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(time));
  X509_VERIFY_PARAM_set_depth(parameters, kMaxDepth);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  // At least 112 bits: RSA of 2048, SHA-224. The default takes SHA-1.
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);
  if (X509_verify_cert(context.get()) != 1) {
    return NoChain(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  std::vector<Certificate> chain;
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) {
    X509* certificate = sk_X509_value(found, i);
    X509_up_ref(certificate);
    chain.push_back(Certificate(certificate));
  }
  return chain;
}

std::optional<std::string> TextOfDer(absl::string_view der) {
  const unsigned char* begin = Bytes(der);
  const TextPtr value(d2i_ASN1_TYPE(nullptr, &begin, static_cast<long>(der.size())));
  ERR_clear_error();
  if (value == nullptr || begin != Bytes(der) + der.size()) return std::nullopt;
  switch (value->type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_PRINTABLESTRING:
      return BytesOf(value->value.asn1_string);
    default:
      return std::nullopt;
  }
}

}  // namespace sluice::crypto
