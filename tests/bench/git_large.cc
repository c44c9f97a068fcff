// What a large Git repository costs source-controller: the first fetch, a small change to it, and
// an interval without news. The server is Git's own
// (`git http-backend`); the repository is made with `git fast-import`.
//
//   build/release/bin/git_large [--mib 1024] [--file-kib 64]

// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/http/body.h"
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/hostile/server.h"

namespace sluice::bench {
namespace {

using e2e::Cluster;
using e2e::ClusterOptions;
using e2e::Eventually;
using e2e::GitRepository;
using e2e::GitRepositoryManifest;
using e2e::kSourceApi;
using e2e::Process;
using e2e::ReadyMessage;
using e2e::TempDir;
using e2e::WriteFile;

constexpr absl::Duration kLimit = absl::Minutes(20);

struct Options {
  int mib = 1024;
  int file_kib = 64;
};

double FolderMib(const std::string& folder) {
  double bytes = 0;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone)) bytes += static_cast<double>(it->file_size(gone));
  }
  return bytes / (1 << 20);
}

// A commit with `options.mib` of files that do not compress, as git fast-import reads it.
void WriteImport(const Options& options, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  out << "commit refs/heads/main\ncommitter T <t@example.com> 1760000000 +0000\ndata 5\nfirst\n";
  std::mt19937_64 random(1);
  std::string bytes(static_cast<size_t>(options.file_kib) << 10, '\0');
  const int files = options.mib * 1024 / options.file_kib;
  for (int file = 0; file < files; ++file) {
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      const uint64_t word = random();
      std::copy_n(reinterpret_cast<const char*>(&word), 8, bytes.begin() + static_cast<long>(i));
    }
    out << absl::StrFormat("M 100644 inline d%03d/f%06d.bin\ndata %d\n", file % 200, file,
                           bytes.size());
    out << bytes << "\n";
  }
}

// Run() waits a minute only.
absl::Status RunLong(const std::string& command,
                     const std::vector<std::pair<std::string, std::string>>& environment = {}) {
  const TempDir dir;
  ASSIGN_OR_RETURN(const auto process,
                   Process::Start({"/bin/sh", "-c", command}, dir / "log", environment));
  if (!Eventually(kLimit, [&] { return !process->running(); })) {
    return absl::DeadlineExceededError(command);
  }
  ASSIGN_OR_RETURN(const int code, process->End(SIGKILL, absl::Seconds(1)));
  return code == 0 ? absl::OkStatus()
                   : absl::UnknownError(absl::StrCat(command, ": ", process->Output()));
}

// Hands one request to `git http-backend` (a CGI program) and its answer on.
void Backend(const std::string& root, const hostile::Seen& seen, hostile::Answer& answer) {
  const TempDir dir;
  WriteFile(dir / "in", seen.body);
  const std::string command =
      absl::StrCat("/usr/bin/git http-backend < ", dir / "in", " > ", dir / "out");
  const absl::Status run =
      RunLong(command, {{"GIT_PROJECT_ROOT", root},
                        {"GIT_HTTP_EXPORT_ALL", "1"},
                        {"GIT_CONFIG_GLOBAL", "/dev/null"},
                        {"REQUEST_METHOD", seen.method},
                        {"PATH_INFO", seen.path},
                        {"QUERY_STRING", seen.query},
                        {"GIT_PROTOCOL", std::string(seen.headers.Get("Git-Protocol"))},
                        {"CONTENT_TYPE", std::string(seen.headers.Get("Content-Type"))},
                        {"CONTENT_LENGTH", absl::StrCat(seen.body.size())}});
  std::ifstream out(dir / "out", std::ios::binary);
  http::Headers headers;
  int status = run.ok() ? 200 : 500;
  for (std::string line; std::getline(out, line) && line != "\r" && !line.empty();) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(absl::StripSuffix(line, "\r"), absl::MaxSplits(": ", 1));
    if (field.first == "Status") {
      status = std::atoi(std::string(field.second).c_str());
    } else {
      headers.Set(field.first, field.second);
    }
  }
  if (!answer.SendHead(status, headers)) return;
  std::string piece(size_t{1} << 18, '\0');
  while (out) {
    out.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!answer.Send(absl::string_view(piece.data(), static_cast<size_t>(out.gcount())))) return;
  }
}

