// `sluice template` beside the real `helm template`, process against process: a small chart, one
// with 20 dependencies, and kube-prometheus-stack where a folder with it is given.
//
//   build/release/bin/helm_render [--helm PROGRAM] [--charts FOLDER] [--rounds 20]

// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/temp_dir.h"
#include "common/flags/command.h"
#include "tests/bench/process_cost.h"

namespace sluice::bench {
namespace {

namespace stdfs = std::filesystem;

struct Options {
  std::string helm;
  std::string charts;
  int rounds = 20;
};

void Write(const stdfs::path& path, const std::string& content) {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

// A Deployment, a Service and the helpers that `helm create` makes.
void WriteChart(const stdfs::path& folder, const std::string& name) {
  Write(folder / "Chart.yaml",
        absl::StrCat("apiVersion: v2\nname: ", name, "\nversion: 0.1.0\nappVersion: 1.0.0\n"));
  Write(folder / "values.yaml",
        "replicaCount: 2\nimage: {repository: nginx, tag: \"\"}\nservice: {port: 80}\n"
        "resources: {limits: {cpu: 100m, memory: 128Mi}}\npodAnnotations: {}\n");
  Write(folder / "templates/_helpers.tpl",
        absl::StrCat("{{- define \"", name,
                     ".fullname\" -}}\n{{- printf \"%s-%s\" .Release.Name .Chart.Name | trunc 63 | "
                     "trimSuffix \"-\" }}\n{{- end }}\n{{- define \"",
                     name,
                     ".labels\" -}}\nhelm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "
                     "\"+\" \"_\" }}\napp.kubernetes.io/instance: {{ .Release.Name }}\n"
                     "app.kubernetes.io/managed-by: {{ .Release.Service }}\n{{- end }}\n"));
  const std::string head = absl::StrCat("metadata:\n  name: {{ include \"", name,
                                        ".fullname\" . }}\n  labels:\n    {{- include \"", name,
                                        ".labels\" . | nindent 4 }}\n");
  Write(folder / "templates/deployment.yaml",
        absl::StrCat("apiVersion: apps/v1\nkind: Deployment\n", head,
                     "spec:\n  replicas: {{ .Values.replicaCount }}\n  template:\n    spec:\n      "
                     "containers:\n        - name: {{ .Chart.Name }}\n          image: \"{{ "
                     ".Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion "
                     "}}\"\n          resources:\n            {{- toYaml .Values.resources | "
                     "nindent 12 }}\n"));
  Write(folder / "templates/service.yaml",
        absl::StrCat("apiVersion: v1\nkind: Service\n", head,
                     "spec:\n  ports:\n    - port: {{ .Values.service.port }}\n"));
}

std::string WithDependencies(const stdfs::path& folder, size_t count) {
  WriteChart(folder, "parent");
  std::string yaml = "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n";
  std::ifstream own(folder / "values.yaml");
  std::string values(std::istreambuf_iterator<char>(own), {});
  values += "global: {team: a}\n";
  for (size_t i = 0; i < count; ++i) {
    const std::string name = absl::StrCat("sub", i);
    WriteChart(folder / "charts" / name, name);
    absl::StrAppend(&yaml, "- {name: ", name, ", version: ^0.1.0, condition: ", name,
                    ".enabled}\n");
    absl::StrAppend(&values, name, ": {enabled: true, replicaCount: 3}\n");
  }
  Write(folder / "Chart.yaml", yaml);
  Write(folder / "values.yaml", values);
  return folder.string();
}

absl::Status CompareChart(const Options& options, const std::string& what, const std::string& chart,
                          Figures& figures) {
  const auto count = static_cast<size_t>(options.rounds);
  // A helm that was not built for a release has an old version of its own.
  const std::vector<std::string> words = {"template", "rel", chart, "--kube-version", "1.34.0"};
  Rounds ours = {{Beside("sluice")}, count};
  ours.words.insert(ours.words.end(), words.begin(), words.end());
  Rounds theirs;
  if (!options.helm.empty()) {
    theirs = {{options.helm}, count};
    theirs.words.insert(theirs.words.end(), words.begin(), words.end());
  }
  return Compare(figures, absl::StrCat("template: ", what), ours, theirs);
}

absl::Status Measure(const Options& options, Figures& figures) {
  ASSIGN_OR_RETURN(const disk::TempDir temp, disk::TempDir::Create("helm-bench"));
  const stdfs::path root = temp.path();
  WriteChart(root / "small", "small");
  RETURN_IF_ERROR(CompareChart(options, "small chart", root / "small", figures));
  const std::string large = WithDependencies(root / "parent", 20);
  RETURN_IF_ERROR(CompareChart(options, "20 dependencies", large, figures));
  if (options.charts.empty()) return absl::OkStatus();
  for (const auto& entry : stdfs::directory_iterator(options.charts)) {
    if (!entry.path().filename().string().starts_with("kube-prometheus-stack")) continue;
    return CompareChart(options, "kube-prometheus-stack", entry.path(), figures);
  }
  return absl::NotFoundError(options.charts + " has no kube-prometheus-stack");
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("helm_render", "Measures `sluice template` beside `helm template`.");
  command.Text("--helm", options.helm, "the path of helm, to compare with");
  command.Text("--charts", options.charts, "a folder with kube-prometheus-stack in it");
  command.Int("--rounds", options.rounds, "how often each is run");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
