// SPDX-License-Identifier: Apache-2.0
#include "cli/create/commands.h"
#include "cli/create/source_flags.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options : CreateOptions {
  std::string source, chart, version;
  std::string strategy = "ChartVersion";
  VerifyOptions verify;
};

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.source.empty()) return UsageError("chart source is required");
  if (options.chart.empty()) return UsageError("chart name or path is required");
  Creation creation;
  Value& spec = creation.spec;
  spec.Set("chart", options.chart);
  SetText(spec, "version", options.version);
  spec.Set("interval", FormatGoDuration(options.interval));
  spec.Set("reconcileStrategy", options.strategy);
  ASSIGN_OR_RETURN(Value reference, ParseReference("--source", options.source,
                                                   {"HelmRepository", "GitRepository", "Bucket"},
                                                   /*kind_required=*/true));
  reference.Erase("namespace");  // a chart's source is in its namespace
  spec.Set("sourceRef", reference);
  RETURN_IF_ERROR(SetVerifyFields(options.verify, spec));
  return creation;
}

}  // namespace

void AddCreateHelmChart(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& chart =
      AddCreation(create, "chart", "HelmChart", options, [options] { return Create(*options); });
  chart.Text("--source", options->source,
             "<kind>/<name>, a HelmRepository, GitRepository or Bucket");
  chart.Text("--chart", options->chart, "name or path of the chart");
  chart.Text("--chart-version", options->version, "version or range of versions");
  chart.Choice("--reconcile-strategy", options->strategy, {"ChartVersion", "Revision"},
               "what makes a new chart: its version, or each revision of the source");
  AddVerifyFlags(chart, options->verify);
}

}  // namespace sluice::cli
