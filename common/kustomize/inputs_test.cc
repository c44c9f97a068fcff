// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/inputs.h"

#include <catch2/catch.hpp>
#include <map>

#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/kustomize/flux_generator.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kConfigMap[] = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";

// What the build of `folder` for a Kustomization with this spec reads in `files`.
std::set<std::string> InputsOf(const Files& files, const std::string& folder,
                               const std::string& spec) {
  const auto tree = fs::MemoryTree::FromFiles(files).value();
  const Value object = {{"spec", value::ParseYaml(spec).value()}};
  const auto generated = GenerateFluxKustomization(tree, folder, object).value();
  const auto whole = WithKustomization(tree, generated).value();
  std::set<std::string> inputs = Build(*whole, folder, FluxBuildOptions()).value().inputs;
  inputs.insert(generated.inputs.begin(), generated.inputs.end());
  return inputs;
}

TEST_CASE("a change is noticed exactly if the build would read it", "[kustomize]") {
  const Files files = {
      {"app/kustomization.yaml", "resources: [cm.yaml, ../base]"},
      {"app/cm.yaml", kConfigMap},
      {"base/kustomization.yaml", "configMapGenerator: [{name: g, files: [data.txt]}]"},
      {"base/data.txt", "x"},
      {"plain/a.yaml", kConfigMap},
      {"plain/deep/b.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"},
      {"other/c.yaml", kConfigMap},
  };
  struct Row {
    const char* name;
    const char* folder;
    const char* spec;
    Files change;  // empty content: removed
    bool noticed;
  };
  const Row rows[] = {
      {"nothing", "app", "{}", {}, false},
      {"another folder", "app", "{}", {{"other/c.yaml", "x: 1"}}, false},
      {"a file beside, not named", "app", "{}", {{"app/more.yaml", kConfigMap}}, false},
      {"a resource", "app", "{}", {{"app/cm.yaml", "{}"}}, true},
      {"a resource is gone", "app", "{}", {{"app/cm.yaml", ""}}, true},
      {"a generator's file", "app", "{}", {{"base/data.txt", "y"}}, true},
      {"a base's kustomization", "app", "{}", {{"base/kustomization.yaml", "{}"}}, true},
      {"a second kustomization file", "base", "{}", {{"base/Kustomization", "{}"}}, true},
      {"a missing component appears",
       "app",
       "{components: [extra], ignoreMissingComponents: true}",
       {{"app/extra/kustomization.yaml", "{}"}},
       true},
      {"plain manifests: changed", "plain", "{}", {{"plain/a.yaml", "{}"}}, true},
      {"plain manifests: added", "plain", "{}", {{"plain/n.yaml", kConfigMap}}, true},
      {"plain manifests: added below", "plain", "{}", {{"plain/deep/n.yaml", kConfigMap}}, true},
      {"plain manifests: a kustomization below",
       "plain",
       "{}",
       {{"plain/deep/kustomization.yaml", "{}"}},
       true},
      {"plain manifests: elsewhere", "plain", "{}", {{"other/n.yaml", kConfigMap}}, false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::set<std::string> inputs = InputsOf(files, row.folder, row.spec);
    Files changed = files;
    for (const auto& [path, content] : row.change) {
      if (content.empty()) {
        changed.erase(path);
      } else {
        changed[path] = content;
      }
    }
    const std::string before = InputsDigest(fs::MemoryTree::FromFiles(files).value(), inputs);
    const std::string after = InputsDigest(fs::MemoryTree::FromFiles(changed).value(), inputs);
    CHECK((before != after) == row.noticed);
  }
}

}  // namespace
}  // namespace sluice::kustomize
