// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/signature.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/sigstore/fields.h"
#include "common/value/json.h"

namespace sluice::sigstore {
namespace {

constexpr char kSignatureKey[] = "dev.cosignproject.cosign/signature";
constexpr char kCertificateKey[] = "dev.sigstore.cosign/certificate";
constexpr char kBundleKey[] = "dev.sigstore.cosign/bundle";
constexpr char kStatementType[] = "application/vnd.in-toto+json";
constexpr size_t kMaxEntries = 10;
constexpr size_t kMaxHashes = 64;

absl::Status Wrong(absl::string_view what) { return absl::UnauthenticatedError(std::string(what)); }

// The log entry beside a layer of cosign's.
absl::StatusOr<LogEntry> EntryOfAnnotation(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value value, value::ParseJson(json));
  const Value& payload = value["Payload"];
  LogEntry entry;
  ASSIGN_OR_RETURN(entry.promise,
                   BytesField(value["SignedEntryTimestamp"], "SignedEntryTimestamp"));
  ASSIGN_OR_RETURN(entry.body, BytesField(payload["body"], "body"));
  ASSIGN_OR_RETURN(entry.index, NumberField(payload["logIndex"], "logIndex"));
  ASSIGN_OR_RETURN(const int64_t time, NumberField(payload["integratedTime"], "integratedTime"));
  entry.integrated = absl::FromUnixSeconds(time);
  const absl::string_view id = payload["logID"].str();
  if (id.size() != 64) return absl::InvalidArgumentError("logID is no digest");
  entry.log_id = absl::HexStringToBytes(id);
  return entry;
}

absl::StatusOr<LogEntry> EntryOfBundle(const Value& value) {
  LogEntry entry;
  ASSIGN_OR_RETURN(entry.promise, BytesField(value["inclusionPromise"]["signedEntryTimestamp"],
                                             "signedEntryTimestamp"));
  ASSIGN_OR_RETURN(entry.body, BytesField(value["canonicalizedBody"], "canonicalizedBody"));
  ASSIGN_OR_RETURN(entry.log_id, BytesField(value["logId"]["keyId"], "keyId"));
  ASSIGN_OR_RETURN(entry.index, NumberField(value["logIndex"], "logIndex"));
  ASSIGN_OR_RETURN(const int64_t time, NumberField(value["integratedTime"], "integratedTime"));
  entry.integrated = absl::FromUnixSeconds(time);
  const Value& proof = value["inclusionProof"];
  if (!proof.is_object()) return entry;
  InclusionProof& result = entry.proof.emplace();
  ASSIGN_OR_RETURN(result.index, NumberField(proof["logIndex"], "inclusionProof.logIndex"));
  ASSIGN_OR_RETURN(result.tree_size, NumberField(proof["treeSize"], "inclusionProof.treeSize"));
  ASSIGN_OR_RETURN(result.root_hash, BytesField(proof["rootHash"], "inclusionProof.rootHash"));
  result.checkpoint = std::string(proof["checkpoint"]["envelope"].str());
  if (proof["hashes"].size() > kMaxHashes) {
    return absl::InvalidArgumentError("inclusionProof.hashes are too many");
  }
  for (const Value& hash : proof["hashes"].items()) {
    ASSIGN_OR_RETURN(std::string bytes, BytesField(hash, "inclusionProof.hashes"));
    result.hashes.push_back(std::move(bytes));
  }
  return entry;
}

// The certificate of a bundle, nullopt where a key signed.
absl::StatusOr<std::optional<crypto::Certificate>> CertificateOf(const Value& material) {
  const Value& one = material["certificate"].is_object()
                         ? material["certificate"]
                         : material["x509CertificateChain"]["certificates"].at(0);
  if (!one.is_object()) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string der, BytesField(one["rawBytes"], "certificate.rawBytes"));
  ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
  return certificate;
}

absl::Status CheckImageDigest(const Value& payload, absl::string_view digest) {
  const absl::string_view signed_digest =
      payload["critical"]["image"]["docker-manifest-digest"].str();
  if (signed_digest == digest) return absl::OkStatus();
  return Wrong(absl::StrCat("invalid or missing digest in claim: ", signed_digest));
}

absl::Status CheckStatement(const Value& statement, absl::string_view digest) {
  if (!absl::StartsWith(statement["_type"].str(), "https://in-toto.io/Statement/")) {
    return Wrong("the signed payload is no in-toto statement");
  }
  absl::string_view hex = digest;
  if (!absl::ConsumePrefix(&hex, "sha256:")) return Wrong("the artifact has no SHA-256 digest");
  for (const Value& subject : statement["subject"].items()) {
    if (subject["digest"]["sha256"].str() == hex) return absl::OkStatus();
  }
  return Wrong("no subject of the signed statement has the artifact's digest");
}

// Whether the PEM in `content`, base64, is `certificate`.
bool IsCertificate(const Value& content, const crypto::Certificate& certificate) {
  const auto pem = BytesField(content, "");
  if (!pem.ok()) return false;
  const auto logged = crypto::Certificate::FromPem(*pem);
  return logged.ok() && logged->front() == certificate;
}

}  // namespace

