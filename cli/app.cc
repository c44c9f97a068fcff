// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <iostream>
#include <memory>

#include "cli/artifact/artifact.h"
#include "cli/artifact/push.h"
#include "cli/completion.h"
#include "cli/create/commands.h"
#include "cli/create/export.h"
#include "cli/get/get.h"
#include "cli/inspect/check.h"
#include "cli/inspect/events.h"
#include "cli/inspect/logs.h"
#include "cli/inspect/stats.h"
#include "cli/inspect/trace.h"
#include "cli/inspect/why.h"
#include "cli/install/install.h"
#include "cli/kustomization/build_kustomization.h"
#include "cli/kustomization/diff.h"
#include "cli/kustomization/envsubst.h"
#include "cli/manual.h"
#include "cli/offline/template.h"
#include "cli/plan_command.h"
#include "cli/steer/apply.h"
#include "cli/steer/deletion.h"
#include "cli/steer/reconcile.h"
#include "cli/steer/suspension.h"
#include "cli/steer/wait.h"
#include "cli/tree/tree_command.h"
#include "cli/up/up.h"
#include "cli/version.h"
#include "common/log/log.h"
#include "common/template_environment/resolving_environment.h"

namespace sluice::cli {
namespace {

// With host look-ups, which the small program has not (docs/adr/0015).
void AddTemplate(Command& command) {
  const auto options = std::make_shared<TemplateOptions>();
  AddTemplateFlags(command.Sub("template", kTemplateSummary,
                               [options] {
                                 template_environment::ResolvingEnvironment resolving;
                                 template_environment::SystemEnvironment system;
                                 return RunTemplate(*options,
                                                    options->enable_dns ? resolving : system);
                               }),
                   *options);
}

// Every command, in the order of the help. A command adds itself with its flags; what it works on
// lives in the function that runs it.
constexpr void (*kCommands[])(Command&) = {
    AddGet,      AddTree,       AddTop,       AddTrace,   AddWhy,           AddEvents, AddLogs,
    AddStats,    AddCheck,      AddReconcile, AddSuspend, AddResume,        AddWait,   AddApply,
    AddCreate,   AddExport,     AddDelete,    AddDiff,    AddBuildCommands, AddPlan,   AddTemplate,
    AddEnvsubst, AddInstall,    AddUninstall, AddUp,      AddList,          AddPull,   AddPush,
    AddTag,      AddCompletion, AddVersion,
};

}  // namespace

void AddCommands(Command& command) {
  for (const auto add : kCommands) add(command);
}

int Main(int argc, const char* const* argv) {
  log::Configure(log::Level::kError, log::Encoding::kConsole);
  Command command("sluice", "Looks at and steers what Sluice and Flux sync into a cluster.");
  AddCommands(command);
  const absl::string_view first = argc > 1 ? argv[1] : "";
  if (first == kCompleteCommand) {
    return PrintCompletions(command, std::vector<std::string>(argv + 2, argv + argc));
  }
  if (first == kManualCommand) {
    std::cout << FormatManual(command.Describe());
    return 0;
  }
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  return command.Run();
}

}  // namespace sluice::cli
