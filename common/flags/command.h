// Command lines: flags with defaults and environment variables, positional arguments, subcommands.
//
//   Command command("source-controller", "Fetches sources and publishes artifacts.");
//   command.Text("--storage-path", options.storage_path, "where artifacts are kept",
//   "STORAGE_PATH"); if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
//
// Flags are read as Go's pflag does: "--flag value", "--flag=value", "--bool", "--bool=false".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

// What a command line may say, as data: for completion (completion.h) and for documentation.
struct CommandDescription {
  struct Flag {
    std::vector<std::string> names;  // with their dashes, or one without: a positional argument
    std::string value;               // what it takes: "TEXT", "DURATION", …; "" for --bool flags
    std::string default_value;
    std::string help;
  };
  std::vector<std::string> names;  // the name, then aliases
  std::string description;
  std::vector<Flag> flags;
  std::vector<CommandDescription> commands;  // hidden ones left out
};

// The targets of flags must outlive Parse(); their values are the defaults that --help shows.
class Command {
 public:
  Command(std::string name, std::string description);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // `names` as "--flag" or "-n,--namespace". `env` names a variable that sets the default.
  void Text(const std::string& names, std::string& target, const std::string& help,
            const std::string& env = "");
  void Bool(const std::string& names, bool& target, const std::string& help);
  // nullopt if it is not on the command line.
  void Bool(const std::string& names, std::optional<bool>& target, const std::string& help);
  void Int(const std::string& names, int& target, const std::string& help);
  void Int64(const std::string& names, int64_t& target, const std::string& help);
  // Go duration syntax.
  void Duration(const std::string& names, absl::Duration& target, const std::string& help);
  // May be repeated, or hold several values separated by commas.
  void List(const std::string& names, std::vector<std::string>& target, const std::string& help);
  // May be repeated; each value is taken as it is, commas and all.
  void Texts(const std::string& names, std::vector<std::string>& target, const std::string& help);
  // One of `choices`.
  void Choice(const std::string& names, std::string& target, std::vector<std::string> choices,
              const std::string& help);
  // Arguments that are no flags.
  void Positional(const std::string& name, std::string& target, const std::string& help,
                  bool required);
  void Positionals(const std::string& name, std::vector<std::string>& target,
                   const std::string& help);

  // A subcommand; `run` is called by Run() when it was chosen. Lives as long as this.
  Command& Sub(const std::string& name, const std::string& description,
               std::function<int()> run = nullptr);
  // Another name for this subcommand.
  void Alias(const std::string& name);
  // Not shown in help and descriptions.
  void Hide();
  // What the next positional argument may be, asked after a Parse() that may have ended early.
  void CompleteWith(std::function<std::vector<std::string>()> candidates);

  // nullopt to go on; otherwise print is done (help on stdout, an error on stderr) and this is the
  // exit code: 0 for --help, 2 for a bad command line.
  std::optional<int> Parse(int argc, const char* const* argv);
  // Runs the innermost chosen subcommand; 2 and the help text if that only holds others.
  int Run();

  CommandDescription Describe() const;
  // What may follow `words`, the last of which is being typed: subcommands, flags, values of
  // choices, and what CompleteWith() says. Parses all but the last word.
  std::vector<std::string> Complete(const std::vector<std::string>& words);

 private:
  struct Impl;
  explicit Command(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice
