// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/kustomize_trees.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sluice::bench {
namespace {

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

std::string Pairs(size_t resources) {
  std::string manifests;
  for (size_t i = 0; i < resources / 2; ++i) manifests += Pair(i);
  return manifests;
}

constexpr char kComponent[] = R"(apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
%2$s
labels: [{pairs: {level-%1$d: "yes"}}]
patches:
- target: {kind: Deployment}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec: {template: {spec: {containers: [{name: main, env: [{name: LEVEL, value: "%1$d"}]}]}}}
replacements:
- source: {kind: Service, name: app-0, fieldPath: metadata.name}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [metadata.annotations.level-%1$d]
    options: {create: true}
)";

}  // namespace

Files SmallFolder() {
  return {{"prod/kustomization.yaml", "resources: [all.yaml]\nnamespace: shop\n"},
          {"prod/all.yaml", Pairs(2)}};
}

Files Overlay(size_t resources) {
  return {{"base/kustomization.yaml", "resources: [all.yaml]\n"},
          {"base/all.yaml", Pairs(resources)},
          {"prod/kustomization.yaml", kOverlay}};
}

Files ComponentTree(size_t depth) {
  Files files = {{"base/kustomization.yaml", "resources: [all.yaml]\n"},
                 {"base/all.yaml", Pairs(10)},
                 {"prod/kustomization.yaml", "resources: [../base]\ncomponents: [../level-1]\n"}};
  for (size_t level = 1; level <= depth; ++level) {
    const std::string below =
        level == depth ? "" : absl::StrCat("components: [../level-", level + 1, "]");
    files[absl::StrCat("level-", level, "/kustomization.yaml")] =
        absl::StrFormat(kComponent, level, below);
  }
  return files;
}

}  // namespace sluice::bench
