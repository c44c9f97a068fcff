// SPDX-License-Identifier: Apache-2.0
#include "common/notation/envelope.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/notation/cbor.h"
#include "common/value/json.h"

namespace sluice::notation {
namespace {

using crypto::Algorithm;
using crypto::Certificate;
using crypto::PublicKeyType;

constexpr char kPayloadType[] = "application/vnd.cncf.notary.payload.v1+json";
constexpr char kSchemeKey[] = "io.cncf.notary.signingScheme";
constexpr char kTimeKey[] = "io.cncf.notary.signingTime";
constexpr char kAuthenticTimeKey[] = "io.cncf.notary.authenticSigningTime";
constexpr char kExpiryKey[] = "io.cncf.notary.expiry";
constexpr size_t kMaxChain = 10;
// Labels of COSE (RFC 9052, 9360).
constexpr int64_t kCoseAlgorithm = 1;
constexpr int64_t kCoseCritical = 2;
constexpr int64_t kCoseContentType = 3;
constexpr int64_t kCoseChain = 33;
constexpr int64_t kCoseSign1Tag = 18;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("signature envelope: ", what));
}

struct SignatureAlgorithm {
  const char* jose;
  int64_t cose;
  bool pss;
  Algorithm digest;
};
constexpr SignatureAlgorithm kAlgorithms[] = {
    {"PS256", -37, true, Algorithm::kSha256},  {"PS384", -38, true, Algorithm::kSha384},
    {"PS512", -39, true, Algorithm::kSha512},  {"ES256", -7, false, Algorithm::kSha256},
    {"ES384", -35, false, Algorithm::kSha384}, {"ES512", -36, false, Algorithm::kSha512},
};

// What both forms say in their protected headers.
struct Header {
  const SignatureAlgorithm* algorithm = nullptr;
  std::string content_type;
  std::set<std::string> critical;
  std::string scheme;
  std::optional<absl::Time> signing_time;
  std::optional<absl::Time> authentic_time;
  std::optional<absl::Time> expiry;
};

absl::Status Apply(const Header& header, Envelope& envelope) {
  if (header.algorithm == nullptr) return Malformed("unsupported signature algorithm");
  envelope.pss = header.algorithm->pss;
  envelope.digest = header.algorithm->digest;
  if (header.content_type != kPayloadType) {
    return Malformed(
        absl::StrCat("payload content type \"", header.content_type, "\" not supported"));
  }
  // What must be understood, or must be marked as such (signature specification, "Protected
  // headers").
  std::set<std::string> wanted = {kSchemeKey};
  if (header.scheme == "notary.x509") {
    if (!header.signing_time.has_value() || header.authentic_time.has_value()) {
      return Malformed("the signing time does not fit the signing scheme");
    }
    envelope.scheme = Scheme::kX509;
    envelope.signing_time = *header.signing_time;
  } else if (header.scheme == "notary.x509.signingAuthority") {
    if (!header.authentic_time.has_value() || header.signing_time.has_value()) {
      return Malformed("the signing time does not fit the signing scheme");
    }
    wanted.insert(kAuthenticTimeKey);
    envelope.scheme = Scheme::kSigningAuthority;
    envelope.signing_time = *header.authentic_time;
  } else {
    return Malformed(absl::StrCat("unsupported signing scheme \"", header.scheme, "\""));
  }
  if (header.expiry.has_value()) wanted.insert(kExpiryKey);
  envelope.expiry = header.expiry;
  if (header.critical != wanted) {
    return Malformed("the critical headers are not those that must be understood");
  }
  return absl::OkStatus();
}

