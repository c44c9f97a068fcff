// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/bucket_store.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/artifact/storage.h"
#include "common/bucket_testing/s3_server.h"
#include "common/disk/temp_dir.h"
#include "common/fs/memory_tree.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact {
namespace {

using ::sluice::bucket_testing::S3Server;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const api::SourceReference kSource = {"GitRepository", {"default", "web"}};
constexpr char kDirectory[] = "flux/gitrepository/default/web/";

// The storage of one of several replicas, with a disk of its own.
class Replica {
 public:
  explicit Replica(S3Server& server, Clock& clock, uint64_t cache = 1 << 20) {
    auto files = BucketStore::Open({.bucket = S3Server::kBucket,
                                    .prefix = "flux/",
                                    .cache_directory = directory_.path() + "/cache",
                                    .max_cache_bytes = cache},
                                   server.Store())
                     .value();
    files_ = files.get();
    storage_ = std::make_unique<Storage>(StorageOptions{.advertised_host = "source:9090"},
                                         std::move(files), clock);
  }

  Storage& storage() { return *storage_; }
  BucketStore& files() { return *files_; }
  const Context& ctx() const { return ctx_; }

  // An artifact with `content` as its bytes.
  api::Artifact Store(const std::string& name, const std::string& content) {
    api::Artifact artifact = storage_->NewArtifact(kSource, name, name);
    bool given = content.empty();
    REQUIRE_THAT(storage_->Store(
                     ctx_,
                     [&]() -> absl::StatusOr<absl::string_view> {
                       return std::exchange(given, true) ? "" : absl::string_view(content);
                     },
                     artifact),
                 IsOk());
    return artifact;
  }
  absl::Status Verify(const api::Artifact& artifact) { return storage_->Verify(ctx_, artifact); }
  int CollectGarbage(const std::optional<api::Artifact>& current) {
    return storage_->CollectGarbage(ctx_, kSource, current).value();
  }
  std::string Read(const std::string& path) {
    StoredFile file = files_->Open(ctx_, path).value();
    std::string bytes(file.size, '\0');
    CHECK(disk::ReadSome(file.handle.fd(), bytes.data(), bytes.size(), path).value() ==
          bytes.size());
    return bytes;
  }

