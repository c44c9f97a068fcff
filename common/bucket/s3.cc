// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/s3.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/exchange.h"
#include "common/bucket/xml.h"

namespace sluice::bucket {
namespace {

constexpr char kDefaultRegion[] = "us-east-1";
constexpr char kGoogleHost[] = "storage.googleapis.com";

bool IsAmazon(absl::string_view host) {
  return absl::EndsWith(host, ".amazonaws.com") || absl::EndsWith(host, ".amazonaws.com.cn");
}

// "eu-west-1" of "s3.eu-west-1.amazonaws.com" and of "s3-eu-west-1.…"; "" if there is none.
std::string RegionOf(absl::string_view host) {
  if (!IsAmazon(host)) return "";
  const std::vector<absl::string_view> parts =
      absl::StrSplit(host.substr(0, host.find(".amazonaws")), '.');
  absl::string_view last = parts.back();
  if (last == "s3" || absl::StartsWith(last, "s3-accelerate")) return "";
  absl::ConsumePrefix(&last, "s3-");
  return std::string(last);
}

// Larger objects are written in parts of this size, of which the API takes 10,000.
constexpr size_t kPartBytes = size_t{16} << 20;

class S3 : public WritableStore {
 public:
  S3(S3Options options, http::Url base, http::Transport& transport, Clock& clock)
      : options_(std::move(options)), base_(std::move(base)), transport_(transport), clock_(clock) {
    region_ = !options_.region.empty() ? options_.region : RegionOf(base_.host);
  }

  absl::StatusOr<bool> BucketExists(const Context& ctx, const std::string& bucket) override {
    http::Request request;
    request.method = "HEAD";
    request.url = UrlOf(bucket, "", "");
    ASSIGN_OR_RETURN(const http::Response response, Exchange(ctx, std::move(request)));
    if (response.status == 404) return false;
    if (response.status != 200) return Refusal(response);
    return true;
  }

  absl::Status List(const Context& ctx, const std::string& bucket, const std::string& prefix,
                    Found found) override {
    return ListObjects(ctx, bucket, prefix,
                       [&](ObjectInfo object) {
                         return found(std::move(object.key), std::move(object.etag));
                       })
        .status();
  }

  absl::StatusOr<absl::Time> ListObjects(const Context& ctx, const std::string& bucket,
                                         const std::string& prefix, FoundObject found) override {
    // Google's has no continuation tokens.
    const bool version1 = base_.host == kGoogleHost;
    std::string position;
    while (true) {
      std::string query =
          absl::StrCat(version1 ? "" : "list-type=2&", "encoding-type=url&max-keys=1000",
                       "&prefix=", http::EscapeQuery(prefix));
      if (!position.empty()) {
        absl::StrAppend(
            &query, version1 ? "&marker=" : "&continuation-token=", http::EscapeQuery(position));
      }
      http::Request request;
      request.url = UrlOf(bucket, "", query);
      ASSIGN_OR_RETURN(const http::Response response, Exchange(ctx, std::move(request)));
      if (response.status != 200) return Refusal(response);
      ASSIGN_OR_RETURN(const XmlElement page, ParseXml(response.body));
      const bool escaped = page.Text("EncodingType") == "url";
      std::string last;
      for (const XmlElement& object : page.children) {
        if (object.name != "Contents") continue;
        std::string key(object.Text("Key"));
        if (escaped) key = http::Unescape(key, /*plus_is_blank=*/true);
        last = key;
        ObjectInfo info = {std::move(key), Unquoted(object.Text("ETag"))};
        (void)absl::SimpleAtoi(object.Text("Size"), &info.size);
        (void)absl::ParseTime(absl::RFC3339_full, object.Text("LastModified"), &info.modified,
                              nullptr);
        RETURN_IF_ERROR(found(std::move(info)));
      }
      if (page.Text("IsTruncated") != "true") return TimeOf(response, "Date");
      const absl::string_view next = page.Text(version1 ? "NextMarker" : "NextContinuationToken");
      std::string next_position = version1 && next.empty() ? last : std::string(next);
      if (version1 && escaped && !next.empty()) {
        next_position = http::Unescape(next_position, /*plus_is_blank=*/true);
      }
      if (next_position.empty() || next_position == position) {
        return absl::DataLossError("the listing is cut off without a way to go on");
      }
      position = std::move(next_position);
    }
  }