absl::Status AddCertificate(absl::string_view der, Envelope& envelope) {
  if (envelope.chain.size() >= kMaxChain) return Malformed("too many certificates");
  auto certificate = Certificate::FromDer(der);
  if (!certificate.ok()) return Malformed(certificate.status().message());
  envelope.chain.push_back(*std::move(certificate));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> JwsTime(const Value& value) {
  if (value.is_null()) return std::nullopt;
  absl::Time time;
  std::string unused;
  if (absl::ParseTime(absl::RFC3339_full, value.str(), &time, &unused)) return time;
  return Malformed("a time does not parse");
}

absl::StatusOr<Envelope> ParseJws(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const Value value, value::ParseJson(bytes));
  Envelope envelope;
  std::string protected_header;
  const absl::string_view encoded_header = value["protected"].str();
  const absl::string_view encoded_payload = value["payload"].str();
  if (encoded_header.empty() || !absl::WebSafeBase64Unescape(encoded_header, &protected_header) ||
      !absl::WebSafeBase64Unescape(encoded_payload, &envelope.payload) ||
      !absl::WebSafeBase64Unescape(value["signature"].str(), &envelope.signature)) {
    return Malformed("no JWS");
  }
  envelope.signed_bytes = absl::StrCat(encoded_header, ".", encoded_payload);
  ASSIGN_OR_RETURN(const Value fields, value::ParseJson(protected_header));
  Header header;
  for (const SignatureAlgorithm& one : kAlgorithms) {
    if (fields["alg"].str() == one.jose) header.algorithm = &one;
  }
  header.content_type = std::string(fields["cty"].str());
  for (const Value& name : fields["crit"].items()) header.critical.emplace(name.str());
  header.scheme = std::string(fields[kSchemeKey].str());
  ASSIGN_OR_RETURN(header.signing_time, JwsTime(fields[kTimeKey]));
  ASSIGN_OR_RETURN(header.authentic_time, JwsTime(fields[kAuthenticTimeKey]));
  ASSIGN_OR_RETURN(header.expiry, JwsTime(fields[kExpiryKey]));
  RETURN_IF_ERROR(Apply(header, envelope));
  for (const Value& one : value["header"]["x5c"].items()) {
    std::string der;
    if (!absl::Base64Unescape(one.str(), &der)) return Malformed("a certificate is not base64");
    RETURN_IF_ERROR(AddCertificate(der, envelope));
  }
  return envelope;
}

absl::StatusOr<std::optional<absl::Time>> CoseTime(const Cbor& map, absl::string_view key) {
  const Cbor* value = map.Find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is(Cbor::Kind::kTag) || value->number != 1 ||
      !value->items[0].is(Cbor::Kind::kInteger)) {
    return Malformed("a time does not parse");
  }
  return absl::FromUnixSeconds(value->items[0].number);
}

absl::StatusOr<Header> CoseHeader(const Cbor& map) {
  Header header;
  const Cbor* algorithm = map.Find(kCoseAlgorithm);
  for (const SignatureAlgorithm& one : kAlgorithms) {
    if (algorithm != nullptr && algorithm->is(Cbor::Kind::kInteger) &&
        algorithm->number == one.cose) {
      header.algorithm = &one;
    }
  }
  if (const Cbor* type = map.Find(kCoseContentType); type != nullptr) {
    header.content_type = type->text;
  }
  if (const Cbor* critical = map.Find(kCoseCritical); critical != nullptr) {
    for (const Cbor& name : critical->items) header.critical.insert(name.text);
  }
  if (const Cbor* scheme = map.Find(kSchemeKey); scheme != nullptr) header.scheme = scheme->text;
  ASSIGN_OR_RETURN(header.signing_time, CoseTime(map, kTimeKey));
  ASSIGN_OR_RETURN(header.authentic_time, CoseTime(map, kAuthenticTimeKey));
  ASSIGN_OR_RETURN(header.expiry, CoseTime(map, kExpiryKey));
  return header;
}

