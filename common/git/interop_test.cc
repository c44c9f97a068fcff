// SPDX-License-Identifier: Apache-2.0
// Our client against git's own server (git http-backend), and git's client against our server. Says
// so and tests nothing where git is not installed.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/git/checkout.h"
#include "common/git/push.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"

extern char** environ;

namespace sluice::git {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

// Runs a program with its standard input and output in files; its exit code.
int Run(std::vector<std::string> command, std::vector<std::string> environment = {},
        const std::string& input = "/dev/null", const std::string& output = "/dev/null") {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  std::vector<char*> envp;
  for (std::string& variable : environment) envp.push_back(variable.data());
  envp.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (failed != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool HaveGit() {
  const bool have = Run({"git", "--version"}) == 0;
  if (!have) WARN("git is not installed: nothing tested");
  return have;
}

// Git with no configuration but the repository's own.
const std::vector<std::string> kGitEnvironment = {"GIT_CONFIG_NOSYSTEM=1", "HOME=/nonexistent",
                                                  "GIT_TERMINAL_PROMPT=0"};

int Git(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "git");
  return Run(std::move(arguments), kGitEnvironment);
}

// git http-backend as a handler (RFC 3875). The files of one request are named by its number.
class HttpBackend {
 public:
  // `protocol` replaces what the client asks for: "version=2", or "" for a server of before 2018.
  HttpBackend(const ScratchDirectory& scratch, std::string root, std::string protocol)
      : scratch_(scratch), root_(std::move(root)), protocol_(std::move(protocol)) {
    server_ =
        http::Server::Start({.address = "127.0.0.1:0"}, [this](const Context&,
                                                               const http::ServerRequest& request) {
          return Handle(request);
        }).value();
  }
  std::string Url(const std::string& repository) const {
    return absl::StrCat("http://127.0.0.1:", server_->port(), "/", repository);
  }

 private:
  http::ServerResponse Handle(const http::ServerRequest& request) {
    const int number = ++requests_;
    const std::string input = scratch_ / absl::StrCat("in", number);
    const std::string output = scratch_ / absl::StrCat("out", number);
    std::ofstream(input, std::ios::binary) << request.body;
    std::vector<std::string> environment = kGitEnvironment;
    for (const std::string& variable :
         {absl::StrCat("GIT_PROJECT_ROOT=", root_), std::string("GIT_HTTP_EXPORT_ALL=1"),
          absl::StrCat("PATH_INFO=", request.path), absl::StrCat("QUERY_STRING=", request.query),
          absl::StrCat("REQUEST_METHOD=", request.method),
          absl::StrCat("CONTENT_TYPE=", request.headers.Get("Content-Type")),
          absl::StrCat("CONTENT_LENGTH=", request.body.size()),
          absl::StrCat("GIT_PROTOCOL=", protocol_), std::string("GIT_CONFIG_COUNT=1"),
          std::string("GIT_CONFIG_KEY_0=safe.directory"), std::string("GIT_CONFIG_VALUE_0=*")}) {
      environment.push_back(variable);
    }
    Run({"git", "http-backend"}, environment, input, output);
    return Parse(ReadFile(output));
  }

  static http::ServerResponse Parse(const std::string& text) {
    http::ServerResponse response;
    absl::string_view rest = text;
    while (!rest.empty()) {
      const size_t end = rest.find("\r\n");
      const absl::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      if (line.empty()) break;
      const size_t colon = line.find(':');
      const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
      if (line.substr(0, colon) == "Status") {
        CHECK(absl::SimpleAtoi(value.substr(0, 3), &response.status));
      } else {
        response.headers.Set(line.substr(0, colon), value);
      }
    }
    response.body = std::string(rest);
    return response;
  }

  const ScratchDirectory& scratch_;
  const std::string root_;
  const std::string protocol_;
  std::atomic<int> requests_ = 0;
  std::unique_ptr<http::Server> server_;
};

TEST_CASE("our client fetches from git's server", "[git][interop]") {
  if (!HaveGit()) return;
  const std::string protocol = GENERATE("", "version=1", "version=2");
  CAPTURE(protocol);
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "up/r.git");
  for (int i = 0; i < 30; ++i) repo.Write(absl::StrCat("dir/", i), absl::StrCat("content ", i));
  repo.Write("file", "1");
  const ObjectId first = repo.Commit("first");
  repo.Tag("v1.0.0", first);
  REQUIRE(Git({"-C", repo.path(), "gc", "-q"}) == 0);  // packed objects and references, with deltas
  HttpBackend server(scratch, scratch / "up", protocol);
  const Checkouts checkouts(scratch / "mirrors", RealClock());
  CheckoutRequest request{.url = server.Url("r.git"), .reference = {.branch = "main"}};
  const auto content = [&] {
    const absl::StatusOr<CheckedOut> result = checkouts.Fetch(kContext, request);
    return result.ok() ? result->tree->Read("file").value()
                       : std::string(result.status().message());
  };
  CHECK(content() == "1");
  repo.Write("file", "2");
  const ObjectId second = repo.Commit("second");
  CHECK(content() == "2");  // a thin pack onto the first
  repo.Write("file", "3");
  repo.ForceCommit("third");
  CHECK(content() == "3");
  request.reference = {.tag = "v1.0.0"};
  CHECK(content() == "1");
  request.reference = {.semver = "1.x"};
  CHECK(content() == "1");
  request.reference = {.commit = second.Hex()};  // on no branch any more
  CHECK(content() == "2");
  request.reference = {.commit = std::string(40, 'e')};
  CHECK(absl::StrContains(content(), "object not found"));
  request.reference = {.branch = "nope"};
  CHECK(absl::StrContains(content(), "couldn't find remote ref \"refs/heads/nope\""));
  request.url = server.Url("nope.git");
  CHECK(absl::StrContains(content(), "repository not found"));
  RepoBuilder empty(scratch / "up/empty.git");
  request.url = server.Url("empty.git");
  CHECK(checkouts.Fetch(kContext, request)->outcome == CheckedOut::Outcome::kEmpty);
}

TEST_CASE("git's client clones, fetches and deepens from our server", "[git][interop]") {
  if (!HaveGit()) return;
  const std::string protocol = GENERATE("protocol.version=0", "protocol.version=2");
  const std::string depth = GENERATE("--no-single-branch", "--depth=1");
  CAPTURE(protocol, depth);
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "up/r.git");
  for (int i = 0; i < 60; ++i) {
    repo.Write(absl::StrCat("dir/", i % 7, "/", i), absl::StrCat("content ", i));
    repo.Commit(absl::StrCat("commit ", i));
  }
  repo.Tag("v1.0.0", repo.repository().Resolve("HEAD").value());
  GitServer server(scratch / "up");
  const std::string clone = scratch / "clone";
  REQUIRE(Git({"-c", protocol, "clone", "-q", depth, server.Url("r"), clone}) == 0);
  CHECK(Git({"-C", clone, "fsck", "--full", "--strict"}) == 0);
  CHECK(ReadFile(clone + "/dir/3/59") == "content 59");
  for (int i = 0; i < 40; ++i) {
    repo.Write("new", absl::StrCat(i));
    repo.Commit("more");
  }
  // Enough to be negotiated over in several, compressed requests.
  for (int i = 0; i < 3; ++i) {
    REQUIRE(Git({"-C", clone, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q",
                 "--allow-empty", "-m", "local"}) == 0);
  }
  REQUIRE(Git({"-C", clone, "-c", protocol, "fetch", "-q"}) == 0);
  CHECK(Git({"-C", clone, "fsck", "--full"}) == 0);
  CHECK(Git({"-C", clone, "cat-file", "-e", "origin/main:new"}) == 0);
  if (depth == "--depth=1") {
    REQUIRE(Git({"-C", clone, "-c", protocol, "fetch", "-q", "--unshallow"}) == 0);
    CHECK(Git({"-C", clone, "fsck", "--full"}) == 0);
    CHECK(Git({"-C", clone, "cat-file", "-e", "origin/main~99"}) == 0);
  }
  CHECK(Git({"-C", clone, "push", "-q", "origin", "HEAD:refs/heads/x"}) != 0);
}

