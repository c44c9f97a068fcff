// An object store in the test's process, speaking enough of the APIs of S3, Google Cloud Storage
// and Azure Blob Storage. It lists two objects a page, and can be told to fail.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

struct FakeObject {
  std::string content;
  std::string etag;
};

class ObjectStoreFake {
 public:
  explicit ObjectStoreFake(std::string bucket, http::ServerOptions options = {})
      : bucket_(std::move(bucket)),
        server_([this](const http::ServerRequest& request) { return Answer(request); },
                std::move(options)) {}

  std::string url() const { return server_.url(); }
  std::string host() const { return url().substr(url().find("://") + 3); }
  std::vector<http::ServerRequest> Take() { return server_.Take(); }

  void Put(const std::string& key, const std::string& content) {
    objects[key] = {content, absl::StrCat("etag-", crypto::Sha256Hex(content).substr(0, 8))};
  }

  // Not changed while a request runs.
  std::map<std::string, FakeObject> objects;
  // Answers a request for an object's content instead of the store, if it gives something.
  std::function<std::optional<http::ServerResponse>(const std::string& key)> fault;
  // Whether a request may be served; else it is refused with 403.
  std::function<bool(const http::ServerRequest&)> allows;

 private:
  using Query = std::map<std::string, std::string>;

  static http::ServerResponse Xml(int status, const std::string& body) {
    return {.status = status, .headers = {{"Content-Type", "application/xml"}}, .body = body};
  }
  static http::ServerResponse Json(int status, const Value& body) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = value::FormatJson(body)};
  }
  static http::ServerResponse Refuse(int status, const std::string& message) {
    return Xml(status, absl::StrCat("<?xml version=\"1.0\"?><Error><Code>X</Code><Message>",
                                    message, "</Message></Error>"));
  }

  http::ServerResponse Answer(const http::ServerRequest& request) {
    if (allows != nullptr && !allows(request)) return Refuse(403, "Access Denied.");
    Query query;
    for (const absl::string_view part : absl::StrSplit(request.query, '&', absl::SkipEmpty())) {
      const std::pair<std::string, std::string> pair =
          absl::StrSplit(part, absl::MaxSplits('=', 1));
      query[pair.first] = http::Unescape(pair.second, /*plus_is_blank=*/true);
    }
    absl::string_view path = request.raw_path;
    const bool google = absl::ConsumePrefix(&path, "/storage/v1/b/");
    if (!google) absl::ConsumePrefix(&path, "/");
    const size_t slash = std::min(path.find('/'), path.size());
    if (path.substr(0, slash) != bucket_) {
      return google ? Json(404, {{"error", {{"message", "Not Found"}}}})
                    : Refuse(404, "The specified bucket does not exist");
    }
    path.remove_prefix(slash);
    absl::ConsumePrefix(&path, "/");
    if (google) return AnswerGoogle(path, query);
    if (path.empty()) {
      if (query.contains("comp")) return ListAzure(query);
      return request.method == "HEAD" ? Xml(200, "") : ListS3(query);
    }
    return Content(http::Unescape(path, /*plus_is_blank=*/false));
  }

  http::ServerResponse Content(const std::string& key) {
    if (fault != nullptr) {
      if (auto answer = fault(key)) return *std::move(answer);
    }
    const auto object = objects.find(key);
    if (object == objects.end()) return Refuse(404, "The specified key does not exist.");
    return {.headers = {{"ETag", absl::StrCat("\"", object->second.etag, "\"")}},
            .body = object->second.content};
  }

  // Two objects of `prefix` behind the key `after`; `next` is the last of them if there are more.
  std::vector<std::string> Page(const std::string& prefix, const std::string& after,
                                std::string& next) const {
    std::vector<std::string> page;
    for (auto it = objects.upper_bound(after); it != objects.end(); ++it) {
      if (!absl::StartsWith(it->first, prefix)) continue;
      if (page.size() == 2) {
        next = page.back();
        break;
      }
      page.push_back(it->first);
    }
    return page;
  }

  http::ServerResponse ListS3(Query& query) const {
    std::string next;
    std::string body = "<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>";
    for (const std::string& key : Page(query["prefix"], query["continuation-token"], next)) {
      absl::StrAppend(&body, "<Contents><Key>", http::EscapeQuery(key), "</Key><ETag>&quot;",
                      objects.at(key).etag, "&quot;</ETag></Contents>");
    }
    if (!next.empty()) {
      absl::StrAppend(&body, "<IsTruncated>true</IsTruncated><NextContinuationToken>", next,
                      "</NextContinuationToken>");
    }
    return Xml(200, body + "</ListBucketResult>");
  }

  http::ServerResponse ListAzure(Query& query) const {
    std::string next;
    std::string body = "\xef\xbb\xbf<?xml version=\"1.0\"?><EnumerationResults><Blobs>";
    for (const std::string& key : Page(query["prefix"], query["marker"], next)) {
      absl::StrAppend(&body, "<Blob><Name>", key, "</Name><Properties><Etag>", objects.at(key).etag,
                      "</Etag></Properties></Blob>");
    }
    return Xml(200, absl::StrCat(body, "</Blobs><NextMarker>", next,
                                 "</NextMarker></EnumerationResults>"));
  }

  http::ServerResponse AnswerGoogle(absl::string_view path, Query& query) {
    if (path.empty()) return Json(200, {{"name", bucket_}});
    if (path == "o") {
      std::string next;
      Value items = Value::EmptyArray();
      for (const std::string& key : Page(query["prefix"], query["pageToken"], next)) {
        items.Append({{"name", key}, {"etag", objects.at(key).etag}});
      }
      Value body = {{"items", items}};
      if (!next.empty()) body.Set("nextPageToken", next);
      return Json(200, body);
    }
    const std::string key = http::Unescape(absl::StripPrefix(path, "o/"), false);
    if (query["alt"] == "media") return Content(key);
    const auto object = objects.find(key);
    if (object == objects.end()) return Json(404, {{"error", {{"message", "No such object"}}}});
    return Json(200, {{"etag", object->second.etag}, {"generation", "7"}});
  }

  const std::string bucket_;
  NotingServer server_;
};

}  // namespace sluice::sources