absl::StatusOr<Envelope> ParseCose(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const Cbor message, Cbor::Parse(bytes));
  if (!message.is(Cbor::Kind::kTag) || message.number != kCoseSign1Tag ||
      message.items[0].items.size() != 4) {
    return Malformed("no COSE_Sign1 message");
  }
  const std::vector<Cbor>& parts = message.items[0].items;
  if (!parts[0].is(Cbor::Kind::kBytes) || !parts[1].is(Cbor::Kind::kMap) ||
      !parts[2].is(Cbor::Kind::kBytes) || !parts[3].is(Cbor::Kind::kBytes)) {
    return Malformed("no COSE_Sign1 message");
  }
  Envelope envelope;
  envelope.payload = parts[2].text;
  envelope.signature = parts[3].text;
  // Sig_structure of RFC 9052, 4.4, without external data.
  envelope.signed_bytes = absl::StrCat(
      CborHead(4, 4), CborHead(3, 10), "Signature1", CborHead(2, parts[0].text.size()),
      parts[0].text, CborHead(2, 0), CborHead(2, envelope.payload.size()), envelope.payload);
  ASSIGN_OR_RETURN(const Cbor fields, Cbor::Parse(parts[0].text));
  ASSIGN_OR_RETURN(const Header header, CoseHeader(fields));
  RETURN_IF_ERROR(Apply(header, envelope));
  const Cbor* chain = parts[1].Find(kCoseChain);
  if (chain != nullptr && chain->is(Cbor::Kind::kBytes)) {
    RETURN_IF_ERROR(AddCertificate(chain->text, envelope));
  } else if (chain != nullptr) {
    for (const Cbor& one : chain->items) RETURN_IF_ERROR(AddCertificate(one.text, envelope));
  }
  return envelope;
}

// The digest that goes with a key (signature specification, "Signature algorithm requirements").
bool Fits(const crypto::PublicKey& key, bool pss, Algorithm digest) {
  switch (key.type()) {
    case PublicKeyType::kRsa:
      return pss && ((key.rsa_bytes() == 256 && digest == Algorithm::kSha256) ||
                     (key.rsa_bytes() == 384 && digest == Algorithm::kSha384) ||
                     (key.rsa_bytes() == 512 && digest == Algorithm::kSha512));
    case PublicKeyType::kEcdsaP256:
      return !pss && digest == Algorithm::kSha256;
    case PublicKeyType::kEcdsaP384:
      return !pss && digest == Algorithm::kSha384;
    case PublicKeyType::kEcdsaP521:
      return !pss && digest == Algorithm::kSha512;
    case PublicKeyType::kEd25519:
      break;
  }
  return false;
}

absl::Status CheckSigner(const Certificate& signer) {
  if (signer.is_authority() || !signer.MaySign()) {
    return absl::UnauthenticatedError("the signing certificate is not one for signing");
  }
  if (!signer.has_purposes()) return absl::OkStatus();
  // Server and client authentication are another matter, as are mail, time and anything.
  for (const char* other :
       {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "2.5.29.37.0"}) {
    if (signer.HasPurpose(other)) {
      return absl::UnauthenticatedError("the signing certificate is for something else too");
    }
  }
  if (signer.HasPurpose(crypto::kCodeSigning)) return absl::OkStatus();
  return absl::UnauthenticatedError("the signing certificate is not one for signing code");
}

}  // namespace

absl::StatusOr<Envelope> Envelope::Parse(absl::string_view type, absl::string_view bytes) {
  if (type != kJwsType && type != kCoseType) {
    return Malformed(absl::StrCat("media type \"", type, "\" is not supported"));
  }
  auto envelope = type == kJwsType ? ParseJws(bytes) : ParseCose(bytes);
  if (envelope.ok() && envelope->chain.empty()) return Malformed("no certificates");
  return envelope;
}

absl::Status Envelope::VerifyIntegrity() const {
  RETURN_IF_ERROR(CheckSigner(chain[0]));
  for (size_t i = 0; i < chain.size(); ++i) {
    const bool last = i + 1 == chain.size();
    if (!chain[i].IsSignedBy(last ? chain[i] : chain[i + 1])) {
      return absl::UnauthenticatedError("certificate-chain is invalid");
    }
    if (i > 0 && !chain[i].is_authority()) {
      return absl::UnauthenticatedError("certificate-chain is invalid: no authority");
    }
  }
  const auto key = chain[0].Key();
  if (!key.ok()) return absl::UnauthenticatedError(key.status().message());
  const bool valid =
      Fits(*key, pss, digest) && (pss ? key->VerifyPss(digest, signed_bytes, signature)
                                      : key->VerifyPlainEcdsa(digest, signed_bytes, signature));
  if (valid) return absl::OkStatus();
  return absl::UnauthenticatedError("signature is invalid");
}

}  // namespace sluice::notation
