// SPDX-License-Identifier: Apache-2.0
// Against a real sshd and git-upload-pack; says so and tests nothing where they are not installed.
#include "common/git/ssh_wire.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/git/checkout.h"
#include "common/git/push.h"
#include "common/git/remote.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/http/socket.h"
#include "common/process/reserve_port.h"
#include "common/testing/status_matchers.h"

extern char** environ;

namespace sluice::git {
namespace {

using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

pid_t Spawn(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

bool Run(const std::vector<std::string>& command) {
  const pid_t pid = Spawn(command);
  int status = -1;
  return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// An sshd on a free port of the loopback interface, with keys of its own. Logs in this process's
// user.
class SshServer {
 public:
  // `host_key_type` as ssh-keygen's -t; `extra` are lines of sshd_config.
  SshServer(const ScratchDirectory& scratch, const std::string& host_key_type,
            const std::string& extra = "")
      : scratch_(scratch), port_(process::ReservePort()) {
    mkdir("/run/sshd", 0755);  // where it separates privileges; fails where sshd needs it not
    const std::string host_key = scratch_ / absl::StrCat("host_", host_key_type);
    if (!Run({"ssh-keygen", "-q", "-t", host_key_type, "-b",
              host_key_type == "rsa" ? "2048" : "256", "-N", "", "-C", "", "-f", host_key}))
      return;
    std::ofstream(scratch_ / "sshd_config")
        << "ListenAddress 127.0.0.1\nPort " << port_ << "\nHostKey " << host_key
        << "\nAuthorizedKeysFile " << (scratch_ / "authorized_keys")
        << "\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        << "PidFile none\n"
        << extra << "\n";
    pid_ = Spawn({"/usr/sbin/sshd", "-D", "-f", scratch_ / "sshd_config"});
    host_key_ = ReadFile(host_key + ".pub");
    const absl::Time give_up = absl::Now() + absl::Seconds(10);
    while (pid_ > 0 && absl::Now() < give_up) {
      if (http::Dial(kContext, "127.0.0.1", port_, absl::Seconds(1)).ok()) {
        running_ = true;
        return;
      }
      std::this_thread::yield();
    }
  }
  ~SshServer() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  bool running() const { return running_; }
  int port() const { return port_; }
  // "ssh-ed25519 AAAA..."
  const std::string& host_key() const { return host_key_; }
  std::string known_hosts() const { return absl::StrCat("[127.0.0.1]:", port_, " ", host_key_); }
  static std::string User() {
    const char* const user = getenv("USER");
    return geteuid() == 0 ? "root" : user != nullptr ? user : "nobody";
  }
  std::string Url(const std::string& path) const {
    return absl::StrCat("ssh://", User(), "@127.0.0.1:", port_, path);
  }

  // A key of this type that may log in; its file's path.
  std::string Authorize(const std::string& type, const std::string& passphrase = "",
                        const std::string& format = "RFC4716") {
    const std::string file = scratch_ / absl::StrCat("client_", type, passphrase.size(), format);
    // RSA's default size takes seconds to make.
    Run({"ssh-keygen", "-q", "-t", type, "-b", type == "rsa" ? "2048" : "256", "-N", passphrase,
         "-m", format, "-C", "", "-f", file});
    std::ofstream(scratch_ / "authorized_keys", std::ios::app) << ReadFile(file + ".pub");
    return file;
  }

  Auth AuthWith(const std::string& key_file, const std::string& passphrase = "") const {
    return {.username = User(),
            .identity = Secret(ReadFile(key_file)),
            .passphrase = Secret(passphrase),
            .known_hosts = known_hosts()};
  }

 private:
  const ScratchDirectory& scratch_;
  const int port_;
  pid_t pid_ = -1;
  bool running_ = false;
  std::string host_key_;
};

// Whether the programs are there; what is missing is said once.
bool HavePrograms() {
  const bool have = std::filesystem::exists("/usr/sbin/sshd") && Run({"git", "--version"});
  if (!have) WARN("sshd or git is not installed: nothing tested");
  return have;
}

absl::StatusOr<std::vector<RemoteRef>> List(const std::string& url, const Auth& auth,
                                            const RemoteOptions& options = {},
                                            const Context& ctx = kContext) {
  absl::StatusOr<std::unique_ptr<Remote>> remote = Remote::Open(url, auth, options);
  if (!remote.ok()) return remote.status();
  return (*remote)->ListRefs(ctx, {});
}

TEST_CASE("a repository is fetched over SSH, in both protocol versions", "[git][ssh]") {
  if (!HavePrograms()) return;
  const bool version2 = GENERATE(false, true);
  const ScratchDirectory scratch;
  SshServer server(scratch, "ed25519", version2 ? "AcceptEnv GIT_PROTOCOL" : "");
  REQUIRE(server.running());
  RepoBuilder repo(scratch / "it's a repo.git");
  repo.Write("file", "1");
  repo.Commit("first");
  const Checkouts checkouts(scratch / "mirrors", RealClock());
  CheckoutRequest request{.url = server.Url(scratch / "it's%20a%20repo.git"),
                          .auth = server.AuthWith(server.Authorize("ed25519")),
                          .reference = {.branch = "main"}};
  const absl::StatusOr<CheckedOut> first = checkouts.Fetch(kContext, request);
  REQUIRE_THAT(first.status(), IsOk());
  CHECK(first->tree->Read("file").value() == "1");
  request.last_revision = first->revision;
  CHECK(checkouts.Fetch(kContext, request)->outcome == CheckedOut::Outcome::kUnchanged);

  const auto remote = Remote::Open(request.url, request.auth, {}).value();
  CHECK(remote->ListRefs(kContext, {}).value().size() == 2);
  CHECK(remote->server().version == (version2 ? 2 : 0));

  request.url = server.Url(scratch / "nope.git");
  CHECK_THAT(checkouts.Fetch(kContext, request).status(),
             StatusIs(absl::StatusCode::kNotFound, "unable to list remote for 'ssh://127.0.0.1:"));
}

TEST_CASE("a commit larger than SSH's window is pushed", "[git][ssh]") {
  if (!HavePrograms()) return;
  const ScratchDirectory scratch;
  SshServer server(scratch, "ed25519");
  REQUIRE(server.running());
  RepoBuilder repo(scratch / "r.git");
  repo.Write("file", "1");
  repo.Commit("first");
  const Checkouts checkouts(scratch / "mirrors", RealClock());
  const PushTarget target{.url = server.Url(scratch / "r.git"),
                          .auth = server.AuthWith(server.Authorize("ed25519"))};
  const CheckedOut base =
      checkouts
          .Fetch(kContext,
                 {.url = target.url, .auth = target.auth, .reference = {.branch = "main"}})
          .value();
  std::string content;
  for (uint32_t state = 1; content.size() < (size_t{6} << 20);) {
    state = state * 1664525 + 1013904223;
    content.push_back(static_cast<char>(state >> 24));
  }
  const ObjectId commit =
      MakeCommit(*base.objects, base.commit,
                 {.changes = {{"large", FileChange{.content = content}}}, .message = "large\n"})
          .value();
  REQUIRE_THAT(Push(kContext, target, *base.objects,
                    {{.name = "refs/heads/main", .expected = base.commit.id, .id = commit}}),
               IsOk());
  CHECK(repo.repository().Resolve("refs/heads/main").value() == commit);
}

TEST_CASE("client keys of all kinds log in", "[git][ssh]") {
  if (!HavePrograms()) return;
  const ScratchDirectory scratch;
  SshServer server(scratch, "ed25519");
  REQUIRE(server.running());
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("first");
  struct Row {
    const char* type;
    const char* passphrase;
    const char* format;
  };
  const Row rows[] = {
      {"ed25519", "", "RFC4716"},
      {"ed25519", "p4ssphrase", "RFC4716"},
      {"rsa", "", "RFC4716"},
      {"rsa", "", "PEM"},
      {"rsa", "p4ssphrase", "PEM"},
      {"ecdsa", "", "PKCS8"},
      {"ecdsa", "p4ssphrase", "RFC4716"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type, row.passphrase, row.format);
    const std::string key = server.Authorize(row.type, row.passphrase, row.format);
    CHECK_THAT(List(server.Url(scratch / "r.git"), server.AuthWith(key, row.passphrase)).status(),
               IsOk());
    if (*row.passphrase == '\0') continue;
    CHECK_THAT(List(server.Url(scratch / "r.git"), server.AuthWith(key)).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "no passphrase was given"));
    CHECK_THAT(List(server.Url(scratch / "r.git"), server.AuthWith(key, "wrong")).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "cannot be decrypted"));
  }
}

TEST_CASE("host keys of all kinds are accepted if they are known", "[git][ssh]") {
  if (!HavePrograms()) return;
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    CAPTURE(type);
    const ScratchDirectory scratch;
    SshServer server(scratch, type);
    REQUIRE(server.running());
    RepoBuilder repo(scratch / "r.git");
    repo.Commit("first");
    Auth auth = server.AuthWith(server.Authorize("ed25519"));
    CHECK_THAT(List(server.Url(scratch / "r.git"), auth).status(), IsOk());
    std::ofstream(scratch / "known") << auth.known_hosts;
    REQUIRE(Run({"ssh-keygen", "-H", "-f", scratch / "known"}));
    auth.known_hosts = ReadFile(scratch / "known");
    CHECK(absl::StartsWith(auth.known_hosts, "|1|"));
    CHECK_THAT(List(server.Url(scratch / "r.git"), auth).status(), IsOk());
  }
}

TEST_CASE("unknown and changed host keys, and unknown identities, are refused", "[git][ssh]") {
  if (!HavePrograms()) return;
  const ScratchDirectory scratch;
  SshServer server(scratch, "ed25519");
  REQUIRE(server.running());
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("first");
  const std::string url = server.Url(scratch / "r.git");
  const Auth good = server.AuthWith(server.Authorize("ed25519"));

  Auth unknown = good;
  unknown.known_hosts = absl::StrCat("127.0.0.1 ", server.host_key());  // port 22
  CHECK_THAT(List(url, unknown).status(),
             StatusIs(absl::StatusCode::kPermissionDenied,
                      "ssh: handshake failed: knownhosts: key is unknown"));

  REQUIRE(Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch / "other"}));
  Auth changed = good;
  changed.known_hosts =
      absl::StrCat("[127.0.0.1]:", server.port(), " ", ReadFile(scratch / "other.pub"));
  CHECK_THAT(List(url, changed).status(),
             StatusIs(absl::StatusCode::kPermissionDenied,
                      "ssh: handshake failed: knownhosts: key mismatch"));

  Auth stranger = good;
  stranger.identity = Secret(ReadFile(scratch / "other"));
  CHECK_THAT(List(url, stranger).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "unable to authenticate"));
  CHECK_THAT(List(url, good).status(), IsOk());
}

