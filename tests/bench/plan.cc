// `sluice plan` on a generated repository of 500 Kustomizations and 200 HelmReleases, and on a real
// one.
//
//   build/release/bin/plan [FOLDER_OF_home-ops]
//
// In process: the first plan with an empty cache; one of the same commits with the renderings of
// before; one of a commit that changes a single file. Then the same as whole processes with
// `sluice-cluster` from beside this program. Of home-ops (its case folder in the corpus "gitops"):
// all Kustomizations rendered from nothing, as often as needed for a median.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/plan/plan.h"
#include "cli/plan/source_tree.h"
#include "cli/plan/walk.h"
#include "common/disk/temp_dir.h"
#include "common/git_testing/repo_builder.h"
#include "tests/bench/process_cost.h"

namespace sluice::bench {
namespace {

constexpr int kKustomizations = 500;
constexpr int kReleases = 200;
constexpr int kCharts = 10;
constexpr int kRounds = 9;

std::string Deployment(const std::string& name, const std::string& image) {
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ", name,
      "\nspec:\n  replicas: 2\n  selector:\n    matchLabels: {app: ", name,
      "}\n  template:\n    metadata:\n      labels: {app: ", name,
      "}\n    spec:\n      containers:\n        - name: main\n          image: ", image,
      "\n          ports: [{name: http, containerPort: 8080}]\n          env:\n            - name: "
      "REGION\n              value: ${region}\n          resources:\n            requests: {cpu: "
      "100m, memory: 64Mi}\n");
}

void WriteApp(git_testing::RepoBuilder& repo, int number) {
  const std::string name = absl::StrFormat("app-%03d", number);
  const std::string folder = absl::StrCat("apps/", name, "/");
  repo.Write(absl::StrCat("clusters/prod/", name, ".yaml"),
             absl::StrCat("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
                          "metadata:\n  name: ",
                          name,
                          "\n  namespace: flux-system\nspec:\n"
                          "  interval: 10m\n  path: ./apps/",
                          name,
                          "\n  prune: true\n"
                          "  targetNamespace: ",
                          name,
                          "\n"
                          "  sourceRef: {kind: GitRepository, name: flux-system}\n"
                          "  postBuild:\n    substitute: {region: north}\n"));
  const bool release = number < kReleases;
  repo.Write(
      folder + "kustomization.yaml",
      absl::StrCat("resources: [namespace.yaml, deployment.yaml, service.yaml",
                   release ? ", release.yaml" : "",
                   "]\nconfigMapGenerator:\n  - name: settings\n    literals: [LEVEL=info]\n"));
  repo.Write(folder + "namespace.yaml",
             absl::StrCat("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ", name, "\n"));
  repo.Write(folder + "deployment.yaml", Deployment(name, "example.org/app:1.0.0"));
  repo.Write(folder + "service.yaml",
             absl::StrCat("apiVersion: v1\nkind: Service\nmetadata:\n  name: ", name,
                          "\nspec:\n  selector: {app: ", name,
                          "}\n  ports: [{name: http, port: 80, targetPort: http}]\n"));
  if (!release) return;
  repo.Write(folder + "release.yaml",
             absl::StrCat("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n"
                          "  name: ",
                          name,
                          "\nspec:\n  interval: 1h\n  chart:\n    spec:\n"
                          "      chart: charts/c",
                          number % kCharts,
                          "\n      sourceRef: {kind: GitRepository, name: flux-system, namespace: "
                          "flux-system}\n  values:\n    image: example.org/",
                          name, "\n"));
}

void WriteChart(git_testing::RepoBuilder& repo, int number) {
  const std::string folder = absl::StrCat("charts/c", number, "/");
  repo.Write(folder + "Chart.yaml",
             absl::StrCat("apiVersion: v2\nname: c", number, "\nversion: 1.0.0\n"));
  repo.Write(folder + "values.yaml", "image: example.org/none\nreplicas: 1\nworkers: 4\n");
  repo.Write(folder + "templates/_helpers.tpl",
             "{{- define \"labels\" -}}\napp.kubernetes.io/name: {{ .Release.Name }}\n"
             "app.kubernetes.io/version: {{ .Chart.Version | quote }}\n{{- end }}\n");
  repo.Write(folder + "templates/workers.yaml",
             "{{- range $i := until (int .Values.workers) }}\n---\napiVersion: apps/v1\n"
             "kind: Deployment\nmetadata:\n  name: {{ $.Release.Name }}-{{ $i }}\n"
             "  labels: {{- include \"labels\" $ | nindent 4 }}\nspec:\n"
             "  replicas: {{ $.Values.replicas }}\n  selector:\n"
             "    matchLabels: {worker: \"{{ $i }}\"}\n  template:\n    metadata:\n"
             "      labels: {worker: \"{{ $i }}\"}\n    spec:\n      containers:\n"
             "        - name: main\n          image: {{ $.Values.image }}\n{{- end }}\n");
  repo.Write(folder + "templates/settings.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-chart\n"
             "  labels: {{- include \"labels\" . | nindent 4 }}\ndata:\n  values: |\n"
             "    {{- .Values | toYaml | nindent 4 }}\n");
}

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

void Print(absl::string_view what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::cout << absl::StrFormat("%-64s %9.1f ms  (of %d, %.1f to %.1f)\n", what,
                               times[times.size() / 2], times.size(), times.front(), times.back());
}

// Times `run` so often.
template <typename Run>
void Measure(absl::string_view what, int rounds, Run run) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const absl::Time start = absl::Now();
    run();
    times.push_back(Milliseconds(absl::Now() - start));
  }
  Print(what, std::move(times));
}

