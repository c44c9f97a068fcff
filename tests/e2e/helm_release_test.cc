// HelmReleases as a user sees them: a chart in Git becomes a release, a commit upgrades it, a
// controller that is killed repairs what it left, and `helm` reads and changes what we made.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
// For a release that a dead controller left pending, from the start of the next controller.
constexpr absl::Duration kRepairLimit = absl::Seconds(5);
constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";

// A cluster that releases the chart in charts/app of a repository as "app".
class Releases {
 public:
  explicit Releases(const std::string& hook = "") {
    ClusterOptions options;
    options.controllers = {"source-controller", "helm-controller"};
    options.flags["dev-apiserver"] = {"--workloads=false"};  // so that a Job never ends
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    auto made = GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo"));
    INFO(made.status());
    REQUIRE(made.ok());
    git_ = std::make_unique<GitRepository>(*std::move(made));
    git_->Write("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
    git_->Write("charts/app/values.yaml", "value: default\nhang: false\n");
    if (!hook.empty()) git_->Write("charts/app/templates/hook.yaml", hook);
    Commit("1");
    REQUIRE_THAT(
        cluster_->Apply(GitRepositoryManifest("repo", absl::StrCat(cluster_->git_url(), "/repo"))),
        IsOk());
    Apply({{"value", "one"}});
  }

  Cluster& cluster() { return *cluster_; }

  // Commits the chart's ConfigMap with `mark` in it.
  void Commit(absl::string_view mark) {
    git_->Write("charts/app/templates/config.yaml",
                absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  "
                             "value: {{ .Values.value | quote }}\n  mark: '",
                             mark, "'\n"));
    REQUIRE_THAT(git_->Commit("Change").status(), IsOk());
  }
  void Trigger() { REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), IsOk()); }

  void Apply(const Value& values) {
    REQUIRE_THAT(
        cluster_->Apply({{"apiVersion", kHelmApi},
                         {"kind", "HelmRelease"},
                         {"metadata", {{"name", "app"}}},
                         {"spec",
                          {{"interval", "1m"},
                           {"timeout", "2m"},
                           {"chart",
                            {{"spec",
                              {{"chart", "charts/app"},
                               {"reconcileStrategy", "Revision"},
                               {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}},
                           {"values", values}}}}),
        IsOk());
  }

  std::string Data(const char* key) {
    const auto config = cluster_->Get("v1", "ConfigMap", "config");
    return config.has_value() ? std::string((*config)["data"][key].str()) : "";
  }
  // The status of the newest revision in the history, "" if there is none.
  std::string NewestStatus() {
    const auto release = cluster_->Get(kHelmApi, "HelmRelease", "app");
    return release.has_value() ? std::string((*release)["status"]["history"].at(0)["status"].str())
                               : "";
  }
  bool Ready() {
    return ReadyMessage(cluster_->Get(kHelmApi, "HelmRelease", "app"), "True").has_value();
  }
  void Await(const char* what, absl::Duration limit, const std::function<bool()>& condition) {
    const bool met = Eventually(limit, condition);
    CAPTURE(what);
    if (!met) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(met);
  }
  void AwaitValue(const std::string& value, absl::Duration limit = kLimit) {
    Await("value and Ready", limit, [&] { return Data("value") == value && Ready(); });
    CHECK(cluster_->Casualties() == "");
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
};

TEST_CASE("a chart in Git is released, and a commit upgrades it", "[e2e][helm]") {
  Releases releases;
  releases.AwaitValue("one");
  const auto release = releases.cluster().Get(kHelmApi, "HelmRelease", "app");
  CHECK((*release)["status"]["history"].at(0)["status"].str() == "deployed");
  releases.Commit("2");
  releases.Trigger();
  releases.Await("the new chart", kLimit,
                 [&] { return releases.Data("mark") == "2" && releases.Ready(); });
  REQUIRE_THAT(releases.cluster().Delete(kHelmApi, "HelmRelease", "app"), IsOk());
  releases.Await("the uninstallation", kLimit, [&] {
    return !releases.cluster().Get(kHelmApi, "HelmRelease", "app").has_value() &&
           releases.Data("mark").empty();
  });
  CHECK(releases.cluster().Casualties() == "");
}

TEST_CASE("a change of a labelled ConfigMap wakes who takes values from it", "[e2e][helm]") {
  Releases releases;
  releases.AwaitValue("one");
  const auto configure = [&](const char* value) {
    REQUIRE_THAT(
        releases.cluster().Apply(
            {{"apiVersion", "v1"},
             {"kind", "ConfigMap"},
             {"metadata",
              {{"name", "values"}, {"labels", {{"reconcile.fluxcd.io/watch", "Enabled"}}}}},
             {"data", {{"values.yaml", absl::StrCat("value: ", value)}}}}),
        IsOk());
  };
  configure("two");
  REQUIRE_THAT(
      releases.cluster().Edit(
          kHelmApi, "HelmRelease", "app",
          {{"spec",
            {{"values", nullptr},
             {"valuesFrom", Value(Value::Array{{{"kind", "ConfigMap"}, {"name", "values"}}})}}}}),
      IsOk());
  releases.AwaitValue("two");
  configure("three");
  releases.AwaitValue("three");
}

constexpr char kHangingHook[] =
    "{{ if .Values.hang }}\napiVersion: batch/v1\nkind: Job\nmetadata: {name: hook, annotations: "
    "{helm.sh/hook: pre-upgrade}}\nspec: {template: {spec: {restartPolicy: Never, containers: "
    "[{name: a, image: a}]}}}\n{{ end }}\n";

TEST_CASE("a release that a killed controller left pending is repaired in seconds", "[e2e][helm]") {
  Releases releases(kHangingHook);
  releases.AwaitValue("one");
  const char* const text = std::getenv("SLUICE_TEST_KILLS");
  int kills = 3;
  if (text != nullptr) REQUIRE(absl::SimpleAtoi(text, &kills));
  absl::Duration longest;
  for (int i = 0; i < kills; ++i) {
    CAPTURE(i);
    releases.Apply({{"value", absl::StrCat("hang-", i)}, {"hang", true}});
    releases.Await("the hook", kLimit, [&] {
      const auto job = releases.cluster().Get("batch/v1", "Job", "hook");
      return job.has_value() && !kube::Deleting(*job);
    });
    releases.cluster().Kill("helm-controller");
    const std::string value = absl::StrCat("good-", i);
    releases.Apply({{"value", value}});
    const absl::Time started = RealClock().Now();
    REQUIRE_THAT(releases.cluster().Restart("helm-controller"), IsOk());
    releases.AwaitValue(value, kRepairLimit);
    longest = std::max(longest, RealClock().Now() - started);
    CHECK(releases.NewestStatus() == "deployed");
    // What was deployed before is remembered, to go back to.
    const auto release = releases.cluster().Get(kHelmApi, "HelmRelease", "app");
    CHECK((*release)["status"]["history"].size() >= 2);
    REQUIRE_THAT(releases.cluster().Delete("batch/v1", "Job", "hook"), IsOk());
  }
  WARN("killed " << kills << " times; the longest repair took " << absl::FormatDuration(longest));
}

TEST_CASE("controllers killed at random moments lose nothing", "[e2e][helm]") {
  Releases releases;
  releases.AwaitValue("one");
  const char* const text = std::getenv("SLUICE_TEST_KILLS");
  int kills = 3;
  if (text != nullptr) REQUIRE(absl::SimpleAtoi(text, &kills));
  absl::Duration longest;
  for (int i = 0; i < kills; ++i) {
    CAPTURE(i);
    const std::string value = absl::StrCat("value-", i);
    releases.Apply({{"value", value}});
    // From before the first write of the upgrade to after its last.
    RealClock().Sleep(Context::Background(), absl::Milliseconds(7 * i % 120)).IgnoreError();
    releases.cluster().Kill("helm-controller");
    const absl::Time started = RealClock().Now();
    REQUIRE_THAT(releases.cluster().Restart("helm-controller"), IsOk());
    releases.AwaitValue(value, kRepairLimit);
    longest = std::max(longest, RealClock().Now() - started);
    const auto release = releases.cluster().Get(kHelmApi, "HelmRelease", "app");
    CHECK((*release)["status"]["history"].size() >= 2);
  }
  WARN("killed " << kills << " times; the longest repair took " << absl::FormatDuration(longest));
}

TEST_CASE("helm reads, rolls back and uninstalls our releases, and we go on with its",
          "[e2e][helm]") {
  const char* const helm = std::getenv("SLUICE_TEST_HELM");
  if (helm == nullptr) {
    WARN("not run: SLUICE_TEST_HELM names no helm program");
    return;
  }
  Releases releases;
  releases.AwaitValue("one");
  releases.Apply({{"value", "two"}});
  releases.AwaitValue("two");
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), helm);
    for (const char* word : {"--namespace", releases.cluster().ns().c_str(), "--kubeconfig",
                             releases.cluster().kubeconfig().c_str()}) {
      arguments.emplace_back(word);
    }
    const auto output = Run(arguments);
    INFO(output.status());
    REQUIRE(output.ok());
    return *output;
  };
  const Value list = value::ParseJson(run({"list", "-o", "json"})).value();
  CHECK(list.at(0)["name"].str() == "app");
  CHECK(list.at(0)["status"].str() == "deployed");
  const Value history = value::ParseJson(run({"history", "app", "-o", "json"})).value();
  REQUIRE(history.size() == 2);
  CHECK(history.at(0)["status"].str() == "superseded");
  CHECK(absl::StrContains(run({"get", "manifest", "app"}), "value: two"));
  CHECK(absl::StrContains(run({"get", "values", "app"}), "value: two"));
  CHECK(absl::StrContains(run({"status", "app"}), "STATUS: deployed"));

  // With helm's hands: the HelmRelease is suspended, so that it stays as helm left it.
  REQUIRE_THAT(
      releases.cluster().Edit(kHelmApi, "HelmRelease", "app", {{"spec", {{"suspend", true}}}}),
      IsOk());
  // Helm 4 applies as another field manager than we do.
  const bool helm4 = absl::StartsWith(Run({helm, "version", "--short"}).value_or(""), "v4");
  run(helm4 ? std::vector<std::string>{"rollback", "app", "1", "--force-conflicts"}
            : std::vector<std::string>{"rollback", "app", "1"});
  CHECK(releases.Data("value") == "one");
  REQUIRE_THAT(
      releases.cluster().Edit(kHelmApi, "HelmRelease", "app", {{"spec", {{"suspend", false}}}}),
      IsOk());
  releases.AwaitValue("two");
  CHECK(value::ParseJson(run({"history", "app", "-o", "json"})).value().size() == 4);

  REQUIRE_THAT(
      releases.cluster().Edit(kHelmApi, "HelmRelease", "app", {{"spec", {{"suspend", true}}}}),
      IsOk());
  run({"uninstall", "app"});
  CHECK(releases.Data("value").empty());
  REQUIRE_THAT(
      releases.cluster().Edit(kHelmApi, "HelmRelease", "app", {{"spec", {{"suspend", false}}}}),
      IsOk());
  releases.AwaitValue("two");

  // A release that helm made is taken over.
  REQUIRE_THAT(releases.cluster().Delete(kHelmApi, "HelmRelease", "app"), IsOk());
  releases.Await("the uninstallation", kLimit, [&] { return releases.Data("value").empty(); });
  run({"install", "app", absl::StrCat(releases.cluster().git_root(), "/repo/charts/app"), "--set",
       "value=helm"});
  releases.Apply({{"value", "ours"}});
  releases.AwaitValue("ours");
  CHECK(value::ParseJson(run({"history", "app", "-o", "json"})).value().size() == 2);
}

}  // namespace
}  // namespace sluice::e2e
