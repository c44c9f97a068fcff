// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/private_key.h"
#include "common/crypto/x509.h"
#include "common/sprig/base_encoding.h"
#include "common/sprig/convert.h"
#include "common/sprig/random.h"
#include "common/sprig/sprig.h"
#include "common/text/quote.h"

namespace sluice::sprig {
namespace {

using crypto::KeyKind;
using crypto::PrivateKey;
using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

// About what these take, measured in evaluation steps of a tenth of a microsecond.
constexpr uint64_t kShortKeySteps = 1'000'000;
constexpr uint64_t kLongKeySteps = 10'000'000;

const Type& CertificateType() {
  static const gotmpl::Field fields[] = {{.name = "Cert", .type = &types::kString},
                                         {.name = "Key", .type = &types::kString}};
  static const Type type{
      .kind = gotmpl::Kind::kStruct, .name = "sprig.certificate", .fields = fields};
  return type;
}

Value FromPem(absl::string_view certificate, absl::string_view key) {
  return Value::ObjectOf(CertificateType(), std::make_shared<gotmpl::Record>(std::vector<Value>{
                                                Value::String(certificate), Value::String(key)}));
}

absl::Status WithPrefix(absl::string_view prefix, const absl::Status& error) {
  return absl::Status(error.code(), absl::StrCat(prefix, ": ", error.message()));
}

absl::StatusOr<PrivateKey> ParseKey(absl::string_view pem, absl::string_view prefix) {
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(pem);
  if (!key.ok()) return WithPrefix(prefix, key.status());
  return key;
}

Result GeneratePrivateKey(Call& call) {
  struct Row {
    absl::string_view name;
    KeyKind kind;
    uint64_t steps;
  };
  constexpr Row kRows[] = {
      {"", KeyKind::kRsa4096, kLongKeySteps},    {"rsa", KeyKind::kRsa4096, kLongKeySteps},
      {"dsa", KeyKind::kDsa2048, kLongKeySteps}, {"ecdsa", KeyKind::kEcdsaP256, 1000},
      {"ed25519", KeyKind::kEd25519, 1000},
  };
  for (const Row& row : kRows) {
    if (row.name != call.text(0)) continue;
    RETURN_IF_ERROR(call.session().ChargeSteps(row.steps));
    ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate(row.kind));
    ASSIGN_OR_RETURN(const Secret pem, key.ToPem());
    return Value::String(pem.Reveal());
  }
  return Value::String(absl::StrCat("Unknown type ", call.text(0)));
}

// The texts of a list; what is none is refused with the prefix.
absl::StatusOr<std::vector<std::string>> TextsOf(Call& call, const Value& list,
                                                 absl::string_view prefix) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) {
    if (item.type() != &types::kString) {
      ASSIGN_OR_RETURN(const std::string text, ToText(item, call.session()));
      return Failure(absl::StrCat(prefix, ": ", text, " is not a string"));
    }
    texts.emplace_back(item.text());
  }
  return texts;
}

