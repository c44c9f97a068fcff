// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/storage.h"

#include <catch2/catch.hpp>

#include "common/archive/tar_tree.h"
#include "common/disk/temp_dir.h"
#include "common/fs/memory_tree.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact {
namespace {

using ::sluice::testing::StatusIs;

const api::SourceReference kSource = {"GitRepository", {"default", "podinfo"}};

struct Fixture {
  disk::TempDir directory = disk::TempDir::Create("storage-").value();
  testing::FakeClock clock;
  std::unique_ptr<Storage> storage =
      Storage::Open({.root = directory.path(), .advertised_host = "source:9090"}, clock).value();

  api::Artifact Store(const std::string& content, const std::string& name) {
    const fs::MemoryTree tree =
        fs::MemoryTree::FromFiles({{"app.yaml", content}, {"skip.txt", "x"}}).value();
    api::Artifact artifact = storage->NewArtifact(kSource, "main@sha1:" + name, name);
    const absl::Status archived = storage->Archive(
        Context::Background(), tree,
        [](absl::string_view path, const fs::Entry&) { return path == "skip.txt"; }, artifact);
    REQUIRE(archived.ok());
    return artifact;
  }
};

TEST_CASE("an artifact is stored under its kind, with digest, size and URL", "[artifact]") {
  Fixture fixture;
  const api::Artifact artifact = fixture.Store("a: 1\n", "abc.tar.gz");
  CHECK(artifact.path == "gitrepository/default/podinfo/abc.tar.gz");
  CHECK(artifact.url == "http://source:9090/gitrepository/default/podinfo/abc.tar.gz");
  CHECK(artifact.last_update_time == fixture.clock.Now());
  const std::string bytes = fixture.directory.root().Read(artifact.path).value();
  CHECK(static_cast<int64_t>(bytes.size()) == artifact.size);
  CHECK(artifact.digest == "sha256:" + crypto::Sha256Hex(bytes));
  const auto unpacked = archive::TarTree::Open(bytes).value();
  CHECK(unpacked->Read("app.yaml").value() == "a: 1\n");
  CHECK_FALSE(unpacked->Stat("skip.txt").ok());
  CHECK(fixture.storage->Verify(Context::Background(), artifact).ok());
}

TEST_CASE("the same content gives the same digest", "[artifact]") {
  Fixture fixture;
  CHECK(fixture.Store("a: 1\n", "x.tar.gz").digest == fixture.Store("a: 1\n", "y.tar.gz").digest);
}

TEST_CASE("digests are of the algorithm that was chosen, and of any when verified", "[artifact]") {
  Fixture fixture;
  for (const char* name : {"sha1", "sha384", "sha512", "blake3"}) {
    CAPTURE(name);
    fixture.storage = Storage::Open({.root = fixture.directory.path(),
                                     .advertised_host = "source:9090",
                                     .algorithm = crypto::ParseAlgorithm(name).value()},
                                    fixture.clock)
                          .value();
    const api::Artifact artifact = fixture.Store("a: 1\n", "abc.tar.gz");
    CHECK(artifact.digest.substr(0, artifact.digest.find(':')) == name);
    const auto other =
        Storage::Open({.root = fixture.directory.path(), .advertised_host = "h"}, fixture.clock);
    CHECK((*other)->Verify(Context::Background(), artifact).ok());
  }
}

TEST_CASE("altered and missing files are found out", "[artifact]") {
  Fixture fixture;
  const api::Artifact artifact = fixture.Store("a: 1\n", "abc.tar.gz");
  REQUIRE(fixture.directory.root().WriteFile(artifact.path, "tampered").ok());
  CHECK_THAT(fixture.storage->Verify(Context::Background(), artifact),
             StatusIs(absl::StatusCode::kDataLoss, "computed digest doesn't match"));
  // The altered file must not be served any longer.
  CHECK_THAT(fixture.storage->Verify(Context::Background(), artifact),
             StatusIs(absl::StatusCode::kNotFound));
  api::Artifact without_digest = fixture.Store("a: 1\n", "abc.tar.gz");
  without_digest.digest.clear();
  CHECK_THAT(fixture.storage->Verify(Context::Background(), without_digest),
             StatusIs(absl::StatusCode::kDataLoss));
}

TEST_CASE("old artifacts go, the current one and a young one stay", "[artifact]") {
  Fixture fixture;
  fixture.Store("a: 1\n", "1.tar.gz");
  fixture.Store("a: 2\n", "2.tar.gz");
  const api::Artifact current = fixture.Store("a: 3\n", "3.tar.gz");
  // Files carry the real clock's times; the fake clock starts before them.
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 1);
  fixture.clock.Advance(absl::Now() - fixture.clock.Now() + absl::Hours(1));
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 1);
  CHECK(fixture.storage->Verify(Context::Background(), current).ok());
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 0);
}

