// Streams: what is resumed, what ends them, how many there may be; and answering for peers.

// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/controller_rpc/status_mirror.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_bridge.h"
#include "common/testing/status_matchers.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"
#include "tests/grpc_api/status_server.h"

namespace sluice::grpc_api {
namespace {

namespace v1 = ::sluice::common::v1;
using ::sluice::testing::StatusIs;

constexpr char kAdmin[] = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: tool}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: tool, namespace: default}]
)";
constexpr char kTool[] = R"(
apiVersion: v1
kind: ServiceAccount
metadata: {name: tool, namespace: default}
)";

sync_status::SyncStatus Of(const std::string& name, const std::string& revision,
                           const std::string& ns = "apps") {
  sync_status::SyncStatus status;
  status.object = {"Kustomization", {ns, name}};
  status.has_ready = true;
  status.ready = revision == "bad" ? api::ConditionStatus::kFalse : api::ConditionStatus::kTrue;
  status.revision = revision;
  return status;
}

// One watch. Reading blocks until the deadline of 20 seconds.
class WatchCall {
 public:
  WatchCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& resume_token,
            const Secret& token = Secret(), const v1::Selection& selection = {})
      : stub_(v1::SyncStatusService::NewStub(channel)),
        call_(Context::Background().WithTimeout(absl::Seconds(20)), token) {
    v1::WatchRequest request;
    request.set_resume_token(resume_token);
    *request.mutable_selection() = selection;
    reader_ = stub_->Watch(call_.get(), request);
  }
  ~WatchCall() {
    if (ended_) return;
    call_.get()->TryCancel();
    while (reader_->Read(&message_)) {
    }
    reader_->Finish();
  }

  // "a r1", "-a" for a removed one, "synced" or "synced (all)"; "" at the end.
  std::string Next() {
    if (!reader_->Read(&message_)) return "";
    if (message_.has_changed()) {
      return absl::StrCat(message_.changed().object().name(), " ", message_.changed().revision());
    }
    if (message_.has_removed()) return absl::StrCat("-", message_.removed().name());
    return message_.synced().complete() ? "synced (all)" : "synced";
  }
  const std::string& token() const { return message_.resume_token(); }
  absl::Status End() {
    ended_ = true;
    while (reader_->Read(&message_)) {
    }
    return rpc::FromGrpc(reader_->Finish());
  }

 private:
  std::unique_ptr<v1::SyncStatusService::Stub> stub_;
  rpc::ClientCall call_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  v1::WatchResponse message_;
  bool ended_ = false;
};

TEST_CASE("a watch is resumed by its token, or begun again", "[grpc_api]") {
  StatusServer server({.authenticate = false});
  for (const char* name : {"a", "b", "c"}) server.board().Put(Of(name, "r1"));
  std::string token;
  {
    WatchCall watch(server.channel(), "");
    for (const char* expected : {"a r1", "b r1", "c r1"}) {
      CHECK(watch.Next() == expected);
      CHECK(watch.token().empty());  // half of everything cannot be resumed
    }
    CHECK(watch.Next() == "synced (all)");
    server.board().Put(Of("a", "r2"));
    CHECK(watch.Next() == "a r2");
    token = watch.token();
  }
  server.board().Remove({"Kustomization", {"apps", "b"}});
  server.board().Put(Of("c", "r2"));
  server.board().Put(Of("c", "r3"));
  {
    WatchCall watch(server.channel(), token);
    CHECK(watch.Next() == "-b");
    CHECK(watch.Next() == "c r3");
    CHECK(watch.Next() == "synced");
    server.board().Put(Of("d", "r1"));
    CHECK(watch.Next() == "d r1");
  }
  // Of another process, of the future, of nobody: all of it again.
  for (const std::string& unknown :
       {std::string("0123456789abcdef.1"), absl::StrCat(token, "000000"), std::string("x")}) {
    CAPTURE(unknown);
    WatchCall watch(server.channel(), unknown);
    for (const char* expected : {"a r2", "c r3", "d r1", "synced (all)"}) {
      CHECK(watch.Next() == expected);
    }
  }
}

TEST_CASE("an object that no longer matches is removed", "[grpc_api]") {
  StatusServer server({.authenticate = false});
  server.board().Put(Of("a", "bad"));
  server.board().Put(Of("b", "r1"));
  v1::Selection failing;
  failing.set_only_failing(true);
  WatchCall watch(server.channel(), "", Secret(), failing);
  CHECK(watch.Next() == "a bad");
  CHECK(watch.Next() == "synced (all)");
  server.board().Put(Of("b", "r2"));  // never shown, so not removed either
  server.board().Put(Of("a", "r2"));
  CHECK(watch.Next() == "-a");
  server.board().Put(Of("b", "bad"));
  CHECK(watch.Next() == "b bad");
}

TEST_CASE("more deletions than are remembered begin a watch again", "[grpc_api]") {
  StatusServer server({.authenticate = false});
  server.board().Put(Of("a", "r1"));
  std::string token;
  {
    WatchCall watch(server.channel(), "");
    while (watch.Next() != "synced (all)") {
    }
    token = watch.token();
  }
  for (size_t i = 0; i <= sync_status::Board::kMaxTombstones; ++i) {
    server.board().Put(Of(absl::StrCat("gone", i), "r"));
    server.board().Remove({"Kustomization", {"apps", absl::StrCat("gone", i)}});
  }
  WatchCall watch(server.channel(), token);
  CHECK(watch.Next() == "a r1");
  CHECK(watch.Next() == "synced (all)");
}

