// Buckets and their artifacts, against a store in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/bucket_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("the revision of a bucket is that of Flux", "[bucket]") {
  using source_controller::IndexRevision;
  CHECK(IndexRevision({{"test.txt", "098f6bcd4621d373cade4e832627b4f6"}},
                      crypto::Algorithm::kSha256) ==
        "sha256:b4c2a60ce44b67f5b659a95ce4e4cc9e2a86baf13afb72bd397c5384cbc0e479");
}

TEST_CASE("the objects of a bucket become its artifact", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a.yaml", "a: 1\n");
  store.Put("dir/b & c.yaml", "b: 1\n");
  store.Put("dir/", "");
  store.Put("picture.jpg", "no built-in exclusions here");
  store.Put("ignored/x.txt", "x");
  store.Put("ignored/y.txt", "y");
  store.Put(".sourceignore", "ignored/\n");
  store.Put("../outside", "stays inside");
  Buckets buckets;
  buckets.Apply(S3Manifest(store, ", ignore: '!ignored/y.txt'"));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  const std::map<std::string, std::string> expected = {
      {".sourceignore", "ignored/\n"}, {"a.yaml", "a: 1\n"},
      {"dir/b & c.yaml", "b: 1\n"},    {"ignored/y.txt", "y"},
      {"outside", "stays inside"},     {"picture.jpg", "no built-in exclusions here"}};
  CHECK(buckets.Files() == expected);

  const Value object = buckets.Live();
  const std::string revision(object["status"]["artifact"]["revision"].str());
  const std::string stored =
      absl::StrCat("True Succeeded: stored artifact: revision '", revision, "'");
  CHECK(ConditionText(object, "Ready") == "Ready=" + stored);
  CHECK(ConditionText(object, "ArtifactInStorage") == "ArtifactInStorage=" + stored);
  CHECK(object["status"]["conditions"].size() == 2);
  CHECK(object["status"]["observedIgnore"].str() == "!ignored/y.txt");
  CHECK(object["status"]["url"].str() == "http://source/bucket/default/b/latest.tar.gz");
  CHECK(object["status"]["artifact"]["path"].str() ==
        absl::StrCat("bucket/default/b/", revision.substr(7), ".tar.gz"));
  const auto events = buckets.Events("b");
  CHECK(std::find(events.begin(), events.end(),
                  "Normal NewArtifact stored artifact with 5 fetched files from 'data' bucket") !=
        events.end());
}

TEST_CASE("only what has changed makes a new artifact", "[bucket]") {
  ObjectStoreFake store("data");
  for (int i = 0; i < 7; ++i) store.Put(absl::StrCat("in/", i), "1");
  store.Put("out/0", "1");
  Buckets buckets;
  buckets.Apply(S3Manifest(store, ", prefix: in/"));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 7);
  const Value artifact = buckets.Live()["status"]["artifact"];
  store.Take();
  store.Put("out/0", "2");
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Live()["status"]["artifact"] == artifact);
  for (const http::ServerRequest& request : store.Take()) {
    CHECK_FALSE(absl::StartsWith(request.path, "/data/in/"));
  }
  store.Put("in/3", "2");
  store.objects.erase("in/4");
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 6);
  CHECK(buckets.Files()["in/3"] == "2");
}

TEST_CASE("more objects than are downloaded at a time", "[bucket]") {
  ObjectStoreFake store("data");
  for (int i = 0; i < 250; ++i) store.Put(absl::StrCat("o", i), absl::StrCat(i));
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 250);

  // One that fails ends it all.
  store.Put("o7", "new");
  store.fault = [](const std::string& key) -> std::optional<http::ServerResponse> {
    if (key != "o7") return std::nullopt;
    return http::ServerResponse{
        .status = 500,
        .body = "<Error><Message>broken at http://h/x?token=SECRET now</Message></Error>"};
  };
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: fetch from bucket 'data' failed: failed to get "
        "'o7' object: broken at http://h/x now");
  CHECK(absl::StartsWith(ConditionText(buckets.Live(), "ArtifactInStorage"),
                         "ArtifactInStorage=True"));

  // One that is gone meanwhile leaves the index, one that changed is taken as it is.
  store.fault = [](const std::string& key) -> std::optional<http::ServerResponse> {
    if (key == "o8") return http::ServerResponse{.status = 404};
    if (key != "o7") return std::nullopt;
    return http::ServerResponse{.headers = {{"ETag", "\"newer\""}}, .body = "newer"};
  };
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 249);
  CHECK(buckets.Files()["o7"] == "newer");
}

TEST_CASE("a bucket that cannot be read is told as in Flux", "[bucket]") {
  ObjectStoreFake store("other");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: bucket 'data' not found");
  store.allows = [](const http::ServerRequest&) { return false; };
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: failed to confirm existence of 'data' bucket: 403 "
        "Forbidden");
}

TEST_CASE("an empty bucket is an empty artifact", "[bucket]") {
  ObjectStoreFake store("data");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().empty());
}

TEST_CASE("a key that is a file and a folder cannot be stored", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a", "1");
  store.Put("a/b", "1");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  CHECK_FALSE(buckets.Run().ok());
  CHECK(
      absl::StartsWith(ConditionText(buckets.Live(), "FetchFailed"),
                       "FetchFailed=True BucketOperationFailed: fetch from bucket 'data' failed"));
}

}  // namespace
}  // namespace sluice::sources
