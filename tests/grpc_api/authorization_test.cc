// The authorization matrix: every method there is, for every kind of caller. A method that has no
// row here fails the test, so none can be added without one.

// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "sluice/common/v1/sync_status.pb.h"
#include "sluice/source/v1/artifact_service.pb.h"
#include "tests/grpc_api/named_call.h"
#include "tests/grpc_api/status_server.h"

namespace sluice::grpc_api {
namespace {

namespace v1 = ::sluice::common::v1;

// Who calls, by service account.
constexpr char kOwner[] = "owner";        // everything that the API stands for, on everything
constexpr char kReader[] = "reader";      // get, list and watch, in the namespace apps
constexpr char kStranger[] = "stranger";  // nothing
constexpr char kPicky[] = "picky";        // everything, on the Kustomization "other" alone

std::vector<std::string> Manifests() {
  std::vector<std::string> manifests = {R"(
apiVersion: v1
kind: Namespace
metadata: {name: apps}
)",
                                        R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: apps}
spec: {interval: 10m, url: https://git.example/repo.git}
status:
  observedGeneration: 1
  conditions:
  - {type: Ready, status: "True", reason: Succeeded, message: stored artifact,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
)"};
  for (const char* name : {"app", "other"}) {
    manifests.push_back(absl::StrReplaceAll(R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: NAME, namespace: apps}
spec: {interval: 10m, prune: true, sourceRef: {kind: GitRepository, name: repo}}
status:
  observedGeneration: 100
  lastAppliedRevision: main@sha1:abc
  conditions:
  - {type: Ready, status: "True", reason: ReconciliationSucceeded, message: applied,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
)",
                                            {{"NAME", name}}));
  }
  const auto grant = [&](const std::string& account, const std::string& verbs,
                         const std::string& names, bool everywhere) {
    manifests.push_back(absl::StrCat(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ", account, ", namespace: apps}"));
    if (verbs.empty()) return;
    const std::string kind = everywhere ? "ClusterRole" : "Role";
    const std::string ns = everywhere ? "" : ", namespace: apps";
    manifests.push_back(absl::StrCat(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ", kind, "\nmetadata: {name: ", account,
        ns, "}\nrules: [{apiGroups: ['*'], resources: ['*'], verbs: [", verbs, "]", names, "}]"));
    manifests.push_back(absl::StrCat(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ", kind,
        "Binding\nmetadata: {name: ", account, ns,
        "}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ", kind, ", name: ", account,
        "}\nsubjects: [{kind: ServiceAccount, name: ", account, ", namespace: apps}]"));
  };
  grant(kOwner, "get, list, watch, patch", "", true);
  grant(kReader, "get, list, watch", "", false);
  grant(kStranger, "", "", false);
  grant(kPicky, "get, list, watch, patch", ", resourceNames: [other]", false);
  return manifests;
}

// How a method treats an object that the caller may not see.
enum class Hides {
  kAsNotFound,  // the answer of an absent object
  kByOmission,  // the answer goes on without it
};

struct Row {
  const char* method;
  Hides hides;
  bool changes;  // needs patch
  // The request for an object, by name in the namespace apps.
  std::function<std::string(const std::string& name)> request;
};

template <typename Request>
std::string OfObject(const std::string& name) {
  Request request;
  request.mutable_object()->set_kind("Kustomization");
  request.mutable_object()->set_namespace_("apps");
  request.mutable_object()->set_name(name);
  return request.SerializeAsString();
}

template <typename Request>
std::string OfSelection(const std::string&) {
  Request request;
  request.mutable_selection()->add_kinds("Kustomization");
  request.mutable_selection()->add_namespaces("apps");
  return request.SerializeAsString();
}

std::string OfSubscription(const std::string&) {
  source::v1::SubscribeRequest request;
  request.add_kinds("GitRepository");
  return request.SerializeAsString();
}

const Row kRows[] = {
    {"sluice.common.v1.SyncStatusService/List", Hides::kByOmission, false,
     OfSelection<v1::ListRequest>},
    {"sluice.common.v1.SyncStatusService/Get", Hides::kAsNotFound, false, OfObject<v1::GetRequest>},
    {"sluice.common.v1.SyncStatusService/Watch", Hides::kByOmission, false,
     OfSelection<v1::WatchRequest>},
    {"sluice.common.v1.SyncStatusService/Reconcile", Hides::kAsNotFound, true,
     OfObject<v1::ReconcileRequest>},
    {"sluice.common.v1.SyncStatusService/Suspend", Hides::kAsNotFound, true,
     OfObject<v1::SuspendRequest>},
    {"sluice.common.v1.SyncStatusService/Resume", Hides::kAsNotFound, true,
     OfObject<v1::ResumeRequest>},
    {"sluice.common.v1.SyncStatusService/GetInventory", Hides::kAsNotFound, false,
     OfObject<v1::GetInventoryRequest>},
    {"sluice.common.v1.SyncStatusService/GetTree", Hides::kAsNotFound, false,
     OfObject<v1::GetTreeRequest>},
    {"sluice.common.v1.SyncStatusService/GetHistory", Hides::kAsNotFound, false,
     OfObject<v1::GetHistoryRequest>},
    {"sluice.common.v1.SyncStatusService/WaitForRevision", Hides::kAsNotFound, false,
     OfObject<v1::WaitForRevisionRequest>},
    {"sluice.common.v1.SyncStatusService/Explain", Hides::kAsNotFound, false,
     OfObject<v1::ExplainRequest>},
    {"sluice.source.v1.ArtifactService/Subscribe", Hides::kByOmission, false, OfSubscription},
};

// The full names of all services that the files of proto/ define.
std::set<std::string> Services() {
  std::set<std::string> services;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("proto")) {
    if (entry.path().extension() != ".proto") continue;
    std::ifstream file(entry.path());
    std::string package;
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string first;
      std::string second;
      words >> first >> second;
      if (first == "package") package = second.substr(0, second.find(';'));
      if (first == "service") services.insert(absl::StrCat(package, ".", second));
    }
  }
  return services;
}

TEST_CASE("every method of every service has a row in the matrix", "[grpc_api]") {
  // Their descriptors are there once their files' are.
  v1::Selection::descriptor();
  source::v1::Artifact::descriptor();
  std::set<std::string> rows;
  for (const Row& row : kRows) rows.insert(row.method);
  std::set<std::string> methods;
  for (const std::string& name : Services()) {
    CAPTURE(name);
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    REQUIRE(service != nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      methods.insert(absl::StrCat(name, "/", service->method(i)->name()));
    }
  }
  CHECK(methods.size() >= 12);
  CHECK(rows == methods);
}

class Matrix {
 public:
  Matrix() : server_({.manifests = Manifests()}) {
    artifact::Publication publication;
    publication.source = {"GitRepository", {"apps", "repo"}};
    publication.artifact.revision = "main@sha1:abc";
    server_.hub().Publish(publication);
  }