  absl::StatusOr<std::string> Get(const Context& ctx, const std::string& bucket,
                                  const std::string& key, Write write) override {
    http::Request request;
    request.url = UrlOf(bucket, key, "");
    RETURN_IF_ERROR(Prepare(ctx, request));
    // One answer is one version of the object, so that no condition is needed.
    ASSIGN_OR_RETURN(const http::Response response, Download(ctx, transport_, request, write));
    if (response.status != 200) return Refusal(response);
    return Unquoted(response.headers.Get("ETag"));
  }

  absl::StatusOr<ObjectInfo> Find(const Context& ctx, const std::string& bucket,
                                  const std::string& key) override {
    http::Request request;
    request.method = "HEAD";
    request.url = UrlOf(bucket, key, "");
    ASSIGN_OR_RETURN(const http::Response response, Exchange(ctx, std::move(request)));
    if (response.status != 200) return Refusal(response);
    ObjectInfo info = {key, Unquoted(response.headers.Get("ETag"))};
    (void)absl::SimpleAtoi(response.headers.Get("Content-Length"), &info.size);
    info.modified = TimeOf(response, "Last-Modified");
    return info;
  }

  std::unique_ptr<Upload> Create(const std::string& bucket, const std::string& key) override;

  absl::Status Delete(const Context& ctx, const std::string& bucket,
                      const std::string& key) override {
    return Send(ctx, "DELETE", bucket, key, "", "").status();
  }

 private:
  class S3Upload;

  // One exchange whose answer is a success or an error; 404 to a DELETE is a success.
  absl::StatusOr<http::Response> Send(const Context& ctx, const std::string& method,
                                      const std::string& bucket, const std::string& key,
                                      const std::string& query, std::string body) {
    http::Request request;
    request.method = method;
    request.url = UrlOf(bucket, key, query);
    request.body = std::move(body);
    ASSIGN_OR_RETURN(http::Response response, Exchange(ctx, std::move(request)));
    if (response.status / 100 == 2 || (response.status == 404 && method == "DELETE")) {
      return response;
    }
    return Refusal(response);
  }

  // A header that holds an HTTP date, or our own clock's time.
  absl::Time TimeOf(const http::Response& response, absl::string_view header) const {
    absl::Time time;
    if (absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", response.headers.Get(header),
                        absl::UTCTimeZone(), &time, nullptr)) {
      return time;
    }
    return clock_.Now();
  }

  std::string UrlOf(const std::string& bucket, const std::string& key,
                    const std::string& query) const {
    const bool in_host = (IsAmazon(base_.host) || base_.host == kGoogleHost ||
                          absl::EndsWith(base_.host, ".aliyuncs.com")) &&
                         !(base_.scheme == "https" && absl::StrContains(bucket, "."));
    http::Url url = base_;
    if (in_host) url.host = absl::StrCat(bucket, ".", url.host);
    url.path = in_host ? absl::StrCat("/", EscapePath(key))
               : key.empty()
                   ? absl::StrCat("/", http::EscapePathSegment(bucket), "/")
                   : absl::StrCat("/", http::EscapePathSegment(bucket), "/", EscapePath(key));
    return absl::StrCat(url.Origin(), url.path, query.empty() ? "" : "?", query);
  }

  std::string Region() {
    absl::MutexLock lock(&mutex_);
    return region_.empty() ? kDefaultRegion : region_;
  }

  absl::Status Prepare(const Context& ctx, http::Request& request) {
    if (options_.credentials == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const AwsCredentials credentials, options_.credentials(ctx));
    return Sign(credentials, {.region = Region(), .service = "s3"}, clock_.Now(), request);
  }

  // With the region that the service names, if it is another one and none was given.
  absl::StatusOr<http::Response> Exchange(const Context& ctx, http::Request request) {
    http::Request first = request;
    RETURN_IF_ERROR(Prepare(ctx, first));
    ASSIGN_OR_RETURN(http::Response response, bucket::Send(ctx, transport_, first));
    if (response.status < 300 || response.status == 404 || !options_.region.empty()) {
      return response;
    }
    std::string region(response.headers.Get("x-amz-bucket-region"));
    if (region.empty()) {
      if (const auto xml = ParseXml(response.body); xml.ok()) {
        region = std::string(xml->Text("Region"));
      }
    }
    if (region.empty() || region == Region()) return response;
    {
      absl::MutexLock lock(&mutex_);
      region_ = region;
    }
    RETURN_IF_ERROR(Prepare(ctx, request));
    return bucket::Send(ctx, transport_, request);
  }

