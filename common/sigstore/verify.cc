// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/verify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::sigstore {
namespace {

using crypto::Algorithm;
using crypto::Certificate;
using crypto::PublicKey;
using crypto::PublicKeyType;

// Fulcio's extensions: the issuer of the OpenID Connect token as plain bytes, and as DER.
constexpr char kOldIssuer[] = "1.3.6.1.4.1.57264.1.1";
constexpr char kIssuer[] = "1.3.6.1.4.1.57264.1.8";

absl::Status Refused(absl::string_view why) { return absl::UnauthenticatedError(std::string(why)); }

// cosign signs with SHA-256 whatever the curve; bundles have the digest that fits the curve.
bool Signs(const PublicKey& key, const Signature& signature) {
  const std::string bytes = signature.SignedBytes();
  if (key.Verify(Algorithm::kSha256, bytes, signature.value)) return true;
  if (signature.form != Signature::Form::kEnvelope) return false;
  if (key.type() == PublicKeyType::kEcdsaP384) {
    return key.Verify(Algorithm::kSha384, bytes, signature.value);
  }
  return key.type() == PublicKeyType::kEcdsaP521 &&
         key.Verify(Algorithm::kSha512, bytes, signature.value);
}

// When a log saw the signature.
absl::StatusOr<absl::Time> LoggedAt(const Signature& signature, const TrustedRoot& root) {
  absl::Status refusal = Refused("no transparency log entry is attached to the signature");
  for (const LogEntry& entry : signature.entries) {
    refusal = VerifyLogEntry(entry, root.transparency_logs);
    if (refusal.ok()) refusal = signature.CheckEntry(entry, *signature.certificate);
    if (refusal.ok()) return entry.integrated;
  }
  return refusal;
}

// Who certified, by an authority that did so at `time`.
absl::StatusOr<std::vector<Certificate>> ChainOf(const Certificate& certificate,
                                                 const TrustedRoot& root, absl::Time time) {
  absl::Status refusal = Refused("no trusted certificate authority was in use at that time");
  for (const Authority& authority : root.authorities) {
    if (!authority.period.Contains(time)) continue;
    auto chain =
        crypto::BuildChain(certificate, authority.intermediates, {&authority.root, 1}, time);
    if (chain.ok()) return chain;
    refusal = chain.status();
  }
  return refusal;
}

absl::Status CheckLogged(const Certificate& certificate, const Certificate& issuer,
                         const TrustedRoot& root) {
  ASSIGN_OR_RETURN(const auto timestamps, certificate.Timestamps(issuer));
  if (timestamps.empty()) return Refused("the certificate has no timestamp of a certificate log");
  for (const crypto::EmbeddedTimestamp& timestamp : timestamps) {
    for (const Log& log : root.certificate_logs) {
      if (log.id == timestamp.log_id && log.period.Contains(timestamp.time) &&
          log.key.Verify(Algorithm::kSha256, timestamp.signed_data, timestamp.signature)) {
        return absl::OkStatus();
      }
    }
  }
  return Refused("no trusted certificate log vouches for the certificate");
}

absl::StatusOr<std::string> IssuerOf(const Certificate& certificate) {
  const auto old = certificate.Extension(kOldIssuer);
  const auto der = certificate.Extension(kIssuer);
  if (!der.has_value()) return old.value_or("");
  const auto text = crypto::TextOfDer(*der);
  if (!text.has_value() || (old.has_value() && *old != *text)) {
    return Refused("the certificate does not say who issued the identity");
  }
  return *text;
}

absl::Status CheckIdentity(const Certificate& certificate, std::span<const IdentityRule> rules) {
  ASSIGN_OR_RETURN(const std::string issuer, IssuerOf(certificate));
  const std::vector<std::string> subjects = certificate.AlternativeNames();
  if (rules.empty()) return absl::OkStatus();
  for (const IdentityRule& rule : rules) {
    if (!rule.issuer.MatchesIn(issuer)) continue;
    for (const std::string& subject : subjects) {
      if (rule.subject.MatchesIn(subject)) return absl::OkStatus();
    }
  }
  return Refused(absl::StrCat(
      "none of the expected identities matched what was in the certificate, got subjects [",
      absl::StrJoin(subjects, ", "), "] with issuer ", issuer));
}

}  // namespace

absl::StatusOr<IdentityRule> IdentityRule::Parse(absl::string_view issuer,
                                                 absl::string_view subject) {
  auto issuer_rule = text::Regexp::Compile(issuer);
  if (!issuer_rule.ok()) return Annotate(issuer_rule.status(), "malformed issuer in identity");
  auto subject_rule = text::Regexp::Compile(subject);
  if (!subject_rule.ok()) return Annotate(subject_rule.status(), "malformed subject in identity");
  return IdentityRule{*std::move(issuer_rule), *std::move(subject_rule)};
}

absl::Status VerifyWithKey(const Signature& signature, const PublicKey& key,
                           absl::string_view digest) {
  if (!Signs(key, signature)) return Refused("invalid signature when validating with the key");
  return signature.CheckSubject(digest);
}

absl::Status VerifyWithIdentity(const Signature& signature, const TrustedRoot& root,
                                std::span<const IdentityRule> rules, absl::string_view digest) {
  if (!signature.certificate.has_value()) return Refused("no certificate found on signature");
  const Certificate& certificate = *signature.certificate;
  ASSIGN_OR_RETURN(const absl::Time time, LoggedAt(signature, root));
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain, ChainOf(certificate, root, time));
  if (chain.size() < 2 || certificate.is_authority() || !certificate.MaySign() ||
      !certificate.HasPurpose(crypto::kCodeSigning)) {
    return Refused("the certificate is not one for signing code");
  }
  RETURN_IF_ERROR(CheckLogged(certificate, chain[1], root));
  ASSIGN_OR_RETURN(const PublicKey key, certificate.Key());
  if (!Signs(key, signature)) {
    return Refused("invalid signature when validating with the certificate's key");
  }
  RETURN_IF_ERROR(CheckIdentity(certificate, rules));
  return signature.CheckSubject(digest);
}

}  // namespace sluice::sigstore
