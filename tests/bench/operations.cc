// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/operations.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive/pack.h"
#include "common/archive/unpack.h"
#include "common/cel/program.h"
#include "common/fs/memory_tree.h"
#include "common/helm/loader.h"
#include "common/helm/parsed_chart.h"
#include "common/helm/release.h"
#include "common/kustomize/build.h"
#include "common/semver/constraint.h"
#include "common/ssa/drift.h"
#include "common/value/json.h"
#include "common/value/merge_patch.h"
#include "common/value/yaml.h"
#include "tests/bench/kustomize_trees.h"
#include "tests/bench/manifests.h"

namespace sluice::bench {
namespace {

using Work = std::function<size_t()>;

Work YamlDecode(size_t scale) {
  return [text = DeploymentStreamYaml(10 * scale)] {
    return value::ParseYamlStream(text).value().size();
  };
}

Work YamlEncode(size_t scale) {
  const Value list = value::ParseJson(DeploymentListJson(10 * scale)).value();
  return [list] { return value::FormatYaml(list).size(); };
}

Work JsonDecode(size_t scale) {
  return [text = DeploymentListJson(10 * scale)] {
    return value::ParseJson(text).value()["items"].items().size();
  };
}

Work JsonEncode(size_t scale) {
  const Value list = value::ParseJson(DeploymentListJson(10 * scale)).value();
  return [list] { return value::FormatJson(list).size(); };
}

Work KustomizeBuild(size_t scale) {
  const auto tree =
      std::make_shared<fs::MemoryTree>(fs::MemoryTree::FromFiles(Overlay(20 * scale)).value());
  return [tree] { return kustomize::Build(*tree, kTop).value().ToYaml().size(); };
}

// A chart whose one template makes `count` ConfigMaps with what charts usually call.
constexpr char kTemplate[] = R"({{- define "labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- range $i := until (int .Values.count) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-%d" $.Release.Name $i | quote }}
  labels: {{- include "labels" $ | nindent 4 }}
data:
  {{- with $.Values.settings }}
  settings.yaml: |
    {{- toYaml . | nindent 4 }}
  {{- end }}
  checksum: {{ toJson $.Values.settings | sha256sum | lower }}
{{- end }}
)";

Work HelmRender(size_t scale) {
  const auto chart =
      helm::LoadFiles({{"Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"},
                       {"values.yaml",
                        absl::StrCat("count: ", 10 * scale,
                                     "\nsettings: {level: info, hosts: [a, b], limits: {cpu: 1}}")},
                       {"templates/all.yaml", kTemplate}})
          .value();
  const auto parsed = std::make_shared<helm::ParsedChart>(chart, helm::Dialect::kHelm4);
  return [chart, parsed] {
    helm::ReleaseOptions options;
    options.render.parsed = parsed.get();
    return helm::RenderRelease(chart, Value::EmptyObject(), {.release = {.name = "web"}}, options)
        .value()
        .manifest.size();
  };
}

Work CelEvaluate(size_t scale) {
  const auto list =
      std::make_shared<Value>(value::ParseJson(DeploymentListJson(10 * scale)).value());
  const auto program = cel::Program::Parse(
                           "items.all(i, i.status.conditions.exists(c, c.type == 'Available' && "
                           "c.status == 'True') && i.metadata.name.startsWith('web-') && "
                           "i.spec.replicas >= 1)",
                           cel::Features::Flux())
                           .value();
  return [list, program] {
    cel::Bindings bindings;
    bindings.BindMembers(*list);
    const cel::Outcome outcome = program->Evaluate(bindings);
    return static_cast<size_t>(outcome.value.value().bool_or(false));
  };
}

// The newest of many tags.
Work SemverNewest(size_t scale) {
  std::vector<std::string> tags;
  for (size_t i = 0; i < 100 * scale; ++i) {
    tags.push_back(absl::StrCat("v", i % 9, ".", i % 31, ".", i, i % 5 == 0 ? "-rc.1" : ""));
  }
  return [tags] {
    std::vector<semver::Version> versions;
    for (const std::string& tag : tags) versions.push_back(semver::Version::Parse(tag).value());
    const auto constraint = semver::Constraint::Parse(">=1.2 <7 || ~8.3").value();
    return semver::Newest(versions, constraint)->text().size();
  };
}

// What is asked of every object of a Kustomization: whether the cluster has it as it should be.
Work Diff(size_t scale) {
  std::vector<std::pair<Value, Value>> pairs;
  for (size_t i = 0; i < 10 * scale; ++i) {
    Value changed = Deployment(i);
    changed.Ensure("spec").Set("paused", true);
    pairs.emplace_back(Deployment(i), std::move(changed));
  }
  return [pairs] {
    size_t bytes = 0;
    for (const auto& [live, desired] : pairs) {
      if (ssa::HasDrifted(live, live) || !ssa::HasDrifted(live, desired)) return size_t{0};
      const Value patch = value::CreateMergePatch(live, desired);
      bytes += value::ApplyMergePatch(live, patch).size() + patch.size();
    }
    return bytes;
  };
}

fs::MemoryTree Manifests(size_t count) {
  std::map<std::string, std::string> files;
  for (size_t i = 0; i < count; ++i) {
    files[absl::StrCat("apps/", i, "/app.yaml")] = value::FormatYaml(Deployment(i));
  }
  return fs::MemoryTree::FromFiles(files).value();
}

std::string Packed(const fs::Tree& tree) {
  std::string archive;
  const absl::Status status = archive::Pack(tree, [&archive](absl::string_view bytes) {
    archive.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  return status.ok() ? archive : "";
}

Work TarPack(size_t scale) {
  const auto tree = std::make_shared<fs::MemoryTree>(Manifests(10 * scale));
  return [tree] { return Packed(*tree).size(); };
}

class ByteCount : public archive::UnpackTarget {
 public:
  absl::Status AddDirectory(absl::string_view, uint32_t) override { return absl::OkStatus(); }
  absl::Status AddFile(absl::string_view, uint32_t, uint64_t, Reader read) override {
    while (true) {
      const auto piece = read();
      if (!piece.ok() || piece->empty()) return piece.status();
      bytes += piece->size();
    }
  }

  size_t bytes = 0;
};

Work TarUnpack(size_t scale) {
  return [archive = Packed(Manifests(10 * scale))] {
    archive::MemorySource source(archive);
    ByteCount target;
    return archive::Unpack(source, {}, target).ok() ? target.bytes : 0;
  };
}

}  // namespace

std::span<const Operation> Operations() {
  static const Operation kOperations[] = {
      {"YAML decode", YamlDecode},
      {"YAML encode", YamlEncode},
      {"JSON decode", JsonDecode},
      {"JSON encode", JsonEncode},
      {"kustomize build", KustomizeBuild},
      {"helm render", HelmRender},
      {"CEL evaluate", CelEvaluate},
      {"semver newest", SemverNewest},
      {"diff and merge", Diff},
      {"tar pack", TarPack},
      {"tar unpack", TarUnpack},
  };
  return kOperations;
}

}  // namespace sluice::bench