 private:
  const disk::TempDir directory_ = disk::TempDir::Create("replica-").value();
  const Context ctx_ = Context::Background().WithTimeout(absl::Seconds(30));
  BucketStore* files_;
  std::unique_ptr<Storage> storage_;
};

TEST_CASE("what one replica stores every replica has", "[artifact]") {
  testing::FakeClock clock;
  S3Server server(clock);
  Replica first(server, clock);
  Replica second(server, clock);
  const api::Artifact artifact = first.Store("1.tar.gz", "one");
  CHECK(server.Content(std::string(kDirectory) + "1.tar.gz") == "one");
  CHECK_THAT(second.Verify(artifact), IsOk());
  CHECK(second.Read(artifact.path) == "one");
  CHECK(first.storage().Link(first.ctx(), artifact, "latest.tar.gz").value() ==
        "http://source:9090/gitrepository/default/web/latest.tar.gz");
  const StoredFile linked =
      second.files().Open(second.ctx(), "gitrepository/default/web/latest.tar.gz").value();
  CHECK(linked.name == "1.tar.gz");
  CHECK(linked.size == 3);

  // The link moves, the file is replaced: the other replica sees both.
  const api::Artifact replaced = first.Store("1.tar.gz", "another");
  CHECK(second.Read(artifact.path) == "another");
  CHECK_THAT(second.Verify(replaced), IsOk());
  const api::Artifact next = first.Store("2.tar.gz", "two");
  CHECK_THAT(first.storage().Link(first.ctx(), next, "latest.tar.gz").status(), IsOk());
  CHECK(second.Read("gitrepository/default/web/latest.tar.gz") == "two");
  CHECK_THAT(second.files().Open(second.ctx(), "gitrepository/default/web/3").status(),
             StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_CASE("an object is downloaded once, by however many readers", "[artifact]") {
  S3Server server;
  Replica first(server, RealClock());
  const api::Artifact artifact = first.Store("1.tar.gz", "one");
  server.Take();
  CHECK(first.Read(artifact.path) == "one");  // what it wrote itself it has
  const std::string key = std::string(kDirectory) + "1.tar.gz";
  CHECK(server.Take() == std::vector<std::string>{"HEAD /" + key});

  Replica second(server, RealClock());
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 8; ++i) {
      readers.emplace_back([&] { (void)second.files().Open(second.ctx(), artifact.path); });
    }
  }
  const auto requests = server.Take();
  CHECK(requests.size() == 9);
  CHECK(std::count(requests.begin(), requests.end(), "GET /" + key) == 1);
}

TEST_CASE("the cache is bounded, and what is open in it stays whole", "[artifact]") {
  S3Server server;
  Replica replica(server, RealClock(), /*cache=*/10);
  replica.Store("1", "123456");
  StoredFile open = replica.files().Open(replica.ctx(), "gitrepository/default/web/1").value();
  replica.Store("2", "123456");
  CHECK(replica.files().cached_bytes() == 6);
  replica.Store("3", "larger than all of the cache");
  CHECK(replica.files().cached_bytes() == 0);
  CHECK(replica.Read("gitrepository/default/web/3") == "larger than all of the cache");
  char bytes[8];
  CHECK(disk::ReadSome(open.handle.fd(), bytes, sizeof(bytes), "1").value() == 6);
}

TEST_CASE("a lost bucket is told from one that is out of reach", "[artifact]") {
  S3Server server;
  Replica replica(server, RealClock());
  const api::Artifact artifact = replica.Store("1", "one");
  server.SetFault([](const http::ServerRequest&) -> std::optional<http::ServerResponse> {
    return http::ServerResponse{.status = 503};
  });
  CHECK_THAT(replica.Verify(artifact), StatusIs(absl::StatusCode::kUnavailable, "storage bucket"));
  CHECK_THAT(replica.storage().CollectGarbage(replica.ctx(), kSource, artifact).status(),
             StatusIs(absl::StatusCode::kUnavailable, "storage bucket"));
  server.SetFault(nullptr);
  CHECK_THAT(replica.Verify(artifact), IsOk());
  server.Clear();
  CHECK_THAT(replica.Verify(artifact), StatusIs(absl::StatusCode::kNotFound, ""));
  CHECK_THAT(replica.Verify(replica.Store("1", "one")), IsOk());
}

TEST_CASE("a write that fails leaves what was there", "[artifact]") {
  S3Server server;
  Replica replica(server, RealClock());
  const api::Artifact artifact = replica.Store("1", "one");
  server.SetFault([](const http::ServerRequest& request) -> std::optional<http::ServerResponse> {
    if (request.method != "PUT") return std::nullopt;
    return http::ServerResponse{.status = 500};
  });
  api::Artifact again = artifact;
  bool given = false;
  CHECK_THAT(replica.storage().Store(
                 replica.ctx(),
                 [&]() -> absl::StatusOr<absl::string_view> {
                   return std::exchange(given, true) ? "" : "two";
                 },
                 again),
             StatusIs(absl::StatusCode::kUnavailable, "in the storage bucket"));
  CHECK_THAT(replica.Verify(artifact), IsOk());
}

TEST_CASE("garbage is what no replica's status can need", "[artifact]") {
  testing::FakeClock clock;
  S3Server server(clock);
  Replica first(server, clock);
  Replica second(server, clock);
  const auto wait = [&clock] { clock.Advance(absl::Seconds(61)); };
  const api::Artifact old = first.Store("1", "one");
  wait();
  const api::Artifact current = first.Store("2", "two");
  const api::Artifact young = first.Store("3", "three");
  // The records of --artifact-retention-records do not count here, only the time does.
  CHECK(first.CollectGarbage(young) == 1);
  CHECK_THAT(first.Verify(old), StatusIs(absl::StatusCode::kNotFound, ""));
  CHECK_THAT(first.Verify(current), IsOk());

  // The second replica still believes in what the first has moved on from.
  wait();
  const api::Artifact newer = first.Store("4", "four");
  wait();
  CHECK(second.CollectGarbage(current) == 0);
  CHECK_THAT(second.Verify(newer), IsOk());
  // Nor does it delete when what it believes in is gone, or replaced under the same name.
  CHECK(first.CollectGarbage(newer) == 2);
  wait();
  CHECK(second.CollectGarbage(current) == 0);
  const api::Artifact replaced = first.Store("4", "four, with other files");
  CHECK_THAT(second.Verify(newer), StatusIs(absl::StatusCode::kDataLoss, "doesn't match"));
  CHECK_THAT(first.Verify(replaced), IsOk());

  CHECK(first.storage().RemoveAll(first.ctx(), kSource).value());
  CHECK(server.Keys().empty());
  CHECK_FALSE(second.storage().RemoveAll(second.ctx(), kSource).value());
}

TEST_CASE("a source's files are not those of one whose name begins alike", "[artifact]") {
  S3Server server;
  Replica replica(server, RealClock());
  replica.Store("1", "one");
  const api::SourceReference other = {"GitRepository", {"default", "web-2"}};
  server.Put("flux/gitrepository/default/web-2/1", "other");
  server.Put("flux/gitrepository/default/web/below/1", "not a file of ours");
  CHECK(replica.files().List(replica.ctx(), "gitrepository/default/web", 10)->files.size() == 1);
  CHECK(replica.storage().RemoveAll(replica.ctx(), kSource).value());
  CHECK(server.Keys() == std::vector<std::string>{"flux/gitrepository/default/web-2/1"});
}

TEST_CASE("a link that leads elsewhere is none", "[artifact]") {
  S3Server server;
  Replica replica(server, RealClock());
  server.Put("flux/gitrepository/default/web/.links/latest", "../../../secret");
  server.Put("flux/secret", "x");
  CHECK_THAT(replica.files().Open(replica.ctx(), "gitrepository/default/web/latest").status(),
             StatusIs(absl::StatusCode::kNotFound, ""));
  CHECK_THAT(replica.files().Open(replica.ctx(), "../secret").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

}  // namespace
}  // namespace sluice::artifact
