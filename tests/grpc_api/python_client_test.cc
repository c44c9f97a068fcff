// A client in Python, generated from proto/ when this runs.

// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/grpc_api/status_server.h"

namespace sluice::grpc_api {
namespace {

// Debian's own, which has Debian's packages.
constexpr char kPython[] = "/usr/bin/python3";

sync_status::SyncStatus At(const std::string& name, const std::string& revision) {
  sync_status::SyncStatus status;
  status.object = {"Kustomization", {"apps", name}};
  status.has_ready = true;
  status.ready = api::ConditionStatus::kTrue;
  status.revision = revision;
  return status;
}

TEST_CASE("a client in Python lists, watches, resumes and is refused", "[grpc_api]") {
  if (std::system(absl::StrCat(kPython, " -c 'import grpc, grpc_tools' 2>/dev/null").c_str()) !=
      0) {
    WARN("skipped: python3-grpcio and python3-grpc-tools are not installed (tools/setup tests)");
    return;
  }
  StatusServer server({.manifests = {R"(
apiVersion: v1
kind: ServiceAccount
metadata: {name: tool, namespace: default}
)",
                                     R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: tool}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: tool, namespace: default}]
)"}});
  for (const char* name : {"a", "b", "c"}) server.board().Put(At(name, "r1"));
  std::string token_file = std::filesystem::temp_directory_path() / "sluice-token-XXXXXX";
  const int fd = mkstemp(token_file.data());
  REQUIRE(fd >= 0);
  close(fd);
  std::ofstream(token_file) << std::string(server.TokenOf("default", "tool").Reveal());

  const std::string command = absl::StrCat(kPython, " tests/grpc_api/python_client.py proto ",
                                           server.address(), " ", token_file, " 2>&1");
  FILE* output = popen(command.c_str(), "r");
  REQUIRE(output != nullptr);
  std::string printed;
  int changes = 1;
  for (std::array<char, 4096> line; fgets(line.data(), line.size(), output) != nullptr;) {
    printed += line.data();
    if (absl::StartsWith(line.data(), "change")) {
      server.board().Put(At("a", absl::StrCat("r", ++changes)));
    }
  }
  const int status = pclose(output);
  std::filesystem::remove(token_file);
  INFO(printed);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(changes == 3);
  CHECK(absl::EndsWith(printed, "done\n"));
}

}  // namespace
}  // namespace sluice::grpc_api
