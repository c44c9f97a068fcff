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
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/plan/plan.h"
#include "cli/plan/source_tree.h"
#include "cli/plan/walk.h"
#include "common/base/status_macros.h"
#include "common/disk/temp_dir.h"
#include "common/flags/command.h"
#include "common/git_testing/repo_builder.h"
#include "tests/bench/figures.h"
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

void Add(Figures& figures, const std::string& what, std::vector<ProcessCost> costs) {
  const ProcessCost median = Median(std::move(costs));
  figures.Add(what, median.wall_ms, "ms");
  // Of all threads: what the time comes to on a machine with nothing else to do.
  figures.Add(what + ", CPU", median.cpu_ms, "ms");
}

// Times `run` so often.
template <typename Run>
absl::Status Time(Figures& figures, const std::string& what, int rounds, Run run) {
  std::vector<ProcessCost> costs;
  for (int i = 0; i < rounds; ++i) {
    const absl::Time start = absl::Now();
    const std::clock_t cpu = std::clock();
    RETURN_IF_ERROR(run());
    costs.push_back({.wall_ms = absl::ToDoubleMilliseconds(absl::Now() - start),
                     .cpu_ms = 1e3 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC});
  }
  Add(figures, what, std::move(costs));
  return absl::OkStatus();
}

absl::Status MeasureGenerated(const std::filesystem::path& scratch, Figures& figures) {
  git_testing::RepoBuilder repo((scratch / "repo.git").string());
  for (int i = 0; i < kKustomizations; ++i) WriteApp(repo, i);
  for (int i = 0; i < kCharts; ++i) WriteChart(repo, i);
  repo.Commit("first");
  repo.Write("apps/app-300/deployment.yaml", Deployment("app-300", "example.org/app:1.0.1"));
  repo.Commit("second");
  // As a clone has it; without git the objects stay loose.
  const std::string gc = absl::StrCat("git -C '", repo.path(), "' gc -q 2>/dev/null");
  if (std::system(gc.c_str()) != 0) return absl::InternalError(gc + " failed");

  plan::PlanOptions options;
  options.repository = repo.path();
  options.path = "clusters/prod";
  options.from = "main~1";
  options.to = "main~1";
  options.cache_folder = (scratch / "cache").string();
  const auto plan = [&] { return plan::RunPlan(Context::Background(), options).status(); };
  RETURN_IF_ERROR(Time(figures, "plan of 700 units: nothing known", 3, [&] {
    std::filesystem::remove_all(options.cache_folder);
    return plan();
  }));
  RETURN_IF_ERROR(Time(figures, "plan of 700 units: no change, renderings known", kRounds, plan));
  options.to = "main";
  RETURN_IF_ERROR(Time(figures, "plan of 700 units: one file changed, first time", 1, plan));
  RETURN_IF_ERROR(Time(figures, "plan of 700 units: one file changed, seen before", kRounds, plan));
  std::vector<ProcessCost> costs;
  for (int i = 0; i < kRounds; ++i) {
    ASSIGN_OR_RETURN(
        const ProcessCost cost,
        RunOnce({Beside("sluice-cluster"), "plan", options.repository, "--path", options.path,
                 "--from", "main~1", "--to", "main", "--cache-dir", options.cache_folder}));
    costs.push_back(cost);
  }
  Add(figures, "plan of 700 units: one file changed, as a command", std::move(costs));
  return absl::OkStatus();
}

absl::Status MeasureHomeOps(const std::string& folder, Figures& figures) {
  return Time(figures, "plan of home-ops: nothing known", kRounds, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const auto tree, plan::SourceTree::OpenFolder(folder + "/repo"));
    plan::ChartFolder none;
    plan::Charts charts(none, nullptr);
    plan::Memo memo("");
    const helm::Capabilities capabilities = helm::DefaultCapabilities(helm::Dialect::kHelm4);
    const plan::LocalSources local;
    const age::Identities keys;
    ASSIGN_OR_RETURN(const auto plan, plan::Walk(Context::Background(), tree,
                                                 {"kubernetes/flux/cluster", local, charts, memo,
                                                  keys, capabilities}));
    if (plan->units().size() >= 78) return absl::OkStatus();
    return absl::InternalError("home-ops has more Kustomizations than were found");
  });
}

absl::Status Measure(const std::string& home_ops, Figures& figures) {
  ASSIGN_OR_RETURN(const disk::TempDir scratch, disk::TempDir::Create("sluice-plan-"));
  RETURN_IF_ERROR(MeasureGenerated(scratch.path(), figures));
  return home_ops.empty() ? absl::OkStatus() : MeasureHomeOps(home_ops, figures);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  std::string home_ops;
  sluice::Command command("plan", "Measures `sluice plan`.");
  command.Positional("FOLDER", home_ops, "of home-ops", false);
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(home_ops, figures);
  });
}
