// kill -9 at random points of fetch, pack, commit and status, over all kinds: what is in storage is
// whole at any time, and every object comes to its new revision after a restart.

// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/archive/gzip.h"
#include "common/base/clock.h"
#include "common/crypto/digest.h"
#include "common/helm/package.h"
#include "common/http/client.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/hostile/server.h"

namespace sluice::crash {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr size_t kMaxUnpacked = size_t{64} << 20;
constexpr char kLastChart[] = "zz-last";
// Rounds from which on nothing at all may be left over. A short run has left temporary files behind
// now and then, which is not understood yet.
constexpr int kLongRun = 100;

struct Kind {
  const char* name;
  const char* object;
};
constexpr Kind kKinds[] = {{"GitRepository", "git"},
                           {"HelmRepository", "charts"},
                           {"HelmChart", "chart"},
                           {"Bucket", "bucket"}};

// Bytes that do not compress, the same for the same round.
std::string Noise(int round, size_t size) {
  std::mt19937_64 random(static_cast<uint64_t>(round) + 1);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>('!' + random() % 90);
  return bytes;
}

// What is upstream in one round, and the revisions that follow from it.
class Upstream {
 public:
  explicit Upstream(e2e::Cluster& cluster)
      : git_(e2e::GitRepository::Create(cluster.git_root() + "/repo").value()) {
    server_.On("/charts/", [this](const hostile::Seen& seen, hostile::Answer& answer) {
      absl::MutexLock lock(&mutex_);
      hostile::Reply(200, {}, absl::EndsWith(seen.path, ".yaml") ? index_ : chart_)(seen, answer);
    });
    server_.On("/data/", [this](const hostile::Seen& seen, hostile::Answer& answer) {
      absl::MutexLock lock(&mutex_);
      if (absl::EndsWith(seen.path, ".sourceignore")) {
        return hostile::Reply(404, {}, "<Error><Code>NoSuchKey</Code></Error>")(seen, answer);
      }
      if (seen.path != "/data/") {
        return hostile::Reply(200, {{"ETag", etag_}}, objects_)(seen, answer);
      }
      std::string list = "<?xml version=\"1.0\"?><ListBucketResult>";
      for (int i = 10; i < 30; ++i) {
        absl::StrAppend(&list, "<Contents><Key>o", i, "</Key><ETag>", etag_, "</ETag></Contents>");
      }
      hostile::Reply(200, {}, list + "</ListBucketResult>")(seen, answer);
    });
  }

