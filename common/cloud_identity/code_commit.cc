// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/code_commit.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing.h"
#include "common/http/message.h"

namespace sluice::cloud_identity {

absl::StatusOr<std::string> CodeCommitRegion(absl::string_view url) {
  const auto parsed = http::Url::Parse(url);
  const absl::Status refused =
      absl::InvalidArgumentError("the URL is not an HTTPS URL of AWS CodeCommit");
  if (!parsed.ok() || parsed->scheme != "https") return refused;
  const std::vector<std::string> labels = absl::StrSplit(parsed->host, '.');
  const bool known = labels.size() >= 4 &&
                     (labels[0] == "git-codecommit" || labels[0] == "git-codecommit-fips") &&
                     !labels[1].empty() && labels[2] == "amazonaws";
  if (!known || !absl::StartsWith(parsed->path, "/v1/repos/")) return refused;
  return labels[1];
}

absl::StatusOr<BasicCredentials> CodeCommitCredentials(absl::string_view url,
                                                       const Credentials& credentials,
                                                       absl::Time now) {
  ASSIGN_OR_RETURN(const std::string region, CodeCommitRegion(url));
  ASSIGN_OR_RETURN(const http::Url parsed, http::Url::Parse(url));
  const std::string time = absl::FormatTime("%Y%m%dT%H%M%S", now, absl::UTCTimeZone());
  const std::string date = time.substr(0, 8);
  const std::string scope = absl::StrCat(date, "/", region, "/codecommit/aws4_request");
  const std::string request =
      absl::StrCat("GIT\n", parsed.path, "\n\nhost:", parsed.host, "\n\nhost\n");
  const std::string text =
      absl::StrCat("AWS4-HMAC-SHA256\n", time, "\n", scope, "\n", crypto::Sha256Hex(request));
  std::string key = absl::StrCat("AWS4", credentials.secret.Reveal());
  for (const absl::string_view part :
       {absl::string_view(date), absl::string_view(region), absl::string_view("codecommit"),
        absl::string_view("aws4_request"), absl::string_view(text)}) {
    key = crypto::HmacSha256(key, part);
  }
  const std::string session = credentials.session_token.empty()
                                  ? ""
                                  : absl::StrCat("%", credentials.session_token.Reveal());
  return BasicCredentials{absl::StrCat(credentials.access_key_id, session),
                          Secret(absl::StrCat(time, "Z", absl::BytesToHexString(key)))};
}

}  // namespace sluice::cloud_identity
