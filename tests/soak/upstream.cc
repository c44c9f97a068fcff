// SPDX-License-Identifier: Apache-2.0
#include "tests/soak/upstream.h"

#include <catch2/catch.hpp>

#include "absl/random/distributions.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/pack.h"
#include "common/fs/memory_tree.h"
#include "common/helm/package.h"
#include "common/value/yaml.h"

namespace sluice::soak {
namespace {

using e2e::ConfigMapYaml;
using e2e::GitRepository;
using e2e::Program;
using e2e::Run;
using e2e::TempDir;

constexpr char kBundleLayer[] = "application/vnd.cncf.flux.content.v1.tar+gzip";
constexpr int kObjects = 6;       // of a folder, at most
constexpr int kChartsListed = 5;  // in the index

struct Broken {
  const char* file;
  const char* content;
};
constexpr Broken kBroken[] = {
    {"base/broken.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n"},
    {"team/broken.yaml", "a: [\n"},
    {"mortal/broken.yaml", "apiVersion: nobody.example/v1\nkind: None\nmetadata: {name: none}\n"},
    {"chart/templates/broken.yaml", "{{ fail \"broken\" }}\n"},
};

// Git's output without the last line break.
std::string Git(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/git");
  auto output = Run(arguments, {{"GIT_CONFIG_GLOBAL", "/dev/null"}});
  INFO(output.status());
  REQUIRE(output.ok());
  return std::string(absl::StripTrailingAsciiWhitespace(*output));
}

GitRepository Repository(const std::string& path) { return GitRepository::Create(path).value(); }

std::vector<Value> Parsed(const absl::StatusOr<std::string>& yaml) {
  INFO(yaml.status());
  REQUIRE(yaml.ok());
  auto documents = value::ParseYamlStream(*yaml);
  INFO(documents.status());
  REQUIRE(documents.ok());
  std::vector<Value> objects;
  for (value::YamlDocument& document : *documents) objects.push_back(std::move(document.value));
  return objects;
}

std::string ChartTemplate(const std::string& mark) {
  return absl::StrCat(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-config'}\ndata:\n"
      "  value: {{ .Values.value | quote }}\n  mark: '",
      mark, "'\n");
}

}  // namespace

Upstream::Upstream(e2e::Cluster& cluster)
    : cluster_(cluster),
      ns_(cluster.ns()),
      fleet_(Repository(cluster.git_root() + "/fleet")),
      images_(Repository(work_ / "images")) {
  chart_server_.On("/charts/", [this](const hostile::Seen& seen, hostile::Answer& answer) {
    absl::ReaderMutexLock lock(&mutex_);
    const auto file = charts_served_.find(seen.path);
    const int status = charts_fail_ ? 503 : file == charts_served_.end() ? 404 : 200;
    hostile::Reply(status, {}, status == 200 ? file->second : "")(seen, answer);
  });
  fleet_.Write("web/kustomization.yaml",
               absl::StrCat("namespace: ", ns_,
                            "\nresources: [deployment.yaml]\nconfigMapGenerator:\n"
                            "- name: web-settings\n  envs: [settings.env]\n"));
  fleet_.Write("web/deployment.yaml",
               "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
               "  selector: {matchLabels: {app: web}}\n  template:\n"
               "    metadata: {labels: {app: web}}\n    spec:\n      containers:\n"
               "      - name: web\n        image: web:1\n"
               "        envFrom: [{configMapRef: {name: web-settings}}]\n");
  Random first(1);
  CommitChanges(first);
  Git({"init", "-q", "--bare", "-b", "main", images_path()});
  images_.Write("apps/auto.yaml",
                absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: auto, namespace: ",
                             ns_, "}\ndata:\n  image: ", registry_host(),
                             "/team/app:1.0.0 # {\"$imagepolicy\": \"", ns_, ":app\"}\n"));
  CommitBesideAutomation();
  PublishChart();
  PublishBundle();
  PublishImage();
}