  Answer Call(const Row& row, const std::string& name, const Secret& token) {
    return CallByName(server_.channel(), absl::StrCat("/", row.method), row.request(name), token);
  }
  Secret TokenOf(const char* account, absl::Duration lifetime = absl::Hours(1)) {
    return server_.TokenOf("apps", account, lifetime);
  }

 private:
  StatusServer server_;
};

bool Names(const Answer& answer, absl::string_view name) {
  for (const std::string& message : answer.messages) {
    if (absl::StrContains(message, name)) return true;
  }
  return false;
}

TEST_CASE("who may, can", "[grpc_api]") {
  Matrix matrix;
  for (const Row& row : kRows) {
    CAPTURE(row.method);
    const Answer owner = matrix.Call(row, "app", matrix.TokenOf(kOwner));
    CHECK(owner.status == absl::OkStatus());
    CHECK(!owner.messages.empty());
    const Answer reader = matrix.Call(row, "app", matrix.TokenOf(kReader));
    if (row.changes) {
      CHECK_THAT(reader.status,
                 testing::StatusIs(absl::StatusCode::kPermissionDenied, "you may not patch"));
    } else {
      CHECK(reader.status == absl::OkStatus());
    }
    if (row.hides == Hides::kByOmission) {
      CHECK((Names(owner, "app") || Names(owner, "repo")));
      CHECK((Names(reader, "app") || Names(reader, "repo")));
    }
  }
}

TEST_CASE("who may not is told the same as of what is not there", "[grpc_api]") {
  Matrix matrix;
  for (const Row& row : kRows) {
    CAPTURE(row.method);
    for (const char* account : {kStranger, kPicky}) {
      CAPTURE(account);
      const Answer forbidden = matrix.Call(row, "app", matrix.TokenOf(account));
      if (row.hides == Hides::kByOmission) {
        CHECK(forbidden.status == absl::OkStatus());
        CHECK_FALSE(Names(forbidden, "app"));
        CHECK_FALSE(Names(forbidden, "repo"));
        continue;
      }
      CHECK(forbidden.status == absl::NotFoundError("Kustomization apps/app not found"));
      CHECK(matrix.Call(row, "gone", matrix.TokenOf(account)).status ==
            absl::NotFoundError("Kustomization apps/gone not found"));
      CHECK(matrix.Call(row, "gone", matrix.TokenOf(kOwner)).status ==
            absl::NotFoundError("Kustomization apps/gone not found"));
    }
    // One object may be allowed where others of its kind are not.
    if (row.hides == Hides::kAsNotFound) {
      CHECK(matrix.Call(row, "other", matrix.TokenOf(kPicky)).status == absl::OkStatus());
    }
  }
}

TEST_CASE("without a valid token there is nothing at all", "[grpc_api]") {
  Matrix matrix;
  const Secret ended = matrix.TokenOf(kOwner, -absl::Minutes(1));
  for (const Row& row : kRows) {
    CAPTURE(row.method);
    for (const Secret& token : {Secret(), ended, Secret("eyJ.no.token")}) {
      const Answer answer = matrix.Call(row, "app", token);
      CHECK_THAT(answer.status, testing::StatusIs(absl::StatusCode::kUnauthenticated, "token"));
      CHECK(answer.messages.empty());
    }
  }
}

TEST_CASE("health and reflection tell nothing of objects, to everybody", "[grpc_api]") {
  Matrix matrix;
  const Row health = {"grpc.health.v1.Health/Check", Hides::kByOmission, false,
                      [](const std::string&) { return std::string(); }};
  CHECK(matrix.Call(health, "", Secret()).messages == std::vector<std::string>{"\x08\x01"});
  const Row reflection = {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                          Hides::kByOmission, false,
                          [](const std::string&) { return std::string("\x3a\x00", 2); }};
  const Answer services = matrix.Call(reflection, "", Secret());
  CHECK(Names(services, "sluice.common.v1.SyncStatusService"));
  CHECK(Names(services, "sluice.source.v1.ArtifactService"));
}

}  // namespace
}  // namespace sluice::grpc_api
