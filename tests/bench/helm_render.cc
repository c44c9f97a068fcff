// `sluice template` beside the real `helm template`, process against process, and the engine in
// process: a small chart, kube-prometheus-stack, a chart with 20 dependencies, and 200 renderings
// of one chart.
//
//   build/release/bin/helm_render [CHARTS [ROUNDS]]
//
// CHARTS is a folder with kube-prometheus-stack in it (../shared/corpus/helm/charts by default).
// Needs `helm` on PATH for the comparison and says so if there is none. Both commands are run in
// turns, in one run. Prints the median time and processor time of a process and the peak of its
// memory, and how many times more helm takes.

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/disk/disk_tree.h"
#include "common/disk/temp_dir.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/template_environment/system_environment.h"

namespace sluice::helm {
namespace {

namespace stdfs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Cost {
  double wall_ms = 0;
  double cpu_ms = 0;
  double megabytes = 0;
};

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double Milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

// What one run of the command takes; none if it fails.
std::optional<Cost> RunOnce(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const auto start = Clock::now();
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::nullopt;
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid || status != 0) return std::nullopt;
  return Cost{.wall_ms = Milliseconds(Clock::now() - start),
              .cpu_ms = Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime),
              .megabytes = static_cast<double>(usage.ru_maxrss) / 1024};
}

double Median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

Cost Median(const std::vector<Cost>& costs) {
  std::vector<double> wall, cpu, memory;
  for (const Cost& cost : costs) {
    wall.push_back(cost.wall_ms);
    cpu.push_back(cost.cpu_ms);
    memory.push_back(cost.megabytes);
  }
  return {.wall_ms = Median(wall), .cpu_ms = Median(cpu), .megabytes = Median(memory)};
}

void PrintHeader() {
  std::cout << absl::StrFormat("%-28s %10s %10s %8s %10s %10s %8s %7s %7s %7s\n", "", "wall ms",
                               "cpu ms", "MB", "helm wall", "helm cpu", "helm MB", "wall x",
                               "cpu x", "MB x");
}

void PrintRow(absl::string_view name, const Cost& ours, const std::optional<Cost>& helm) {
  std::cout << absl::StrFormat("%-28s %10.1f %10.1f %8.1f", name, ours.wall_ms, ours.cpu_ms,
                               ours.megabytes);
  if (helm.has_value()) {
    std::cout << absl::StrFormat(" %10.1f %10.1f %8.1f %7.1f %7.1f %7.1f", helm->wall_ms,
                                 helm->cpu_ms, helm->megabytes, helm->wall_ms / ours.wall_ms,
                                 helm->cpu_ms / ours.cpu_ms, helm->megabytes / ours.megabytes);
  }
  std::cout << "\n" << std::flush;
}

// The commands in turns.
void Compare(absl::string_view name, const std::string& chart, const std::string& sluice,
             size_t rounds) {
  std::vector<Cost> ours;
  std::vector<Cost> theirs;
  for (size_t i = 0; i < rounds; ++i) {
    if (const auto cost = RunOnce({sluice, "template", "rel", chart})) ours.push_back(*cost);
    if (const auto cost = RunOnce({"helm", "template", "rel", chart})) theirs.push_back(*cost);
  }
  if (ours.empty()) {
    std::cout << name << ": sluice template failed\n";
    return;
  }
  PrintRow(name, Median(ours), theirs.empty() ? std::nullopt : std::optional(Median(theirs)));
}

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

// In this process, parsed once, as a controller does it.
void Render200(const std::string& folder) {
  const auto tree = disk::DiskTree::Open(folder);
  const auto chart = tree.ok() ? LoadTree(**tree) : tree.status();
  if (!chart.ok()) {
    std::cout << "200 renderings: " << chart.status().message() << "\n";
    return;
  }
  template_environment::SystemEnvironment environment;
  const auto begin = Clock::now();
  const ParsedChart parsed(*chart, Dialect::kHelm4);
  const double parsing = Milliseconds(Clock::now() - begin);
  ReleaseOptions options;
  options.render.parsed = &parsed;
  options.render.environment = &environment;
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto start = Clock::now();
  size_t bytes = 0;
  for (int i = 0; i < 200; ++i) {
    const auto release =
        RenderRelease(*chart, Value::EmptyObject(), {.release = {.name = "rel"}}, options);
    bytes += release.ok() ? release->manifest.size() : 0;
  }
  const double wall = Milliseconds(Clock::now() - start);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  std::cout << absl::StrFormat(
      "200 renderings in process: %.1f ms, %.2f ms each (cpu %.2f ms), parsed once in %.1f ms, "
      "%.1f MB peak, %d bytes\n",
      wall, wall / 200, (Milliseconds(after.ru_utime) - Milliseconds(before.ru_utime)) / 200,
      parsing, static_cast<double>(after.ru_maxrss) / 1024, bytes);
}

bool HasHelm() {
  const char* const path = std::getenv("PATH");
  for (const absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (stdfs::exists(stdfs::path(std::string(folder)) / "helm")) return true;
  }
  return false;
}

int Main(const stdfs::path& charts, size_t rounds) {
  const std::string sluice =
      (stdfs::read_symlink("/proc/self/exe").parent_path() / "sluice").string();
  const disk::TempDir temp = disk::TempDir::Create("helm-bench").value();
  const stdfs::path root = temp.path();
  WriteChart(root / "small", "small");
  const std::string large = WithDependencies(root / "parent", 20);
  if (!HasHelm()) std::cout << "no helm on PATH: nothing to compare with\n";
  PrintHeader();
  Compare("small chart", (root / "small").string(), sluice, rounds);
  Compare("20 dependencies", large, sluice, rounds);
  std::string stack;
  if (stdfs::exists(charts)) {
    for (const auto& entry : stdfs::directory_iterator(charts)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("kube-prometheus-stack")) stack = entry.path().string();
    }
  }
  if (stack.empty()) {
    std::cout << charts.string() << " has no kube-prometheus-stack\n";
  } else {
    Compare("kube-prometheus-stack", stack, sluice, rounds);
  }
  Render200(large);
  return 0;
}

}  // namespace
}  // namespace sluice::helm

int main(int argc, char** argv) {
  size_t rounds = 20;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &rounds)) return 2;
  return sluice::helm::Main(argc > 1 ? argv[1] : "../shared/corpus/helm/charts", rounds);
}
