// SPDX-License-Identifier: Apache-2.0
#include "common/process/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"

namespace sluice::process {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(20);

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(
    const std::vector<std::string>& command, const std::string& log,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  if (access(command[0].c_str(), X_OK) != 0) {
    return absl::NotFoundError(absl::StrCat(command[0], " is no program; build it first"));
  }
  // Everything that allocates happens before fork: other threads may hold the allocator's lock.
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const absl::string_view name =
        absl::string_view(*variable).substr(0, absl::string_view(*variable).find('='));
    bool replaced = false;
    for (const auto& [key, value] : environment) replaced |= key == name;
    if (!replaced) variables.emplace_back(*variable);
  }
  for (const auto& [key, value] : environment) variables.push_back(absl::StrCat(key, "=", value));
  std::vector<char*> pointers;
  for (std::string& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) return absl::UnavailableError(absl::StrCat("cannot write ", log));

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    setpgid(0, 0);  // Ctrl-C is for the one who started it, who ends it in order
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execve(arguments[0], arguments.data(), pointers.data());
    _exit(127);
  }
  close(out);
  if (pid < 0) return absl::UnavailableError("fork failed");
  return std::unique_ptr<Process>(new Process(pid, log));
}

Process::~Process() {
  if (running()) End(SIGKILL, absl::Seconds(10)).IgnoreError();
}

bool Process::running() {
  if (pid_ < 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  pid_ = -1;
  exit_code_ = ExitCode(status);
  return false;
}

Process::Usage Process::usage() const {
  Usage usage;
  const std::pair<const char*, double*> sizes[] = {{"VmHWM:", &usage.peak_mib},
                                                   {"VmRSS:", &usage.resident_mib},
                                                   {"RssAnon:", &usage.anonymous_mib},
                                                   {"Pss:", &usage.proportional_mib}};
  const std::string lines = Proc("status") + Proc("smaps_rollup");
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    for (const auto& [name, mib] : sizes) {
      int64_t kib = 0;
      if (absl::ConsumePrefix(&line, name) && absl::ConsumeSuffix(&line, "kB") &&
          absl::SimpleAtoi(line, &kib)) {
        *mib = static_cast<double>(kib) / 1024;
      }
    }
    if (absl::ConsumePrefix(&line, "Threads:")) (void)absl::SimpleAtoi(line, &usage.threads);
  }
  std::error_code ended;
  usage.descriptors = static_cast<int>(
      std::distance(std::filesystem::directory_iterator(absl::StrCat("/proc/", pid_, "/fd"), ended),
                    std::filesystem::directory_iterator()));
  // After the name in brackets, which may hold anything, come the fields from the third on; user
  // and system time are the 14th and 15th (proc(5)).
  const std::string stat = Proc("stat");
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)), ' ');
  int64_t user = 0;
  int64_t system = 0;
  if (fields.size() > 12 && absl::SimpleAtoi(fields[11], &user) &&
      absl::SimpleAtoi(fields[12], &system)) {
    usage.cpu_seconds =
        static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return usage;
}

std::string Process::Proc(const std::string& file) const {
  return ReadFile(absl::StrCat("/proc/", pid_, "/", file));
}

void Process::Signal(int signal) {
  if (running()) kill(pid_, signal);
}

absl::StatusOr<int> Process::End(int signal, absl::Duration limit) {
  Signal(signal);
  const absl::Time deadline = RealClock().Now() + limit;
  while (running() && RealClock().Now() < deadline) {
    RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), kPoll));
  }
  if (!running()) return exit_code_;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  exit_code_ = ExitCode(status);
  return absl::DeadlineExceededError(
      absl::StrCat("the process ignored signal ", signal, "; it printed:\n", Output()));
}

std::string Process::Output() const { return ReadFile(log_); }

}  // namespace sluice::process