plan::Report Planned(const plan::PlanOptions& options) {
  auto report = plan::RunPlan(Context::Background(), options);
  if (!report.ok()) {
    std::cerr << report.status().message() << "\n";
    std::exit(1);
  }
  return *std::move(report);
}

void MeasureGenerated(const std::filesystem::path& scratch, const std::string& program) {
  git_testing::RepoBuilder repo((scratch / "repo.git").string());
  for (int i = 0; i < kKustomizations; ++i) WriteApp(repo, i);
  for (int i = 0; i < kCharts; ++i) WriteChart(repo, i);
  repo.Commit("first");
  repo.Write("apps/app-300/deployment.yaml", Deployment("app-300", "example.org/app:1.0.1"));
  repo.Commit("second");
  // As a clone has it; without git the objects stay loose.
  const std::string gc = absl::StrCat("git -C '", repo.path(), "' gc -q 2>/dev/null");
  if (std::system(gc.c_str()) != 0) std::cout << "(no git: objects are loose)\n";

  plan::PlanOptions options;
  options.repository = repo.path();
  options.path = "clusters/prod";
  options.from = "main~1";
  options.to = "main~1";
  options.cache_folder = (scratch / "cache").string();
  Measure("one commit with itself, nothing known", 3, [&] {
    std::filesystem::remove_all(options.cache_folder);
    Planned(options);
  });
  Measure("the same, renderings known", kRounds, [&] { Planned(options); });
  options.to = "main";
  Measure("a commit that changes one file, not seen before", 1, [&] { Planned(options); });
  plan::Report report;
  Measure("the same, seen before", kRounds, [&] { report = Planned(options); });
  std::cout << "  " << report.units << " units, " << report.objects << " objects, "
            << report.changes.size() << " changed\n";
  const auto process = [&](absl::string_view what, const std::string& from, const std::string& to) {
    std::vector<double> times;
    for (int i = 0; i < kRounds; ++i) {
      const auto cost = RunOnce({program, "plan", options.repository, "--path", options.path,
                                 "--from", from, "--to", to, "--cache-dir", options.cache_folder});
      if (!cost.ok()) {
        std::cerr << cost.status().message() << "\n";
        std::exit(1);
      }
      times.push_back(cost->wall_ms);
    }
    Print(what, std::move(times));
  };
  process("whole process: one file, renderings known", "main~1", "main");
}

void MeasureHomeOps(const std::string& folder) {
  const auto run = [&] {
    const auto tree = plan::SourceTree::OpenFolder(folder + "/repo").value();
    const plan::ChartFolder none = plan::ChartFolder::Open("").value();
    plan::Charts charts(none);
    plan::Memo memo("");
    const helm::Capabilities capabilities = helm::DefaultCapabilities(helm::Dialect::kHelm4);
    const plan::LocalSources local;
    const age::Identities keys;
    const auto plan =
        plan::Walk(Context::Background(), tree,
                   {"kubernetes/flux/cluster", local, charts, memo, keys, capabilities});
    if (!plan.ok() || (*plan)->units().size() < 78) std::exit(1);
  };
  Measure("home-ops: every Kustomization from nothing", kRounds, run);
}

int Main(int argc, char** argv) {
  const auto scratch = disk::TempDir::Create("sluice-plan-");
  if (!scratch.ok()) {
    std::cerr << scratch.status().message() << "\n";
    return 1;
  }
  const std::filesystem::path here = std::filesystem::absolute(argv[0]).parent_path();
  MeasureGenerated(scratch->path(), (here / "sluice-cluster").string());
  if (argc > 1) MeasureHomeOps(argv[1]);
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) { return sluice::bench::Main(argc, argv); }
