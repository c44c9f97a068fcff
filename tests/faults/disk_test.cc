// A disk that is full, read-only or broken, under source-controller and image-controller: what was
// stored stays served, nothing is served in part, the objects say what is wrong with the disk, and
// all goes on once it is well.

// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/base/clock.h"
#include "common/crypto/digest.h"
#include "common/helm/package.h"
#include "common/http/client.h"
#include "common/oci_testing/registry.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/faults/strain.h"
#include "tests/hostile/server.h"

namespace sluice::faults {
namespace {

using e2e::Cluster;
using e2e::ReadyMessage;

constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr absl::Duration kSlack = absl::Seconds(10);
constexpr char kLastChart[] = "zz-last";
constexpr size_t kArtifactBytes = 300'000;

// Bytes that do not compress.
std::string Noise(int round) {
  std::mt19937_64 random(static_cast<uint64_t>(round) + 1);
  std::string bytes(kArtifactBytes, '\0');
  for (char& c : bytes) c = static_cast<char>('!' + random() % 90);
  return bytes;
}

// A file system of its own, which needs root.
class SmallDisk {
 public:
  SmallDisk() : mounted_(mount("tmpfs", Path().c_str(), "tmpfs", 0, "size=24m") == 0) {}
  ~SmallDisk() {
    if (mounted_) umount2(Path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& Path() const { return dir_.path(); }

  // But for `left` bytes.
  void Fill(uintmax_t left) {
    std::ofstream file(dir_ / "filler", std::ios::binary);
    const std::string piece(4096, 'x');
    while (std::filesystem::space(Path()).available > left &&
           file.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(dir_ / "filler"); }
  // False while a file is open for writing.
  bool SetReadOnly(bool value) {
    return mount("tmpfs", Path().c_str(), "tmpfs", MS_REMOUNT | (value ? MS_RDONLY : 0),
                 "size=24m") == 0;
  }

 private:
  e2e::TempDir dir_;
  const bool mounted_;
};

// Sources and tags that are stored below `disk`.
class Stored {
 public:
  Stored(const std::string& disk, std::vector<std::pair<std::string, std::string>> environment)
      : disk_(disk) {
    for (const char* folder : {"storage", "tags", "tmp"}) {
      std::filesystem::create_directories(absl::StrCat(disk, "/", folder));
    }
    e2e::ClusterOptions options;
    options.controllers = controllers();
    options.flags["source-controller"] = {"--storage-path", disk + "/storage",
                                          "--min-retry-delay=100ms"};
    options.flags["image-controller"] = {"--storage-path", disk + "/tags",
                                         "--min-retry-delay=100ms"};
    options.environment = std::move(environment);
    options.environment.emplace_back("TMPDIR", disk + "/tmp");
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    git_ = std::make_unique<e2e::GitRepository>(
        e2e::GitRepository::Create(cluster_->git_root() + "/repo").value());
    helm_.On("/", [this](const hostile::Seen& seen, hostile::Answer& answer) {
      absl::MutexLock lock(&mutex_);
      hostile::Reply(200, {}, absl::EndsWith(seen.path, ".yaml") ? index_ : chart_)(seen, answer);
    });
    Change();
    Apply(e2e::kSourceApi, "GitRepository",
          {{"url", cluster_->git_url() + "/repo"}, {"ref", {{"branch", "main"}}}});
    Apply(e2e::kSourceApi, "HelmRepository", {{"url", helm_.url()}});
    Apply(e2e::kSourceApi, "HelmChart",
          {{"chart", "web"},
           {"version", "*"},
           {"sourceRef", {{"kind", "HelmRepository"}, {"name", "x"}}}});
    Apply(e2e::kSourceApi, "OCIRepository",
          {{"url", absl::StrCat("oci://", registry_.host(), "/team/app")},
           {"insecure", true},
           {"ref", {{"semver", "*"}}}});
    Apply(kImageApi, "ImageRepository", {{"image", registry_.host() + "/team/app"}});
    for (const auto& [kind, api] : kinds_) Await(kind, "True", "");
  }

  Cluster& cluster() { return *cluster_; }
  static std::vector<std::string> controllers() {
    return {"source-controller", "image-controller"};
  }

  // Something new everywhere.
  void Change() {
    ++round_;
    helm::Metadata metadata;
    metadata.name = "web";
    metadata.version = absl::StrCat("1.0.", round_);
    metadata.api_version = "v2";
    const std::string chart =
        helm::Package(metadata, {{"values.yaml", Noise(round_)}}, absl::UnixEpoch()).value();
    {
      absl::MutexLock lock(&mutex_);
      chart_ = chart;
      index_ = absl::StrCat(
          "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: ", metadata.version,
          ", urls: [web.tgz]}\n  ", kLastChart, ":\n  - {name: ", kLastChart,
          ", version: ", metadata.version, ", urls: [z.tgz]}\n");
    }
    registry_.AddArtifact("team/app", metadata.version, "application/tar+gzip", chart);
    git_->Write("noise", Noise(round_));
    REQUIRE(git_->Commit(metadata.version).ok());
  }
  void Trigger() {
    for (const auto& [kind, api] : kinds_) REQUIRE(cluster_->Trigger(api, kind, "x").ok());
  }

  // Remembers what is served, and that it is served still.
  void Remember() {
    before_.clear();
    for (const auto& [kind, api] : kinds_) {
      before_[kind] = (*cluster_->Get(api, kind, "x"))["status"]["artifact"];
    }
  }
  void CheckServed() {
    const auto client = http::CreateClient({}).value();
    for (const auto& [kind, artifact] : before_) {
      if (artifact.is_null()) continue;
      CAPTURE(kind);
      http::Request request;
      request.url = std::string(artifact["url"].str());
      const auto answer = client->Send(Context::Background().WithTimeout(kLimit), request);
      REQUIRE(answer.ok());
      CHECK(absl::StrCat("sha256:", crypto::Sha256Hex(answer->body)) == artifact["digest"].str());
    }
  }
  // Everything that could be served is whole.
  void CheckWhole() {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(disk_ + "/storage")) {
      const std::string path = entry.path().string().substr(disk_.size());
      if (absl::StrContains(path, "/.") || !entry.is_regular_file()) continue;
      CAPTURE(path);
      const std::string content = e2e::ReadFile(entry.path().string());
      if (absl::EndsWith(path, ".yaml")) {
        CHECK(absl::StrContains(content, kLastChart));
      } else {
        CHECK(archive::Gunzip(content, size_t{64} << 20).ok());
      }
    }
  }
  // What interrupted work left.
  std::vector<std::string> Leftovers() {
    std::vector<std::string> paths;
    for (const char* folder : {"/storage", "/tags", "/tmp"}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(disk_ + folder)) {
        const std::string path = entry.path().string().substr(disk_.size());
        if (absl::StrContains(path, "/.git-mirrors") || path == "/tags/.storage-version") continue;
        if (absl::StartsWith(path, "/tmp/") || entry.path().filename().string().front() == '.') {
          paths.push_back(path);
        }
      }
    }
    return paths;
  }

  void Await(const std::string& kind, const char* status, const std::string& text) {
    std::string message;
    const bool there = e2e::Eventually(kLimit, [&] {
      message = ReadyMessage(Get(kind), status).value_or("");
      return !message.empty() && absl::StrContains(absl::AsciiStrToLower(message), text);
    });
    CAPTURE(kind, status, text, message);
    if (!there) UNSCOPED_INFO(cluster_->Describe());
    CHECK(there);
  }
  std::optional<Value> Get(const std::string& kind) {
    return cluster_->Get(kinds_.at(kind), kind, "x");
  }
  // Everything is Ready at what is new.
  bool IsRight() {
    for (const auto& [kind, api] : kinds_) {
      const auto object = Get(kind);
      if (!ReadyMessage(object, "True").has_value()) return false;
      if (!before_[kind].is_null() &&
          (*object)["status"]["artifact"]["revision"] == before_[kind]["revision"]) {
        return false;
      }
    }
    return (*Get("ImageRepository"))["status"]["lastScanResult"]["tagCount"].int_or(0) == round_;
  }

 private:
  void Apply(const char* api, const char* kind, Value spec) {
    spec.Set("interval", "10m");
    const absl::Status applied = cluster_->Apply({{"apiVersion", api},
                                                  {"kind", kind},
                                                  {"metadata", {{"name", "x"}}},
                                                  {"spec", std::move(spec)}});
    INFO(applied);
    REQUIRE(applied.ok());
    kinds_[kind] = api;
  }

  const std::string disk_;
  oci_testing::Registry registry_;
  absl::Mutex mutex_;
  std::string index_ ABSL_GUARDED_BY(mutex_);
  std::string chart_ ABSL_GUARDED_BY(mutex_);
  hostile::Server helm_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<e2e::GitRepository> git_;
  std::map<std::string, std::string> kinds_;
  std::map<std::string, Value> before_;
  int round_ = 0;
};

struct Trouble {
  const char* name;
  const char* text;  // in the messages of objects
  std::function<void()> begin;
  std::function<void()> end;
  std::vector<const char*> kinds = {"GitRepository", "HelmRepository", "OCIRepository",
                                    "ImageRepository"};  // of those
};

void Endure(Stored& stored, const Trouble& trouble) {
  INFO(trouble.name);
  stored.Remember();
  Strain strain(stored.cluster(), Stored::controllers());
  const absl::Time begun = RealClock().Now();
  trouble.begin();
  stored.Change();
  stored.Trigger();
  for (const char* kind : trouble.kinds) {
    stored.Await(kind, "False", trouble.text);
  }
  stored.CheckServed();
  stored.CheckWhole();
  const absl::Time ended = RealClock().Now();
  trouble.end();
  const absl::Duration limit = ended - begun + kSlack;
  const bool right = strain.Eventually(limit, [&] { return stored.IsRight(); });
  const absl::Duration took = RealClock().Now() - ended;
  if (!right) UNSCOPED_INFO(stored.cluster().Describe());
  CHECK(right);
  stored.CheckWhole();
  CHECK(e2e::Eventually(kLimit, [&] { return stored.Leftovers().empty(); }));
  CHECK(stored.Leftovers() == std::vector<std::string>());
  WARN(trouble.name << ": " << ended - begun << ", right again after " << took << " (limit "
                    << limit << "); " << strain.Check());
}

TEST_CASE("a disk that is full or read-only loses nothing and is told", "[faults]") {
  SmallDisk disk;
  if (!disk.mounted()) {
    WARN("no right to mount a small disk (" << std::strerror(errno) << "); skipped");
    return;
  }
  Stored stored(disk.Path(), {});
  Endure(stored,
         {"full disk", "no space left on device", [&] { disk.Fill(0); }, [&] { disk.MakeRoom(); }});
  Endure(stored, {"disk with room for a part",
                  "no space left on device",
                  [&] { disk.Fill(kArtifactBytes / 2); },
                  [&] { disk.MakeRoom(); },
                  {"GitRepository", "OCIRepository"}});
  Endure(stored, {"read-only disk", "read-only file system",
                  [&] { REQUIRE(e2e::Eventually(kLimit, [&] { return disk.SetReadOnly(true); })); },
                  [&] { REQUIRE(disk.SetReadOnly(false)); }});
}

TEST_CASE("a disk that breaks while it is written to loses nothing and is told", "[faults]") {
  e2e::TempDir disk;
  e2e::TempDir orders;
  const std::string file = orders / "orders";
  Stored stored(disk.path(), {{"LD_PRELOAD", SLUICE_FAILING_DISK}, {"SLUICE_FAILING_DISK", file}});
  const auto order = [&](const char* call, int error) {
    // Put there as a whole, since it is read at every moment.
    e2e::WriteFile(file + ".new", absl::StrCat(disk.path(), "\n", call, " ", error, "\n"));
    std::filesystem::rename(file + ".new", file);
  };
  const auto end = [&] { std::filesystem::remove(file); };
  Endure(stored, {"writing fails", "input/output error", [&] { order("write", EIO); }, end});
  // As NFS and quotas do, which take bytes that they have no room for.
  Endure(stored, {"closing fails", "disk quota exceeded", [&] { order("close", EDQUOT); }, end});
  Endure(stored, {"renaming fails", "input/output error", [&] { order("rename", EIO); }, end});
}

}  // namespace
}  // namespace sluice::faults
