// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/azure_blob.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/exchange.h"
#include "common/bucket/xml.h"
#include "common/crypto/signing.h"

namespace sluice::bucket {
namespace {

constexpr char kVersion[] = "2021-12-02";

// The two sources of parameters together; those of `second` win.
std::string MergeQueries(absl::string_view first, absl::string_view second) {
  std::vector<std::string> merged = second.empty()
                                        ? std::vector<std::string>()
                                        : std::vector<std::string>(absl::StrSplit(second, '&'));
  std::map<std::string, bool> names;
  for (const std::string& parameter : merged)
    names[parameter.substr(0, parameter.find('='))] = true;
  for (const absl::string_view parameter : absl::StrSplit(first, '&', absl::SkipEmpty())) {
    if (!names.contains(std::string(parameter.substr(0, parameter.find('='))))) {
      merged.emplace_back(parameter);
    }
  }
  return absl::StrJoin(merged, "&");
}

// Headers have ETags in quotes, listings mostly not. Flux's revisions are made of the headers'.
std::string Quoted(absl::string_view etag) { return absl::StrCat("\"", Unquoted(etag), "\""); }

class AzureBlob : public ObjectStore {
 public:
  AzureBlob(AzureBlobOptions options, http::Url base, std::string key, http::Transport& transport,
            Clock& clock)
      : options_(std::move(options)),
        base_(std::move(base)),
        account_(base_.host.substr(0, base_.host.find('.'))),
        key_(std::move(key)),
        transport_(transport),
        clock_(clock) {}

  absl::StatusOr<bool> BucketExists(const Context& ctx, const std::string& bucket) override {
    // A list of one is allowed to more than the container's properties are.
    ASSIGN_OR_RETURN(const http::Request request,
                     RequestFor(ctx, bucket, "", "comp=list&maxresults=1&restype=container"));
    ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport_, request));
    if (response.status == 404) return false;
    if (response.status != 200) return Refusal(response);
    return true;
  }

  absl::Status List(const Context& ctx, const std::string& bucket, const std::string& prefix,
                    Found found) override {
    std::string marker;
    while (true) {
      std::string query = "comp=list&restype=container";
      if (!prefix.empty()) absl::StrAppend(&query, "&prefix=", http::EscapeQuery(prefix));
      if (!marker.empty()) absl::StrAppend(&query, "&marker=", http::EscapeQuery(marker));
      ASSIGN_OR_RETURN(const http::Request request, RequestFor(ctx, bucket, "", query));
      ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport_, request));
      if (response.status != 200) return Refusal(response);
      ASSIGN_OR_RETURN(const XmlElement page, ParseXml(response.body));
      if (const XmlElement* blobs = page.Find("Blobs"); blobs != nullptr) {
        for (const XmlElement& blob : blobs->children) {
          if (blob.name != "Blob") continue;
          const XmlElement* properties = blob.Find("Properties");
          RETURN_IF_ERROR(found(std::string(blob.Text("Name")),
                                properties == nullptr ? "" : Quoted(properties->Text("Etag"))));
        }
      }
      const absl::string_view next = page.Text("NextMarker");
      if (next.empty()) return absl::OkStatus();
      if (next == marker) return absl::DataLossError("the listing does not go on");
      marker = std::string(next);
    }
  }

  absl::StatusOr<std::string> Get(const Context& ctx, const std::string& bucket,
                                  const std::string& key, Write write) override {
    ASSIGN_OR_RETURN(const http::Request request, RequestFor(ctx, bucket, key, ""));
    ASSIGN_OR_RETURN(const http::Response response, Download(ctx, transport_, request, write));
    if (response.status != 200) return Refusal(response);
    return Quoted(response.headers.Get("ETag"));
  }

 private:
  absl::StatusOr<http::Request> RequestFor(const Context& ctx, const std::string& bucket,
                                           const std::string& key, const std::string& query) const {
    const std::string path =
        absl::StrCat(absl::StripSuffix(base_.path, "/"), "/", http::EscapePathSegment(bucket),
                     key.empty() ? "" : "/", key.empty() ? "" : EscapePath(key));
    const absl::string_view sas = absl::StripPrefix(options_.sas.Reveal(), "?");
    const std::string whole = MergeQueries(MergeQueries(base_.query, sas), query);
    http::Request request;
    request.url = absl::StrCat(base_.Origin(), path, whole.empty() ? "" : "?", whole);
    request.headers.Add("x-ms-version", kVersion);
    request.headers.Add("x-ms-date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock_.Now(),
                                                      absl::UTCTimeZone()));
    if (!key_.empty()) {
      request.headers.Add("Authorization", SharedKey(request, path, whole));
    } else if (options_.token != nullptr) {
      ASSIGN_OR_RETURN(const BearerToken token, options_.token(ctx));
      request.headers.Add("Authorization", absl::StrCat("Bearer ", token.token.Reveal()));
    }
    return request;
  }

  // docs.microsoft.com, "Authorize with Shared Key"; the eleven empty lines are standard headers.
  std::string SharedKey(const http::Request& request, const std::string& path,
                        const std::string& query) const {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers.fields()) {
      headers[absl::AsciiStrToLower(name)] = value;
    }
    std::string text = absl::StrCat(request.method, "\n\n\n\n\n\n\n\n\n\n\n\n");
    for (const auto& [name, value] : headers) absl::StrAppend(&text, name, ":", value, "\n");
    absl::StrAppend(&text, "/", account_, path);
    std::map<std::string, std::string> parameters;
    for (const absl::string_view parameter : absl::StrSplit(query, '&', absl::SkipEmpty())) {
      const std::pair<absl::string_view, absl::string_view> pair =
          absl::StrSplit(parameter, absl::MaxSplits('=', 1));
      parameters[absl::AsciiStrToLower(http::Unescape(pair.first, true))] =
          http::Unescape(pair.second, true);
    }
    for (const auto& [name, value] : parameters) absl::StrAppend(&text, "\n", name, ":", value);
    return absl::StrCat("SharedKey ", account_, ":",
                        absl::Base64Escape(crypto::HmacSha256(key_, text)));
  }

  const AzureBlobOptions options_;
  const http::Url base_;
  const std::string account_;
  const std::string key_;  // raw
  http::Transport& transport_;
  Clock& clock_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> CreateAzureBlob(AzureBlobOptions options,
                                                             http::Transport& transport,
                                                             Clock& clock) {
  auto url = http::Url::Parse(options.endpoint);
  if (!url.ok() || url->host.empty() || (url->scheme != "http" && url->scheme != "https")) {
    return absl::InvalidArgumentError(
        absl::StrCat("endpoint '", WithoutQueries(options.endpoint), "' is no URL of an account"));
  }
  std::string key;
  if (!options.account_key.empty() &&
      (!absl::Base64Unescape(options.account_key.Reveal(), &key) || key.empty())) {
    return absl::InvalidArgumentError("the account key is not base64");
  }
  if (options.sas.Reveal().find_first_of(" \t\r\n#") != absl::string_view::npos) {
    return absl::InvalidArgumentError("the SAS key is no query: (REDACTED)");
  }
  return std::make_unique<AzureBlob>(std::move(options), *std::move(url), std::move(key), transport,
                                     clock);
}

}  // namespace sluice::bucket