  const S3Options options_;
  const http::Url base_;
  http::Transport& transport_;
  Clock& clock_;
  absl::Mutex mutex_;
  std::string region_ ABSL_GUARDED_BY(mutex_);  // "" until it is known
};

// Holds one part back, so that what fits into one is written at once.
class S3::S3Upload : public Upload {
 public:
  S3Upload(S3& store, std::string bucket, std::string key)
      : store_(store), bucket_(std::move(bucket)), key_(std::move(key)) {}

  ~S3Upload() override {
    if (id_.empty()) return;
    // Whatever ended the upload must not keep its parts from being given up.
    const Context ctx = Context::Background().WithTimeout(absl::Seconds(10));
    store_.Send(ctx, "DELETE", bucket_, key_, IdQuery(), "").IgnoreError();
  }

  absl::Status Write(const Context& ctx, absl::string_view bytes) override {
    while (!bytes.empty()) {
      if (held_.size() == kPartBytes) RETURN_IF_ERROR(SendPart(ctx));
      const size_t taken = std::min(kPartBytes - held_.size(), bytes.size());
      held_.append(bytes.data(), taken);
      bytes.remove_prefix(taken);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Commit(const Context& ctx) override {
    if (id_.empty()) {
      ASSIGN_OR_RETURN(const http::Response response,
                       store_.Send(ctx, "PUT", bucket_, key_, "", std::move(held_)));
      return Unquoted(response.headers.Get("ETag"));
    }
    RETURN_IF_ERROR(SendPart(ctx));
    std::string body = "<CompleteMultipartUpload>";
    for (size_t i = 0; i < etags_.size(); ++i) {
      absl::StrAppend(&body, "<Part><PartNumber>", i + 1, "</PartNumber><ETag>&quot;", etags_[i],
                      "&quot;</ETag></Part>");
    }
    ASSIGN_OR_RETURN(http::Response response,
                     store_.Send(ctx, "POST", bucket_, key_, IdQuery(),
                                 absl::StrCat(body, "</CompleteMultipartUpload>")));
    // A failure that comes late is told in the body of a success.
    ASSIGN_OR_RETURN(const XmlElement answer, ParseXml(response.body));
    if (answer.name == "Error") {
      response.status = 500;
      return Refusal(response);
    }
    id_.clear();
    return Unquoted(answer.Text("ETag"));
  }

 private:
  std::string IdQuery() const { return absl::StrCat("uploadId=", http::EscapeQuery(id_)); }

  absl::Status SendPart(const Context& ctx) {
    if (id_.empty()) {
      ASSIGN_OR_RETURN(const http::Response begun,
                       store_.Send(ctx, "POST", bucket_, key_, "uploads=", ""));
      ASSIGN_OR_RETURN(const XmlElement answer, ParseXml(begun.body));
      id_ = std::string(answer.Text("UploadId"));
      if (id_.empty()) return absl::DataLossError("the store names no upload");
    }
    const std::string query = absl::StrCat("partNumber=", etags_.size() + 1, "&", IdQuery());
    ASSIGN_OR_RETURN(const http::Response response,
                     store_.Send(ctx, "PUT", bucket_, key_, query, std::exchange(held_, {})));
    etags_.push_back(Unquoted(response.headers.Get("ETag")));
    return absl::OkStatus();
  }

  S3& store_;
  const std::string bucket_;
  const std::string key_;
  std::string held_;
  std::string id_;  // of an upload in parts that is not complete
  std::vector<std::string> etags_;
};

std::unique_ptr<Upload> S3::Create(const std::string& bucket, const std::string& key) {
  return std::make_unique<S3Upload>(*this, bucket, key);
}

}  // namespace

absl::StatusOr<std::unique_ptr<WritableStore>> CreateS3(S3Options options,
                                                        http::Transport& transport, Clock& clock) {
  const absl::string_view endpoint = options.endpoint;
  if (endpoint.empty() || endpoint.find_first_of("/?#@ ") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("Endpoint: ", WithoutQueries(endpoint),
                     " does not follow ip address or domain name standards."));
  }
  ASSIGN_OR_RETURN(http::Url base, http::Url::Parse(absl::StrCat(
                                       options.insecure ? "http://" : "https://", endpoint)));
  return std::make_unique<S3>(std::move(options), std::move(base), transport, clock);
}

}  // namespace sluice::bucket
