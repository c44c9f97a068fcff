// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/sync_status_service.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/rpc/status_bridge.h"
#include "common/sync_status/requests.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;
using sync_status::ObjectRef;
using sync_status::StatusPtr;

constexpr int kDefaultPage = 500;
constexpr int kLargestPage = 1000;

// A page token is the last object of the page before: "Kind/namespace/name".
std::string ToToken(const ObjectRef& object) {
  return absl::StrCat(object.kind, "/", object.key.ns, "/", object.key.name);
}

absl::StatusOr<std::optional<ObjectRef>> FromToken(const std::string& token) {
  if (token.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(token, '/');
  if (parts.size() != 3) return absl::InvalidArgumentError("page_token is none of ours");
  return ObjectRef{parts[0], {parts[1], parts[2]}};
}

class SyncStatusServiceImpl : public v1::SyncStatusService::Service {
 public:
  SyncStatusServiceImpl(sync_status::Board& board, kube::Client& client, Clock& clock,
                        rpc::RunningCalls& calls)
      : board_(board), client_(client), clock_(clock), calls_(calls) {}

  grpc::Status List(grpc::ServerContext*, const v1::ListRequest* request,
                    v1::ListResponse* response) override {
    return rpc::ToGrpc(DoList(*request, *response));
  }

  grpc::Status Get(grpc::ServerContext*, const v1::GetRequest* request,
                   v1::GetResponse* response) override {
    const auto found = Find(request->object());
    if (!found.ok()) return rpc::ToGrpc(found.status());
    *response->mutable_item() = ToMessage(**found);
    return grpc::Status::OK;
  }

  grpc::Status Watch(grpc::ServerContext* call, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    const rpc::ServerCall scope(calls_, *call);
    const absl::Status status = DoWatch(scope.ctx(), *request, *writer);
    return rpc::ToGrpc(
        absl::IsCancelled(status) ? absl::UnavailableError("the server is shutting down") : status);
  }

  grpc::Status Reconcile(grpc::ServerContext* call, const v1::ReconcileRequest* request,
                         v1::ReconcileResponse* response) override {
    const rpc::ServerCall scope(calls_, *call);
    return rpc::ToGrpc(DoReconcile(scope.ctx(), *request, *response));
  }

  grpc::Status Suspend(grpc::ServerContext* call, const v1::SuspendRequest* request,
                       v1::SuspendResponse* response) override {
    const rpc::ServerCall scope(calls_, *call);
    return rpc::ToGrpc(DoSuspend(scope.ctx(), request->object(), true, *response->mutable_item()));
  }

  grpc::Status Resume(grpc::ServerContext* call, const v1::ResumeRequest* request,
                      v1::ResumeResponse* response) override {
    const rpc::ServerCall scope(calls_, *call);
    return rpc::ToGrpc(DoSuspend(scope.ctx(), request->object(), false, *response->mutable_item()));
  }

  grpc::Status GetInventory(grpc::ServerContext* call, const v1::GetInventoryRequest* request,
                            v1::GetInventoryResponse* response) override {
    const rpc::ServerCall scope(calls_, *call);
    return rpc::ToGrpc(DoGetInventory(scope.ctx(), request->object(), *response));
  }

 private:
  absl::StatusOr<const kube::Resource*> ResourceOf(const std::string& kind) const {
    if (const kube::Resource* resource = board_.FindKind(kind)) return resource;
    return absl::InvalidArgumentError(
        absl::StrCat("kind \"", kind, "\" is not served by this controller"));
  }

  absl::StatusOr<StatusPtr> Find(const v1::ObjectReference& object) const {
    RETURN_IF_ERROR(ResourceOf(object.kind()).status());
    StatusPtr status = board_.Find({object.kind(), {object.namespace_(), object.name()}});
    if (status == nullptr || (!object.uid().empty() && object.uid() != status->uid)) {
      return absl::NotFoundError(
          absl::StrCat(object.kind(), " ", object.namespace_(), "/", object.name(), " not found"));
    }
    return status;
  }

  absl::Status CheckKinds(const v1::Selection& selection) const {
    for (const std::string& kind : selection.kinds()) RETURN_IF_ERROR(ResourceOf(kind).status());
    return absl::OkStatus();
  }

  absl::Status DoList(const v1::ListRequest& request, v1::ListResponse& response) const {
    RETURN_IF_ERROR(CheckKinds(request.selection()));
    ASSIGN_OR_RETURN(const auto wanted, ToPredicate(request.selection()));
    ASSIGN_OR_RETURN(const auto after, FromToken(request.page_token()));
    const int page =
        request.page_size() <= 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
    const auto found = board_.List(after, static_cast<size_t>(page), wanted);
    for (const StatusPtr& status : found) *response.add_items() = ToMessage(*status);
    if (found.size() == static_cast<size_t>(page)) {
      response.set_next_page_token(ToToken(found.back()->object));
    }
    return absl::OkStatus();
  }

  absl::Status DoWatch(const Context& ctx, const v1::WatchRequest& request,
                       grpc::ServerWriter<v1::WatchResponse>& writer) {
    RETURN_IF_ERROR(CheckKinds(request.selection()));
    ASSIGN_OR_RETURN(const auto wanted, ToPredicate(request.selection()));
    std::set<ObjectRef> shown;
    const auto show = [&](const sync_status::SyncStatus& status) {
      v1::WatchResponse message;
      *message.mutable_changed() = ToMessage(status);
      shown.insert(status.object);
      return writer.Write(message);
    };
    sync_status::Board::Cursor cursor = board_.Now();
    std::optional<ObjectRef> after;
    while (true) {
      const auto page = board_.List(after, kLargestPage, wanted);
      for (const StatusPtr& status : page) {
        if (!show(*status)) return absl::OkStatus();
      }
      if (page.size() < kLargestPage) break;
      after = page.back()->object;
    }
    v1::WatchResponse synced;
    synced.mutable_synced();
    if (!writer.Write(synced)) return absl::OkStatus();
    while (true) {
      ASSIGN_OR_RETURN(const auto update, board_.Next(ctx, cursor));
      if (update.status != nullptr && wanted(*update.status)) {
        if (!show(*update.status)) return absl::OkStatus();
      } else if (shown.erase(update.object) > 0) {
        v1::WatchResponse removed;
        *removed.mutable_removed() = ToMessage(update.object);
        if (!writer.Write(removed)) return absl::OkStatus();
      }
    }
  }

  absl::Status DoReconcile(const Context& ctx, const v1::ReconcileRequest& request,
                           v1::ReconcileResponse& response) {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(request.object()));
    ASSIGN_OR_RETURN(const kube::Resource* resource, ResourceOf(status->object.kind));
    if (request.with_source()) RETURN_IF_ERROR(ReconcileSource(ctx, *resource, *status));
    ASSIGN_OR_RETURN(
        std::string requested_at,
        sync_status::RequestReconcile(ctx, client_, *resource, status->object.key, clock_.Now(),
                                      {request.force(), request.reset()}));
    response.set_requested_at(std::move(requested_at));
    return absl::OkStatus();
  }

  absl::Status ReconcileSource(const Context& ctx, const kube::Resource& resource,
                               const sync_status::SyncStatus& status) {
    ASSIGN_OR_RETURN(const Value object, client_.Get(ctx, resource, status.object.key));
    const Value& reference = object["spec"]["sourceRef"];
    const kube::Resource* source = api::FindKind(reference["kind"].str());
    if (source == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat(status.object.kind, " has no source that could be reconciled"));
    }
    const std::string ns(reference["namespace"].string_or(status.object.key.ns));
    return sync_status::RequestReconcile(ctx, client_, *source,
                                         {ns, std::string(reference["name"].str())}, clock_.Now())
        .status();
  }

  absl::Status DoSuspend(const Context& ctx, const v1::ObjectReference& object, bool suspended,
                         v1::SyncStatus& result) {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(object));
    ASSIGN_OR_RETURN(const kube::Resource* resource, ResourceOf(object.kind()));
    ASSIGN_OR_RETURN(const Value changed, sync_status::SetSuspended(ctx, client_, *resource,
                                                                    status->object.key, suspended));
    result = ToMessage(sync_status::StatusOf(changed));
    return absl::OkStatus();
  }

  absl::Status DoGetInventory(const Context& ctx, const v1::ObjectReference& object,
                              v1::GetInventoryResponse& response) {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(object));
    ASSIGN_OR_RETURN(const kube::Resource* resource, ResourceOf(object.kind()));
    ASSIGN_OR_RETURN(const Value live, client_.Get(ctx, *resource, status->object.key));
    for (const Value& entry : live["status"]["inventory"]["entries"].items()) {
      auto& item = *response.add_entries();
      item.set_id(std::string(entry["id"].str()));
      item.set_version(std::string(entry["v"].str()));
    }
    return absl::OkStatus();
  }

  sync_status::Board& board_;
  kube::Client& client_;
  Clock& clock_;
  rpc::RunningCalls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> CreateSyncStatusService(sync_status::Board& board,
                                                       kube::Client& client, Clock& clock,
                                                       rpc::RunningCalls& calls) {
  return std::make_unique<SyncStatusServiceImpl>(board, client, clock, calls);
}

}  // namespace sluice::controller_rpc
