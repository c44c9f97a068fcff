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

// What becomes the signature of a request, and what names it.
struct Signing {
  Signing(const AwsCredentials& credentials, const SigningScope& scope, absl::Time now)
      : time(absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone())),
        date(time.substr(0, 8)),
        scope_text(absl::StrCat(date, "/", scope.region, "/", scope.service, "/aws4_request")),
        credential(absl::StrCat(credentials.access_key, "/", scope_text)) {
    key = absl::StrCat("AWS4", credentials.secret_key.Reveal());
    for (const absl::string_view part :
         {absl::string_view(date), absl::string_view(scope.region),
          absl::string_view(scope.service), absl::string_view("aws4_request")}) {
      key = crypto::HmacSha256(key, part);
    }
  }

  std::string SignatureOf(absl::string_view canonical) const {
    const std::string to_sign =
        absl::StrCat(kAlgorithm, "\n", time, "\n", scope_text, "\n", crypto::Sha256Hex(canonical));
    return absl::BytesToHexString(crypto::HmacSha256(key, to_sign));
  }

  const std::string time;
  const std::string date;
  const std::string scope_text;
  const std::string credential;
  std::string key;
};

// Headers in the form that is signed.
struct SignedHeaders {
  explicit SignedHeaders(const http::Headers& fields) {
    std::map<std::string, std::string> sorted;
    for (const auto& [name, value] : fields.fields()) {
      sorted[absl::AsciiStrToLower(name)] = std::string(absl::StripAsciiWhitespace(value));
    }
    for (const auto& [name, value] : sorted) {
      absl::StrAppend(&lines, name, ":", value, "\n");
      absl::StrAppend(&names, names.empty() ? "" : ";", name);
    }
  }

  std::string lines;
  std::string names;
};

std::string Canonical(const http::Request& request, const http::Url& url, const std::string& query,
                      const SignedHeaders& headers, const std::string& payload) {
  return absl::StrCat(request.method, "\n", url.path.empty() ? "/" : url.path, "\n",
                      CanonicalQuery(query), "\n", headers.lines, "\n", headers.names, "\n",
                      payload);
}

}  // namespace

absl::Status Sign(const AwsCredentials& credentials, const SigningScope& scope, absl::Time now,
                  http::Request& request) {
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(request.url));
  const Signing signing(credentials, scope, now);
  const std::string payload = crypto::Sha256Hex(request.body);
  request.headers.Set("Host", HostOf(url));
  request.headers.Set("X-Amz-Date", signing.time);
  request.headers.Set("X-Amz-Content-Sha256", payload);
  if (!credentials.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", credentials.session_token.Reveal());
  }
  const SignedHeaders headers(request.headers);
  const std::string signature =
      signing.SignatureOf(Canonical(request, url, url.query, headers, payload));
  request.headers.Set("Authorization",
                      absl::StrCat(kAlgorithm, " Credential=", signing.credential,
                                   ", SignedHeaders=", headers.names, ", Signature=", signature));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Presign(const AwsCredentials& credentials, const SigningScope& scope,
                                    absl::Time now, absl::Duration lifetime,
                                    const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(request.url));
  const Signing signing(credentials, scope, now);
  http::Headers fields = request.headers;
  fields.Set("Host", HostOf(url));
  const SignedHeaders headers(fields);
  std::string query = url.query;
  const auto add = [&query](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&query, query.empty() ? "" : "&", name, "=", http::EscapeQuery(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", signing.credential);
  add("X-Amz-Date", signing.time);
  add("X-Amz-Expires", absl::StrCat(absl::ToInt64Seconds(lifetime)));
  if (!credentials.session_token.empty()) {
    add("X-Amz-Security-Token", credentials.session_token.Reveal());
  }
  add("X-Amz-SignedHeaders", headers.names);
  const std::string signature =
      signing.SignatureOf(Canonical(request, url, query, headers, crypto::Sha256Hex("")));
  return absl::StrCat(url.scheme, "://", HostOf(url), url.path.empty() ? "/" : url.path, "?",
                      CanonicalQuery(query), "&X-Amz-Signature=", signature);
}

}  // namespace sluice::bucket
