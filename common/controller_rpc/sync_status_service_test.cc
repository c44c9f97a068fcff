// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/sync_status_service.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/runtime/informer.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;

// Holds one object and remembers the last patch. Asked by the server's threads, and by tests.
class OneObjectClient : public kube::Client {
 public:
  Value last_patch() const {
    const absl::MutexLock lock(&mutex_);
    return last_patch_;
  }

  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest& request) override {
    const absl::MutexLock lock(&mutex_);
    if (request.method == "PATCH") {
      last_patch_ = request.body;
      if (last_patch_["spec"].is_object()) object_.Set("spec", last_patch_["spec"]);
    }
    return object_;
  }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("nobody watches here");
  }

 private:
  mutable absl::Mutex mutex_;
  Value object_ ABSL_GUARDED_BY(mutex_) = {
      {"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
      {"kind", "Kustomization"},
      {"metadata", {{"name", "a"}, {"namespace", "default"}, {"generation", 1}}},
      {"spec", {{"suspend", false}}},
      {"status",
       {{"inventory",
         {{"entries", Value(Value::Array{Value{{"id", "default_x__ConfigMap"}, {"v", "v1"}}})}}}}}};
  Value last_patch_ ABSL_GUARDED_BY(mutex_);
};

struct Fixture {
  OneObjectClient kube;
  sync_status::Board board;
  runtime::Informer informer{kube, api::KindOrDie("Kustomization"), {}, RealClock()};
  rpc::RunningCalls calls;
  Guard guard{nullptr, RealClock()};
  kube::Discovery discovery{kube};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<rpc::Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::SyncStatusService::Stub> stub;

  Fixture() {
    board.Follow(informer);
    service = CreateSyncStatusService({board, kube, discovery, guard, RealClock(), calls,
                                       [](const std::string&) { return absl::OkStatus(); }});
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    server = rpc::Server::Start(options, calls,
                                {{v1::SyncStatusService::service_full_name(), service.get()}})
                 .value();
    channel = rpc::CreateChannel({.target = absl::StrCat("127.0.0.1:", server->port())}).value();
    stub = v1::SyncStatusService::NewStub(channel);
    for (const char* name : {"a", "b", "c"}) Put(name, "r1", std::string(name) != "b");
  }

  void Put(const std::string& name, const std::string& revision, bool ready) {
    sync_status::SyncStatus status;
    status.object = {"Kustomization", {"default", name}};
    status.revision = revision;
    status.has_ready = true;
    status.ready = ready ? api::ConditionStatus::kTrue : api::ConditionStatus::kFalse;
    status.labels = {{"team", name}};
    board.Put(status);
  }

  static v1::ObjectReference Named(const std::string& kind, const std::string& name) {
    v1::ObjectReference reference;
    reference.set_kind(kind);
    reference.set_namespace_("default");
    reference.set_name(name);
    return reference;
  }
};

TEST_CASE("lists are filtered and come in pages", "[controller_rpc]") {
  Fixture fixture;
  v1::ListRequest request;
  request.set_page_size(2);
  v1::ListResponse response;
  {
    grpc::ClientContext call;
    REQUIRE(fixture.stub->List(&call, request, &response).ok());
  }
  REQUIRE(response.items_size() == 2);
  CHECK(response.items(0).object().name() == "a");
  CHECK(response.items(0).ready() == v1::CONDITION_STATUS_TRUE);
  request.set_page_token(response.next_page_token());
  response.Clear();
  {
    grpc::ClientContext call;
    REQUIRE(fixture.stub->List(&call, request, &response).ok());
  }
  REQUIRE(response.items_size() == 1);
  CHECK(response.next_page_token().empty());

  v1::ListRequest failing;
  failing.mutable_selection()->set_only_failing(true);
  response.Clear();
  {
    grpc::ClientContext call;
    REQUIRE(fixture.stub->List(&call, failing, &response).ok());
  }
  REQUIRE(response.items_size() == 1);
  CHECK(response.items(0).object().name() == "b");
}

TEST_CASE("unknown kinds, names and selectors are refused", "[controller_rpc]") {
  Fixture fixture;
  const auto get = [&](const v1::ObjectReference& object) {
    grpc::ClientContext call;
    v1::GetRequest request;
    *request.mutable_object() = object;
    v1::GetResponse response;
    return fixture.stub->Get(&call, request, &response).error_code();
  };
  CHECK(get(Fixture::Named("Kustomization", "a")) == grpc::StatusCode::OK);
  CHECK(get(Fixture::Named("Kustomization", "zz")) == grpc::StatusCode::NOT_FOUND);
  CHECK(get(Fixture::Named("Bucket", "a")) == grpc::StatusCode::INVALID_ARGUMENT);
  v1::ObjectReference other_uid = Fixture::Named("Kustomization", "a");
  other_uid.set_uid("another");
  CHECK(get(other_uid) == grpc::StatusCode::NOT_FOUND);

  grpc::ClientContext call;
  v1::ListRequest request;
  request.mutable_selection()->set_label_selector("=x");
  v1::ListResponse response;
  CHECK(fixture.stub->List(&call, request, &response).error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("a watch gives what is there, the marker, then changes", "[controller_rpc]") {
  Fixture fixture;
  grpc::ClientContext call;
  v1::WatchRequest request;
  request.mutable_selection()->set_label_selector("team in (a,b)");
  const auto reader = fixture.stub->Watch(&call, request);
  v1::WatchResponse message;
  REQUIRE(reader->Read(&message));
  CHECK(message.changed().object().name() == "a");
  REQUIRE(reader->Read(&message));
  CHECK(message.changed().object().name() == "b");
  REQUIRE(reader->Read(&message));
  CHECK(message.has_synced());
  fixture.Put("c", "r2", true);  // not selected
  fixture.Put("a", "r2", true);
  REQUIRE(reader->Read(&message));
  CHECK(message.changed().revision() == "r2");
  fixture.board.Remove({"Kustomization", {"default", "b"}});
  REQUIRE(reader->Read(&message));
  CHECK(message.removed().name() == "b");
  call.TryCancel();
  while (reader->Read(&message)) {
  }
  CHECK(reader->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

TEST_CASE("reconciling, suspending and the inventory", "[controller_rpc]") {
  Fixture fixture;
  v1::ReconcileRequest reconcile;
  *reconcile.mutable_object() = Fixture::Named("Kustomization", "a");
  {
    grpc::ClientContext call;
    v1::ReconcileResponse response;
    REQUIRE(fixture.stub->Reconcile(&call, reconcile, &response).ok());
    CHECK(fixture.kube.last_patch()["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"]
              .str() == response.requested_at());
  }
  {
    grpc::ClientContext call;
    v1::SuspendRequest request;
    *request.mutable_object() = Fixture::Named("Kustomization", "a");
    v1::SuspendResponse response;
    REQUIRE(fixture.stub->Suspend(&call, request, &response).ok());
    CHECK(response.item().suspended());
  }
  {
    grpc::ClientContext call;
    v1::ReconcileResponse response;
    CHECK(fixture.stub->Reconcile(&call, reconcile, &response).error_code() ==
          grpc::StatusCode::FAILED_PRECONDITION);
  }
  grpc::ClientContext call;
  v1::GetInventoryRequest request;
  *request.mutable_object() = Fixture::Named("Kustomization", "a");
  v1::GetInventoryResponse response;
  REQUIRE(fixture.stub->GetInventory(&call, request, &response).ok());
  REQUIRE(response.entries_size() == 1);
  CHECK(response.entries(0).id() == "default_x__ConfigMap");
}

}  // namespace
}  // namespace sluice::controller_rpc
