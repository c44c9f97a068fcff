// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/offline_main.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "cli/offline/build.h"
#include "cli/offline/template.h"
#include "common/flags/command.h"

namespace sluice::cli {

bool IsOffline(int argc, const char* const* argv) {
  if (argc < 2) return false;
  const absl::string_view command = argv[1];
  return (command == "build" || command == "template") &&
         std::none_of(argv + 2, argv + argc, [](const char* argument) {
           return absl::StartsWith(argument, "--enable-dns");
         });
}

int OfflineMain(int argc, const char* const* argv) {
  Command command("sluice", "Looks at and steers what Sluice and Flux sync into a cluster.");
  BuildOptions build;
  TemplateOptions render;
  AddBuild(command, build);
  AddTemplate(command, render);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  return command.Run();
}

}  // namespace sluice::cli