  // Something new everywhere.
  void Change(int round) {
    git_.Write("noise", Noise(round, 400'000));
    git_.Write("round", absl::StrCat(round));
    const std::string commit = git_.Commit(absl::StrCat("round ", round)).value();
    const std::string version = absl::StrCat("1.0.", round);
    helm::Metadata metadata;
    metadata.name = "web";
    metadata.version = version;
    metadata.api_version = "v2";
    std::string index = "apiVersion: v1\nentries:\n";
    for (int i = 0; i < 2000; ++i) {
      absl::StrAppend(&index, "  c", i, ":\n  - {name: c", i, ", version: 1.0.", round,
                      ", urls: [c.tgz]}\n");
    }
    absl::StrAppend(&index, "  web:\n  - {name: web, version: ", version, ", urls: [web.tgz]}\n  ",
                    kLastChart, ":\n  - {name: ", kLastChart, ", version: 1.0.0, urls: [z.tgz]}\n");
    absl::MutexLock lock(&mutex_);
    index_ = index;
    chart_ = helm::Package(metadata, {{"values.yaml", Noise(round, 200'000)}}, absl::UnixEpoch())
                 .value();
    objects_ = Noise(round, 20'000);
    etag_ = absl::StrCat("e", round);
    std::string listing;
    for (int i = 10; i < 30; ++i) absl::StrAppend(&listing, "o", i, " ", etag_, "\n");
    wanted_ = {{"git", absl::StrCat("main@sha1:", commit)},
               {"charts", absl::StrCat("sha256:", crypto::Sha256Hex(index_))},
               {"chart", version},
               {"bucket", absl::StrCat("sha256:", crypto::Sha256Hex(listing))}};
  }

  const std::string& Wanted(const std::string& object) const { return wanted_.at(object); }
  std::string url() const { return server_.url(); }

 private:
  e2e::GitRepository git_;
  absl::Mutex mutex_;
  std::string index_, chart_, objects_, etag_;
  std::map<std::string, std::string> wanted_;
  hostile::Server server_;  // last: its threads read the rest
};

class Victim {
 public:
  Victim() {
    e2e::ClusterOptions options;
    options.controllers = {"source-controller"};
    options.environment = {{"TMPDIR", temporary_.path()}};
    auto started = e2e::Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    upstream_ = std::make_unique<Upstream>(*cluster_);
    upstream_->Change(0);
    Apply("GitRepository", "git",
          {{"url", cluster_->git_url() + "/repo"}, {"ref", {{"branch", "main"}}}});
    Apply("HelmRepository", "charts", {{"url", upstream_->url() + "/charts"}});
    Apply("HelmChart", "chart",
          {{"chart", "web"},
           {"version", "*"},
           {"sourceRef", {{"kind", "HelmRepository"}, {"name", "charts"}}}});
    Apply("Bucket", "bucket",
          {{"endpoint", absl::StrReplaceAll(upstream_->url(), {{"http://", ""}})},
           {"insecure", true},
           {"bucketName", "data"}});
    Converge();
  }

  // Kills the process `delay` after everything was told to look for news.
  void Round(int round, absl::Duration delay) {
    CAPTURE(round, delay);
    upstream_->Change(round);
    for (const Kind& kind : kKinds) {
      REQUIRE(cluster_->Trigger(e2e::kSourceApi, kind.name, kind.object).ok());
    }
    REQUIRE(RealClock().Sleep(Context::Background(), delay).ok());
    cluster_->Kill("source-controller");
    CheckStorage();
    REQUIRE(cluster_->Restart("source-controller").ok());
    Converge();
    CheckStorage();
  }

  // What interrupted work left, in storage and beside it.
  std::vector<std::string> Leftovers() const {
    std::vector<std::string> paths;
    for (const std::string& folder : {cluster_->storage(), temporary_.path()}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string path = entry.path().string();
        const std::string name = entry.path().filename().string();
        if (absl::StrContains(path, "/.git-mirrors")) continue;
        const bool ours = folder == temporary_.path() || name.front() == '.';
        if (ours) paths.push_back(path);
      }
    }
    return paths;
  }
  e2e::Cluster& cluster() { return *cluster_; }

 private:
  void Apply(const char* kind, const char* name, Value spec) {
    spec.Set("interval", "1h");
    const absl::Status applied = cluster_->Apply({{"apiVersion", e2e::kSourceApi},
                                                  {"kind", kind},
                                                  {"metadata", {{"name", name}}},
                                                  {"spec", std::move(spec)}});
    INFO(applied);
    REQUIRE(applied.ok());
  }

  // Every object is Ready at what is upstream, and what is served at its URL is what it says.
  void Converge() {
    for (const Kind& kind : kKinds) {
      CAPTURE(kind.name);
      std::optional<Value> object;
      const bool there = e2e::Eventually(kLimit, [&] {
        object = cluster_->Get(e2e::kSourceApi, kind.name, kind.object);
        return e2e::ReadyMessage(object, "True").has_value() &&
               (*object)["status"]["artifact"]["revision"].str() == upstream_->Wanted(kind.object);
      });
      if (!there) UNSCOPED_INFO(cluster_->Describe());
      REQUIRE(there);
      const Value& artifact = (*object)["status"]["artifact"];
      recorded_[std::string(artifact["path"].str())] = std::string(artifact["digest"].str());
      http::Request request;
      request.url = std::string(artifact["url"].str());
      // The status may be that of the process that was killed: the new one is to serve it too.
      absl::StatusOr<http::Response> answer = absl::UnknownError("not asked");
      REQUIRE(e2e::Eventually(kLimit, [&] {
        answer = client_->Send(Context::Background().WithTimeout(kLimit), request);
        return answer.ok();
      }));
      CHECK(answer->status == 200);
      CHECK(absl::StrCat("sha256:", crypto::Sha256Hex(answer->body)) == artifact["digest"].str());
    }
    CHECK(cluster_->Casualties() == "");
  }

  // All that the server would serve is whole.
  void CheckStorage() {
    const std::string root = cluster_->storage();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string path = entry.path().string().substr(root.size() + 1);
      if (absl::StrContains("/" + path, "/.") || entry.is_directory()) continue;
      CAPTURE(path);
      const std::string content = e2e::ReadFile(entry.path().string());
      // An old artifact goes while the controller runs.
      if (content.empty() && !std::filesystem::is_symlink(entry.symlink_status()) &&
          !std::filesystem::exists(entry.path())) {
        continue;
      }
      if (entry.is_symlink()) {
        CHECK(std::filesystem::exists(entry.path()));
      }
      if (const auto known = recorded_.find(path); known != recorded_.end()) {
        CHECK(absl::StrCat("sha256:", crypto::Sha256Hex(content)) == known->second);
      } else if (absl::EndsWith(path, ".yaml")) {
        CHECK(absl::StrContains(content, kLastChart));
      } else {
        CHECK((absl::EndsWith(path, ".tar.gz") || absl::EndsWith(path, ".tgz")));
        CHECK(archive::Gunzip(content, kMaxUnpacked).status() == absl::OkStatus());
      }
    }
  }

  e2e::TempDir temporary_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<Upstream> upstream_;
  std::unique_ptr<http::Transport> client_ = http::CreateClient({}).value();
  std::map<std::string, std::string> recorded_;  // digests, by path
};

// So many kills, each of which meets four objects at their work.
void Kill(int rounds) {
  const char* given = std::getenv("SLUICE_TEST_SEED");
  uint64_t seed = 20261123;
  if (given != nullptr) REQUIRE(absl::SimpleAtoi(given, &seed));
  WARN(rounds << " kills, SLUICE_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  Victim victim;
  // Most of the work is done in the first 100 ms; some is slower.
  for (int round = 1; round <= rounds; ++round) {
    const uint64_t most = round % 4 == 0 ? 800'000 : 150'000;
    victim.Round(round, absl::Microseconds(static_cast<int64_t>(random() % most)));
  }
  if (rounds < kLongRun) return;
  // What the last process is working on goes when it is done with it.
  e2e::Eventually(kLimit, [&] { return victim.Leftovers().empty(); });
  CHECK(victim.Leftovers() == std::vector<std::string>());
}

TEST_CASE("a controller that is killed at work serves nothing partial and goes on", "[crash]") {
  Kill(16);
}

TEST_CASE("the same two hundred times", "[.full]") { Kill(200); }

}  // namespace
}  // namespace sluice::crash