absl::Status Measure(const Options& options, Figures& figures) {
  const TempDir upstream;
  ASSIGN_OR_RETURN(GitRepository git, GitRepository::Create(upstream / "repo"));
  WriteImport(options, upstream / "import");
  // Nothing of it compresses.
  RETURN_IF_ERROR(git.Git({"config", "core.compression", "0"}).status());
  RETURN_IF_ERROR(RunLong(absl::StrCat("/usr/bin/git -C ", git.path(), " fast-import --quiet < ",
                                       upstream / "import")));
  std::filesystem::remove(upstream / "import");
  RETURN_IF_ERROR(git.Git({"config", "http.uploadpack", "true"}).status());
  // The work tree is not needed to commit one more file.
  RETURN_IF_ERROR(git.Git({"read-tree", "HEAD"}).status());
  hostile::Server server;
  server.On("/", [&](const hostile::Seen& seen, hostile::Answer& answer) {
    Backend(upstream.path(), seen, answer);
  });
  const TempDir temporary;
  ClusterOptions cluster_options;
  cluster_options.controllers = {"source-controller"};
  cluster_options.environment = {{"TMPDIR", temporary.path()}};
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(cluster_options));
  Process& controller = cluster->process("source-controller");
  // It works, so that what it needs idle is there.
  ASSIGN_OR_RETURN(GitRepository small, GitRepository::Create(cluster->git_root() + "/small"));
  RETURN_IF_ERROR(small.Commit("first").status());
  RETURN_IF_ERROR(cluster->Apply(GitRepositoryManifest("small", cluster->git_url() + "/small")));
  RETURN_IF_ERROR(AwaitReady(*cluster, kSourceApi, "GitRepository", "small"));
  const Process::Usage idle = controller.usage();
  Value manifest = GitRepositoryManifest("large", server.url() + "/repo/.git", "1h");
  manifest.Ensure("spec").Set("timeout", "15m");
  const auto await = [&](const char* what, absl::Time begun, double cpu,
                         const std::function<bool(const Value&)>& done) -> absl::Status {
    const bool there = Eventually(kLimit, [&] {
      const auto object = cluster->Get(kSourceApi, "GitRepository", "large");
      return ReadyMessage(object, "True").has_value() && done(*object);
    });
    if (!there) return absl::DeadlineExceededError(cluster->Describe());
    const Process::Usage usage = controller.usage();
    const std::string label = absl::StrCat("Git repository of ", options.mib, " MiB: ", what);
    figures.Add(label, absl::ToDoubleSeconds(RealClock().Now() - begun), "s");
    figures.Add(label + ", CPU", usage.cpu_seconds - cpu, "s");
    figures.Add(label + ", peak memory", usage.peak_mib, "MiB");
    figures.Add(label + ", disk", FolderMib(cluster->storage()) + FolderMib(temporary.path()),
                "MiB");
    return absl::OkStatus();
  };
  absl::Time begun = RealClock().Now();
  RETURN_IF_ERROR(cluster->Apply(manifest));
  RETURN_IF_ERROR(await("first fetch", begun, idle.cpu_seconds, [](const Value&) { return true; }));

  git.Write("change.txt", "one more\n");
  RETURN_IF_ERROR(git.Git({"add", "change.txt"}).status());
  RETURN_IF_ERROR(git.Git({"commit", "-q", "-m", "second"}).status());
  ASSIGN_OR_RETURN(std::string commit, git.Git({"rev-parse", "HEAD"}));
  absl::StripTrailingAsciiWhitespace(&commit);
  double cpu = controller.usage().cpu_seconds;
  begun = RealClock().Now();
  RETURN_IF_ERROR(cluster->Trigger(kSourceApi, "GitRepository", "large"));
  RETURN_IF_ERROR(await("a changed file", begun, cpu, [&](const Value& object) {
    return absl::EndsWith(object["status"]["artifact"]["revision"].str(), commit);
  }));

  cpu = controller.usage().cpu_seconds;
  begun = RealClock().Now();
  const auto before = cluster->Get(kSourceApi, "GitRepository", "large");
  const std::string handled((*before)["status"]["lastHandledReconcileAt"].str());
  RETURN_IF_ERROR(cluster->Trigger(kSourceApi, "GitRepository", "large"));
  return await("nothing new", begun, cpu, [&](const Value& object) {
    return object["status"]["lastHandledReconcileAt"].str() != handled;
  });
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("git_large", "Measures the fetching of a large Git repository.");
  command.Int("--mib", options.mib, "size of the repository");
  command.Int("--file-kib", options.file_kib, "size of each file");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
