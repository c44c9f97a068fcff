// Writing to an S3 store.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/bucket/s3.h"
#include "common/bucket_testing/s3_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::bucket {
namespace {

using ::sluice::bucket_testing::S3Server;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const std::string kBucket = S3Server::kBucket;

struct Fixture {
  testing::FakeClock clock;
  S3Server server{clock};
  std::unique_ptr<WritableStore> store = server.Store();
  Context ctx = Context::Background().WithTimeout(absl::Seconds(30));

  absl::StatusOr<std::string> Put(const std::string& key, const std::string& content) {
    const auto upload = store->Create(kBucket, key);
    for (size_t at = 0; at < content.size(); at += 100'000) {
      const absl::Status written =
          upload->Write(ctx, absl::string_view(content).substr(at, 100'000));
      if (!written.ok()) return written;
    }
    return upload->Commit(ctx);
  }
};

TEST_CASE("objects are written, found, listed and deleted", "[bucket]") {
  Fixture fixture;
  const std::string etag = fixture.Put("a/b +.txt", "content").value();
  const ObjectInfo info = fixture.store->Find(fixture.ctx, kBucket, "a/b +.txt").value();
  CHECK(info.etag == etag);
  CHECK(info.size == 7);
  CHECK(info.modified == fixture.clock.Now());
  CHECK(fixture.server.Content("a/b +.txt") == "content");
  CHECK_THAT(fixture.Put("empty", "").status(), IsOk());

  for (int i = 0; i < 5; ++i) fixture.server.Put(absl::StrCat("a/", i), "x");
  fixture.clock.Advance(absl::Hours(1));
  std::vector<std::string> keys;
  const absl::Time now =
      fixture.store
          ->ListObjects(fixture.ctx, kBucket, "a/",
                        [&](ObjectInfo object) {
                          keys.push_back(object.key);
                          CHECK(object.modified == fixture.clock.Now() - absl::Hours(1));
                          return absl::OkStatus();
                        })
          .value();
  CHECK(keys == std::vector<std::string>{"a/0", "a/1", "a/2", "a/3", "a/4", "a/b +.txt"});
  CHECK(now == fixture.clock.Now());

  CHECK_THAT(fixture.store->Delete(fixture.ctx, kBucket, "a/b +.txt"), IsOk());
  CHECK_THAT(fixture.store->Delete(fixture.ctx, kBucket, "a/b +.txt"), IsOk());
  CHECK_THAT(fixture.store->Find(fixture.ctx, kBucket, "a/b +.txt").status(),
             StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_CASE("a large object is written in parts", "[bucket]") {
  Fixture fixture;
  std::string content(size_t{40} << 20, 'x');
  for (size_t i = 0; i < content.size(); i += 4097) content[i] = static_cast<char>(i);
  fixture.server.Take();
  CHECK_THAT(fixture.Put("large", content).status(), IsOk());
  CHECK(fixture.server.Content("large") == content);
  CHECK(fixture.server.Take().size() == 5);  // begin, three parts, end
  CHECK(fixture.server.OpenUploads() == 0);

  // What fits into one part is one request.
  content.resize(size_t{16} << 20);
  CHECK_THAT(fixture.Put("large", content).status(), IsOk());
  CHECK(fixture.server.Take() == std::vector<std::string>{"PUT /large"});
}

TEST_CASE("an upload that is given up or fails leaves nothing", "[bucket]") {
  Fixture fixture;
  fixture.server.Put("key", "before");
  {
    const auto upload = fixture.store->Create(kBucket, "key");
    REQUIRE_THAT(upload->Write(fixture.ctx, std::string(size_t{17} << 20, 'x')), IsOk());
    CHECK(fixture.server.OpenUploads() == 1);
  }
  CHECK(fixture.server.OpenUploads() == 0);
  CHECK(fixture.server.Content("key") == "before");

  const auto answer_post_with = [&](http::ServerResponse response) {
    fixture.server.SetFault(
        [response](const http::ServerRequest& request) -> std::optional<http::ServerResponse> {
          if (request.method != "POST" || !absl::StrContains(request.query, "uploadId")) {
            return std::nullopt;
          }
          return response;
        });
  };
  const std::string error = "<Error><Code>InternalError</Code><Message>again</Message></Error>";
  answer_post_with({.status = 200, .body = error});
  CHECK_THAT(fixture.Put("key", std::string(size_t{17} << 20, 'x')).status(),
             StatusIs(absl::StatusCode::kUnavailable, "again"));
  answer_post_with({.status = 503, .body = error});
  CHECK_THAT(fixture.Put("key", std::string(size_t{17} << 20, 'x')).status(),
             StatusIs(absl::StatusCode::kUnavailable, "again"));
  CHECK(fixture.server.OpenUploads() == 0);
  CHECK(fixture.server.Content("key") == "before");
}

}  // namespace
}  // namespace sluice::bucket
