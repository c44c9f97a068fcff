// Git, Helm, OCI and S3 servers that fail in every way at once, in front of source-controller and
// image-controller: what was fetched stays served, and once they answer again everything is
// fetched, scanned and pushed without anybody's help. What the answers of hostile servers may cost,
// and what is said about them, is in tests/hostile.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <functional>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/bucket_testing/s3_server.h"
#include "common/crypto/digest.h"
#include "common/git_testing/git_server.h"
#include "common/helm/package.h"
#include "common/http/client.h"
#include "common/oci_testing/registry.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/faults/fault_proxy.h"
#include "tests/faults/strain.h"

namespace sluice::faults {
namespace {

using bucket_testing::S3Server;
using e2e::Cluster;
using e2e::ReadyMessage;

constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
constexpr char kTimeout[] = "1s";
constexpr absl::Duration kLimit = absl::Seconds(40);
// What failed all the time waits for no longer than it has failed, since waits double.
constexpr absl::Duration kSlack = absl::Seconds(15);

struct Trouble {
  const char* name;  // of objects, too
  Fault fault;
};

std::vector<Trouble> Troubles() {
  return {
      {"reset", Instead(Reset())},
      {"error", Instead(hostile::Reply(500, {}, "internal error\n"))},
      // Nobody is to wait for as long as a server that is gone has asked for.
      {"later", Instead(hostile::Reply(503, {{"Retry-After", "3600"}}, "come back later\n"))},
      {"loop", Instead(hostile::RedirectLoop())},
      {"cut", Mangle(Harm::Body::kCut)},
      {"drip", Mangle(Harm::Body::kDrip)},
      {"hang", Mangle(Harm::Body::kHang)},
      {"silence", Instead(hostile::Silence())},
  };
}

// A repository, a chart repository, a registry and a bucket, in the test's process.
class Servers {
 public:
  explicit Servers(const std::string& git_root)
      : bare_(git_root + "/repo.git"),
        work_(e2e::GitRepository::Create(git_root + "/work").value()),
        git_(git_root, {.allow_push = true}) {
    REQUIRE(e2e::Run({"/usr/bin/git", "init", "-q", "--bare", "-b", "main", bare_}).ok());
    helm_.On("/", [this](const Seen& seen, Answer& answer) {
      std::string body;
      {
        absl::MutexLock lock(&mutex_);
        body = absl::EndsWith(seen.path, ".yaml") ? index_ : chart_;
      }
      hostile::Reply(200, {}, body)(seen, answer);
    });
  }

  // Something new in all of them. `files` go into the repository.
  void Change(const std::map<std::string, std::string>& files = {}) {
    ++round_;
    helm::Metadata metadata;
    metadata.name = "web";
    metadata.version = Version();
    metadata.api_version = "v2";
    const std::string chart =
        helm::Package(metadata, {{"values.yaml", absl::StrCat("round: ", round_, "\n")}},
                      absl::UnixEpoch())
            .value();
    {
      absl::MutexLock lock(&mutex_);
      index_ =
          absl::StrCat("apiVersion: v1\nentries:\n  web:\n  - {name: web, version: ", Version(),
                       ", urls: [web.tgz]}\n");
      chart_ = chart;
    }
    registry_.AddArtifact("team/app", Version(), "application/tar+gzip", chart);
    bucket_.Put("object", absl::StrCat("round ", round_));
    for (const auto& [path, content] : files) work_.Write(path, content);
    work_.Write("round", absl::StrCat(round_));
    REQUIRE(work_.Commit(absl::StrCat("round ", round_)).ok());
    REQUIRE(work_.Git({"push", "-q", bare_, "main"}).ok());
  }

  std::string Version() const { return absl::StrCat("1.0.", round_); }
  std::string Git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/git", "-C", bare_});
    return e2e::Run(arguments).value_or("");
  }

  std::string git_url() const { return absl::StrCat("http://127.0.0.1:", git_.port()); }
  std::string helm_url() const { return helm_.url(); }
  const oci_testing::Registry& registry() const { return registry_; }
  std::string bucket_url() const { return "http://" + bucket_.endpoint(); }

