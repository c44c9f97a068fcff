// SPDX-License-Identifier: Apache-2.0
#include "common/oci/reference.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::testing::StatusIs;

const std::string kHex(64, 'a');

// As go-containerregistry v0.21 reads them.
TEST_CASE("references are read with the defaults of Docker Hub", "[oci]") {
  struct Row {
    std::string text;
    const char* registry;
    const char* path;
    std::string identifier;
    bool http = false;
  };
  const Row rows[] = {
      {"alpine", "index.docker.io", "library/alpine", "latest"},
      {"org/app:1", "index.docker.io", "org/app", "1"},
      {"docker.io/alpine", "index.docker.io", "library/alpine", "latest"},
      {"docker.io/a/b", "index.docker.io", "a/b", "latest"},
      {"index.docker.io/alpine", "index.docker.io", "library/alpine", "latest"},
      {"ghcr.io/org/app", "ghcr.io", "org/app", "latest"},
      {"localhost/a/b", "index.docker.io", "localhost/a/b", "latest"},
      {"localhost:5000/a/b:t", "localhost:5000", "a/b", "t", true},
      {"x.local/ab", "x.local", "ab", "latest", true},
      {"x.localhost:80/ab", "x.localhost:80", "ab", "latest", true},
      {"127.0.0.1:5000/ab", "127.0.0.1:5000", "ab", "latest", true},
      {"[::1]:5000/ab", "[::1]:5000", "ab", "latest", true},
      {"10.1.2.3/ab", "10.1.2.3", "ab", "latest", true},
      {"172.16.0.1:80/ab", "172.16.0.1:80", "ab", "latest", true},
      {"192.168.1.1/ab", "192.168.1.1", "ab", "latest", true},
      {"11.1.1.1/ab", "11.1.1.1", "ab", "latest"},
      {"172.32.0.1/ab", "172.32.0.1", "ab", "latest"},
      {"ab:LATEST_x.y-z", "index.docker.io", "library/ab", "LATEST_x.y-z"},
      {"ab@sha256:" + kHex, "index.docker.io", "library/ab", "sha256:" + kHex},
      {"ghcr.io/a/b:t@sha256:" + kHex, "ghcr.io", "a/b", "sha256:" + kHex},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Reference reference = ParseReference(row.text).value();
    CHECK(reference.repository.registry == row.registry);
    CHECK(reference.repository.path == row.path);
    CHECK(reference.Identifier() == row.identifier);
    CHECK(reference.repository.MayUseHttp() == row.http);
  }
  CHECK(ParseReference("ghcr.io/a/b:t@sha256:" + kHex)->tag == "t");
  CHECK(ParseReference("ghcr.io/a/b:t")->Name() == "ghcr.io/a/b:t");
  CHECK(ParseReference("ab@sha256:" + kHex)->Name() == "index.docker.io/library/ab@sha256:" + kHex);
}

TEST_CASE("what is no reference is refused", "[oci]") {
  for (const std::string& text :
       {std::string(""), std::string("a:b"), std::string("A/b"), std::string("ghcr.io/A"),
        std::string("ab:"), std::string("a:b:c"), std::string("ghcr.io/a b"), std::string("a@b@c"),
        std::string("x y.z/ab"), std::string("x.y:z/ab"), std::string("ab@sha256:abc"),
        std::string("ab@md5:abc"), "ab@sha512:" + kHex + kHex, "ab:" + std::string(129, 'b'),
        "ghcr.io/" + std::string(256, 'b')}) {
    CAPTURE(text);
    CHECK(ParseReference(text).status().message() == "could not parse reference: " + text);
  }
}

TEST_CASE("what is no repository is refused, with the reason", "[oci]") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"", "a repository name must be specified"},
      {"x.y/a", "repository must be between 2 and 255 characters in length: a"},
      {"ghcr.io/a/b:1",
       "repository can only contain the characters "
       "`abcdefghijklmnopqrstuvwxyz0123456789_-./`: a/b:1"},
      {"x y.z/ab", "registries must be valid RFC 3986 URI authorities: x y.z"},
  };
  for (const Row& row : rows) {
    CHECK(ParseRepository(row.text).status().message() == row.message);
  }
}

TEST_CASE("the URL of a source is a repository without a tag", "[oci]") {
  CHECK(ParseRepositoryUrl("oci://ghcr.io/org/app")->Name() == "ghcr.io/org/app");
  CHECK(ParseRepositoryUrl("oci://localhost:5000/ab")->Name() == "localhost:5000/ab");
  CHECK_THAT(ParseRepositoryUrl("https://ghcr.io/org/app").status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "URL must be in format 'oci://<domain>/<org>/<repo>'"));
  CHECK_THAT(
      ParseRepositoryUrl("oci://ghcr.io/org/app:v1").status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "URL must not contain a tag; remove ':v1'"));
}

TEST_CASE("digests are of algorithms that are safe", "[oci]") {
  CHECK(Digest::Parse("sha256:" + kHex)->ToString() == "sha256:" + kHex);
  CHECK(Digest::Parse("sha512:" + kHex + kHex).ok());
  CHECK(Digest::Of("").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const std::string& text :
       {std::string(""), std::string("sha1:") + std::string(40, 'a'), "blake3:" + kHex + kHex,
        "sha256:" + kHex + "a", "sha256:" + std::string(64, 'A'),
        "sha256:" + std::string(63, 'a') + "/", "SHA256:" + kHex, kHex}) {
    CAPTURE(text);
    CHECK_FALSE(Digest::Parse(text).ok());
  }
}

}  // namespace
}  // namespace sluice::oci