TEST_CASE("the algorithms that are offered can be replaced", "[git][ssh]") {
  if (!HavePrograms()) return;
  const ScratchDirectory scratch;
  SshServer server(scratch, "ed25519", "KexAlgorithms ecdh-sha2-nistp384");
  REQUIRE(server.running());
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("first");
  const std::string url = server.Url(scratch / "r.git");
  const Auth auth = server.AuthWith(server.Authorize("ed25519"));
  CHECK_THAT(List(url, auth).status(), IsOk());
  CHECK_THAT(List(url, auth, {.ssh_key_exchanges = {"ecdh-sha2-nistp384"}}).status(), IsOk());
  CHECK_THAT(List(url, auth, {.ssh_key_exchanges = {"curve25519-sha256"}}).status(),
             StatusIs(absl::StatusCode::kUnavailable, "ssh: handshake failed"));
  CHECK_THAT(List(url, auth, {.ssh_host_key_algorithms = {"ecdsa-sha2-nistp256"}}).status(),
             StatusIs(absl::StatusCode::kUnavailable, "ssh: handshake failed"));
}

TEST_CASE("a server that says nothing is left on cancellation and at the deadline", "[git][ssh]") {
  const http::FileDescriptor silent = http::Listen("127.0.0.1:0").value();
  const ScratchDirectory scratch;
  if (!Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch / "key"})) {
    WARN("ssh-keygen is not installed: nothing tested");
    return;
  }
  const std::string url =
      absl::StrCat("ssh://git@127.0.0.1:", http::LocalPort(silent.get()), "/r.git");
  const Auth auth{.identity = Secret(ReadFile(scratch / "key")),
                  .known_hosts = "* " + ReadFile(scratch / "key.pub")};
  const absl::Time start = absl::Now();
  SECTION("cancelled") {
    std::stop_source stop;
    std::jthread canceller([&] {
      // Until the connection is there.
      const http::FileDescriptor accepted = [&] {
        int fd = -1;
        while ((fd = accept(silent.get(), nullptr, nullptr)) < 0) std::this_thread::yield();
        return http::FileDescriptor(fd);
      }();
      stop.request_stop();
    });
    CHECK_THAT(List(url, auth, {}, kContext.WithStopToken(stop.get_token())).status(),
               StatusIs(absl::StatusCode::kCancelled));
  }
  SECTION("deadline") {
    CHECK_THAT(List(url, auth, {}, kContext.WithTimeout(absl::Milliseconds(200))).status(),
               StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  SECTION("idle") {
    CHECK_THAT(List(url, auth, {.idle_timeout = absl::Milliseconds(100)}).status(),
               StatusIs(absl::StatusCode::kUnavailable));
  }
  CHECK(absl::Now() - start < absl::Seconds(10));
}

TEST_CASE("keys and hosts that do not parse are refused before connecting", "[git][ssh]") {
  CHECK_THAT(List("ssh://h/r", {.identity = Secret("x"), .known_hosts = "h ssh-rsa"}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "knownhosts: "));
  const absl::Status bad_key = List("ssh://h/r", {.identity = Secret("hunter2")}).status();
  CHECK_THAT(bad_key, StatusIs(absl::StatusCode::kInvalidArgument, "not a private key"));
  CHECK_FALSE(absl::StrContains(bad_key.message(), "hunter2"));
}

}  // namespace
}  // namespace sluice::git