 private:
  const std::string bare_;
  e2e::GitRepository work_;
  git_testing::GitServer git_;
  oci_testing::Registry registry_;
  S3Server bucket_;
  absl::Mutex mutex_;
  std::string index_ ABSL_GUARDED_BY(mutex_);
  std::string chart_ ABSL_GUARDED_BY(mutex_);
  int round_ = 0;
  hostile::Server helm_;  // last: its threads use the rest
};

std::string HostOf(const FaultProxy& proxy) {
  return std::string(absl::StripPrefix(proxy.url(), "http://"));
}

// All kinds of objects that ask something of upstreams, behind proxies that have the same trouble.
class Troubled {
 public:
  Troubled(Cluster& cluster, const Servers& servers, Trouble trouble)
      : cluster_(cluster),
        trouble_(std::move(trouble)),
        git_({.url = servers.git_url()}),
        helm_({.url = servers.helm_url()}),
        oci_({.url = servers.registry().url()}),
        s3_({.url = servers.bucket_url()}) {
    Apply(e2e::kSourceApi, "GitRepository",
          {{"url", git_.url() + "/repo.git"}, {"ref", {{"branch", "main"}}}});
    Apply(e2e::kSourceApi, "HelmRepository", {{"url", helm_.url()}});
    Apply(e2e::kSourceApi, "HelmChart",
          {{"chart", "web"},
           {"version", "*"},
           {"sourceRef", {{"kind", "HelmRepository"}, {"name", trouble_.name}}}});
    Apply(e2e::kSourceApi, "OCIRepository",
          {{"url", absl::StrCat("oci://", HostOf(oci_), "/team/app")},
           {"insecure", true},
           {"ref", {{"semver", "*"}}}});
    Apply(e2e::kSourceApi, "Bucket",
          {{"endpoint", HostOf(s3_)},
           {"insecure", true},
           {"bucketName", S3Server::kBucket},
           {"secretRef", {{"name", "keys"}}}});
    Apply(kImageApi, "ImageRepository",
          {{"image", HostOf(oci_) + "/team/app"}, {"insecure", true}});
    // What is pushed is decided by another policy, whose registry is well.
    Apply(kImageApi, "ImageUpdateAutomation",
          {{"sourceRef", {{"kind", "GitRepository"}, {"name", trouble_.name}}},
           {"git",
            {{"checkout", {{"ref", {{"branch", "main"}}}}},
             {"commit", {{"author", {{"name", "Bot"}, {"email", "bot@example.org"}}}}},
             {"push", {{"branch", trouble_.name}}}}},
           {"update", {{"strategy", "Setters"}, {"path", "./apps"}}}});
  }

  const Trouble& trouble() const { return trouble_; }

  void Begin() {
    for (FaultProxy* proxy : Proxies()) proxy->Begin(trouble_.fault);
  }
  void End() {
    for (FaultProxy* proxy : Proxies()) proxy->End();
  }
  int requests() {
    int sum = 0;
    for (FaultProxy* proxy : Proxies()) sum += proxy->requests();
    return sum;
  }
  void Trigger() {
    for (const auto& [kind, api] : kinds_) {
      REQUIRE(cluster_.Trigger(api, kind, trouble_.name).ok());
    }
  }

  std::optional<Value> Get(const std::string& kind) {
    return cluster_.Get(kinds_.at(kind), kind, trouble_.name);
  }
  // The kinds whose objects are not Ready as told.
  std::string NotReady(absl::string_view status) {
    std::string kinds;
    for (const auto& [kind, api] : kinds_) {
      // Nothing is asked of a chart repository for a chart while its index is the same.
      if (status == "False" && kind == "HelmChart") continue;
      if (!ReadyMessage(Get(kind), status).has_value()) absl::StrAppend(&kinds, " ", kind);
    }
    return kinds;
  }

 private:
  std::vector<FaultProxy*> Proxies() { return {&git_, &helm_, &oci_, &s3_}; }

  void Apply(const char* api, const char* kind, Value spec) {
    spec.Set("interval", "10m");
    if (absl::string_view(kind) != "HelmChart" &&
        absl::string_view(kind) != "ImageUpdateAutomation")
      spec.Set("timeout", kTimeout);
    const absl::Status applied = cluster_.Apply({{"apiVersion", api},
                                                 {"kind", kind},
                                                 {"metadata", {{"name", trouble_.name}}},
                                                 {"spec", std::move(spec)}});
    INFO(applied);
    REQUIRE(applied.ok());
    kinds_[kind] = api;
  }

