// SPDX-License-Identifier: Apache-2.0
#include "cli/install/install.h"

#include <iostream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "cli/offline/template.h"
#include "cli/run.h"
#include "cli/steer/apply.h"
#include "cli/terminal.h"
#include "common/base/status_macros.h"
#include "common/template_environment/system_environment.h"

namespace sluice::cli {
namespace {

const kube::Resource kDeployments{"apps", "v1", "deployments", "Deployment", true};

struct Options {
  ConnectionOptions connection;
  std::string chart = "charts/sluice";
  std::vector<std::string> values, set;
  bool export_only = false;
  bool force = false;
};

// The namespace, and the chart's manifests with the definitions.
absl::StatusOr<std::string> Render(const Options& options, const std::string& ns) {
  TemplateOptions chart;
  chart.words = {"sluice", options.chart};
  chart.ns = ns;
  chart.values = options.values;
  chart.set = options.set;
  chart.include_crds = true;
  chart.no_hooks = true;
  std::ostringstream out, err;
  template_environment::SystemEnvironment environment;
  RETURN_IF_ERROR(Template(chart, environment, out, err));
  return absl::StrCat("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ", ns,
                      "\n  labels:\n    app.kubernetes.io/part-of: sluice\n",
                      "    pod-security.kubernetes.io/warn: restricted\n", out.str());
}

// Two sets of controllers would apply the same objects in turn.
absl::Status CheckForFlux(const Context& ctx, Connection& connection) {
  ASSIGN_OR_RETURN(const kube::ObjectList flux,
                   connection.client->List(ctx, kDeployments, "", {.label_selector = kPartOfFlux}));
  if (flux.items.empty() ||
      Confirm("Flux's controllers run in this cluster, and would work on the same objects as "
              "Sluice's. Install all the same")) {
    return absl::OkStatus();
  }
  return absl::AbortedError(
      "aborting: Flux is installed; docs/migrate-from-flux.md tells how to go over");
}

absl::Status Install(const Context& ctx, Connection& connection, const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, Render(options, connection.ns));
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  if (!options.force) RETURN_IF_ERROR(CheckForFlux(limited, connection));
  ASSIGN_OR_RETURN(std::vector<Value> objects, ReadManifests(options.chart, text));
  PrintProgress(Mark::kAction, absl::StrCat("installing into ", connection.ns, " namespace"));
  ASSIGN_OR_RETURN(const std::vector<ssa::WatchedObject> applied,
                   ApplyObjects(limited, connection, {.force = true}, std::move(objects)));
  PrintProgress(Mark::kWaiting, "waiting for the controllers to be ready");
  RETURN_IF_ERROR(AwaitReadiness(limited, connection, applied));
  PrintProgress(Mark::kSuccess, "install finished");
  return absl::OkStatus();
}

absl::Status Export(const Options& options) {
  ASSIGN_OR_RETURN(const std::string ns, NamespaceOf(options.connection));
  ASSIGN_OR_RETURN(const std::string text, Render(options, ns));
  std::cout << text;
  return absl::OkStatus();
}

}  // namespace

void AddInstall(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& install = command.Sub(
      "install", "Installs or upgrades the controllers; certificates are made anew", [options] {
        if (!options->export_only) return RunConnected(*options, Install);
        return Run([options](const Context&) { return Export(*options); });
      });
  AddConnectionFlags(install, options->connection);
  install.Text("--chart", options->chart, "folder or archive of the chart");
  install.List("-f,--values", options->values, "file with values of the chart; may be repeated");
  install.List("--set", options->set, "value of the chart: name=value; may be repeated");
  install.Bool("--export", options->export_only, "only print the manifests");
  install.Bool("--force", options->force, "without asking if Flux is there");
}

}  // namespace sluice::cli
