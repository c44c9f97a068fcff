// SPDX-License-Identifier: Apache-2.0
#include "common/notation/verify.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::notation {
namespace {

using crypto::Certificate;

constexpr char kRevocationLists[] = "2.5.29.31";
constexpr char kInformation[] = "1.3.6.1.5.5.7.1.1";
constexpr absl::string_view kOcsp("\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01",
                                  10);  // its OID as DER

absl::Status Refused(absl::string_view why) { return absl::UnauthenticatedError(why); }

std::string Date(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone());
}

// "CN=signer,O=sluice", last part first.
std::string SubjectText(const Certificate& certificate) {
  std::vector<crypto::NamePart> parts = certificate.Subject();
  std::reverse(parts.begin(), parts.end());
  return absl::StrJoin(parts, ",", [](std::string* out, const crypto::NamePart& part) {
    absl::StrAppend(out, part.first, "=", part.second);
  });
}

absl::Status CheckIdentity(const Statement& statement, const Certificate& signer) {
  if (statement.identities.empty()) return absl::OkStatus();
  NameAttributes subject;
  for (const auto& [type, value] : signer.Subject()) {
    if (!subject.emplace(type, value).second) {
      return Refused("the signing certificate's subject has an attribute twice");
    }
  }
  std::vector<std::string> wanted;
  for (const NameAttributes& identity : statement.identities) {
    const bool same = std::all_of(identity.begin(), identity.end(), [&](const auto& attribute) {
      const auto it = subject.find(attribute.first);
      return it != subject.end() && it->second == attribute.second;
    });
    if (same) return absl::OkStatus();
    wanted.push_back(absl::StrCat(
        "map[",
        absl::StrJoin(identity, " ",
                      [](std::string* out, const auto& attribute) {
                        absl::StrAppend(out, "\"", absl::Utf8SafeCEscape(attribute.first), "\":\"",
                                        absl::Utf8SafeCEscape(attribute.second), "\"");
                      }),
        "]"));
  }
  return Refused(absl::StrCat(
      "signing certificate from the digital signature does not match the X.509 trusted identities "
      "[",
      absl::StrJoin(wanted, " "), "] defined in the trust policy \"", statement.name, "\""));
}

absl::Status CheckAuthenticity(const Statement& statement, std::span<const Certificate> trusted,
                               const Envelope& envelope) {
  const absl::string_view type = envelope.scheme == Scheme::kX509 ? "ca:" : "signingAuthority:";
  const bool has_store =
      std::any_of(statement.stores.begin(), statement.stores.end(),
                  [type](const std::string& store) { return absl::StartsWith(store, type); });
  const bool is_trusted =
      has_store &&
      std::any_of(envelope.chain.begin(), envelope.chain.end(),
                  [trusted](const Certificate& certificate) {
                    return std::find(trusted.begin(), trusted.end(), certificate) != trusted.end();
                  });
  // As in the reference, the second finding is told in place of the first where both are logged.
  const absl::Status anchored =
      is_trusted
          ? absl::OkStatus()
          : Refused("the signature's certificate chain does not contain any trusted certificate");
  if (!anchored.ok() && statement.level.authenticity == Action::kEnforce) return anchored;
  const absl::Status identified = CheckIdentity(statement, envelope.chain[0]);
  return identified.ok() ? anchored : identified;
}

absl::Status CheckExpiry(const Envelope& envelope, absl::Time now) {
  if (!envelope.expiry.has_value() || now <= *envelope.expiry) return absl::OkStatus();
  return Refused(absl::StrCat("digital signature has expired on \"", Date(*envelope.expiry), "\""));
}

// When a signing authority does not vouch for the time, it is now.
absl::Status CheckTime(const Envelope& envelope, absl::Time now) {
  const absl::Time time =
      envelope.scheme == Scheme::kSigningAuthority ? envelope.signing_time : now;
  for (const Certificate& certificate : envelope.chain) {
    if (time > certificate.not_after()) {
      return Refused(absl::StrCat(
          "verification time is after certificate \"", SubjectText(certificate),
          "\" validity period, it was expired at \"", Date(certificate.not_after()), "\""));
    }
    if (time < certificate.not_before()) {
      return Refused(absl::StrCat(
          "verification time is before certificate \"", SubjectText(certificate),
          "\" validity period, it will be valid from \"", Date(certificate.not_before()), "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRevocation(const Envelope& envelope) {
  for (size_t i = 0; i < envelope.chain.size(); ++i) {
    const Certificate& certificate = envelope.chain[i];
    if (envelope.chain.size() > 1 && i + 1 == envelope.chain.size()) break;  // the root
    const auto information = certificate.Extension(kInformation);
    const bool revocable = certificate.Extension(kRevocationLists).has_value() ||
                           (information.has_value() && absl::StrContains(*information, kOcsp));
    if (!revocable) continue;
    return Refused(absl::StrCat("signing certificate with subject \"", SubjectText(certificate),
                                "\" revocation status is unknown"));
  }
  return absl::OkStatus();
}

absl::Status CheckTarget(const Envelope& envelope, const Artifact& artifact) {
  const auto payload = value::ParseJson(envelope.payload);
  if (!payload.ok()) return Refused("the signed payload is no JSON");
  const Value& target = (*payload)["targetArtifact"];
  if (target["mediaType"].str() == artifact.media_type &&
      target["digest"].str() == artifact.digest && target["size"].int_or(-1) == artifact.size) {
    return absl::OkStatus();
  }
  return Refused("content descriptor mismatch");
}

}  // namespace

absl::StatusOr<Trust> VerifyEnvelope(const Statement& statement,
                                     std::span<const Certificate> trusted, const Envelope& envelope,
                                     const Artifact& artifact, absl::Time now) {
  const Level& level = statement.level;
  RETURN_IF_ERROR(envelope.VerifyIntegrity());
  const absl::Status authentic = CheckAuthenticity(statement, trusted, envelope);
  if (level.authenticity == Action::kEnforce) RETURN_IF_ERROR(authentic);
  if (level.expiry == Action::kEnforce) RETURN_IF_ERROR(CheckExpiry(envelope, now));
  if (level.authentic_timestamp == Action::kEnforce) RETURN_IF_ERROR(CheckTime(envelope, now));
  if (level.revocation == Action::kEnforce) RETURN_IF_ERROR(CheckRevocation(envelope));
  RETURN_IF_ERROR(CheckTarget(envelope, artifact));
  return authentic.ok() ? Trust::kTrusted : Trust::kUntrusted;
}

}  // namespace sluice::notation
