// SPDX-License-Identifier: Apache-2.0
#include "cli/up/local_suite.h"

#include <signal.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/plan/definitions.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/process/reserve_port.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

constexpr char kApiServer[] = "dev-apiserver";
constexpr char kFolderPrefix[] = "sluice-up-";
constexpr absl::Duration kStartLimit = absl::Seconds(15);
constexpr absl::Duration kEndLimit = absl::Seconds(10);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr size_t kLogEnd = 2000;  // bytes of a log that an error shows

absl::StatusOr<std::string> ProgramFolder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return absl::UnavailableError(absl::StrCat("/proc/self/exe: ", error.message()));
  return self.parent_path().string();
}

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

absl::Status Ended(const std::string& program, const process::Process& process) {
  const std::string log = process.Output();
  return absl::UnavailableError(absl::StrCat(
      program, " has ended; the last it said:\n",
      log.size() > kLogEnd ? absl::string_view(log).substr(log.size() - kLogEnd) : log));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalSuite>> LocalSuite::Start(const Context& ctx,
                                                              const std::vector<Value>& objects) {
  RETURN_IF_ERROR(disk::TempDir::RemoveAbandoned(kFolderPrefix).status());
  ASSIGN_OR_RETURN(disk::TempDir folder, disk::TempDir::Create(kFolderPrefix));
  std::unique_ptr<LocalSuite> suite(new LocalSuite(std::move(folder)));
  RETURN_IF_ERROR(suite->WriteObjects(objects));
  RETURN_IF_ERROR(suite->StartApiServer(ctx));
  RETURN_IF_ERROR(suite->StartControllers());
  return suite;
}

// The controllers first: they would report that the API server is gone.
LocalSuite::~LocalSuite() {
  const auto server = processes_.extract(kApiServer);
  for (auto& [program, process] : processes_) process->Signal(SIGTERM);
  for (auto& [program, process] : processes_) {
    process->End(SIGTERM, kEndLimit).status().IgnoreError();  // killed then
  }
  if (!server.empty()) server.mapped()->End(SIGTERM, kEndLimit).status().IgnoreError();
}

absl::Status LocalSuite::Check() {
  for (auto& [program, process] : processes_) {
    if (!process->running()) return Ended(program, *process);
  }
  return absl::OkStatus();
}

absl::Status LocalSuite::WriteObjects(const std::vector<Value>& objects) {
  for (const char* sub : {"definitions", "objects", "storage", "tags"}) {
    RETURN_IF_ERROR(folder_.root().CreateDirectories(sub));
  }
  for (const plan::DefinitionFile& file : plan::FluxDefinitions()) {
    RETURN_IF_ERROR(
        folder_.root().WriteFile(absl::StrCat("definitions/", file.name), file.content));
  }
  for (size_t i = 0; i < objects.size(); ++i) {
    RETURN_IF_ERROR(folder_.root().WriteFile(absl::StrCat("objects/", i, ".yaml"),
                                             value::FormatJson(objects[i])));
  }
  return absl::OkStatus();
}

absl::Status LocalSuite::StartApiServer(const Context& ctx) {
  RETURN_IF_ERROR(
      Launch(kApiServer, {"--listen", "127.0.0.1:0", "--write-kubeconfig", kubeconfig(), "--crds",
                          folder() + "/definitions", "--seed", folder() + "/objects"}));
  const Context limited = ctx.WithTimeout(kStartLimit);
  while (!std::filesystem::exists(kubeconfig())) {
    RETURN_IF_ERROR(Check());
    RETURN_IF_ERROR(RealClock().Sleep(limited, kPoll));
  }
  return absl::OkStatus();
}

absl::Status LocalSuite::StartControllers() {
  const std::string source = Loopback(process::ReservePort());
  const std::vector<std::string> common = {"--metrics-addr", "127.0.0.1:0", "--health-addr",
                                           "127.0.0.1:0", "--grpc-addr"};
  const std::pair<const char*, std::vector<std::string>> controllers[] = {
      {"source-controller",
       {source, "--storage-path", folder() + "/storage", "--storage-addr",
        Loopback(process::ReservePort()), "--allow-local-git"}},
      {"kustomize-controller", {"127.0.0.1:0", "--source-grpc-addr", source}},
      {"helm-controller", {"127.0.0.1:0", "--source-grpc-addr", source}},
      {"image-controller",
       {"127.0.0.1:0", "--source-grpc-addr", source, "--storage-path", folder() + "/tags"}},
  };
  for (const auto& [program, own] : controllers) {
    std::vector<std::string> flags = common;
    flags.insert(flags.end(), own.begin(), own.end());
    RETURN_IF_ERROR(Launch(program, std::move(flags)));
  }
  return absl::OkStatus();
}

absl::Status LocalSuite::Launch(const std::string& program, std::vector<std::string> flags) {
  ASSIGN_OR_RETURN(const std::string programs, ProgramFolder());
  flags.insert(flags.begin(), absl::StrCat(programs, "/", program));
  ASSIGN_OR_RETURN(
      processes_[program],
      process::Process::Start(flags, absl::StrCat(folder(), "/", program, ".log"),
                              {{"KUBECONFIG", kubeconfig()}, {"RUNTIME_NAMESPACE", kUpNamespace}}));
  return absl::OkStatus();
}

}  // namespace sluice::cli