TEST_CASE("lock files that Flux left are no artifacts, and go with theirs", "[artifact]") {
  Fixture fixture;
  const api::Artifact current = fixture.Store("a: 2\n", "2.tar.gz");
  const std::string old = fixture.Store("a: 1\n", "1.tar.gz").path;
  const disk::RootedPath& root = fixture.directory.root();
  REQUIRE(root.WriteFile(old + ".lock", "").ok());
  REQUIRE(root.WriteFile(current.path + ".lock", "").ok());
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 0);
  fixture.clock.Advance(absl::Now() - fixture.clock.Now() + absl::Hours(1));
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 1);
  CHECK_FALSE(root.Stat(old + ".lock").ok());
  CHECK(root.Stat(current.path + ".lock").ok());
}

TEST_CASE("what a killed process left half written goes at once, and counts for nothing",
          "[artifact]") {
  Fixture fixture;
  const api::Artifact current = fixture.Store("a: 2\n", "2.tar.gz");
  const std::string old = fixture.Store("a: 1\n", "1.tar.gz").path;
  const disk::RootedPath& root = fixture.directory.root();
  const std::string folder(fs::ParentPath(current.path));
  REQUIRE(root.WriteFile(folder + "/.new-3.tar.gz.0123456789abcdef", "half").ok());
  REQUIRE(root.Link(folder + "/.new-latest.tar.gz.0123456789abcdef", "3.tar.gz").ok());
  CHECK(fixture.storage->CollectGarbage(Context::Background(), kSource, current).value() == 0);
  CHECK(root.List(folder)->size() == 2);
  CHECK(root.Stat(old).ok());
}

TEST_CASE("bytes are stored as they are, behind a stable link", "[artifact]") {
  Fixture fixture;
  api::Artifact artifact = fixture.storage->NewArtifact(kSource, "1.0.0", "web-1.0.0.tgz");
  std::vector<std::string> pieces = {"chart ", "bytes", ""};
  size_t next = 0;
  REQUIRE(fixture.storage
              ->Store(
                  Context::Background(),
                  [&]() -> absl::StatusOr<absl::string_view> { return pieces[next++]; }, artifact)
              .ok());
  CHECK(artifact.digest == "sha256:" + crypto::Sha256Hex("chart bytes"));
  CHECK(artifact.size == 11);
  CHECK(fixture.storage->Link(Context::Background(), artifact, "latest.tar.gz").value() ==
        "http://source:9090/gitrepository/default/podinfo/latest.tar.gz");
  CHECK(fixture.directory.root().ReadLink("gitrepository/default/podinfo/latest.tar.gz").value() ==
        "web-1.0.0.tgz");
  CHECK(fixture.storage->UrlOnThisHost("http://old.example:80/a/b") == "http://source:9090/a/b");

  // A failing producer leaves the file that was there.
  api::Artifact again = artifact;
  CHECK_THAT(fixture.storage->Store(
                 Context::Background(),
                 []() -> absl::StatusOr<absl::string_view> {
                   return absl::UnavailableError("connection reset");
                 },
                 again),
             StatusIs(absl::StatusCode::kUnavailable, "connection reset"));
  CHECK(fixture.storage->Verify(Context::Background(), artifact).ok());
}

TEST_CASE("an artifact can be read as a tree again", "[artifact]") {
  Fixture fixture;
  const api::Artifact artifact = fixture.Store("a: 1\n", "1.tar.gz");
  const auto tree = fixture.storage->Unpack(Context::Background(), artifact).value();
  CHECK(tree->Read("app.yaml").value() == "a: 1\n");
  CHECK_FALSE(tree->Stat("skip.txt").ok());
  api::Artifact missing = artifact;
  missing.path += ".gone";
  CHECK_THAT(fixture.storage->Unpack(Context::Background(), missing).status(),
             StatusIs(absl::StatusCode::kNotFound));
}

TEST_CASE("a deleted source leaves nothing", "[artifact]") {
  Fixture fixture;
  fixture.Store("a: 1\n", "1.tar.gz");
  CHECK(fixture.storage->RemoveAll(Context::Background(), kSource).value());
  CHECK_FALSE(fixture.storage->RemoveAll(Context::Background(), kSource).value());
}

TEST_CASE("the storage path must be a directory", "[artifact]") {
  testing::FakeClock clock;
  CHECK_FALSE(Storage::Open({.root = "/no/such/folder"}, clock).ok());
}

TEST_CASE("the advertised host is made of the address that is listened on", "[artifact]") {
  CHECK(AdvertisedHost(":9090") == "localhost:9090");
  CHECK(AdvertisedHost("127.0.0.1:9090") == "127.0.0.1:9090");
}

}  // namespace
}  // namespace sluice::artifact
