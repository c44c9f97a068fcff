// SPDX-License-Identifier: Apache-2.0
#include "common/flags/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/version.h"

namespace sluice {
namespace {

// What every option has: its default shows in the help, and of a flag that is given twice the last
// counts, as pflag has it; scripts and charts append to a command line to override it.
void SetDefaults(CLI::App& app) {
  app.option_defaults()->always_capture_default();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  if (names.empty()) names.push_back(option.get_name());
  return names;
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
  std::function<std::vector<std::string>()> candidates;
  std::map<std::string, std::vector<std::string>> choices;  // by flag, with its dashes
  std::vector<std::unique_ptr<Command>> subs;
};

Command::Command(std::string name, std::string description) : impl_(std::make_unique<Impl>()) {
  impl_->owned = std::make_unique<CLI::App>(std::move(description), std::move(name));
  impl_->app = impl_->owned.get();
  SetDefaults(*impl_->app);
  impl_->app->set_version_flag("--version", absl::StrCat(impl_->app->get_name(), ": v", kVersion),
                               "print the version and end");
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

void Command::Bool(const std::string& names, std::optional<bool>& target, const std::string& help) {
  impl_->app->add_flag_function(
      names, [&target](int64_t count) { target = count > 0; }, help);
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
  CLI::Option* option = impl_->app->add_option(names, target, help);
  for (const std::string& name : NamesOf(*option)) impl_->choices[name] = choices;
  option->check(CLI::IsMember(std::move(choices)));
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

void Command::Alias(const std::string& name) { impl_->app->alias(name); }

void Command::CompleteWith(std::function<std::vector<std::string>()> candidates) {
  impl_->candidates = std::move(candidates);
}

CommandDescription Command::Describe() const {
  CommandDescription description;
  description.names = {impl_->app->get_name()};
  for (const std::string& alias : impl_->app->get_aliases()) description.names.push_back(alias);
  description.description = impl_->app->get_description();
  const CLI::App& app = *impl_->app;
  for (const CLI::Option* option : app.get_options()) {
    const bool takes_value = option->get_items_expected_max() > 0;
    description.flags.push_back({NamesOf(*option), takes_value ? option->get_type_name() : "",
                                 takes_value ? option->get_default_str() : "",
                                 option->get_description()});
  }
  for (const auto& sub : impl_->subs) description.commands.push_back(sub->Describe());
  return description;
}

std::vector<std::string> Command::Complete(const std::vector<std::string>& words) {
  const std::string typed = words.empty() ? "" : words.back();
  std::vector<std::string> before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  const std::string previous = before.empty() ? "" : before.back();
  std::vector<std::string> reversed(before.rbegin(), before.rend());
  try {
    impl_->app->parse(reversed);
  } catch (const std::exception&) {
    // An unfinished command line: what was read until the error is what there is.
  }
  const Command* chosen = this;
  for (bool deeper = true; deeper;) {
    deeper = false;
    for (const auto& sub : chosen->impl_->subs) {
      if (!sub->impl_->app->parsed()) continue;
      chosen = sub.get();
      deeper = true;
      break;
    }
  }

  std::vector<std::string> candidates;
  const CommandDescription description = chosen->Describe();
  const auto is_previous = [&](const CommandDescription::Flag& flag) {
    return !flag.value.empty() &&
           std::find(flag.names.begin(), flag.names.end(), previous) != flag.names.end();
  };
  if (std::any_of(description.flags.begin(), description.flags.end(), is_previous)) {
    if (const auto choices = chosen->impl_->choices.find(previous);
        choices != chosen->impl_->choices.end()) {
      candidates = choices->second;
    }
  } else if (typed.starts_with("-")) {
    for (const CommandDescription::Flag& flag : description.flags) {
      const std::string& longest = flag.names.back();
      if (longest.starts_with("-")) candidates.push_back(longest);
    }
  } else if (!description.commands.empty()) {
    for (const CommandDescription& command : description.commands) {
      candidates.push_back(command.names.front());
    }
  } else if (chosen->impl_->candidates) {
    candidates = chosen->impl_->candidates();
  }
  std::erase_if(candidates, [&](const std::string& candidate) {
    return candidate.empty() || !candidate.starts_with(typed);
  });
  return candidates;
}

std::optional<int> Command::Parse(int argc, const char* const* argv) {
  try {
    impl_->app->parse(ForCli11(argc, argv));
  } catch (const CLI::ParseError& error) {
    return impl_->app->exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
  } catch (const std::exception&) {  // what CLI11 itself does not expect of a value
    std::cerr << "a flag has a value that it cannot have\nRun with --help for more information.\n";
    return 2;
  }
  return std::nullopt;
}

int Command::Run() {
  for (const auto& sub : impl_->subs) {
    if (sub->impl_->app->parsed()) return sub->Run();
  }
  if (impl_->run) return impl_->run();
  std::cerr << impl_->app->help();
  return 2;
}

}  // namespace sluice
