// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/build_kustomization.h"

#include <iostream>
#include <memory>

#include "cli/kustomization/rendering.h"
#include "cli/offline/build.h"
#include "cli/run.h"
#include "common/base/status_macros.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

absl::Status Build(const Context& ctx, const RenderingOptions& options) {
  if (options.dry_run && options.kustomization_file.empty()) {
    return UsageError("dry-run mode requires a kustomization file");
  }
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  std::unique_ptr<Connection> connection;
  if (!options.dry_run) {
    ASSIGN_OR_RETURN(Connection made, Connect(options.connection));
    connection = std::make_unique<Connection>(std::move(made));
  }
  return RenderKustomizations(limited, connection.get(), options, [](const Rendering& rendering) {
    for (const Value& object : rendering.objects) {
      std::cout << value::FormatYaml(object) << "---\n";
    }
    return absl::OkStatus();
  });
}

}  // namespace

void AddBuildCommands(Command& command) {
  const auto options = std::make_shared<RenderingOptions>();
  Command& build = AddBuild(command).Sub(
      "kustomization", "Prints what kustomize-controller would apply: build ks NAME --path DIR",
      [options] { return Run([&](const Context& ctx) { return Build(ctx, *options); }); });
  build.Alias("ks");
  AddRenderingFlags(build, *options);
  build.Bool("--dry-run", options->dry_run,
             "ask no cluster; variables of ConfigMaps and Secrets are left out");
}

}  // namespace sluice::cli
