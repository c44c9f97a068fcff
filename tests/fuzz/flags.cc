// Command lines, one argument a line: flags of every type.

// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/flags/command.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(flags, input) {
  std::string text, choice, where;
  bool yes = false;
  std::optional<bool> maybe;
  int number = 0;
  int64_t large = 0;
  absl::Duration duration;
  std::vector<std::string> list, texts;
  Command command("fuzzed", "for a fuzzer");
  command.Text("-t,--text", text, "a text");
  command.Bool("--yes", yes, "a switch");
  command.Bool("--maybe", maybe, "a switch that may be absent");
  command.Int("-n,--number", number, "a number");
  command.Int64("--large", large, "a number");
  command.Duration("--duration", duration, "a duration");
  command.List("--list", list, "texts with commas between them");
  command.Texts("--texts", texts, "texts");
  command.Choice("--choice", choice, {"one", "two"}, "one of them");
  command.Positional("where", where, "an argument", /*required=*/false);
  const std::vector<std::string> words = absl::StrSplit(input, '\n');
  std::vector<const char*> arguments = {"fuzzed"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  (void)command.Complete(words);
  // Help and errors are printed.
  std::streambuf* const out = std::cout.rdbuf(nullptr);
  std::streambuf* const err = std::cerr.rdbuf(nullptr);
  (void)command.Parse(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(out);
  std::cerr.rdbuf(err);
  Require(choice.empty() || choice == "one" || choice == "two", "a choice is one of them", choice);
}

}  // namespace sluice::fuzz