TEST_CASE("a stream ends when its token does", "[grpc_api]") {
  StatusServer server({.manifests = {kTool, kAdmin}});
  const Secret token = server.TokenOf("default", "tool", absl::Seconds(3));
  WatchCall watch(server.channel(), "", token);
  CHECK(watch.Next() == "synced (all)");
  CHECK_THAT(watch.End(), StatusIs(absl::StatusCode::kUnauthenticated, "has ended"));
  // So does a wait.
  server.board().Put(Of("a", "r1"));
  const Secret another = server.TokenOf("default", "tool", absl::Seconds(2));
  const auto stub = v1::SyncStatusService::NewStub(server.channel());
  v1::WaitForRevisionRequest request;
  request.mutable_object()->set_kind("Kustomization");
  request.mutable_object()->set_namespace_("apps");
  request.mutable_object()->set_name("a");
  request.set_revision("never");
  v1::WaitForRevisionResponse response;
  const rpc::ClientCall call(Context::Background().WithTimeout(absl::Seconds(20)), another);
  CHECK_THAT(rpc::FromGrpc(stub->WaitForRevision(call.get(), request, &response)),
             StatusIs(absl::StatusCode::kDeadlineExceeded, "is at revision \"r1\""));
}

TEST_CASE("one caller has so many calls and streams and no more", "[grpc_api]") {
  controller_rpc::CallLimits limits;
  limits.streams = 2;
  limits.calls_per_second = 0.001;
  limits.burst = 5;
  StatusServer server({.authenticate = false, .limits = limits});
  WatchCall first(server.channel(), "");
  CHECK(first.Next() == "synced (all)");
  WatchCall second(server.channel(), "");
  CHECK(second.Next() == "synced (all)");
  WatchCall third(server.channel(), "");
  CHECK_THAT(third.End(), StatusIs(absl::StatusCode::kResourceExhausted, "streams"));
  const auto stub = v1::SyncStatusService::NewStub(server.channel());
  const auto list = [&] {
    v1::ListResponse response;
    const rpc::ClientCall call(server.ctx());
    return rpc::FromGrpc(stub->List(call.get(), {}, &response));
  };
  CHECK(list().ok());
  CHECK(list().ok());
  CHECK_THAT(list(), StatusIs(absl::StatusCode::kResourceExhausted, "too many calls"));
}

TEST_CASE("a wait tells of success and of failure", "[grpc_api]") {
  StatusServer server({.authenticate = false});
  server.board().Put(Of("a", "r1"));
  const auto stub = v1::SyncStatusService::NewStub(server.channel());
  v1::WaitForRevisionRequest request;
  request.mutable_object()->set_kind("Kustomization");
  request.mutable_object()->set_namespace_("apps");
  request.mutable_object()->set_name("a");
  request.set_revision("r2");
  v1::WaitForRevisionResponse response;
  {
    const std::jthread later([&] {
      server.board().Put(Of("b", "r2"));
      server.board().Put(Of("a", "main@r2"));
    });
    const rpc::ClientCall call(server.ctx());
    REQUIRE(stub->WaitForRevision(call.get(), request, &response).ok());
    CHECK(response.outcome() == v1::WaitForRevisionResponse::OUTCOME_READY);
    CHECK(response.item().revision() == "main@r2");
  }
  request.set_revision("r3");
  sync_status::SyncStatus failed = Of("a", "bad");
  failed.last_attempted_revision = "main@r3";
  server.board().Put(failed);
  const rpc::ClientCall call(server.ctx());
  REQUIRE(stub->WaitForRevision(call.get(), request, &response).ok());
  CHECK(response.outcome() == v1::WaitForRevisionResponse::OUTCOME_FAILED);
}

TEST_CASE("one server answers for another one's kinds", "[grpc_api]") {
  StatusServer source({.authenticate = false, .kinds = {"GitRepository"}});
  StatusServer front({.authenticate = false, .kinds = {"Kustomization"}});
  sync_status::SyncStatus repository = Of("repo", "r1");
  repository.object.kind = "GitRepository";
  source.board().Put(repository);
  front.board().Put(Of("app", "r1"));
  const controller_rpc::StatusMirror mirror(front.ctx(), source.address(), {}, front.board(),
                                            RealClock());
  WatchCall watch(front.channel(), "");
  // In any order: the mirror may have heard of it before or after the watch began.
  std::set<std::string> seen;
  while (seen.size() < 2) {
    if (std::string next = watch.Next(); next != "synced (all)") seen.insert(std::move(next));
  }
  CHECK(seen == std::set<std::string>{"app r1", "repo r1"});
  repository.revision = "r2";
  source.board().Put(repository);
  while (watch.Next() != "repo r2") {
  }
  const auto stub = v1::SyncStatusService::NewStub(front.channel());
  v1::ListRequest request;
  v1::ListResponse response;
  const rpc::ClientCall call(front.ctx());
  REQUIRE(stub->List(call.get(), request, &response).ok());
  REQUIRE(response.items_size() == 2);  // one order over both
  CHECK(response.items(0).object().kind() == "GitRepository");
  CHECK(response.items(0).revision() == "r2");
  CHECK(response.items(1).object().kind() == "Kustomization");
  source.board().Remove(repository.object);
  while (watch.Next() != "-repo") {
  }
  CHECK(front.board().Find(repository.object) == nullptr);
}

}  // namespace
}  // namespace sluice::grpc_api
