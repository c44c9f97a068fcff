// SPDX-License-Identifier: Apache-2.0
#include "common/flags/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "common/base/duration.h"

namespace sluice {
namespace {

// What every option has: its default shows in the help, and of a flag that is given twice the last
// counts, as pflag has it; scripts and charts append to a command line to override it.
void SetDefaults(CLI::App& app) {
  app.option_defaults()->always_capture_default();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

// The arguments as CLI11 wants them, the last one first. "--flag=" is a flag with an empty value,
// as pflag has it; CLI11 would take the argument after it instead.
std::vector<std::string> ForCli11(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool empty = argument.size() > 3 && argument.compare(0, 2, "--") == 0 &&
                       argument.find('=') == argument.size() - 1;
    arguments.push_back(empty ? argument.substr(0, argument.size() - 1) : argument);
    if (empty) arguments.emplace_back();
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

}  // namespace

struct Command::Impl {
  std::unique_ptr<CLI::App> owned;  // of the top command
  CLI::App* app = nullptr;
  std::function<int()> run;
  std::vector<std::unique_ptr<Command>> subs;
};

Command::Command(std::string name, std::string description) : impl_(std::make_unique<Impl>()) {
  impl_->owned = std::make_unique<CLI::App>(std::move(description), std::move(name));
  impl_->app = impl_->owned.get();
  SetDefaults(*impl_->app);
}

Command::Command(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Command::~Command() = default;

void Command::Text(const std::string& names, std::string& target, const std::string& help,
                   const std::string& env) {
  CLI::Option* option = impl_->app->add_option(names, target, help);
  if (!env.empty()) option->envname(env);
}

void Command::Bool(const std::string& names, bool& target, const std::string& help) {
  impl_->app->add_flag(names, target, help);
}

void Command::Int(const std::string& names, int& target, const std::string& help) {
  impl_->app->add_option(names, target, help);
}

void Command::Int64(const std::string& names, int64_t& target, const std::string& help) {
  impl_->app->add_option(names, target, help);
}

void Command::Duration(const std::string& names, absl::Duration& target, const std::string& help) {
  impl_->app
      ->add_option_function<std::string>(
          names,
          [&target](const std::string& text) {
            const auto duration = ParseGoDuration(text);
            if (!duration.ok()) {
              throw CLI::ValidationError(std::string(duration.status().message()));
            }
            target = *duration;
          },
          help)
      ->type_name("DURATION")
      ->default_str(FormatGoDuration(target));
}

void Command::List(const std::string& names, std::vector<std::string>& target,
                   const std::string& help) {
  impl_->app->add_option(names, target, help)
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Command::Texts(const std::string& names, std::vector<std::string>& target,
                    const std::string& help) {
  // Through a function of ours: for lists CLI11 takes a value in brackets apart.
  impl_->app
      ->add_option_function<std::string>(
          names, [&target](const std::string& text) { target.push_back(text); }, help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse();
}

void Command::Choice(const std::string& names, std::string& target,
                     std::vector<std::string> choices, const std::string& help) {
  impl_->app->add_option(names, target, help)->check(CLI::IsMember(std::move(choices)));
}

void Command::Positional(const std::string& name, std::string& target, const std::string& help,
                         bool required) {
  impl_->app->add_option(name, target, help)->required(required);
}

void Command::Positionals(const std::string& name, std::vector<std::string>& target,
                          const std::string& help) {
  impl_->app->add_option(name, target, help)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Command& Command::Sub(const std::string& name, const std::string& description,
                      std::function<int()> run) {
  auto impl = std::make_unique<Impl>();
  impl->app = impl_->app->add_subcommand(name, description);
  SetDefaults(*impl->app);
  impl->run = std::move(run);
  impl_->subs.push_back(std::unique_ptr<Command>(new Command(std::move(impl))));
  return *impl_->subs.back();
}

std::optional<int> Command::Parse(int argc, const char* const* argv) {
  try {
    impl_->app->parse(ForCli11(argc, argv));
  } catch (const CLI::ParseError& error) {
    return impl_->app->exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

int Command::Run() {
  for (const auto& sub : impl_->subs) {
    if (!sub->impl_->app->parsed()) continue;
    if (!sub->impl_->subs.empty()) return sub->Run();
    if (sub->impl_->run) return sub->impl_->run();
  }
  std::cerr << impl_->app->help();
  return 2;
}

}  // namespace sluice