bool IsAddress(const std::string& text) {
  in6_addr bytes;  // holds an IPv4 address as well
  return inet_pton(AF_INET, text.c_str(), &bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

absl::StatusOr<crypto::CertificateRequest> Request(Call& call, const Value& addresses,
                                                   const Value& names, int64_t days) {
  crypto::CertificateRequest request;
  request.common_name = std::string(call.text(0));
  ASSIGN_OR_RETURN(request.ip_addresses, TextsOf(call, addresses, "error parsing ip"));
  ASSIGN_OR_RETURN(request.dns_names, TextsOf(call, names, "error processing alternate dns name"));
  for (const std::string& address : request.ip_addresses) {
    if (!IsAddress(address)) return Failure(absl::StrCat("error parsing ip: ", address));
  }
  for (const std::string& name : request.dns_names) {
    if (std::any_of(name.begin(), name.end(), [](char c) { return (c & 0x80) != 0; })) {
      return Failure(absl::StrCat("error creating certificate: x509: ", text::Quote(name),
                                  " cannot be encoded as an IA5String"));
    }
  }
  ASSIGN_OR_RETURN(gotmpl::Environment* const environment, EnvironmentOf(call));
  request.not_before = environment->Now();
  request.not_after = request.not_before + absl::Hours(24) * days;
  return request;
}

// The key that is given as the last argument, or a new one.
absl::StatusOr<PrivateKey> KeyFor(Call& call, bool with_key) {
  if (with_key) return ParseKey(call.text(call.size() - 1), "parsing private key");
  RETURN_IF_ERROR(call.session().ChargeSteps(kShortKeySteps));
  return PrivateKey::Generate(KeyKind::kRsa2048);
}

Result Issue(const crypto::CertificateRequest& request, const PrivateKey& key, bool authority,
             const crypto::Issuer* issuer) {
  const absl::StatusOr<std::string> certificate =
      crypto::IssueTlsCertificate(request, key, authority, issuer);
  if (!certificate.ok()) return WithPrefix("error creating certificate", certificate.status());
  ASSIGN_OR_RETURN(const Secret pem, key.ToPem());
  return FromPem(*certificate, pem.Reveal());
}

Result GenerateAuthority(Call& call, bool with_key) {
  ASSIGN_OR_RETURN(const PrivateKey key, KeyFor(call, with_key));
  ASSIGN_OR_RETURN(const crypto::CertificateRequest request,
                   Request(call, Value(), Value(), call.integer(1)));
  return Issue(request, key, /*authority=*/true, nullptr);
}

Result GenerateSelfSigned(Call& call, bool with_key) {
  ASSIGN_OR_RETURN(const PrivateKey key, KeyFor(call, with_key));
  ASSIGN_OR_RETURN(const crypto::CertificateRequest request,
                   Request(call, call[1], call[2], call.integer(3)));
  return Issue(request, key, /*authority=*/false, nullptr);
}

Result GenerateSigned(Call& call, bool with_key) {
  ASSIGN_OR_RETURN(const PrivateKey key, KeyFor(call, with_key));
  const std::string authority(call[4].field(0).text());
  RETURN_IF_ERROR(crypto::CheckCertificate(authority));
  ASSIGN_OR_RETURN(PrivateKey authority_key,
                   ParseKey(call[4].field(1).text(), "error parsing private key"));
  ASSIGN_OR_RETURN(const crypto::CertificateRequest request,
                   Request(call, call[1], call[2], call.integer(3)));
  const crypto::Issuer issuer{authority, std::move(authority_key)};
  return Issue(request, key, /*authority=*/false, &issuer);
}

Result BuildCustomCertificate(Call& call) {
  const absl::StatusOr<std::string> certificate = DecodeBase64(call.text(0));
  if (!certificate.ok()) return Failure("unable to decode base64 certificate");
  const absl::StatusOr<std::string> key = DecodeBase64(call.text(1));
  if (!key.ok()) return Failure("unable to decode base64 private key");
  RETURN_IF_ERROR(crypto::CheckCertificate(*certificate));
  RETURN_IF_ERROR(ParseKey(*key, "error parsing private key").status());
  return FromPem(*certificate, *key);
}

// The two forms of a function: with a new key, and with one as the last argument.
void AddPair(Function function, absl::string_view with_key_name, Result (*code)(Call&, bool),
             std::vector<Function>& functions) {
  function.result = &CertificateType();
  function.code = [code](Call& call) { return code(call, false); };
  functions.push_back(function);
  function.name = with_key_name;
  function.parameters.push_back(&types::kString);
  function.code = [code](Call& call) { return code(call, true); };
  functions.push_back(std::move(function));
}

}  // namespace

std::vector<Function> CertificateFunctions() {
  const Type* string = &types::kString;
  const Type* integer = &types::kInt;
  const Type* list = &types::kList;
  std::vector<Function> functions = {
      {.name = "genPrivateKey",
       .parameters = {string},
       .result = string,
       .doc = "A new private key in PEM: rsa, dsa, ecdsa or ed25519.",
       .code = GeneratePrivateKey},
      {.name = "buildCustomCert",
       .parameters = {string, string},
       .result = &CertificateType(),
       .doc = "A certificate and its key from PEM in base64.",
       .code = BuildCustomCertificate},
  };
  AddPair({.name = "genCA",
           .parameters = {string, integer},
           .doc = "A certificate authority of the name, valid for so many days.",
           .code = nullptr},
          "genCAWithKey", GenerateAuthority, functions);
  AddPair({.name = "genSelfSignedCert",
           .parameters = {string, list, list, integer},
           .doc = "A certificate for the name, addresses and host names that signs itself.",
           .code = nullptr},
          "genSelfSignedCertWithKey", GenerateSelfSigned, functions);
  AddPair({.name = "genSignedCert",
           .parameters = {string, list, list, integer, &CertificateType()},
           .doc = "A certificate for the name, addresses and host names that an authority signs.",
           .code = nullptr},
          "genSignedCertWithKey", GenerateSigned, functions);
  return functions;
}

}  // namespace sluice::sprig
