// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/creation.h"
#include "cli/offline/input.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

struct Options : CreateOptions {
  std::string source, chart, version, chart_ref;
  std::string strategy = "ChartVersion";
  absl::Duration chart_interval;
  std::vector<std::string> values, values_from, depends_on;
  std::string release_name, target_namespace, storage_namespace;
  std::string service_account, kubeconfig_secret, crds;
  bool create_namespace = false;
};

void MergeMaps(const Value& from, Value& into) {
  for (const value::Member& member : from.members()) {
    Value* present = into.FindMutable(member.key);
    if (present != nullptr && present->is_object() && member.value.is_object()) {
      MergeMaps(member.value, *present);
    } else {
      into.Set(member.key, member.value);
    }
  }
}

absl::Status SetChart(const Options& options, Value& spec) {
  if (options.chart.empty() == options.chart_ref.empty()) {
    return UsageError(options.chart.empty() ? "chart or chart-ref is required"
                                            : "cannot use --chart in combination with --chart-ref");
  }
  if (!options.chart_ref.empty()) {
    ASSIGN_OR_RETURN(const Value reference,
                     ParseReference("--chart-ref", options.chart_ref,
                                    {"OCIRepository", "HelmChart", "ExternalArtifact"},
                                    /*kind_required=*/true));
    spec.Set("chartRef", reference);
    return absl::OkStatus();
  }
  if (options.source.empty()) return UsageError("source is required");
  Value& chart = spec.Ensure("chart").Ensure("spec");
  chart.Set("chart", options.chart);
  SetText(chart, "version", options.version);
  ASSIGN_OR_RETURN(const Value source, ParseReference("--source", options.source,
                                                      {"HelmRepository", "GitRepository", "Bucket"},
                                                      /*kind_required=*/true));
  chart.Set("sourceRef", source);
  chart.Set("reconcileStrategy", options.strategy);
  SetDuration(chart, "interval", options.chart_interval);
  return absl::OkStatus();
}

absl::Status SetValues(const Options& options, Value& spec) {
  Value values;
  for (const std::string& name : options.values) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(name));
    const auto parsed = value::ParseYaml(text);
    if (!parsed.ok()) return Annotate(parsed.status(), name);
    MergeMaps(*parsed, values);
  }
  if (!options.values.empty()) spec.Set("values", values.is_null() ? Value::EmptyObject() : values);
  for (const std::string& text : options.values_from) {
    ASSIGN_OR_RETURN(Value reference, ParseReference("--values-from", text, {"Secret", "ConfigMap"},
                                                     /*kind_required=*/true));
    // The name is all of it: it may have dots.
    reference.Erase("namespace");
    reference.Set("name", text.substr(text.find('/') + 1));
    AppendTo(spec, "valuesFrom", reference);
  }
  return absl::OkStatus();
}

absl::StatusOr<Creation> Create(const Options& options) {
  Creation creation;
  Value& spec = creation.spec;
  RETURN_IF_ERROR(SetChart(options, spec));
  RETURN_IF_ERROR(SetValues(options, spec));
  spec.Set("interval", FormatGoDuration(options.interval));
  SetText(spec, "releaseName", options.release_name);
  SetText(spec, "targetNamespace", options.target_namespace);
  SetText(spec, "storageNamespace",
          options.storage_namespace.empty() ? options.target_namespace : options.storage_namespace);
  SetText(spec, "serviceAccountName", options.service_account);
  for (const std::string& name : options.depends_on) {
    AppendTo(spec, "dependsOn", ParseDependency(name));
  }
  if (!options.kubeconfig_secret.empty()) {
    SetNameOf(spec.Ensure("kubeConfig"), "secretRef", options.kubeconfig_secret);
  }
  if (options.create_namespace) spec.Ensure("install").Set("createNamespace", true);
  if (!options.crds.empty()) {
    spec.Ensure("install").Set("crds", "Create");
    spec.Ensure("upgrade").Set("crds", options.crds);
  }
  return creation;
}

}  // namespace

void AddCreateHelmRelease(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& hr = AddCreation(create, "helmrelease", "HelmRelease", options,
                            [options] { return Create(*options); });
  hr.Alias("hr");
  hr.Text("--source", options->source,
          "<kind>/<name>[.<namespace>], a HelmRepository, GitRepository or Bucket");
  hr.Text("--chart", options->chart, "name or path of the chart");
  hr.Text("--chart-version", options->version, "version or range of versions");
  hr.Text("--chart-ref", options->chart_ref,
          "instead: <kind>/<name>[.<namespace>], an OCIRepository, HelmChart or ExternalArtifact");
  hr.Choice("--reconcile-strategy", options->strategy, {"ChartVersion", "Revision"},
            "what makes a new chart: its version, or each revision of the source");
  hr.Duration("--chart-interval", options->chart_interval, "how often to look for new charts");
  hr.List("--values", options->values, "files of values; later ones win");
  hr.List("--values-from", options->values_from, "Secret/<name> or ConfigMap/<name>");
  hr.List("--depends-on", options->depends_on, "[<namespace>/]<name> to be ready before");
  hr.Text("--release-name", options->release_name, "of Helm's release");
  hr.Text("--target-namespace", options->target_namespace, "where to install");
  hr.Text("--storage-namespace", options->storage_namespace,
          "where Helm keeps its record; default: the target namespace");
  hr.Bool("--create-target-namespace", options->create_namespace, "if it does not exist");
  hr.Choice("--crds", options->crds, {"", "Skip", "Create", "CreateReplace"},
            "what an upgrade does with definitions");
  hr.Text("--service-account", options->service_account, "to act as");
  hr.Text("--kubeconfig-secret-ref", options->kubeconfig_secret,
          "name of a Secret with the kubeconfig of another cluster");
}

}  // namespace sluice::cli
