// Controllers among themselves: one server answers for another one's kinds, and over TLS with
// service account tokens.

// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "absl/synchronization/notification.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/status_mirror.h"
#include "common/crypto/x509.h"
#include "common/disk/temp_dir.h"
#include "common/rpc/channel.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"
#include "tests/grpc_api/status_server.h"

namespace sluice::grpc_api {
namespace {

namespace v1 = ::sluice::common::v1;

constexpr absl::Duration kLimit = absl::Seconds(20);

constexpr char kTool[] = R"(
apiVersion: v1
kind: ServiceAccount
metadata: {name: controller, namespace: default}
)";
constexpr char kRole[] = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: controller}
rules: [{apiGroups: [source.toolkit.fluxcd.io], resources: ['*'], verbs: [watch]}]
)";
constexpr char kBinding[] = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: controller}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: controller}
subjects: [{kind: ServiceAccount, name: controller, namespace: default}]
)";

rpc::TlsFiles WriteCertificates(const std::string& folder) {
  const absl::Time begin = absl::Now() - absl::Hours(1);
  const absl::Time end = absl::Now() + absl::Hours(1);
  const crypto::KeyPair authority = crypto::CreateAuthority("test", begin, end).value();
  crypto::CertificateRequest request;
  request.common_name = "source-controller";
  request.ip_addresses = {"127.0.0.1"};
  request.server = true;
  request.not_before = begin;
  request.not_after = end;
  const crypto::KeyPair server = crypto::IssueCertificate(authority, request).value();
  const rpc::TlsFiles files = {folder + "/tls.crt", folder + "/tls.key", folder + "/ca.crt"};
  std::ofstream(files.certificate) << server.certificate_pem;
  std::ofstream(files.private_key) << std::string(server.private_key_pem.Reveal());
  std::ofstream(files.authorities) << authority.certificate_pem;
  return files;
}

// A source-controller with one artifact and one status to tell of, behind TLS.
struct Source {
  Source()
      : folder(disk::TempDir::Create("grpc-api").value()),
        files(WriteCertificates(folder.path())),
        server({.kinds = {"GitRepository"},
                .manifests = {kTool, kRole, kBinding},
                .tls = {files.certificate, files.private_key, ""}}) {
    artifact::Publication publication;
    publication.source = {"GitRepository", {"apps", "repo"}};
    publication.artifact.revision = "r1";
    server.hub().Publish(publication);
    sync_status::SyncStatus status;
    status.object = {"GitRepository", {"apps", "repo"}};
    server.board().Put(status);
  }
  // How a controller with that service account calls.
  controller_rpc::PeerSecurity Security(bool with_token) {
    controller_rpc::PeerSecurity security;
    security.tls = true;
    security.tls_files.authorities = files.authorities;
    if (with_token) {
      security.tokens = [token = server.TokenOf("default", "controller")](const Context&) {
        return absl::StatusOr<Secret>(token);
      };
    }
    return security;
  }

  disk::TempDir folder;
  rpc::TlsFiles files;
  StatusServer server;
};

TEST_CASE("one server answers for another one's kinds", "[grpc_api]") {
  StatusServer source({.authenticate = false, .kinds = {"GitRepository"}});
  StatusServer front({.authenticate = false, .kinds = {"Kustomization"}});
  sync_status::SyncStatus repository;
  repository.object = {"GitRepository", {"apps", "repo"}};
  repository.revision = "r1";
  source.board().Put(repository);
  sync_status::SyncStatus app;
  app.object = {"Kustomization", {"apps", "app"}};
  front.board().Put(app);
  sync_status::Board::Cursor cursor = front.board().Now();
  const controller_rpc::StatusMirror mirror(front.ctx(), source.address(), {}, front.board(),
                                            RealClock());
  const auto next = [&] { return front.board().Next(front.ctx(), cursor).value(); };
  CHECK(next().status->revision == "r1");
  repository.revision = "r2";
  source.board().Put(repository);
  CHECK(next().status->revision == "r2");

  const auto stub = v1::SyncStatusService::NewStub(front.channel());
  v1::ListResponse response;
  const rpc::ClientCall call(front.ctx());
  REQUIRE(stub->List(call.get(), {}, &response).ok());
  REQUIRE(response.items_size() == 2);  // one order over both
  CHECK(response.items(0).object().kind() == "GitRepository");
  CHECK(response.items(0).revision() == "r2");
  CHECK(response.items(1).object().kind() == "Kustomization");

  source.board().Remove(repository.object);
  CHECK(next().status == nullptr);
}

TEST_CASE("a controller hears of artifacts over TLS with its own token", "[grpc_api]") {
  Source source;
  absl::Notification heard;
  const controller_rpc::ArtifactSubscriber subscriber(
      source.server.ctx(), source.server.address(), source.Security(true), {},
      [&](const artifact::Event& event) {
        if (event.type == artifact::EventType::kSnapshot && !heard.HasBeenNotified()) {
          heard.Notify();
        }
      },
      RealClock());
  CHECK(heard.WaitForNotificationWithTimeout(kLimit));
}

TEST_CASE("a controller shows another one's objects over TLS with its own token", "[grpc_api]") {
  Source source;
  sync_status::Board board;
  const controller_rpc::StatusMirror mirror(source.server.ctx(), source.server.address(),
                                            source.Security(true), board, RealClock());
  sync_status::Board::Cursor cursor = 0;
  const auto shown = board.Next(Context::Background().WithTimeout(kLimit), cursor);
  REQUIRE(shown.ok());
  CHECK(shown->object.key.name == "repo");
}

TEST_CASE("a controller without a token is told nothing", "[grpc_api]") {
  Source source;
  sync_status::Board board;
  const controller_rpc::StatusMirror mirror(source.server.ctx(), source.server.address(),
                                            source.Security(false), board, RealClock());
  sync_status::Board::Cursor cursor = 0;
  CHECK(absl::IsDeadlineExceeded(
      board.Next(Context::Background().WithTimeout(absl::Seconds(1)), cursor).status()));
  CHECK_FALSE(mirror.synced());
}

}  // namespace
}  // namespace sluice::grpc_api
