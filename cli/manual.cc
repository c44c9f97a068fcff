// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace sluice::cli {
namespace {

using Flag = CommandDescription::Flag;

constexpr char kIntroduction[] = R"(# The `sluice` command line

Written by `sluice __manual`; a test compares it with the program.

Names and flags are those of `flux`, `kubectl`, `helm` and `kustomize` where these have the command.
Data goes to standard output, progress to standard error; colours only to a terminal (`NO_COLOR`
turns them off). Exit codes: 0 done, 1 failed (one line `✗ …` says why), 2 the command line is
wrong; `diff`, `plan` and `test` say 1 where something differs or is wrong, and 2 where that could
not be found out.

KIND is `kustomization` (`ks`), `helmrelease` (`hr`), `source git|oci|bucket|helm|chart|external`,
`image repository|policy|update` or `artifact generator`, also as `ks/NAME`.

Completion of commands, flags and names of objects: `source <(sluice completion bash)`, the same
with `zsh`, and `sluice completion fish | source`.

Commands that talk to a cluster have these flags besides their own:

)";

bool IsHelp(const Flag& flag) { return flag.names.back() == "--help"; }
bool IsOfConnection(const Flag& flag) {
  const std::string& name = flag.names.back();
  return name == "--kubeconfig" || name == "--context" || name == "--namespace" ||
         name == "--timeout";
}
bool IsConnected(const CommandDescription& command) {
  return std::any_of(command.flags.begin(), command.flags.end(),
                     [](const Flag& flag) { return flag.names.back() == "--kubeconfig"; });
}

// "json, yaml" of a choice, "DURATION" of other values.
std::string ValueText(const std::string& value) {
  const std::vector<std::string> parts = absl::StrSplit(value, absl::ByAnyChar("{}"));
  if (parts.size() < 2) return value;
  const std::vector<std::string> choices = absl::StrSplit(parts[1], ',', absl::SkipEmpty());
  return absl::StrJoin(choices, " ");
}

std::string Row(const Flag& flag) {
  const std::string names = absl::StrJoin(
      flag.names, ", ",
      [](std::string* out, const std::string& name) { absl::StrAppend(out, "`", name, "`"); });
  const std::string& fallback = flag.default_value;
  const bool shown = !fallback.empty() && fallback != "[]" && !absl::StartsWith(fallback, "/");
  const std::string help = absl::StrCat(
      flag.help, shown && flag.value != "" ? absl::StrCat(" (default ", fallback, ")") : "");
  return absl::StrCat("| ", names, " | ", ValueText(flag.value), " | ",
                      absl::StrReplaceAll(help, {{"|", "\\|"}}), " |\n");
}

template <typename Predicate>
std::string FlagTable(const CommandDescription& command, Predicate wanted) {
  std::string rows;
  for (const Flag& flag : command.flags) {
    if (!IsHelp(flag) && wanted(flag)) absl::StrAppend(&rows, Row(flag));
  }
  return rows.empty() ? "" : absl::StrCat("| | | |\n|---|---|---|\n", rows, "\n");
}

const CommandDescription* FindConnected(const CommandDescription& command) {
  if (IsConnected(command)) return &command;
  for (const CommandDescription& sub : command.commands) {
    if (const CommandDescription* found = FindConnected(sub); found != nullptr) return found;
  }
  return nullptr;
}

void AppendCommand(const CommandDescription& command, const std::string& prefix, std::string& out) {
  const std::string path = absl::StrCat(prefix, " ", command.names.front());
  const bool group = command.flags.size() <= 1 && !command.commands.empty();  // --help alone
  if (!group) {
    absl::StrAppend(&out, "## ", path, "\n\n");
    std::vector<std::string> aliases(command.names.begin() + 1, command.names.end());
    absl::StrAppend(
        &out, command.description, ".",
        aliases.empty() ? "" : absl::StrCat(" Also `", absl::StrJoin(aliases, "`, `"), "`."),
        IsConnected(command) ? " Talks to a cluster." : "", "\n\n");
    const bool connected = IsConnected(command);
    absl::StrAppend(&out, FlagTable(command, [&](const Flag& flag) {
      return !(connected && IsOfConnection(flag));
    }));
  }
  for (const CommandDescription& sub : command.commands) AppendCommand(sub, path, out);
}

}  // namespace

std::string FormatManual(const CommandDescription& program) {
  std::string out = kIntroduction;
  if (const CommandDescription* connected = FindConnected(program); connected != nullptr) {
    absl::StrAppend(&out, FlagTable(*connected, IsOfConnection));
  }
  for (const CommandDescription& command : program.commands) {
    AppendCommand(command, program.names.front(), out);
  }
  out.pop_back();  // the empty line at the end
  return out;
}

}  // namespace sluice::cli
