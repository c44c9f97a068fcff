// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/s3_signer.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing.h"
#include "common/http/redirect.h"

namespace sluice::bucket {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

std::string HostOf(const http::Url& url) {
  const bool usual = url.port == 0 || url.port == (url.scheme == "https" ? 443 : 80);
  const std::string host =
      url.host.find(':') == std::string::npos ? url.host : absl::StrCat("[", url.host, "]");
  return usual ? host : absl::StrCat(host, ":", url.port);
}

std::string CanonicalQuery(const std::string& query) {
  if (query.empty()) return "";
  std::vector<std::string> parameters = absl::StrSplit(query, '&');
  for (std::string& parameter : parameters) {
    if (parameter.find('=') == std::string::npos) parameter += '=';
  }
  // By name, then by value: "=" would sort before other characters of longer names.
  std::sort(parameters.begin(), parameters.end(), [](const std::string& a, const std::string& b) {
    const std::pair<std::string, std::string> x = absl::StrSplit(a, absl::MaxSplits('=', 1));
    const std::pair<std::string, std::string> y = absl::StrSplit(b, absl::MaxSplits('=', 1));
    return x < y;
  });
  return absl::StrJoin(parameters, "&");
}

}  // namespace

absl::Status Sign(const AwsCredentials& credentials, const SigningScope& scope, absl::Time now,
                  http::Request& request) {
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(request.url));
  const absl::TimeZone utc = absl::UTCTimeZone();
  const std::string time = absl::FormatTime("%Y%m%dT%H%M%SZ", now, utc);
  const std::string date = time.substr(0, 8);
  const std::string payload = crypto::Sha256Hex(request.body);
  request.headers.Set("Host", HostOf(url));
  request.headers.Set("X-Amz-Date", time);
  request.headers.Set("X-Amz-Content-Sha256", payload);
  if (!credentials.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", credentials.session_token.Reveal());
  }
  std::map<std::string, std::string> signed_headers;
  for (const auto& [name, value] : request.headers.fields()) {
    signed_headers[absl::AsciiStrToLower(name)] = std::string(absl::StripAsciiWhitespace(value));
  }
  std::string headers;
  std::vector<std::string> names;
  for (const auto& [name, value] : signed_headers) {
    absl::StrAppend(&headers, name, ":", value, "\n");
    names.push_back(name);
  }
  const std::string name_list = absl::StrJoin(names, ";");
  const std::string canonical =
      absl::StrCat(request.method, "\n", url.path.empty() ? "/" : url.path, "\n",
                   CanonicalQuery(url.query), "\n", headers, "\n", name_list, "\n", payload);
  const std::string scope_text =
      absl::StrCat(date, "/", scope.region, "/", scope.service, "/aws4_request");
  const std::string to_sign =
      absl::StrCat(kAlgorithm, "\n", time, "\n", scope_text, "\n", crypto::Sha256Hex(canonical));
  std::string key = absl::StrCat("AWS4", credentials.secret_key.Reveal());
  for (const absl::string_view part :
       {absl::string_view(date), absl::string_view(scope.region), absl::string_view(scope.service),
        absl::string_view("aws4_request")}) {
    key = crypto::HmacSha256(key, part);
  }
  request.headers.Set("Authorization",
                      absl::StrCat(kAlgorithm, " Credential=", credentials.access_key, "/",
                                   scope_text, ", SignedHeaders=", name_list, ", Signature=",
                                   absl::BytesToHexString(crypto::HmacSha256(key, to_sign))));
  return absl::OkStatus();
}

}  // namespace sluice::bucket
