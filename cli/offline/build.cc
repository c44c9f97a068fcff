// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/build.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/offline/helm_renderer.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/disk/handle.h"
#include "common/disk/rooted_path.h"
#include "common/kustomize/output_files.h"
#include "common/kustomize/repo_spec.h"

namespace sluice::cli {
namespace {

constexpr uint32_t kFileMode = 0644;

kustomize::BuildOptions EngineOptions(const BuildOptions& options) {
  static const HelmRenderer renderer;
  kustomize::BuildOptions engine;
  engine.load_restriction = options.load_restrictor == "LoadRestrictionsNone"
                                ? kustomize::LoadRestriction::kNone
                                : kustomize::LoadRestriction::kRootOnly;
  engine.reorder =
      options.reorder == "none" ? kustomize::Reorder::kNone : kustomize::Reorder::kLegacy;
  engine.schema_adds_to_builtin = false;
  engine.managed_by_label = options.managed_by_label;
  engine.helm.enabled = options.enable_helm;
  engine.helm.renderer = &renderer;
  engine.helm.kube_version = options.helm_kube_version;
  engine.helm.api_versions = options.helm_api_versions;
  engine.tree_root = "/";
  return engine;
}

void PrintError(absl::string_view message) {
  std::fprintf(stderr, "Error: %.*s\n", static_cast<int>(message.size()), message.data());
}

absl::Status WriteFiles(const kustomize::BuildResult& result, const std::string& folder) {
  ASSIGN_OR_RETURN(const auto files, kustomize::OutputFiles(result));
  ASSIGN_OR_RETURN(const disk::RootedPath root, disk::RootedPath::Open(folder));
  for (const auto& [name, text] : files) {
    RETURN_IF_ERROR(root.WriteFile(name, text, kFileMode));
  }
  return absl::OkStatus();
}

// Over what is there, be it a device or a pipe, as `> output` of a shell.
absl::Status WriteOneFile(absl::string_view text, const std::string& output) {
  const disk::Handle file(
      open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!file.open()) return disk::ErrnoStatus(errno, "open", output);
  return disk::WriteAll(file.fd(), text, output);
}

int Run(const BuildOptions& options) {
  char directory[PATH_MAX];
  if (getcwd(directory, sizeof(directory)) == nullptr) {
    PrintError("the working directory cannot be found; change to one that exists");
    return 1;
  }
  const absl::StatusOr<kustomize::BuildResult> result = BuildFolder(options, directory);
  absl::Status status = result.status();
  if (result.ok()) {
    for (const std::string& warning : result->warnings) {
      std::fprintf(stderr, "# Warning: %s\n", warning.c_str());
    }
    status = WriteResult(*result, options.output);
  }
  if (status.ok()) return 0;
  PrintError(status.message());
  return 1;
}

}  // namespace

void AddBuild(Command& command) {
  const auto options = std::make_shared<BuildOptions>();
  Command& build = command.Sub(
      "build", "Prints the objects of a kustomization, as `kustomize build` does: build DIR",
      [options] { return Run(*options); });
  build.Positional("DIR", options->folder, "folder with a kustomization.yaml", /*required=*/false);
  build.Text("-o,--output", options->output,
             "file to write to, or existing folder that gets one file per object");
  build.Choice("--reorder", options->reorder, {"legacy", "none"},
               "order where the kustomization has no sortOptions: by kind, or as accumulated");
  build.Choice("--load-restrictor", options->load_restrictor,
               {"LoadRestrictionsRootOnly", "LoadRestrictionsNone"},
               "whether files outside of a kustomization's folder may be read");
  build.Bool("--enable-managedby-label", options->managed_by_label,
             "label every object app.kubernetes.io/managed-by");
  build.Bool("--enable-helm", options->enable_helm, "render helmCharts");
  build.Text("--helm-kube-version", options->helm_kube_version,
             "Kubernetes version that charts see in .Capabilities");
  build.List("--helm-api-versions", options->helm_api_versions,
             "API versions that charts see in .Capabilities");

  constexpr char kIgnored[] = "of kustomize; without effect, as no program is run";
  BuildOptions::Ignored& ignored = options->ignored;
  build.Bool("--enable-alpha-plugins", ignored.alpha_plugins, kIgnored);
  build.Bool("--enable-exec", ignored.exec, kIgnored);
  build.Bool("--as-current-user", ignored.as_current_user, kIgnored);
  build.Bool("--network", ignored.network, kIgnored);
  build.Text("--network-name", ignored.network_name, kIgnored);
  build.List("-e,--env", ignored.env, kIgnored);
  build.List("--mount", ignored.mounts, kIgnored);
  build.Text("--helm-command", ignored.helm_command, kIgnored);
  build.Bool("--helm-debug", ignored.helm_debug, kIgnored);
  build.Bool("--stack-trace", ignored.stack_trace, kIgnored);
}

absl::StatusOr<kustomize::BuildResult> BuildFolder(const BuildOptions& options,
                                                   absl::string_view working_directory) {
  if (options.folder.empty()) {
    return absl::InvalidArgumentError("must build at directory: directory path cannot be empty");
  }
  if (kustomize::ParseRepoSpec(options.folder).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", options.folder,
                     "' is remote and nothing is fetched here; clone it and name the folder"));
  }
  const std::filesystem::path folder =
      std::filesystem::path(std::string(working_directory)) / options.folder;
  ASSIGN_OR_RETURN(const std::unique_ptr<disk::DiskTree> tree, disk::DiskTree::Open("/"));
  return kustomize::Build(*tree, folder.lexically_normal().string(), EngineOptions(options));
}

absl::Status WriteResult(const kustomize::BuildResult& result, const std::string& output) {
  if (output.empty()) return disk::WriteAll(STDOUT_FILENO, result.ToYaml(), "/dev/stdout");
  struct stat info;
  if (stat(output.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return WriteFiles(result, output);
  return WriteOneFile(result.ToYaml(), output);
}

int BuildMain(int argc, const char* const* argv) {
  Command command("sluice", "Looks at and steers what Sluice and Flux sync into a cluster.");
  AddBuild(command);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  return command.Run();
}

}  // namespace sluice::cli