TEST_CASE("our client pushes to git's server", "[git][interop]") {
  if (!HaveGit()) return;
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "up/r.git");
  repo.Write("file", "1");
  repo.Commit("first");
  repo.Write("file", "2");
  repo.Commit("second");
  REQUIRE(Git({"-C", repo.path(), "config", "http.receivepack", "true"}) == 0);
  REQUIRE(Git({"-C", repo.path(), "config", "receive.fsckObjects", "true"}) == 0);
  HttpBackend server(scratch, scratch / "up", "version=2");
  const Checkouts checkouts(scratch / "mirrors", RealClock());
  const CheckedOut base =
      checkouts.Fetch(kContext, {.url = server.Url("r.git"), .reference = {.branch = "main"}})
          .value();
  const Person bot{"Bot", "bot@example.org", absl::FromUnixSeconds(1800000000), 60};
  const ObjectId commit = MakeCommit(*base.objects, base.commit,
                                     {.changes = {{"dir/new", FileChange{.content = "x"}}},
                                      .author = bot,
                                      .committer = bot,
                                      .message = "Add\n"})
                              .value();
  const PushTarget target{.url = server.Url("r.git")};
  const RefUpdate update{.name = "refs/heads/main", .expected = base.commit.id, .id = commit};
  CHECK_THAT(Push(kContext, target, *base.objects, {update}), IsOk());
  CHECK(repo.repository().Resolve("refs/heads/main").value() == commit);
  CHECK(Git({"-C", repo.path(), "fsck", "--full", "--strict"}) == 0);
  // A refusal of git's own.
  REQUIRE(Git({"-C", repo.path(), "config", "receive.denyDeletes", "true"}) == 0);
  CHECK_THAT(Push(kContext, target, *base.objects, {{.name = "refs/heads/main"}}),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "command error on refs/heads/main: deletion prohibited"));
}

