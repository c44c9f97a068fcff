// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_command.h"

#include <iostream>
#include <memory>
#include <string>

#include "cli/connection.h"
#include "cli/plan/output.h"
#include "cli/plan/plan.h"
#include "cli/terminal.h"
#include "common/base/context.h"

namespace sluice::cli {
namespace {

struct PlanCommandOptions {
  plan::PlanOptions plan;
  std::string output;
  bool verbose = false;
};

std::string Formatted(const plan::Report& report, const PlanCommandOptions& options) {
  if (options.output == "json") return plan::FormatJson(report);
  if (options.output == "markdown") return plan::FormatMarkdown(report);
  if (options.output == "html") return plan::FormatHtml(report);
  if (options.output == "junit") return plan::FormatJunit(report);
  if (options.output == "sarif") return plan::FormatSarif(report);
  return plan::FormatText(report,
                          {.colours = StandardOutputStyle().colours, .verbose = options.verbose});
}

int Run(const PlanCommandOptions& options,
        absl::StatusOr<plan::Report> (*run)(const Context&, const plan::PlanOptions&)) {
  const Context ctx = UntilInterrupted(Context::Background());
  // Not freed: the program ends next.
  const auto& report = *new absl::StatusOr<plan::Report>(run(ctx, options.plan));
  if (!report.ok()) {
    PrintFailure(report.status().message());
    return ctx.cancelled() ? 130 : 2;
  }
  std::cout << Formatted(*report, options) << std::flush;
  return report->Bad() ? 1 : 0;
}

void AddFlags(Command& command, PlanCommandOptions& options) {
  plan::PlanOptions& plan = options.plan;
  command.Positional("REPO", plan.repository, "Git repository or folder", false);
  command.Text("--path", plan.path,
               "folder in it where the cluster's Flux objects start; looked for if not given");
  command.List("--local-sources", plan.local_sources,
               "Kind/namespace/name=folder: a source that is not this repository");
  command.Text("--kube-version", plan.kube_version, "version of Kubernetes that charts are told");
  command.List("--api-versions", plan.api_versions, "API versions that charts are told, too");
  command.Text("--cache-dir", plan.cache_folder, "folder for renderings and charts");
  command.Choice("-o,--output", options.output, {"", "json", "markdown", "html", "junit", "sarif"},
                 "form of output");
  command.Bool("-v,--verbose", options.verbose, "notes, too");
}

}  // namespace

void AddPlan(Command& command) {
  const auto options = std::make_shared<PlanCommandOptions>();
  options->plan.cache_folder = plan::DefaultCacheFolder();
  Command& plan = command.Sub("plan", "Shows what a change of a repository would do to a cluster",
                              [options] { return Run(*options, plan::RunPlan); });
  AddFlags(plan, *options);
  plan.Text("--from", options->plan.from, "revision or folder that is synced; HEAD if not given");
  plan.Text("--to", options->plan.to, "revision or folder to sync; the work tree if not given");
  plan.Int("--prune-budget", options->plan.prune_budget,
           "more deletions than this by one owner are a danger");
  Command& test = command.Sub("test", "Renders a repository and checks every object",
                              [options] { return Run(*options, plan::RunTest); });
  AddFlags(test, *options);
  test.Text("--revision", options->plan.to, "revision or folder; the work tree if not given");
}

}  // namespace sluice::cli
