// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/fetcher.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/escaping.h"
#include "common/archive/pack.h"
#include "common/crypto/digest.h"
#include "common/fs/memory_tree.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact {
namespace {

using ::sluice::testing::StatusIs;

std::string Archive(const std::string& content) {
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles({{"app.yaml", content}}).value();
  std::string bytes;
  REQUIRE(archive::Pack(tree, [&](absl::string_view piece) {
            bytes.append(piece.data(), piece.size());
            return absl::OkStatus();
          }).ok());
  return bytes;
}

// Answers every request with `status` and `body`; the first `failures` ones with 503.
class FakeTransport : public http::Transport {
 public:
  int status = 200;
  std::string body;
  std::atomic<int> failures = 0;
  std::atomic<int> requests = 0;
  std::string last_url;

  absl::StatusOr<http::Response> Send(const Context&, const http::Request&) override {
    return absl::UnimplementedError("artifacts are streamed");
  }
  absl::Status Stream(const Context&, const http::Request& request, http::OnHead on_head,
                      http::OnData on_data) override {
    ++requests;
    last_url = request.url;
    http::Response head;
    head.status = failures-- > 0 ? 503 : status;
    if (absl::Status taken = on_head(head); !taken.ok()) return taken;
    return on_data(body);
  }
};

api::Artifact ArtifactOf(const std::string& bytes) {
  api::Artifact artifact;
  artifact.url = "http://source:9090/gitrepository/default/a/1.tar.gz";
  artifact.digest = "sha256:" + crypto::Sha256Hex(bytes);
  return artifact;
}

TEST_CASE("an artifact is downloaded once, however many want it", "[artifact]") {
  FakeTransport transport;
  transport.body = Archive("a: 1\n");
  Fetcher fetcher(transport, {}, RealClock());
  const api::Artifact artifact = ArtifactOf(transport.body);
  std::vector<std::jthread> users;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    users.emplace_back([&] {
      const auto tree = fetcher.Fetch(Context::Background(), artifact);
      if (tree.ok() && (*tree)->Read("app.yaml").value() == "a: 1\n") ++good;
    });
  }
  users.clear();
  CHECK(good == 8);
  CHECK(transport.requests == 1);
}

TEST_CASE("digests of every algorithm are verified", "[artifact]") {
  FakeTransport transport;
  transport.body = Archive("a: 1\n");
  Fetcher fetcher(transport, {}, RealClock());
  for (const char* name : {"sha256", "sha384", "sha512", "blake3"}) {
    CAPTURE(name);
    const crypto::Algorithm algorithm = crypto::ParseAlgorithm(name).value();
    const std::string hex = absl::BytesToHexString(crypto::Digest(algorithm, transport.body));
    api::Artifact artifact = ArtifactOf(transport.body);
    artifact.digest = absl::StrCat(name, ":", hex);
    CHECK(fetcher.Fetch(Context::Background(), artifact).ok());
    artifact.digest = absl::StrCat(name, ":", std::string(hex.size(), '0'));
    CHECK_THAT(fetcher.Fetch(Context::Background(), artifact).status(),
               StatusIs(absl::StatusCode::kDataLoss, "computed digest doesn't match"));
  }
}

TEST_CASE("what source-watcher serves is looked for at a host of its own", "[artifact]") {
  FakeTransport transport;
  transport.body = Archive("a: 1\n");
  Fetcher fetcher(transport,
                  {.host_override = "localhost:1", .watcher_host_override = "localhost:2"},
                  RealClock());
  api::Artifact artifact = ArtifactOf(transport.body);
  REQUIRE(fetcher.Fetch(Context::Background(), artifact).ok());
  CHECK(transport.last_url == "http://localhost:1/gitrepository/default/a/1.tar.gz");
  transport.body = Archive("a: 2\n");
  artifact = ArtifactOf(transport.body);
  artifact.url = "http://source-watcher.flux-system.svc.cluster.local./externalartifact/x.tar.gz";
  REQUIRE(fetcher.Fetch(Context::Background(), artifact).ok());
  CHECK(transport.last_url == "http://localhost:2/externalartifact/x.tar.gz");
}

TEST_CASE("a server that fails is asked again, one that says 404 is not", "[artifact]") {
  FakeTransport transport;
  transport.body = Archive("a: 1\n");
  FetcherOptions options;
  options.first_wait = absl::ZeroDuration();
  options.longest_wait = absl::ZeroDuration();
  Fetcher fetcher(transport, options, RealClock());
  transport.failures = 2;
  CHECK(fetcher.Fetch(Context::Background(), ArtifactOf(transport.body)).ok());
  CHECK(transport.requests == 3);

  transport.status = 404;
  transport.requests = 0;
  api::Artifact other = ArtifactOf("other");
  CHECK_THAT(fetcher.Fetch(Context::Background(), other).status(),
             StatusIs(absl::StatusCode::kNotFound, "artifact not found"));
  CHECK(transport.requests == 1);

  transport.status = 200;
  transport.failures = 100;
  transport.requests = 0;
  CHECK_THAT(fetcher.Fetch(Context::Background(), other).status(),
             StatusIs(absl::StatusCode::kUnavailable, "failed to download archive"));
  CHECK(transport.requests == options.attempts);
}

TEST_CASE("bytes with another digest are refused before they are unpacked", "[artifact]") {
  FakeTransport transport;
  transport.body = "not even an archive";
  Fetcher fetcher(transport, {}, RealClock());
  CHECK_THAT(fetcher.Fetch(Context::Background(), ArtifactOf("something else")).status(),
             StatusIs(absl::StatusCode::kDataLoss, "computed digest doesn't match"));
  api::Artifact artifact = ArtifactOf(transport.body);
  CHECK_THAT(fetcher.Fetch(Context::Background(), artifact).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "failed to unpack archive"));
  artifact.digest = "";
  CHECK_THAT(fetcher.Fetch(Context::Background(), artifact).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "empty digest"));
  artifact.digest = "crc32:00";
  CHECK_FALSE(fetcher.Fetch(Context::Background(), artifact).ok());
}

TEST_CASE("downloads are bounded, and the host can be replaced", "[artifact]") {
  FakeTransport transport;
  transport.body = Archive("a: 1\n");
  const api::Artifact artifact = ArtifactOf(transport.body);
  FetcherOptions options;
  options.max_download = transport.body.size() - 1;
  options.host_override = "localhost:1234";
  Fetcher small(transport, options, RealClock());
  CHECK_THAT(small.Fetch(Context::Background(), artifact).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "artifact is larger than"));
  CHECK(transport.last_url == "http://localhost:1234/gitrepository/default/a/1.tar.gz");
  options.max_download = transport.body.size();
  Fetcher enough(transport, options, RealClock());
  CHECK(enough.Fetch(Context::Background(), artifact).ok());
}

TEST_CASE("what does not fit the cache is fetched again", "[artifact]") {
  FakeTransport transport;
  FetcherOptions options;
  options.cache_bytes = 6;
  Fetcher fetcher(transport, options, RealClock());
  const std::string first = Archive("a: 1\n");
  const std::string second = Archive("a: 2\n");
  for (const std::string* bytes : {&first, &second, &second, &first}) {
    transport.body = *bytes;
    REQUIRE(fetcher.Fetch(Context::Background(), ArtifactOf(*bytes)).ok());
  }
  CHECK(transport.requests == 3);
}

}  // namespace
}  // namespace sluice::artifact