void Upstream::WriteApp(const std::string& folder, const std::string& name,
                        absl::string_view text) {
  fleet_.Write(absl::StrCat(folder, "/", name, ".yaml"), ConfigMapYaml(ns_, name, "text", text));
}

void Upstream::WriteChart(const std::string& mark) {
  fleet_.Write("chart/Chart.yaml", "apiVersion: v2\nname: cart\nversion: 0.1.0\n");
  fleet_.Write("chart/values.yaml", "value: default\n");
  fleet_.Write("chart/templates/config.yaml", ChartTemplate(mark));
}

void Upstream::CommitFleet(const std::string& message) {
  auto commit = fleet_.Commit(message);
  INFO(commit.status());
  REQUIRE(commit.ok());
  fleet_commit_ = *std::move(commit);
}

void Upstream::CommitChanges(Random& random) {
  const std::string mark = absl::StrCat("change-", ++changes_);
  for (const char* folder : {"base", "team", "orphan", "mortal"}) {
    WriteApp(folder, absl::StrCat("keep-", folder), mark);
  }
  // With a variable that the Kustomization fills in.
  WriteApp("team", "keep-team", absl::StrCat("${greeting}-", mark));
  // Objects of "orphan" only change: those that go while it is deleted would rightly stay.
  for (const char* folder : {"base", "team", "mortal"}) {
    for (int i = 0; i < kObjects; ++i) {
      const std::string name = absl::StrCat(folder, "-", i);
      if (absl::Bernoulli(random, 0.5)) {
        WriteApp(folder, name, mark);
      } else if (absl::Bernoulli(random, 0.5)) {
        fleet_.Remove(absl::StrCat(folder, "/", name, ".yaml"));
      }
    }
  }
  if (absl::Bernoulli(random, 0.3)) {
    fleet_.Remove(moving_ + "/moving.yaml");
    moving_ = moving_ == "base" ? "team" : "base";
  }
  WriteApp(moving_, "moving", mark);
  // Another name for the generated ConfigMap.
  if (changes_ == 1 || absl::Bernoulli(random, 0.5)) {
    fleet_.Write("web/settings.env", absl::StrCat("MARK=", mark, "\n"));
  }
  if (changes_ == 1 || absl::Bernoulli(random, 0.5)) WriteChart(mark);
  CommitFleet(mark);
}

void Upstream::CommitBroken(Random& random) {
  const Broken& broken = kBroken[absl::Uniform<size_t>(random, 0, std::size(kBroken))];
  fleet_.Write(broken.file, broken.content);
  broken_.emplace_back(broken.file);
  CommitFleet("break");
}

void Upstream::Mend() {
  if (broken_.empty()) return;
  for (const std::string& file : broken_) fleet_.Remove(file);
  broken_.clear();
  CommitFleet("mend");
}

void Upstream::CommitBesideAutomation() {
  const bool first = !images_.Git({"rev-parse", "-q", "--verify", "HEAD"}).ok();
  // Automation may push between the two.
  REQUIRE(e2e::Eventually(absl::Seconds(20), [&] {
    if (!first && !images_.Git({"pull", "-q", "--rebase", images_path(), "main"}).ok()) {
      return false;
    }
    images_.Write("apps/beside.yaml",
                  ConfigMapYaml(ns_, "beside", "text", absl::StrCat("change-", ++changes_)));
    return images_.Commit("Change beside").ok() &&
           images_.Git({"push", "-q", images_path(), "HEAD:refs/heads/main"}).ok();
  }));
}

