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

  // nullopt to go on; otherwise print is done (help on stdout, an error on stderr) and this is the
  // exit code: 0 for --help, 2 for a bad command line.
  std::optional<int> Parse(int argc, const char* const* argv);
  // Runs the chosen subcommand; 2 and the help text if none was.
  int Run();

 private:
  struct Impl;
  explicit Command(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice
