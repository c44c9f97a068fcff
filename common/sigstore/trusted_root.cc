// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/trusted_root.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/sigstore/fields.h"
#include "common/value/json.h"

namespace sluice::sigstore {
namespace {

constexpr size_t kMaxEntries = 100;

absl::StatusOr<absl::Time> TimeField(const Value& value, absl::Time otherwise) {
  if (value.is_null()) return otherwise;
  absl::Time time;
  std::string unused;
  if (absl::ParseTime(absl::RFC3339_full, value.str(), &time, &unused)) return time;
  return absl::InvalidArgumentError("validFor: no time");
}

absl::StatusOr<Period> PeriodOf(const Value& value) {
  Period period;
  ASSIGN_OR_RETURN(period.start, TimeField(value["start"], period.start));
  ASSIGN_OR_RETURN(period.end, TimeField(value["end"], period.end));
  return period;
}

absl::StatusOr<Authority> AuthorityOf(const Value& value) {
  std::vector<crypto::Certificate> chain;
  for (const Value& one : value["certChain"]["certificates"].items()) {
    ASSIGN_OR_RETURN(const std::string der, BytesField(one["rawBytes"], "rawBytes"));
    ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
    chain.push_back(std::move(certificate));
  }
  if (chain.empty()) return absl::InvalidArgumentError("certChain: no certificates");
  ASSIGN_OR_RETURN(const Period period, PeriodOf(value["validFor"]));
  crypto::Certificate root = std::move(chain.back());
  chain.pop_back();
  return Authority{std::move(chain), std::move(root), period};
}

// nullopt for a key of a type that we do not know.
absl::StatusOr<std::optional<Log>> LogOf(const Value& value) {
  const Value& key = value["publicKey"];
  ASSIGN_OR_RETURN(std::string id, BytesField(value["logId"]["keyId"], "logId.keyId"));
  ASSIGN_OR_RETURN(const std::string der, BytesField(key["rawBytes"], "publicKey.rawBytes"));
  ASSIGN_OR_RETURN(const Period period, PeriodOf(key["validFor"]));
  auto parsed = crypto::PublicKey::FromDer(der);
  if (!parsed.ok()) return std::nullopt;
  return Log{std::move(id), *std::move(parsed), period};
}

absl::StatusOr<std::vector<Log>> LogsOf(const Value& list, absl::string_view field) {
  std::vector<Log> logs;
  if (list.size() > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": more than ", kMaxEntries));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    auto log = LogOf(list.at(i));
    if (!log.ok()) return Annotate(log.status(), absl::StrCat(field, "[", i, "]"));
    if (log->has_value()) logs.push_back(**std::move(log));
  }
  return logs;
}

}  // namespace

absl::StatusOr<TrustedRoot> TrustedRoot::Parse(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value value, value::ParseJson(json));
  if (!absl::StartsWith(value["mediaType"].str(), "application/vnd.dev.sigstore.trustedroot")) {
    return absl::InvalidArgumentError("mediaType is not that of a trusted root");
  }
  TrustedRoot root;
  const Value& authorities = value["certificateAuthorities"];
  if (authorities.size() > kMaxEntries) {
    return absl::InvalidArgumentError(
        absl::StrCat("certificateAuthorities: more than ", kMaxEntries));
  }
  for (size_t i = 0; i < authorities.size(); ++i) {
    auto authority = AuthorityOf(authorities.at(i));
    if (!authority.ok()) {
      return Annotate(authority.status(), absl::StrCat("certificateAuthorities[", i, "]"));
    }
    root.authorities.push_back(*std::move(authority));
  }
  ASSIGN_OR_RETURN(root.transparency_logs, LogsOf(value["tlogs"], "tlogs"));
  ASSIGN_OR_RETURN(root.certificate_logs, LogsOf(value["ctlogs"], "ctlogs"));
  return root;
}

}  // namespace sluice::sigstore
