// SPDX-License-Identifier: Apache-2.0
#include "common/bucket_testing/s3_server.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/http/client.h"

namespace sluice::bucket_testing {
namespace {

// Few, so that tests see more than one page.
constexpr size_t kPage = 3;

http::ServerResponse Xml(int status, const std::string& body) {
  return {.status = status, .headers = {{"Content-Type", "application/xml"}}, .body = body};
}

http::ServerResponse Refuse(int status, const std::string& message) {
  return Xml(status, absl::StrCat("<Error><Code>X</Code><Message>", message, "</Message></Error>"));
}

std::string HttpTime(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

}  // namespace

S3Server::S3Server(Clock& clock)
    : clock_(clock),
      transport_(http::CreateClient({}).value()),
      server_(http::Server::Start({.address = "127.0.0.1:0", .max_body = size_t{64} << 20},
                                  [this](const Context&, const http::ServerRequest& request) {
                                    return Answer(request);
                                  })
                  .value()) {}

std::string S3Server::endpoint() const { return absl::StrCat("127.0.0.1:", server_->port()); }

std::unique_ptr<bucket::WritableStore> S3Server::Store() {
  bucket::S3Options options = {.endpoint = endpoint(), .insecure = true, .region = "here"};
  options.credentials = [](const Context&) -> absl::StatusOr<bucket::AwsCredentials> {
    return bucket::AwsCredentials{kAccessKey, Secret(kSecretKey), Secret()};
  };
  return bucket::CreateS3(std::move(options), *transport_, clock_).value();
}

std::vector<std::string> S3Server::Keys() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> keys;
  for (const auto& [key, object] : objects_) keys.push_back(key);
  return keys;
}

std::optional<std::string> S3Server::Content(const std::string& key) const {
  absl::MutexLock lock(&mutex_);
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  return it->second.content;
}

S3Server::Object S3Server::Made(std::string content) const {
  std::string etag = absl::StrCat("etag-", crypto::Sha256Hex(content).substr(0, 16));
  return {std::move(content), std::move(etag), clock_.Now()};
}

void S3Server::Put(const std::string& key, const std::string& content) {
  absl::MutexLock lock(&mutex_);
  objects_[key] = Made(content);
}

void S3Server::Clear() {
  absl::MutexLock lock(&mutex_);
  objects_.clear();
}

size_t S3Server::OpenUploads() const {
  absl::MutexLock lock(&mutex_);
  return uploads_.size();
}

std::vector<std::string> S3Server::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(requests_, {});
}

void S3Server::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = std::move(fault);
}

http::ServerResponse S3Server::Answer(const http::ServerRequest& request) {
  absl::MutexLock lock(&mutex_);
  absl::string_view path = request.raw_path;
  if (!absl::ConsumePrefix(&path, absl::StrCat("/", kBucket, "/"))) {
    return Refuse(404, "The specified bucket does not exist");
  }
  const std::string key = http::Unescape(path, /*plus_is_blank=*/false);
  requests_.push_back(
      absl::StrCat(request.method, " /", key, request.query.empty() ? "" : "?", request.query));
  if (fault_ != nullptr) {
    if (auto answer = fault_(request)) return *std::move(answer);
  }
  if (!absl::StartsWith(request.headers.Get("Authorization"),
                        absl::StrCat("AWS4-HMAC-SHA256 Credential=", kAccessKey, "/")) ||
      request.headers.Get("X-Amz-Content-Sha256") != crypto::Sha256Hex(request.body)) {
    return Refuse(403, "Access Denied.");
  }
  Query query;
  for (const absl::string_view part : absl::StrSplit(request.query, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    query[pair.first] = http::Unescape(pair.second, /*plus_is_blank=*/true);
  }
  http::ServerResponse response = key.empty() ? List(query)
                                  : request.method == "GET" || request.method == "HEAD"
                                      ? Read(request.method, key)
                                      : Write(request, key, query);
  response.headers.Set("Date", HttpTime(clock_.Now()));
  return response;
}

http::ServerResponse S3Server::Read(const std::string& method, const std::string& key) {
  const auto it = objects_.find(key);
  if (it == objects_.end()) return Refuse(404, "The specified key does not exist.");
  http::ServerResponse response;
  response.headers = {{"ETag", absl::StrCat("\"", it->second.etag, "\"")},
                      {"Last-Modified", HttpTime(it->second.modified)}};
  response.body = it->second.content;
  if (method == "HEAD") response.headers.Set("Content-Length", absl::StrCat(response.body.size()));
  return response;
}

http::ServerResponse S3Server::Write(const http::ServerRequest& request, const std::string& key,
                                     Query& query) {
  const std::string id = query["uploadId"];
  if (!id.empty() && !uploads_.contains(id)) return Refuse(404, "The specified upload is unknown");
  if (request.method == "DELETE") {
    if (id.empty()) {
      objects_.erase(key);
    } else {
      uploads_.erase(id);
    }
    return Xml(204, "");
  }
  if (request.method == "POST" && id.empty()) {
    const std::string name = absl::StrCat("upload/", next_upload_++);
    uploads_[name];
    return Xml(200, absl::StrCat("<InitiateMultipartUploadResult><UploadId>", name,
                                 "</UploadId></InitiateMultipartUploadResult>"));
  }
  Object made;
  if (request.method == "POST") {
    std::string content;
    std::string expected = "<CompleteMultipartUpload>";
    for (const auto& [number, part] : uploads_[id]) {
      content += part;
      absl::StrAppend(&expected, "<Part><PartNumber>", number, "</PartNumber><ETag>&quot;",
                      Made(part).etag, "&quot;</ETag></Part>");
    }
    if (request.body != expected + "</CompleteMultipartUpload>") return Refuse(400, "InvalidPart");
    uploads_.erase(id);
    made = objects_[key] = Made(std::move(content));
    return Xml(200, absl::StrCat("<CompleteMultipartUploadResult><ETag>&quot;", made.etag,
                                 "&quot;</ETag></CompleteMultipartUploadResult>"));
  }
  if (id.empty()) {
    made = objects_[key] = Made(request.body);
  } else {
    int number = 0;
    if (!absl::SimpleAtoi(query["partNumber"], &number)) return Refuse(400, "InvalidPart");
    uploads_[id][number] = request.body;
    made = Made(request.body);
  }
  http::ServerResponse response;
  response.headers = {{"ETag", absl::StrCat("\"", made.etag, "\"")}};
  return response;
}

http::ServerResponse S3Server::List(Query& query) {
  std::string body = "<ListBucketResult><EncodingType>url</EncodingType>";
  size_t listed = 0;
  std::string last;
  for (auto it = objects_.upper_bound(query["continuation-token"]); it != objects_.end(); ++it) {
    if (!absl::StartsWith(it->first, query["prefix"])) continue;
    if (listed++ == kPage) {
      absl::StrAppend(&body, "<IsTruncated>true</IsTruncated><NextContinuationToken>", last,
                      "</NextContinuationToken>");
      break;
    }
    last = it->first;
    absl::StrAppend(
        &body, "<Contents><Key>", http::EscapeQuery(it->first), "</Key><ETag>&quot;",
        it->second.etag, "&quot;</ETag><Size>", it->second.content.size(), "</Size><LastModified>",
        absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", it->second.modified, absl::UTCTimeZone()),
        "</LastModified></Contents>");
  }
  return Xml(200, body + "</ListBucketResult>");
}

}  // namespace sluice::bucket_testing
