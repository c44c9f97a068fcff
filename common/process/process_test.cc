// SPDX-License-Identifier: Apache-2.0
#include "common/process/process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/base/clock.h"
#include "common/process/reserve_port.h"
#include "common/testing/status_matchers.h"

namespace sluice::process {
namespace {

// A shell that runs `script`; its log is in a folder that goes with it.
class Shell {
 public:
  explicit Shell(const std::string& script) {
    REQUIRE(mkdtemp(folder_.data()) != nullptr);
    auto started =
        Process::Start({"/bin/sh", "-c", script}, folder_ + "/log", {{"SLUICE_WORD", "given"}});
    REQUIRE_THAT(started.status(), testing::IsOk());
    process_ = *std::move(started);
  }
  ~Shell() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  Process& operator*() { return *process_; }
  Process* operator->() { return process_.get(); }
  void AwaitOutput(const std::string& text) {
    const absl::Time deadline = RealClock().Now() + absl::Seconds(10);
    while (process_->Output() != text && RealClock().Now() < deadline) {
      REQUIRE_THAT(RealClock().Sleep(Context::Background(), absl::Milliseconds(5)),
                   testing::IsOk());
    }
    REQUIRE(process_->Output() == text);
  }

 private:
  std::string folder_ = "/tmp/sluice-process.XXXXXX";
  std::unique_ptr<Process> process_;
};

TEST_CASE("a process has its variables, and its output is kept") {
  Shell shell("echo $SLUICE_WORD; echo problem >&2; exit 3");
  shell.AwaitOutput("given\nproblem\n");
  const auto code = shell->End(0, absl::Seconds(10));
  REQUIRE_THAT(code.status(), testing::IsOk());
  CHECK(*code == 3);
  CHECK_FALSE(shell->running());
}

TEST_CASE("a process is ended by signals, though its parent blocks them") {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Shell shell("echo ready; exec sleep 60");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  shell.AwaitOutput("ready\n");
  CHECK(shell->running());
  const auto code = shell->End(SIGTERM, absl::Seconds(10));
  REQUIRE_THAT(code.status(), testing::IsOk());
  CHECK(*code == 128 + SIGTERM);
}

TEST_CASE("a process that ignores the signal is killed") {
  Shell shell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  shell.AwaitOutput("ready\n");
  const auto code = shell->End(SIGTERM, absl::Milliseconds(100));
  CHECK(absl::IsDeadlineExceeded(code.status()));
  CHECK_FALSE(shell->running());
}

TEST_CASE("a reserved port goes to a program that names it, and to nobody else") {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(ReservePort());
  const auto listens = [&](int option) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    if (option != 0) setsockopt(fd, SOL_SOCKET, option, &yes, sizeof(yes));
    const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    const bool listening = bound && listen(fd, 1) == 0;
    close(fd);
    return listening;
  };
  CHECK_FALSE(listens(0));
  CHECK(listens(SO_REUSEADDR));
  CHECK(listens(SO_REUSEPORT));
}

TEST_CASE("what is no program cannot be started") {
  CHECK(absl::IsNotFound(Process::Start({"/nowhere/program"}, "/dev/null").status()));
}

}  // namespace
}  // namespace sluice::process
