// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <iostream>
#include <memory>

namespace sluice::cli {
namespace {

// Where nothing is offered the shells complete file names.
constexpr char kBash[] = R"(# sluice completion for bash: source <(sluice completion bash)
_sluice() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sluice sluice
)";
constexpr char kZsh[] = R"(#compdef sluice
# sluice completion for zsh: source <(sluice completion zsh)
_sluice() {
  local -a candidates
  candidates=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$candidates" ]]; then compadd -a candidates; else _files; fi
}
compdef _sluice sluice
)";
constexpr char kFish[] = R"(# sluice completion for fish: sluice completion fish | source
function __sluice_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c sluice -a '(__sluice_complete)'
)";

}  // namespace

void AddCompletion(Command& command) {
  Command& completion =
      command.Sub("completion", "Prints a script that completes command lines in a shell");
  for (const auto& [shell, script] :
       {std::pair("bash", kBash), std::pair("zsh", kZsh), std::pair("fish", kFish)}) {
    completion.Sub(shell, std::string("for ") + shell, [script = script] {
      std::cout << script;
      return 0;
    });
  }
}

int PrintCompletions(Command& command, const std::vector<std::string>& words) {
  for (const std::string& candidate : command.Complete(words)) std::cout << candidate << "\n";
  return 0;
}

}  // namespace sluice::cli
