// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/process.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"

namespace sluice::e2e {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(20);

}  // namespace

std::string Program(const std::string& name) {
  const char* folder = std::getenv("SLUICE_TEST_BIN");
  return absl::StrCat(folder != nullptr ? folder : SLUICE_TEST_BIN, "/", name);
}

bool Eventually(absl::Duration limit, const std::function<bool()>& condition) {
  const Context ctx = Context::Background();
  const absl::Time deadline = RealClock().Now() + limit;
  while (!condition()) {
    if (RealClock().Now() >= deadline) return false;
    if (!RealClock().Sleep(ctx, kPoll).ok()) return false;
  }
  return true;
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sluice-e2e.XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string TempDir::operator/(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

absl::StatusOr<std::string> Run(
    const std::vector<std::string>& command,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  const TempDir dir;
  ASSIGN_OR_RETURN(const auto process, Process::Start(command, dir / "out", environment));
  const bool ended = Eventually(absl::Minutes(1), [&] { return !process->running(); });
  std::string output = process->Output();
  if (!ended) return absl::DeadlineExceededError(absl::StrJoin(command, " "));
  ASSIGN_OR_RETURN(const int code, process->End(SIGKILL, absl::Seconds(1)));
  if (code == 0) return output;
  return absl::UnknownError(
      absl::StrCat(absl::StrJoin(command, " "), ": exit code ", code, "\n", output));
}

absl::StatusOr<std::string> AwaitFile(const std::string& path, Process& process,
                                      absl::Duration limit) {
  std::string content;
  const bool there = Eventually(limit, [&] {
    content = ReadFile(path);
    return !content.empty() || !process.running();
  });
  if (there && !content.empty()) {
    absl::StripTrailingAsciiWhitespace(&content);
    return content;
  }
  return absl::UnavailableError(absl::StrCat(path, " was not written; the process ",
                                             process.running() ? "runs" : "has ended",
                                             " and printed:\n", process.Output()));
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void WriteFile(const std::string& path, absl::string_view content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
}

}  // namespace sluice::e2e
