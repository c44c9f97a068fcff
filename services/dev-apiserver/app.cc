// SPDX-License-Identifier: Apache-2.0
#include "services/dev-apiserver/app.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/server.h"
#include "common/devapi/storage/snapshot.h"
#include "common/log/log.h"
#include "common/value/yaml.h"
#include "services/dev-apiserver/options.h"

namespace sluice::dev_apiserver {
namespace {

constexpr size_t kMaxFiles = 10'000;
constexpr uintmax_t kMaxFile = uintmax_t{16} << 20;

// What must exist before what uses it.
int Rank(const Value& object) {
  const absl::string_view kind = object["kind"].str();
  if (kind == "CustomResourceDefinition") return 0;
  return kind == "Namespace" ? 1 : 2;
}

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return absl::NotFoundError(absl::StrCat(path.string(), ": ", error.message()));
  if (size > kMaxFile) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path.string(), ": larger than ", kMaxFile, " bytes"));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::UnavailableError(absl::StrCat(path.string(), ": cannot read"));
  return text.str();
}

// Replaces the files of `folder` by the cluster's objects.
absl::Status WriteSnapshot(const std::string& folder, const devapi::Cluster& cluster) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::map<std::string, std::string> files = devapi::TakeSnapshot(cluster);
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::filesystem::path& path = it->path();
    const bool stale = path.extension() == ".yaml" && !files.contains(path.filename().string());
    if (stale) std::filesystem::remove(path, error);
  }
  for (const auto& [name, text] : files) {
    RETURN_IF_ERROR(WriteAtomically(absl::StrCat(folder, "/", name), text));
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& given, const sigset_t& signals) {
  Options options = given;
  options.server.address = options.listen;
  for (const std::string& folder : {options.crds_path, options.seed_path}) {
    if (folder.empty()) continue;
    ASSIGN_OR_RETURN(std::vector<Value> objects, ReadObjects(folder));
    options.server.objects.insert(options.server.objects.end(), objects.begin(), objects.end());
  }
  std::error_code error;
  if (!options.snapshot_path.empty() && std::filesystem::exists(options.snapshot_path, error)) {
    ASSIGN_OR_RETURN(options.server.snapshot, ReadObjects(options.snapshot_path));
  }
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<devapi::DevApiServer> server,
                   devapi::DevApiServer::Start(std::move(options.server)));
  if (!options.kubeconfig_path.empty()) {
    RETURN_IF_ERROR(WriteAtomically(options.kubeconfig_path, server->Kubeconfig()));
  }
  log::Info(Context::Background(), "serving",
            {{"address", server->access().url},
             {"readyAfterMs", absl::ToInt64Milliseconds(absl::Now() - start)}});
  int signal = 0;
  sigwait(&signals, &signal);
  if (options.snapshot_path.empty()) return absl::OkStatus();
  return WriteSnapshot(options.snapshot_path, server->cluster());
}

}  // namespace

absl::StatusOr<std::vector<Value>> ReadObjects(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string extension = it->path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
      files.push_back(it->path());
    }
    if (files.size() > kMaxFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat(folder, ": more than ", kMaxFiles, " files"));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  std::sort(files.begin(), files.end());
  std::vector<Value> objects;
  for (const std::filesystem::path& file : files) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    absl::StatusOr<std::vector<value::YamlDocument>> documents = value::ParseYamlStream(text);
    if (!documents.ok()) return Annotate(documents.status(), file.string());
    for (value::YamlDocument& document : *documents) {
      const bool list = document.value["kind"].str() == "List";
      if (!list) objects.push_back(std::move(document.value));
      for (const Value& item : list ? document.value["items"].items() : std::span<const Value>()) {
        objects.push_back(item);
      }
    }
  }
  std::stable_sort(objects.begin(), objects.end(),
                   [](const Value& a, const Value& b) { return Rank(a) < Rank(b); });
  return objects;
}

absl::Status WriteAtomically(const std::string& path, absl::string_view text) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  const auto fail = [&](const char* what) {
    const absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
    unlink(temporary.c_str());
    return status;
  };
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail("cannot create");
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      close(fd);
      return fail("cannot write");
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (close(fd) != 0) return fail("cannot write");
  if (rename(temporary.c_str(), path.c_str()) != 0) return fail("cannot create");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  Command command("dev-apiserver",
                  "A Kubernetes API server in memory, for trying, tests and previews.");
  AddFlags(command, options);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  // Before any thread starts, so that all inherit the mask and sigwait() gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const absl::Status status = Run(options, signals);
  if (status.ok()) return 0;
  std::fprintf(stderr, "dev-apiserver: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace sluice::dev_apiserver
