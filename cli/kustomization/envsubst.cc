// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/envsubst.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/offline/input.h"
#include "cli/run.h"
#include "common/base/status_macros.h"
#include "common/envsubst/expand.h"

namespace sluice::cli {
namespace {

absl::Status Substitute(bool strict) {
  ASSIGN_OR_RETURN(const std::string input, ReadStandardInput());
  if (input.empty()) return absl::OkStatus();
  std::map<std::string, std::string> read;
  const auto lookup = [&read](absl::string_view name) -> const std::string* {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? nullptr : &(read[std::string(name)] = value);
  };
  // Line by line: a substitution does not go over the end of one.
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(input, "\n"), '\n')) {
    ASSIGN_OR_RETURN(const std::string expanded,
                     envsubst::Expand(absl::StripSuffix(line, "\r"), lookup, {.strict = strict}));
    std::cout << expanded << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddEnvsubst(Command& command) {
  const auto strict = std::make_shared<bool>(false);
  Command& envsubst =
      command.Sub("envsubst", "Puts variables of the environment into standard input",
                  [strict] { return Report(Substitute(*strict)); });
  envsubst.Bool("--strict", *strict, "an absent variable without default is an error");
}

}  // namespace sluice::cli
