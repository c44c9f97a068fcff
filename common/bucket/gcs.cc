// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/gcs.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/cached.h"
#include "common/bucket/exchange.h"
#include "common/bucket/jwt.h"
#include "common/value/json.h"

namespace sluice::bucket {
namespace {

constexpr char kTokenUri[] = "https://oauth2.googleapis.com/token";
constexpr char kGrantType[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";

class Gcs : public ObjectStore {
 public:
  Gcs(GcsOptions options, http::Transport& transport)
      : options_(std::move(options)), transport_(transport) {}

  absl::StatusOr<bool> BucketExists(const Context& ctx, const std::string& bucket) override {
    ASSIGN_OR_RETURN(const http::Request request, RequestFor(ctx, BucketUrl(bucket)));
    ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport_, request));
    if (response.status == 404) return false;
    if (response.status != 200) return Refusal(response);
    return true;
  }

  absl::Status List(const Context& ctx, const std::string& bucket, const std::string& prefix,
                    Found found) override {
    std::string token;
    while (true) {
      std::string url = absl::StrCat(
          BucketUrl(bucket),
          "/o?fields=items(name,etag),nextPageToken&prefix=", http::EscapeQuery(prefix));
      if (!token.empty()) absl::StrAppend(&url, "&pageToken=", http::EscapeQuery(token));
      ASSIGN_OR_RETURN(const http::Request request, RequestFor(ctx, url));
      ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport_, request));
      if (response.status != 200) return Refusal(response);
      ASSIGN_OR_RETURN(const Value page, value::ParseJson(response.body));
      for (const Value& object : page["items"].items()) {
        RETURN_IF_ERROR(
            found(std::string(object["name"].str()), std::string(object["etag"].str())));
      }
      const absl::string_view next = page["nextPageToken"].str();
      if (next.empty()) return absl::OkStatus();
      if (next == token) return absl::DataLossError("the listing does not go on");
      token = std::string(next);
    }
  }

  // Of the generation whose ETag is given.
  absl::StatusOr<std::string> Get(const Context& ctx, const std::string& bucket,
                                  const std::string& key, Write write) override {
    const std::string url = absl::StrCat(BucketUrl(bucket), "/o/", http::EscapePathSegment(key));
    ASSIGN_OR_RETURN(const http::Request describe, RequestFor(ctx, url));
    ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport_, describe));
    if (response.status != 200) return Refusal(response);
    ASSIGN_OR_RETURN(const Value object, value::ParseJson(response.body));
    ASSIGN_OR_RETURN(const http::Request request,
                     RequestFor(ctx, absl::StrCat(url, "?alt=media&ifGenerationMatch=",
                                                  http::EscapeQuery(object["generation"].str()))));
    ASSIGN_OR_RETURN(const http::Response content, Download(ctx, transport_, request, write));
    if (content.status != 200) return Refusal(content);
    return std::string(object["etag"].str());
  }

 private:
  std::string BucketUrl(const std::string& bucket) const {
    return absl::StrCat(options_.url, "/storage/v1/b/", http::EscapePathSegment(bucket));
  }
  absl::StatusOr<http::Request> RequestFor(const Context& ctx, const std::string& url) const {
    http::Request request;
    request.url = url;
    if (options_.token != nullptr) {
      ASSIGN_OR_RETURN(const BearerToken token, options_.token(ctx));
      request.headers.Add("Authorization", absl::StrCat("Bearer ", token.token.Reveal()));
    }
    return request;
  }

  const GcsOptions options_;
  http::Transport& transport_;
};

}  // namespace

std::unique_ptr<ObjectStore> CreateGcs(GcsOptions options, http::Transport& transport) {
  return std::make_unique<Gcs>(std::move(options), transport);
}

absl::StatusOr<TokenSource> ServiceAccountTokens(const Secret& key, http::Transport& transport,
                                                 Clock& clock, std::string scope) {
  const auto json = value::ParseJson(key.Reveal());
  if (!json.ok()) return absl::InvalidArgumentError("the service account key is no JSON");
  const std::string email((*json)["client_email"].str());
  const Secret private_key(std::string((*json)["private_key"].str()));
  const std::string key_id((*json)["private_key_id"].str());
  const std::string uri((*json)["token_uri"].string_or(kTokenUri));
  if ((*json)["type"].str() != "service_account" || email.empty() || private_key.empty()) {
    return absl::InvalidArgumentError(
        "the service account key must have 'type' service_account, 'client_email' and "
        "'private_key'");
  }
  // A key that cannot sign is found now rather than at each request.
  RETURN_IF_ERROR(SignJwt(private_key, Value::EmptyObject(), Value::EmptyObject()).status());
  return Cached<BearerToken>(
      [=, &transport, &clock](const Context& ctx) -> absl::StatusOr<BearerToken> {
        const absl::Time now = clock.Now();
        ASSIGN_OR_RETURN(const Secret assertion,
                         SignJwt(private_key, {{"kid", key_id}},
                                 {{"iss", email},
                                  {"scope", scope},
                                  {"aud", uri},
                                  {"iat", absl::ToUnixSeconds(now)},
                                  {"exp", absl::ToUnixSeconds(now + absl::Hours(1))}}));
        return RequestToken(ctx, transport, uri,
                            {{"grant_type", Secret(kGrantType)}, {"assertion", assertion}}, now);
      },
      clock);
}

}  // namespace sluice::bucket
