// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_server.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/artifact/disk_store.h"
#include "common/disk/temp_dir.h"
#include "common/http/client.h"

namespace sluice::source_controller {
namespace {

// A served folder and a client that asks it.
struct Fixture {
  disk::TempDir directory = disk::TempDir::Create("served-").value();
  std::unique_ptr<artifact::FileStore> files;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Transport> client = http::CreateClient({}).value();

  Fixture() {
    REQUIRE(directory.root().CreateDirectories("gitrepository/default/a").ok());
    REQUIRE(directory.root().WriteFile("gitrepository/default/a/1.tar.gz", "0123456789").ok());
    REQUIRE(directory.root().CreateDirectories(".git-mirrors").ok());
    REQUIRE(directory.root().WriteFile(".git-mirrors/secret", "x").ok());
    REQUIRE(directory.root().Link("gitrepository/default/a/link", "/etc/passwd").ok());
    server = http::Server::Start({.address = "127.0.0.1:0"}, FileHandler(directory.path()).value())
                 .value();
  }

  // From now on through the interface that shared files have.
  void ServeStore() {
    files = artifact::DiskStore::Open(directory.path(), RealClock()).value();
    server = http::Server::Start({.address = "127.0.0.1:0"}, FileHandler(*files)).value();
  }

  http::Response Ask(const std::string& method, const std::string& path,
                     http::Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.url = absl::StrCat("http://127.0.0.1:", server->port(), path);
    request.headers = std::move(headers);
    return client->Send(Context::Background().WithTimeout(absl::Seconds(10)), request).value();
  }
};

TEST_CASE("stored artifacts are served whole and in ranges", "[source]") {
  Fixture fixture;
  const std::string path = "/gitrepository/default/a/1.tar.gz";
  const http::Response whole = fixture.Ask("GET", path);
  CHECK(whole.status == 200);
  CHECK(whole.body == "0123456789");
  CHECK(whole.headers.Get("Content-Length") == "10");
  CHECK(whole.headers.Get("Accept-Ranges") == "bytes");
  CHECK(whole.headers.Get("Content-Type") == "application/gzip");

  const http::Response head = fixture.Ask("HEAD", path);
  CHECK(head.status == 200);
  CHECK(head.body.empty());

  struct Row {
    const char* range;
    int status;
    const char* body;
  };
  const Row rows[] = {
      {"bytes=2-4", 206, "234"},        {"bytes=7-", 206, "789"},
      {"bytes=-3", 206, "789"},         {"bytes=0-99", 206, "0123456789"},
      {"bytes=10-", 416, nullptr},      {"bytes=-0", 416, nullptr},
      {"lines=1-2", 200, "0123456789"}, {"bytes=a-b", 200, "0123456789"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range);
    const http::Response part = fixture.Ask("GET", path, {{"Range", row.range}});
    CHECK(part.status == row.status);
    if (row.body != nullptr) CHECK(part.body == row.body);
  }
}

TEST_CASE("conditional requests", "[source]") {
  Fixture fixture;
  const std::string path = "/gitrepository/default/a/1.tar.gz";
  const std::string modified(fixture.Ask("GET", path).headers.Get("Last-Modified"));
  CHECK(fixture.Ask("GET", path, {{"If-Modified-Since", modified}}).status == 304);
  CHECK(fixture.Ask("GET", path, {{"If-Unmodified-Since", modified}}).status == 200);
  const std::string old = "Thu, 01 Jan 2015 00:00:00 GMT";
  CHECK(fixture.Ask("GET", path, {{"If-Modified-Since", old}}).status == 200);
  CHECK(fixture.Ask("GET", path, {{"If-Unmodified-Since", old}}).status == 412);
}

TEST_CASE("the root is the readiness probe and folders are listed", "[source]") {
  Fixture fixture;
  const http::Response root = fixture.Ask("GET", "/");
  CHECK(root.status == 200);
  CHECK(root.body.find("gitrepository/") != std::string::npos);
  CHECK(root.body.find("mirrors") == std::string::npos);
  CHECK(fixture.Ask("GET", "/gitrepository").status == 301);
}

TEST_CASE("a stable link serves the file beside it that it names", "[source]") {
  Fixture fixture;
  const disk::RootedPath& root = fixture.directory.root();
  REQUIRE(root.Link("gitrepository/default/a/latest.tar.gz", "1.tar.gz").ok());
  // As Flux wrote it on a volume that was mounted elsewhere.
  REQUIRE(root.Link("gitrepository/default/a/old.tar.gz", "/data/gitrepository/default/a/1.tar.gz")
              .ok());
  for (const char* name : {"latest.tar.gz", "old.tar.gz"}) {
    const http::Response response =
        fixture.Ask("GET", absl::StrCat("/gitrepository/default/a/", name));
    CHECK(response.status == 200);
    CHECK(response.body == "0123456789");
  }
}

TEST_CASE("nothing outside, hidden or linked is served", "[source]") {
  Fixture fixture;
  for (const char* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/.git-mirrors/secret",
                           "/gitrepository/default/a/link", "/gitrepository/default/a/none",
                           "/gitrepository/default/a/1.tar.gz/", "/gitrepository/./default/"}) {
    CAPTURE(path);
    const http::Response response = fixture.Ask("GET", path);
    CHECK((response.status == 404 || response.status == 301 || response.status == 400));
    CHECK(response.body.find("root:") == std::string::npos);
    CHECK(response.body != "x");
  }
}

TEST_CASE("files of a store are served as those of a folder", "[source]") {
  Fixture fixture;
  REQUIRE(fixture.directory.root().Link("gitrepository/default/a/latest", "1.tar.gz").ok());
  fixture.ServeStore();
  struct Row {
    const char* path;
    int status;
    const char* body;
  };
  const Row rows[] = {
      {"/", 200, "<pre>\n</pre>\n"},  // the probe
      {"/gitrepository/default/a/1.tar.gz", 200, "0123456789"},
      {"/gitrepository/default/a/latest", 200, "0123456789"},
      {"/gitrepository/default/a/link", 404, "404 page not found\n"},
      {"/gitrepository/default/a/2.tar.gz", 404, "404 page not found\n"},
      {"/gitrepository/default/a/", 301, ""},
      {"/.git-mirrors/secret", 404, "404 page not found\n"},
      {"/gitrepository/../.git-mirrors/secret", 301, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const http::Response response = fixture.Ask("GET", row.path);
    CHECK(response.status == row.status);
    CHECK(response.body == row.body);
  }
  const http::Response part =
      fixture.Ask("GET", "/gitrepository/default/a/latest", {{"Range", "bytes=2-4"}});
  CHECK(part.status == 206);
  CHECK(part.body == "234");
  CHECK(part.headers.Get("Content-Type") == "application/gzip");
}

}  // namespace
}  // namespace sluice::source_controller
