// SPDX-License-Identifier: Apache-2.0
#include "cli/up/up.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/tree/tree_command.h"
#include "cli/up/local_suite.h"
#include "cli/up/repository.h"
#include "common/base/status_macros.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

struct Options {
  std::vector<std::string> words;  // REPOSITORY, PATH
  std::string branch;
  std::string name = kUpNamespace;  // as `flux bootstrap` names them
  std::string kubeconfig;
  bool once = false;
  absl::Duration timeout = absl::Minutes(5);
};

Value Manifest(absl::string_view api_version, absl::string_view kind, absl::string_view name) {
  Value object;
  object.Set("apiVersion", api_version);
  object.Set("kind", kind);
  object.Ensure("metadata").Set("name", name);
  return object;
}

// One of the two objects that sync. Should the repository hold it too, as one that was bootstrapped
// does, ours stays: it knows where the repository is now.
Value SyncManifest(absl::string_view api_version, absl::string_view kind, absl::string_view name) {
  Value object = Manifest(api_version, kind, name);
  Value& metadata = object.Ensure("metadata");
  metadata.Set("namespace", kUpNamespace);
  metadata.Ensure("annotations").Set("kustomize.toolkit.fluxcd.io/reconcile", "disabled");
  return object;
}

// What syncs `path` of the repository, pruning, each minute.
std::vector<Value> SyncObjects(const RepositoryToSync& repository, absl::string_view name,
                               absl::string_view path) {
  Value source = SyncManifest("source.toolkit.fluxcd.io/v1", "GitRepository", name);
  Value& from = source.Ensure("spec");
  from.Set("interval", "1m");
  from.Set("url", repository.url);
  from.Ensure("ref").Set("branch", repository.branch);

  Value sync = SyncManifest("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name);
  Value& spec = sync.Ensure("spec");
  spec.Set("interval", "1m");
  spec.Set("path", path);
  spec.Set("prune", true);
  spec.Ensure("sourceRef").Set("kind", "GitRepository");
  spec.Ensure("sourceRef").Set("name", name);
  return {std::move(source), std::move(sync)};
}

absl::Status PublishKubeconfig(const LocalSuite& suite, const Options& options) {
  PrintProgress(Mark::kSuccess, absl::StrCat("kubectl and others see it too: export KUBECONFIG=",
                                             suite.kubeconfig()));
  PrintProgress(Mark::kSuccess, absl::StrCat("logs: ", suite.folder(), "/*.log"));
  if (options.kubeconfig.empty()) return absl::OkStatus();
  // Renamed into place, for those who wait for the file.
  const std::string partial = options.kubeconfig + ".partial";
  std::error_code error;
  std::filesystem::copy_file(suite.kubeconfig(), partial,
                             std::filesystem::copy_options::overwrite_existing, error);
  if (!error) std::filesystem::rename(partial, options.kubeconfig, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(options.kubeconfig, ": ", error.message()));
}

absl::Status Up(const Context& ctx, const Options& options) {
  if (options.words.size() > 2) return UsageError("up takes at most REPOSITORY and PATH");
  if (options.once && options.words.empty()) {
    return UsageError("--once ends when a repository is in sync: which? up REPOSITORY --once");
  }
  std::vector<Value> objects = {Manifest("v1", "Namespace", kUpNamespace)};
  if (!options.words.empty()) {
    ASSIGN_OR_RETURN(const RepositoryToSync repository,
                     FindRepository(ctx, options.words[0], options.branch));
    const std::string path = options.words.size() > 1 ? options.words[1] : "./";
    PrintProgress(Mark::kAction,
                  absl::StrCat("GitRepository and Kustomization ", options.name, ": ", path, " of ",
                               repository.url, ", branch ", repository.branch));
    for (Value& object : SyncObjects(repository, options.name, path))
      objects.push_back(std::move(object));
  }
  PrintProgress(Mark::kAction, "starting a development API server and the four controllers");
  ASSIGN_OR_RETURN(const std::unique_ptr<LocalSuite> suite, LocalSuite::Start(ctx, objects));
  RETURN_IF_ERROR(PublishKubeconfig(*suite, options));
  ASSIGN_OR_RETURN(Connection connection, Connect({.kubeconfig = suite->kubeconfig()}));
  return WatchTree(ctx, connection, options.once ? options.timeout : absl::ZeroDuration(),
                   [&suite] { return suite->Check(); });
}

}  // namespace

void AddUp(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& up =
      command.Sub("up", "Syncs a repository into a cluster on this machine, until Ctrl-C",
                  [options] { return Run([&](const Context& ctx) { return Up(ctx, *options); }); });
  up.Positionals("REPOSITORY", options->words,
                 "folder or URL of a Git repository, and the path in it to sync (./)");
  up.Text("--branch", options->branch, "branch to sync; default: the repository's own");
  up.Text("--name", options->name, "of the GitRepository and the Kustomization");
  up.Bool("--once", options->once, "end when everything is ready");
  up.Duration("--timeout", options->timeout, "how long --once waits");
  up.Text("--write-kubeconfig", options->kubeconfig,
          "file to write the cluster's kubeconfig to, once it is there");
}

}  // namespace sluice::cli