  Cluster& cluster_;
  const Trouble trouble_;
  FaultProxy git_, helm_, oci_, s3_;
  std::map<std::string, std::string> kinds_;
};

struct Artifact {
  std::string revision, url, digest;
};
constexpr const char* kSources[] = {"GitRepository", "HelmRepository", "HelmChart", "OCIRepository",
                                    "Bucket"};

TEST_CASE("everything that failed upstream is fetched, scanned and pushed afterwards", "[faults]") {
  e2e::ClusterOptions options;
  options.controllers = {"source-controller", "image-controller"};
  for (const std::string& name : options.controllers) {
    options.flags[name] = {"--min-retry-delay=100ms"};
  }
  auto started = Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  Cluster& cluster = **started;
  const auto apply = [&](Value object) {
    const absl::Status applied = cluster.Apply(std::move(object));
    INFO(applied);
    REQUIRE(applied.ok());
  };
  Servers servers(cluster.git_root());
  const std::string image = servers.registry().host() + "/team/app";
  const auto manifest = [&](const std::string& version) {
    return absl::StrCat("image: ", image, ":", version, " # {\"$imagepolicy\": \"", cluster.ns(),
                        ":app\"}\n");
  };
  servers.Change({{"apps/app.yaml", manifest("1.0.1")}});
  apply(
      {{"apiVersion", "v1"},
       {"kind", "Secret"},
       {"metadata", {{"name", "keys"}}},
       {"stringData", {{"accesskey", S3Server::kAccessKey}, {"secretkey", S3Server::kSecretKey}}}});
  apply({{"apiVersion", kImageApi},
         {"kind", "ImageRepository"},
         {"metadata", {{"name", "app"}}},
         {"spec", {{"image", image}, {"interval", "10m"}}}});
  apply({{"apiVersion", kImageApi},
         {"kind", "ImagePolicy"},
         {"metadata", {{"name", "app"}}},
         {"spec",
          {{"imageRepositoryRef", {{"name", "app"}}},
           {"policy", {{"semver", {{"range", ">=1.0.0"}}}}}}}});
  std::vector<std::unique_ptr<Troubled>> all;
  for (const Trouble& trouble : Troubles()) {
    all.push_back(std::make_unique<Troubled>(cluster, servers, trouble));
  }
  const auto await_all = [&](const char* status) {
    for (const auto& troubled : all) {
      CAPTURE(troubled->trouble().name);
      const bool there =
          e2e::Eventually(kLimit, [&] { return troubled->NotReady(status).empty(); });
      if (!there) {
        UNSCOPED_INFO(troubled->NotReady(status) << " not " << status << "\n"
                                                 << cluster.Describe());
      }
      REQUIRE(there);
    }
  };
  await_all("True");
  std::map<std::pair<Troubled*, std::string>, Artifact> before;
  for (const auto& troubled : all) {
    for (const char* kind : kSources) {
      const Value artifact = (*troubled->Get(kind))["status"]["artifact"];
      before[{troubled.get(), kind}] = {std::string(artifact["revision"].str()),
                                        std::string(artifact["url"].str()),
                                        std::string(artifact["digest"].str())};
    }
  }

  Strain strain(cluster, options.controllers);
  const absl::Time begun = RealClock().Now();
  std::vector<int> requests;
  for (const auto& troubled : all) {
    troubled->Begin();
    requests.push_back(-troubled->requests());
  }
  servers.Change();
  REQUIRE(cluster.Trigger(kImageApi, "ImageRepository", "app").ok());
  for (const auto& troubled : all) troubled->Trigger();
  await_all("False");
  // What was fetched before is served.
  const auto client = http::CreateClient({}).value();
  for (const auto& [which, artifact] : before) {
    CAPTURE(which.first->trouble().name, which.second);
    http::Request request;
    request.url = artifact.url;
    const auto answer = client->Send(Context::Background().WithTimeout(kLimit), request);
    REQUIRE(answer.ok());
    CHECK(absl::StrCat("sha256:", crypto::Sha256Hex(answer->body)) == artifact.digest);
  }
  strain.For(absl::ZeroDuration());

  const absl::Time ended = RealClock().Now();
  const absl::Duration lasted = ended - begun;
  for (size_t i = 0; i < all.size(); ++i) {
    requests[i] += all[i]->requests();
    all[i]->End();
  }
  std::map<std::string, absl::Duration> right_after;
  const auto is_right = [&](Troubled& troubled) {
    for (const char* kind : kSources) {
      const auto object = troubled.Get(kind);
      if (!object.has_value() || (*object)["status"]["artifact"]["revision"].str() ==
                                     before.at({&troubled, kind}).revision) {
        return false;
      }
    }
    return troubled.NotReady("True").empty() &&
           servers.Git({"show", absl::StrCat(troubled.trouble().name, ":apps/app.yaml")}) ==
               manifest(servers.Version());
  };
  strain.Eventually(lasted + kSlack, [&] {
    for (const auto& troubled : all) {
      const std::string name = troubled->trouble().name;
      if (!right_after.contains(name) && is_right(*troubled)) {
        right_after[name] = RealClock().Now() - ended;
      }
    }
    return right_after.size() == all.size();
  });
  const std::string used = strain.Check();
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string name = all[i]->trouble().name;
    CAPTURE(name);
    if (!right_after.contains(name)) UNSCOPED_INFO(cluster.Describe());
    REQUIRE(right_after.contains(name));
    // A push is never made twice.
    CHECK(servers.Git({"rev-list", "--count", absl::StrCat("main..", name)}) == "1\n");
    WARN(name << ": " << lasted << ", " << requests[i] << " requests, right again after "
              << right_after[name] << " (limit " << lasted + kSlack << "); " << used);
  }
}

}  // namespace
}  // namespace sluice::faults