TEST_CASE("git's client pushes to our server", "[git][interop]") {
  if (!HaveGit()) return;
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "up/r.git");
  repo.Write("file", "1");
  repo.Commit("first");
  GitServer server(scratch / "up", {.allow_push = true});
  const std::string clone = scratch / "clone";
  REQUIRE(Git({"clone", "-q", server.Url("r"), clone}) == 0);
  std::ofstream(clone + "/file") << std::string(100000, 'x') << "2";
  std::ofstream(clone + "/new") << "new";
  REQUIRE(Git({"-C", clone, "add", "-A"}) == 0);
  REQUIRE(Git({"-C", clone, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "-m",
               "2"}) == 0);
  CHECK(Git({"-C", clone, "push", "-q", "origin", "main"}) == 0);
  CHECK(Git({"-C", clone, "push", "-q", "origin", "main:refs/heads/other"}) == 0);
  CHECK(Git({"-C", clone, "push", "-q", "--force", "origin", "main~1:refs/heads/other"}) == 0);
  CHECK(Git({"-C", clone, "push", "-q", "origin", ":refs/heads/other"}) == 0);
  CHECK(Git({"-C", repo.path(), "fsck", "--full", "--strict"}) == 0);
  CHECK(Git({"-C", repo.path(), "cat-file", "-e", "main:new"}) == 0);
  CHECK(repo.repository().Refs()->size() == 1);
  RepoBuilder empty(scratch / "up/empty.git");
  CHECK(Git({"-C", clone, "push", "-q", server.Url("empty"), "main"}) == 0);
  CHECK(empty.repository().Refs()->size() == 1);
}

}  // namespace
}  // namespace sluice::git