void Upstream::PublishChart(bool broken) {
  const int number = ++charts_;
  helm::Metadata metadata;
  metadata.name = "shop";
  metadata.version = absl::StrCat("1.0.", number);
  metadata.api_version = "v2";
  const std::string content =
      broken ? "{{ fail \"broken\" }}\n" : ChartTemplate(absl::StrCat("chart-", number));
  newest_chart_ =
      helm::Package(metadata,
                    {{"values.yaml", "value: default\n"}, {"templates/config.yaml", content}},
                    absl::UnixEpoch())
          .value();
  std::string index = "apiVersion: v1\nentries:\n  shop:\n";
  for (int i = number; i > std::max(0, number - kChartsListed); --i) {
    absl::StrAppend(&index, "  - {name: shop, version: 1.0.", i, ", urls: [shop-", i, ".tgz]}\n");
  }
  absl::MutexLock lock(&mutex_);
  charts_served_.erase(absl::StrCat("/charts/shop-", number - kChartsListed, ".tgz"));
  charts_served_[absl::StrCat("/charts/shop-", number, ".tgz")] = newest_chart_;
  charts_served_["/charts/index.yaml"] = index;
}

void Upstream::PublishBundle() {
  const std::string mark = absl::StrCat("bundle-", ++bundles_);
  bundle_["app/keep.yaml"] = ConfigMapYaml(ns_, "keep-bundle", "text", mark);
  const std::string sometimes = absl::StrCat("app/bundle-", bundles_ % 3, ".yaml");
  if (bundle_.erase(sometimes) == 0) {
    bundle_[sometimes] = ConfigMapYaml(ns_, absl::StrCat("bundle-", bundles_ % 3), "text", mark);
  }
  std::string archive;
  const auto tree = fs::MemoryTree::FromFiles(bundle_);
  REQUIRE(tree.ok());
  REQUIRE(archive::Pack(*tree, [&archive](absl::string_view bytes) {
            archive.append(bytes.data(), bytes.size());
            return absl::OkStatus();
          }).ok());
  const std::string tag = absl::StrCat("1.0.", bundles_);
  bundle_revision_ =
      absl::StrCat(tag, "@", registry_.AddArtifact("org/bundle", tag, kBundleLayer, archive));
}

void Upstream::PublishImage() {
  ++images_pushed_;
  registry_.AddArtifact("team/app", image_tag(), "application/octet-stream", image_tag());
}

void Upstream::FailCharts(bool fail) {
  absl::MutexLock lock(&mutex_);
  charts_fail_ = fail;
}

void Upstream::FailRegistry(int requests) {
  registry_.SetFault(oci_testing::FailWith("/", 503, "{}", requests));
}

std::string Upstream::image_tag() const { return absl::StrCat("1.0.", images_pushed_); }
std::string Upstream::chart_version() const { return absl::StrCat("1.0.", charts_); }

std::string Upstream::images_commit() const {
  return Git({"-C", images_path(), "rev-parse", "main"});
}

std::string Upstream::images_file() const {
  return Git({"-C", images_path(), "show", "main:apps/auto.yaml"});
}

std::vector<Value> Upstream::Objects(const std::string& kustomization) const {
  const TempDir folder;
  std::string path = folder / kustomization;
  if (kustomization == "bundle") {
    for (const auto& [file, content] : bundle_) e2e::WriteFile(folder / file, content);
    path = folder / "app";
  } else if (kustomization == "auto") {
    Git({"clone", "-q", images_path(), folder / "images"});
    path = folder / "images/apps";
  } else {
    Git({"clone", "-q", fleet_.path(), folder / "fleet"});
    path = folder / "fleet/" + kustomization;
  }
  return Parsed(Run({Program("sluice"), "build", "kustomization", kustomization, "--kubeconfig",
                     cluster_.kubeconfig(), "-n", ns_, "--path", path}));
}

std::vector<Value> Upstream::ReleaseObjects(const std::string& release) const {
  const TempDir folder;
  std::string chart = folder / "shop.tgz";
  if (release == "cart") {
    Git({"clone", "-q", fleet_.path(), folder / "fleet"});
    chart = folder / "fleet/chart";
  } else {
    e2e::WriteFile(chart, newest_chart_);
  }
  return Parsed(Run({Program("sluice"), "template", release, chart, "-n", ns_, "--set-string",
                     absl::StrCat("value=", release)}));
}

}  // namespace sluice::soak
