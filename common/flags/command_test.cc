// SPDX-License-Identifier: Apache-2.0
#include "common/flags/command.h"

#include <catch2/catch.hpp>

namespace sluice {
namespace {

struct Options {
  std::string path = "/data";
  bool watch_all = true;
  int concurrent = 4;
  absl::Duration requeue = absl::Seconds(30);
  std::vector<std::string> managers;
};

std::optional<int> Parse(Options& options, std::vector<const char*> arguments) {
  Command command("test", "A command.");
  command.Text("--storage-path", options.path, "where", "SLUICE_TEST_STORAGE_PATH");
  command.Bool("--watch-all-namespaces", options.watch_all, "all");
  command.Int("--concurrent", options.concurrent, "workers");
  command.Duration("--requeue-dependency", options.requeue, "wait");
  command.List("--override-manager", options.managers, "managers");
  arguments.insert(arguments.begin(), "test");
  return command.Parse(static_cast<int>(arguments.size()), arguments.data());
}

TEST_CASE("flags are read as Go's are", "[flags]") {
  Options options;
  REQUIRE(Parse(options, {"--storage-path=/tmp/x", "--watch-all-namespaces=false", "--concurrent",
                          "8", "--requeue-dependency=5s", "--override-manager=a,b",
                          "--override-manager", "c"}) == std::nullopt);
  CHECK(options.path == "/tmp/x");
  CHECK_FALSE(options.watch_all);
  CHECK(options.concurrent == 8);
  CHECK(options.requeue == absl::Seconds(5));
  CHECK(options.managers == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("every program tells its version", "[flags]") {
  Options options;
  CHECK(Parse(options, {"--version"}) == 0);
}

TEST_CASE("defaults stay, and the environment changes them", "[flags]") {
  Options options;
  REQUIRE(Parse(options, {}) == std::nullopt);
  CHECK(options.path == "/data");
  CHECK(options.watch_all);
  CHECK(options.requeue == absl::Seconds(30));
  setenv("SLUICE_TEST_STORAGE_PATH", "/env", 1);
  REQUIRE(Parse(options, {}) == std::nullopt);
  CHECK(options.path == "/env");
  unsetenv("SLUICE_TEST_STORAGE_PATH");
}

TEST_CASE("of a flag that is given twice the last counts", "[flags]") {
  Options options;
  REQUIRE(Parse(options, {"--storage-path=/a", "--concurrent=2", "--requeue-dependency=1s",
                          "--watch-all-namespaces=false", "--storage-path=/b", "--concurrent=3",
                          "--requeue-dependency=2s", "--watch-all-namespaces"}) == std::nullopt);
  CHECK(options.path == "/b");
  CHECK(options.concurrent == 3);
  CHECK(options.requeue == absl::Seconds(2));
  CHECK(options.watch_all);
}

TEST_CASE("a value may be empty", "[flags]") {
  Options options;
  REQUIRE(Parse(options, {"--storage-path=", "--concurrent=8"}) == std::nullopt);
  CHECK(options.path.empty());
  CHECK(options.concurrent == 8);
  REQUIRE(Parse(options, {"--storage-path", "", "--concurrent=9"}) == std::nullopt);
  CHECK(options.path.empty());
  CHECK(options.concurrent == 9);
}

TEST_CASE("a bad command line is exit code 2, help is 0", "[flags]") {
  Options options;
  CHECK(Parse(options, {"--no-such-flag"}) == 2);
  CHECK(Parse(options, {"--requeue-dependency=soon"}) == 2);
  CHECK(Parse(options, {"--concurrent=many"}) == 2);
  CHECK(Parse(options, {"--help"}) == 0);
}

TEST_CASE("the chosen subcommand runs", "[flags]") {
  Command command("test", "A command.");
  std::string name;
  command.Sub("build", "builds", [] { return 1; });
  Command& get = command.Sub("get", "shows", [&] { return name == "x" ? 7 : 0; });
  get.Positional("name", name, "which", false);
  const char* arguments[] = {"test", "get", "x"};
  REQUIRE(command.Parse(3, arguments) == std::nullopt);
  CHECK(command.Run() == 7);
}

TEST_CASE("a command line is completed from where it stands", "[flags]") {
  struct Row {
    std::vector<std::string> words;
    std::vector<std::string> candidates;
  };
  const Row rows[] = {
      {{""}, {"get", "suspend"}},
      {{"s"}, {"suspend"}},
      {{"get", "--"}, {"--help", "--output", "--namespace"}},
      {{"get", "--na"}, {"--namespace"}},
      {{"get", "-o", ""}, {"json", "yaml"}},
      {{"get", "--namespace", ""}, {}},  // anything: the shell offers files
      {{"get", "-n", "apps", "w"}, {"web.apps"}},
      {{"show", ""}, {"web."}},
      {{"suspend", "x"}, {}},
      {{"nothing", ""}, {"get", "suspend"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    Command command("test", "A command.");
    std::string output;
    std::string ns;
    std::string name;
    Command& get = command.Sub("get", "shows", [] { return 0; });
    get.Alias("show");
    get.Choice("-o,--output", output, {"", "json", "yaml"}, "form");
    get.Text("-n,--namespace", ns, "where");
    get.Positional("NAME", name, "which", /*required=*/true);
    get.CompleteWith([&ns] { return std::vector<std::string>{"web." + ns}; });
    command.Sub("suspend", "stops", [] { return 0; });
    CHECK(command.Complete(row.words) == row.candidates);
  }
}

TEST_CASE("a switch that is neither on nor off is a bad command line", "[flags]") {
  for (const char* argument :
       {"--wait=perhaps", "--wait=fa\xEE|se", "--wait=99999999999999999999"}) {
    CAPTURE(argument);
    Command command("test", "A command.");
    std::optional<bool> wait;
    command.Bool("--wait", wait, "wait");
    const char* const arguments[] = {"test", argument};
    CHECK(command.Parse(2, arguments) == 2);
  }
}

TEST_CASE("a flag may tell whether it was given", "[flags]") {
  struct Row {
    std::vector<const char*> arguments;
    std::optional<bool> wait;
  };
  const Row rows[] = {{{"test"}, std::nullopt},
                      {{"test", "--wait"}, true},
                      {{"test", "--wait=true"}, true},
                      {{"test", "--wait=false"}, false}};
  for (const Row& row : rows) {
    Command command("test", "A command.");
    std::optional<bool> wait;
    command.Bool("--wait", wait, "wait");
    REQUIRE(command.Parse(static_cast<int>(row.arguments.size()), row.arguments.data()) ==
            std::nullopt);
    CHECK(wait == row.wait);
  }
}

TEST_CASE("a description has what help has", "[flags]") {
  Command command("test", "A command.");
  std::string ns = "default";
  bool all = false;
  Command& get = command.Sub("get", "shows", [] { return 0; });
  get.Text("-n,--namespace", ns, "where");
  get.Bool("--all", all, "everything");
  const CommandDescription description = command.Describe().commands.at(0);
  CHECK(description.names == std::vector<std::string>{"get"});
  CHECK(description.flags.at(1).names == std::vector<std::string>{"-n", "--namespace"});
  CHECK(description.flags.at(1).default_value == "default");
  CHECK(description.flags.at(2).value.empty());
}

}  // namespace
}  // namespace sluice
