// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/generators/helm_chart.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/resource_reader.h"
#include "common/value/merge_patch.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kDefaultHome = "charts";

void InlineValues(Decoder& decoder, absl::string_view field, absl::string_view where,
                  HelmChart& chart) {
  decoder.Any(field, [&](const Value& values) {
    if (!values.is_object()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".", field, " is no map"));
    }
    chart.values_inline = values;
    return absl::OkStatus();
  });
}

void ChartFields(Decoder& decoder, absl::string_view where, HelmChart& chart) {
  decoder.String("name", chart.name);
  decoder.String("version", chart.version);
  decoder.String("repo", chart.repo);
  decoder.String("releaseName", chart.release_name);
  decoder.String("namespace", chart.namespace_name);
  decoder.Strings("additionalValuesFiles", chart.additional_values_files);
  decoder.String("valuesFile", chart.values_file);
  InlineValues(decoder, "valuesInline", where, chart);
  decoder.String("valuesMerge", chart.values_merge);
  decoder.Bool("includeCRDs", chart.include_crds);
  decoder.Bool("skipHooks", chart.skip_hooks);
  decoder.Strings("apiVersions", chart.api_versions);
  decoder.String("kubeVersion", chart.kube_version);
  decoder.String("nameTemplate", chart.name_template);
  decoder.Bool("skipTests", chart.skip_tests);
  for (absl::string_view field : {"debug", "devel"}) decoder.Ignore(field);
}

absl::StatusOr<Value> ReadValues(const FileLoader& loader, absl::string_view path) {
  ASSIGN_OR_RETURN(const std::string text, loader.Load(path));
  absl::StatusOr<Value> values = value::ParseYaml(text);
  if (!values.ok()) return Annotate(values.status(), path);
  if (values->is_null()) return Value::EmptyObject();
  if (!values->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": values must be a map"));
  }
  return values;
}

// The values of the chart's file and those written into the kustomization, by `valuesMerge`.
absl::StatusOr<Value> OwnValues(const FileLoader& loader, const HelmChart& chart,
                                const std::string& file) {
  if (chart.values_inline.size() == 0) return ReadValues(loader, file);
  if (chart.values_merge == "replace") return chart.values_inline;
  ASSIGN_OR_RETURN(const Value of_file, ReadValues(loader, file));
  const bool file_wins = chart.values_merge == "merge";
  return file_wins ? value::ApplyMergePatch(chart.values_inline, of_file)
                   : value::ApplyMergePatch(of_file, chart.values_inline);
}

}  // namespace

absl::Status DecodeHelmChart(const Value& value, absl::string_view where, HelmChart& chart) {
  Decoder decoder(value, where, Decoding::kKustomization);
  ChartFields(decoder, where, chart);
  return decoder.Finish();
}

absl::Status DecodeOldHelmChart(const Value& value, absl::string_view where, HelmChart& chart) {
  Decoder decoder(value, where, Decoding::kKustomization);
  decoder.String("chartName", chart.name);
  decoder.String("chartVersion", chart.version);
  decoder.String("chartRepoUrl", chart.repo);
  decoder.String("chartHome", chart.home);
  decoder.String("values", chart.values_file);
  InlineValues(decoder, "valuesLocal", where, chart);
  decoder.String("valuesMerge", chart.values_merge);
  decoder.String("releaseName", chart.release_name);
  for (absl::string_view field :
       {"chartRepoName", "helmBin", "helmHome", "releaseNamespace", "extraArgs"}) {
    decoder.Ignore(field);
  }
  return decoder.Finish();
}

absl::Status DecodeHelmGlobals(const Value& value, absl::string_view where, Decoding decoding,
                               std::string& home) {
  Decoder decoder(value, where, decoding);
  decoder.String("chartHome", home);
  decoder.Ignore("configHome");
  return decoder.Finish();
}

absl::StatusOr<HelmChart> DecodeHelmPlugin(const Value& value) {
  HelmChart chart;
  Decoder decoder(value, "generator", Decoding::kPlugin);
  decoder.String("chartHome", chart.home);
  ChartFields(decoder, "generator", chart);
  RETURN_IF_ERROR(decoder.Finish());
  return chart;
}

absl::Status CheckHelmChart(const BuildState& state, const HelmChart& chart) {
  const HelmOptions& helm = state.options().helm;
  if (!helm.enabled) {
    return absl::InvalidArgumentError(
        "must specify --enable-helm: charts are rendered only when asked for");
  }
  if (helm.renderer == nullptr) {
    return absl::UnimplementedError(
        "this program cannot render Helm charts yet; list the output of `helm template` under "
        "resources instead of helmCharts, or use a HelmRelease");
  }
  if (chart.name.empty()) return absl::InvalidArgumentError("chart name cannot be empty");
  const std::string& merge = chart.values_merge;
  if (!merge.empty() && merge != "merge" && merge != "override" && merge != "replace") {
    return absl::InvalidArgumentError("valuesMerge must be one of [merge override replace]");
  }
  if (chart.release_name.empty() || !chart.name_template.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("chart ", chart.name,
                     ": write its releaseName, and no nameTemplate; a generated name would be "
                     "another one in every build"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Resource*>> RenderHelmChart(BuildState& state, const FileLoader& loader,
                                                       const HelmChart& chart) {
  RETURN_IF_ERROR(CheckHelmChart(state, chart));
  const std::string home = chart.home.empty() ? std::string(kDefaultHome) : chart.home;
  const bool versioned = !chart.version.empty() && !chart.repo.empty();
  const std::string folder =
      versioned ? absl::StrCat(home, "/", chart.name, "-", chart.version, "/", chart.name)
                : absl::StrCat(home, "/", chart.name);
  ChartRelease release;
  absl::StatusOr<std::string> found = loader.Folder(folder);
  if (!found.ok()) {
    return Annotate(found.status(),
                    absl::StrCat("no chart found at '", loader.DisplayRoot(), "/", folder,
                                 "'; nothing is fetched here, so unpack it there (`helm pull "
                                 "--untar`)"));
  }
  release.chart = *std::move(found);
  const std::string file =
      chart.values_file.empty() ? absl::StrCat(folder, "/values.yaml") : chart.values_file;
  ASSIGN_OR_RETURN(Value own, OwnValues(loader, chart, file));
  release.values.push_back(std::move(own));
  for (const std::string& path : chart.additional_values_files) {
    absl::StatusOr<Value> more = ReadValues(loader, path);
    if (!more.ok()) return Annotate(more.status(), "could not load additionalValuesFile");
    release.values.push_back(*std::move(more));
  }
  const HelmOptions& helm = state.options().helm;
  release.name = chart.release_name;
  release.namespace_name = chart.namespace_name;
  release.kube_version = chart.kube_version.empty() ? helm.kube_version : chart.kube_version;
  release.api_versions = chart.api_versions.empty() ? helm.api_versions : chart.api_versions;
  release.include_crds = chart.include_crds;
  release.skip_hooks = chart.skip_hooks;
  release.skip_tests = chart.skip_tests;
  const absl::StatusOr<std::string> text = helm.renderer->Render(loader.reader().tree(), release);
  if (!text.ok()) return Annotate(text.status(), absl::StrCat("chart ", chart.name));
  absl::StatusOr<std::vector<Resource*>> resources = ReadResources(state, *text);
  if (!resources.ok()) {
    return Annotate(resources.status(), absl::StrCat("chart ", chart.name, ": its output"));
  }
  for (Resource* resource : *resources) resource->of_chart = true;
  return resources;
}

}  // namespace sluice::kustomize