absl::StatusOr<Signature> Signature::FromLayer(
    absl::string_view payload, const std::map<std::string, std::string>& annotations) {
  Signature signature;
  signature.payload = std::string(payload);
  const auto find = [&annotations](const char* key) {
    const auto it = annotations.find(key);
    return it == annotations.end() ? std::string() : it->second;
  };
  if (!absl::Base64Unescape(find(kSignatureKey), &signature.value) || signature.value.empty()) {
    return absl::InvalidArgumentError("the signature layer has no signature");
  }
  if (const std::string pem = find(kCertificateKey); !pem.empty()) {
    ASSIGN_OR_RETURN(const auto certificates, crypto::Certificate::FromPem(pem));
    signature.certificate = certificates.front();
  }
  if (const std::string bundle = find(kBundleKey); !bundle.empty()) {
    auto entry = EntryOfAnnotation(bundle);
    if (!entry.ok()) return Annotate(entry.status(), kBundleKey);
    signature.entries.push_back(*std::move(entry));
  }
  return signature;
}

absl::StatusOr<Signature> Signature::FromBundle(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value bundle, value::ParseJson(json));
  if (!absl::StartsWith(bundle["mediaType"].str(), kBundleTypePrefix)) {
    return absl::InvalidArgumentError("mediaType is not that of a Sigstore bundle");
  }
  const Value& envelope = bundle["dsseEnvelope"];
  if (!envelope.is_object() || envelope["signatures"].size() != 1) {
    return absl::InvalidArgumentError("the bundle has no DSSE envelope with one signature");
  }
  Signature signature;
  signature.form = Form::kEnvelope;
  signature.payload_type = std::string(envelope["payloadType"].str());
  ASSIGN_OR_RETURN(signature.payload, BytesField(envelope["payload"], "payload"));
  ASSIGN_OR_RETURN(signature.value, BytesField(envelope["signatures"].at(0)["sig"], "sig"));
  const Value& material = bundle["verificationMaterial"];
  ASSIGN_OR_RETURN(signature.certificate, CertificateOf(material));
  if (material["tlogEntries"].size() > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxEntries, " log entries"));
  }
  for (const Value& one : material["tlogEntries"].items()) {
    auto entry = EntryOfBundle(one);
    if (!entry.ok()) return Annotate(entry.status(), "tlogEntries");
    signature.entries.push_back(*std::move(entry));
  }
  return signature;
}

std::string Signature::SignedBytes() const {
  if (form == Form::kSimpleSigning) return payload;
  // "Pre-authentication encoding" of DSSE 1.
  return absl::StrCat("DSSEv1 ", payload_type.size(), " ", payload_type, " ", payload.size(), " ",
                      payload);
}

absl::Status Signature::CheckSubject(absl::string_view digest) const {
  const auto parsed = value::ParseJson(payload);
  if (!parsed.ok()) return Wrong("the signed payload is no JSON");
  if (form == Form::kSimpleSigning) return CheckImageDigest(*parsed, digest);
  if (payload_type != kStatementType) {
    return Wrong(absl::StrCat("the signed payload is of the type '", payload_type, "', not '",
                              kStatementType, "'"));
  }
  return CheckStatement(*parsed, digest);
}

absl::Status Signature::CheckEntry(const LogEntry& entry, const crypto::Certificate& by) const {
  const auto body = value::ParseJson(entry.body);
  if (!body.ok()) return Wrong("the log entry is no JSON");
  const absl::string_view kind = (*body)["kind"].str();
  const Value& spec = (*body)["spec"];
  const std::string signature = absl::Base64Escape(value);
  bool same = false;
  if (form == Form::kSimpleSigning && kind == "hashedrekord") {
    const Value& hash = spec["data"]["hash"];
    same = hash["algorithm"].str() == "sha256" &&
           hash["value"].str() == crypto::Sha256Hex(SignedBytes()) &&
           spec["signature"]["content"].str() == signature &&
           IsCertificate(spec["signature"]["publicKey"]["content"], by);
  } else if (form == Form::kEnvelope && kind == "dsse") {
    const Value& hash = spec["payloadHash"];
    const Value& signed_by = spec["signatures"].at(0);
    same = hash["algorithm"].str() == "sha256" &&
           hash["value"].str() == crypto::Sha256Hex(payload) && spec["signatures"].size() == 1 &&
           signed_by["signature"].str() == signature && IsCertificate(signed_by["verifier"], by);
  } else if (form == Form::kEnvelope && kind == "intoto" &&
             (*body)["apiVersion"].str() == "0.0.2") {
    // What attestations had before; the signature is encoded twice.
    const Value& hash = spec["content"]["payloadHash"];
    const Value& signatures = spec["content"]["envelope"]["signatures"];
    same = hash["algorithm"].str() == "sha256" &&
           hash["value"].str() == crypto::Sha256Hex(payload) && signatures.size() == 1 &&
           signatures.at(0)["sig"].str() == absl::Base64Escape(signature) &&
           IsCertificate(signatures.at(0)["publicKey"], by);
  } else {
    return Wrong(absl::StrCat("the log entry is of the unsupported kind '", kind, "'"));
  }
  return same ? absl::OkStatus() : Wrong("the log entry is about another signature");
}

}  // namespace sluice::sigstore
