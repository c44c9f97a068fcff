// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <iostream>

#include "cli/apply.h"
#include "cli/connection.h"
#include "cli/get.h"
#include "cli/kinds.h"
#include "cli/offline/build.h"
#include "cli/offline/template.h"
#include "cli/plan_command.h"
#include "cli/reconcile.h"
#include "cli/terminal.h"
#include "cli/tree_command.h"
#include "cli/version.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/log/log.h"
#include "common/template_environment/resolving_environment.h"

namespace sluice::cli {
namespace {

// A wrong command line is 2, any other failure 1.
int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  PrintFailure(status.message());
  return status.GetPayload(kUsageError).has_value() ? 2 : 1;
}

template <typename Options>
int RunConnected(const Options& options,
                 absl::Status (*run)(const Context&, Connection&, const Options&)) {
  const Context ctx = UntilInterrupted(Context::Background());
  auto connection = Connect(options.connection);
  if (!connection.ok()) return Report(connection.status());
  const absl::Status status = run(ctx, *connection, options);
  if (absl::IsCancelled(status) && ctx.cancelled()) return 130;  // as shells report Ctrl-C
  return Report(status);
}

void AddGet(Command& command, GetOptions& options) {
  Command& get = command.Sub(
      "get", "Shows objects and whether they are ready: get all, get ks, get sources git NAME",
      [&options] {
        const absl::Status words = ParseKindWords("get", options.words).status();
        if (!words.ok()) return Report(words);
        if (options.servers.empty()) return RunConnected(options, Get);
        return Report(GetFromServers(UntilInterrupted(Context::Background()), options));
      });
  get.Positionals("KIND", options.words,
                  "all | sources [git|oci|bucket|helm|chart|external|all] | kustomizations (ks) | "
                  "helmreleases (hr) | images [repository|policy|update|all], then a name");
  AddConnectionFlags(get, options.connection);
  get.Bool("-A,--all-namespaces", options.all_namespaces, "objects of all namespaces");
  get.Bool("-w,--watch", options.watch, "go on, showing every change");
  get.Text("-l,--label-selector", options.label_selector, "only objects with these labels");
  get.Text("--status-selector", options.status_selector, "Ready=False, Ready!=True …");
  get.List("--server", options.servers,
           "gRPC address of a controller to ask instead of the Kubernetes API; may be repeated");
  get.Bool("--no-header", options.no_header, "leave out the line of column names");
  get.Choice("-o,--output", options.output, {"", "wide", "json", "yaml", "name"}, "form of output");
}

void AddTree(Command& command, TreeOptions& options) {
  Command& tree = command.Sub("tree", "Shows sources, what syncs them, and the objects applied",
                              [&options] { return RunConnected(options, Tree); });
  tree.Positionals("KIND", options.words, "kustomization (ks) NAME; nothing for all");
  AddConnectionFlags(tree, options.connection);
  tree.Bool("-A,--all-namespaces", options.all_namespaces, "objects of all namespaces");
  tree.Bool("-w,--watch", options.watch, "repaint as it changes");
  tree.Bool("--until-ready", options.until_ready, "watch until everything is ready");
  tree.Text("--until-revision", options.until_revision,
            "watch until everything is ready at a revision that contains this (a commit id)");
  tree.Choice("-o,--output", options.output, {"", "json"}, "form of output");
}

void AddReconcile(Command& command, ReconcileOptions& options) {
  Command& reconcile = command.Sub(
      "reconcile", "Reconciles an object now and waits for it: reconcile ks NAME", [&options] {
        const absl::Status words = ParseKindWords("reconcile", options.words).status();
        return words.ok() ? RunConnected(options, Reconcile) : Report(words);
      });
  reconcile.Positionals("KIND", options.words,
                        "source git|oci|bucket|helm|chart | kustomization (ks) | helmrelease (hr) "
                        "| image repository|policy|update, then a name");
  AddConnectionFlags(reconcile, options.connection);
  reconcile.Bool("--with-source", options.with_source, "its source first");
  reconcile.Bool("--force", options.force, "helmrelease: install or upgrade once more");
  reconcile.Bool("--reset", options.reset, "helmrelease: forget the failures so far");
}

void AddApply(Command& command, ApplyOptions& options) {
  Command& apply = command.Sub("apply", "Applies manifests server-side, definitions (CRDs) first",
                               [&options] { return RunConnected(options, Apply); });
  AddConnectionFlags(apply, options.connection);
  apply.List("-f,--filename", options.files, "file or folder of YAML or JSON; - is standard input");
  apply.Text("--field-manager", options.field_manager, "whose fields they become");
  apply.Bool("--force-conflicts", options.force, "take fields over from other managers");
}

void AddTemplate(Command& command, TemplateOptions& options) {
  AddTemplateFlags(command.Sub("template", kTemplateSummary,
                               [&options] {
                                 template_environment::ResolvingEnvironment resolving;
                                 template_environment::SystemEnvironment system;
                                 return RunTemplate(options,
                                                    options.enable_dns ? resolving : system);
                               }),
                   options);
}

}  // namespace

int Main(int argc, const char* const* argv) {
  log::Configure(log::Level::kError, log::Encoding::kConsole);
  Command command("sluice", "Looks at and steers what Sluice and Flux sync into a cluster.");
  GetOptions get;
  TreeOptions tree;
  ReconcileOptions reconcile;
  ApplyOptions apply;
  TemplateOptions render;
  BuildOptions build;
  PlanCommandOptions plan;
  AddGet(command, get);
  AddTree(command, tree);
  AddReconcile(command, reconcile);
  AddApply(command, apply);
  AddTemplate(command, render);
  AddBuild(command, build);
  AddPlan(command, plan);
  command.Sub("version", "Prints the version of this program", PrintVersion);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  return command.Run();
}

}  // namespace sluice::cli
