// How long the kustomize engine takes in process for an overlay of few resources, of 200 and of
// 5,000: labels, a prefix, a namespace, images, a patch by selector and a hashed ConfigMap that
// every Deployment refers to.
//
//   build/release/bin/kustomize_build [FOLDER]
//
// Prints the best and the median time for each size. With FOLDER it writes the trees there, for
// comparing with other programs.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"

namespace sluice::kustomize {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kOverlay[] = R"(resources: [../base]
namePrefix: prod-
namespace: shop
labels: [{pairs: {team: shop}, includeSelectors: true}]
images: [{name: nginx, newTag: "2"}]
configMapGenerator: [{name: settings, literals: [a=b]}]
patches:
- target: {kind: Deployment}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec: {template: {spec: {containers: [{name: main, env: [{name: MODE, value: fast}]}]}}}
)";

// One Deployment and one Service each time.
std::string Pair(size_t index) {
  return absl::StrFormat(R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%1$d
spec:
  replicas: 2
  selector:
    matchLabels: {app: app-%1$d}
  template:
    metadata:
      labels: {app: app-%1$d}
    spec:
      containers:
      - name: main
        image: nginx:1.25
        ports: [{containerPort: 80}]
        envFrom:
        - configMapRef: {name: settings}
        resources:
          requests: {cpu: 100m, memory: 64Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: app-%1$d
spec:
  selector: {app: app-%1$d}
  ports: [{port: 80}]
---
)",
                         index);
}

Files Overlay(size_t resources) {
  std::string manifests;
  for (size_t i = 0; i < resources / 2; ++i) manifests += Pair(i);
  return {{"base/kustomization.yaml", "resources: [all.yaml]\n"},
          {"base/all.yaml", manifests},
          {"prod/kustomization.yaml", kOverlay}};
}

double MillisecondsOf(const fs::Tree& tree) {
  const auto start = std::chrono::steady_clock::now();
  const std::string text = Build(tree, "prod").value().ToYaml();
  const auto taken = std::chrono::steady_clock::now() - start;
  if (text.empty()) std::cerr << "nothing built\n";
  return std::chrono::duration<double, std::milli>(taken).count();
}

void Write(const std::filesystem::path& folder, const Files& files) {
  for (const auto& [path, content] : files) {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream(folder / path) << content;
  }
}

void Measure(size_t resources, size_t rounds, const std::filesystem::path& folder) {
  const Files files = Overlay(resources);
  if (!folder.empty()) Write(folder / absl::StrCat(resources), files);
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
  std::vector<double> times;
  for (size_t i = 0; i < rounds; ++i) times.push_back(MillisecondsOf(tree));
  std::sort(times.begin(), times.end());
  std::cout << absl::StrFormat("%5d resources: best %.2f ms, median %.2f ms\n", resources,
                               times.front(), times[times.size() / 2]);
}

}  // namespace
}  // namespace sluice::kustomize

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "";
  sluice::kustomize::Measure(6, 300, folder);
  sluice::kustomize::Measure(200, 30, folder);
  sluice::kustomize::Measure(5'000, 3, folder);
  return 0;
}
