// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/sync_status_service.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/object_details.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/controller_rpc/watch_hub.h"
#include "common/explain/live_cluster.h"
#include "common/explain/references.h"
#include "common/rpc/status_bridge.h"
#include "common/sync_status/progress.h"
#include "common/sync_status/requests.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;
using sync_status::ObjectRef;
using sync_status::StatusPtr;

constexpr int kDefaultPage = 500;
constexpr int kLargestPage = 1000;
constexpr absl::Duration kLongestWait = absl::Minutes(10);

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

// Watch is the hub's, on gRPC's callbacks; every other call has a thread while it runs.
using Base = v1::SyncStatusService::WithRawCallbackMethod_Watch<v1::SyncStatusService::Service>;

class SyncStatusServiceImpl : public Base {
 public:
  explicit SyncStatusServiceImpl(const StatusSources& sources)
      : with_(sources),
        watches_(sources.board, sources.guard, sources.clock, sources.calls,
                 [this](const std::vector<std::string>& kinds) { return CheckKinds(kinds); }) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request) override {
    return watches_.Watch(call, request);
  }

  grpc::Status List(grpc::ServerContext* call, const v1::ListRequest* request,
                    v1::ListResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return DoList(ctx, session, *request, *response);
    });
  }

  grpc::Status Get(grpc::ServerContext* call, const v1::GetRequest* request,
                   v1::GetResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return DoGet(ctx, session, request->object(), *response->mutable_item());
    });
  }

  grpc::Status Reconcile(grpc::ServerContext* call, const v1::ReconcileRequest* request,
                         v1::ReconcileResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return DoReconcile(ctx, session, *request, *response);
    });
  }

  grpc::Status Suspend(grpc::ServerContext* call, const v1::SuspendRequest* request,
                       v1::SuspendResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return SetSuspended(ctx, session, request->object(), true, *response->mutable_item());
    });
  }

  grpc::Status Resume(grpc::ServerContext* call, const v1::ResumeRequest* request,
                      v1::ResumeResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return SetSuspended(ctx, session, request->object(), false, *response->mutable_item());
    });
  }

  grpc::Status GetInventory(grpc::ServerContext* call, const v1::GetInventoryRequest* request,
                            v1::GetInventoryResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return DoGetInventory(ctx, session, request->object(), *response);
    });
  }

  grpc::Status GetTree(grpc::ServerContext* call, const v1::GetTreeRequest* request,
                       v1::GetTreeResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const Value live, Live(ctx, session, request->object()));
      const explain::LiveCluster view = ViewOf(ctx, session);
      ASSIGN_OR_RETURN(*response, TreeOf(live, view, with_.clock.Now()));
      return absl::OkStatus();
    });
  }

  grpc::Status GetHistory(grpc::ServerContext* call, const v1::GetHistoryRequest* request,
                          v1::GetHistoryResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const Value live, Live(ctx, session, request->object()));
      *response = HistoryOf(live);
      return absl::OkStatus();
    });
  }

  grpc::Status WaitForRevision(grpc::ServerContext* call, const v1::WaitForRevisionRequest* request,
                               v1::WaitForRevisionResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) {
      return DoWaitForRevision(ctx, session, *request, *response);
    });
  }

  grpc::Status Explain(grpc::ServerContext* call, const v1::ExplainRequest* request,
                       v1::ExplainResponse* response) override {
    return Serve(*call, [&](const Context& ctx, const Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const StatusPtr status, Find(ctx, session, "get", request->object()));
      const ObjectRef& object = status->object;
      const explain::LiveCluster view = ViewOf(ctx, session);
      ASSIGN_OR_RETURN(
          *response, ExplanationOf(explain::OwnObject(object.kind, object.key.ns, object.key.name),
                                   view, with_.clock.Now()));
      return absl::OkStatus();
    });
  }

 private:
  // Lets the caller in, then runs `body`.
  template <typename Body>
  grpc::Status Serve(grpc::ServerContext& call, const Body& body) {
    const rpc::ServerCall scope(with_.calls, call);
    const absl::StatusOr<Session> session = with_.guard.Enter(scope.ctx(), scope.caller());
    if (!session.ok()) return rpc::ToGrpc(session.status());
    if (absl::Status there = with_.availability(""); !there.ok()) return rpc::ToGrpc(there);
    const absl::Status status = body(scope.ctx(), *session);
    // Our end is not the caller's doing.
    return rpc::ToGrpc(absl::IsCancelled(status) && with_.calls.ctx().cancelled()
                           ? absl::UnavailableError("the server is shutting down")
                           : status);
  }

  absl::StatusOr<const kube::Resource*> ResourceOf(const std::string& kind) const {
    if (const kube::Resource* resource = with_.board.FindKind(kind)) return resource;
    RETURN_IF_ERROR(with_.availability(kind));
    return absl::InvalidArgumentError(
        absl::StrCat("kind \"", kind, "\" is not served by this controller"));
  }

  absl::Status CheckKinds(const std::vector<std::string>& kinds) const {
    RETURN_IF_ERROR(with_.availability(""));
    for (const std::string& kind : kinds) RETURN_IF_ERROR(ResourceOf(kind).status());
    return absl::OkStatus();
  }

  // The object, if it is there and the caller may do `verb` to it.
  absl::StatusOr<StatusPtr> Find(const Context& ctx, const Session& session, absl::string_view verb,
                                 const v1::ObjectReference& object) const {
    ASSIGN_OR_RETURN(const kube::Resource* resource, ResourceOf(object.kind()));
    const kube::ObjectKey key = {object.namespace_(), object.name()};
    if (key.ns.empty() || key.name.empty()) {
      return absl::InvalidArgumentError("an object is named by kind, namespace and name");
    }
    RETURN_IF_ERROR(with_.guard.Require(ctx, session, verb, *resource, key));
    StatusPtr status = with_.board.Find({object.kind(), key});
    if (status == nullptr || (!object.uid().empty() && object.uid() != status->uid)) {
      return NotFound(object.kind(), key);
    }
    return status;
  }

  // The same as the API server has it, for reading.
  absl::StatusOr<Value> Live(const Context& ctx, const Session& session,
                             const v1::ObjectReference& object) const {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(ctx, session, "get", object));
    return with_.client.Get(ctx, api::KindOrDie(object.kind()), status->object.key);
  }

  // The cluster as far as the caller may see it.
  explain::LiveCluster ViewOf(const Context& ctx, const Session& session) const {
    return {ctx, with_.client, with_.discovery,
            [this, &ctx, &session](absl::string_view verb, const kube::Resource& resource,
                                   const kube::ObjectKey& key) {
              return with_.guard.Allowed(ctx, session, verb, resource, key);
            }};
  }

  absl::Status DoList(const Context& ctx, const Session& session, const v1::ListRequest& request,
                      v1::ListResponse& response) const {
    const v1::Selection& selection = request.selection();
    RETURN_IF_ERROR(CheckKinds({selection.kinds().begin(), selection.kinds().end()}));
    ASSIGN_OR_RETURN(const auto wanted, ToPredicate(selection));
    ASSIGN_OR_RETURN(std::optional<ObjectRef> after, FromToken(request.page_token()));
    const int page =
        request.page_size() <= 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
    Scope scope(with_.guard, session, "list");
    while (response.items_size() < page) {
      const auto limit = static_cast<size_t>(page - response.items_size());
      const auto found = with_.board.List(after, limit, wanted);
      for (const StatusPtr& status : found) {
        ASSIGN_OR_RETURN(const bool seen,
                         scope.Includes(ctx, status->object.kind, status->object.key.ns));
        if (seen) *response.add_items() = ToMessage(*status);
      }
      if (found.size() < limit) return absl::OkStatus();
      after = found.back()->object;
    }
    response.set_next_page_token(ToToken(*after));
    return absl::OkStatus();
  }

  absl::Status DoGet(const Context& ctx, const Session& session, const v1::ObjectReference& object,
                     v1::SyncStatus& item) const {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(ctx, session, "get", object));
    item = ToMessage(*status);
    return absl::OkStatus();
  }

  absl::Status DoReconcile(const Context& ctx, const Session& session,
                           const v1::ReconcileRequest& request, v1::ReconcileResponse& response) {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(ctx, session, "patch", request.object()));
    const kube::Resource& resource = api::KindOrDie(status->object.kind);
    if (request.with_source()) {
      ASSIGN_OR_RETURN(const Value object, with_.client.Get(ctx, resource, status->object.key));
      RETURN_IF_ERROR(ReconcileSources(ctx, session, object));
    }
    ASSIGN_OR_RETURN(
        std::string requested_at,
        sync_status::RequestReconcile(ctx, with_.client, resource, status->object.key,
                                      with_.clock.Now(), {request.force(), request.reset()}));
    response.set_requested_at(std::move(requested_at));
    return absl::OkStatus();
  }

  // A chart has a source of its own, which comes first.
  absl::Status ReconcileSources(const Context& ctx, const Session& session, const Value& object) {
    bool any = false;
    for (const explain::Reference& source : explain::SourcesOf(object)) {
      const kube::Resource* resource = api::FindKind(source.object.gvk.kind);
      if (resource == nullptr || resource->kind == "ExternalArtifact") continue;
      any = true;
      RETURN_IF_ERROR(with_.guard.Require(ctx, session, "patch", *resource, source.object.key));
      if (resource->kind == "HelmChart") {
        ASSIGN_OR_RETURN(const Value chart, with_.client.Get(ctx, *resource, source.object.key));
        RETURN_IF_ERROR(ReconcileSources(ctx, session, chart));
      }
      RETURN_IF_ERROR(sync_status::RequestReconcile(ctx, with_.client, *resource, source.object.key,
                                                    with_.clock.Now())
                          .status());
    }
    if (any) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(object["kind"].str(), " has no source that could be reconciled"));
  }

  absl::Status SetSuspended(const Context& ctx, const Session& session,
                            const v1::ObjectReference& object, bool suspended,
                            v1::SyncStatus& result) {
    ASSIGN_OR_RETURN(const StatusPtr status, Find(ctx, session, "patch", object));
    ASSIGN_OR_RETURN(
        const Value changed,
        sync_status::SetSuspended(ctx, with_.client, api::KindOrDie(status->object.kind),
                                  status->object.key, suspended));
    result = ToMessage(sync_status::StatusOf(changed));
    return absl::OkStatus();
  }

  absl::Status DoGetInventory(const Context& ctx, const Session& session,
                              const v1::ObjectReference& object,
                              v1::GetInventoryResponse& response) {
    ASSIGN_OR_RETURN(const Value live, Live(ctx, session, object));
    for (const Value& entry : live["status"]["inventory"]["entries"].items()) {
      auto& item = *response.add_entries();
      item.set_id(std::string(entry["id"].str()));
      item.set_version(std::string(entry["v"].str()));
    }
    return absl::OkStatus();
  }

  absl::Status DoWaitForRevision(const Context& ctx, const Session& session,
                                 const v1::WaitForRevisionRequest& request,
                                 v1::WaitForRevisionResponse& response) {
    ASSIGN_OR_RETURN(const Guard::Permit permit, with_.guard.OpenWait(session));
    const sync_status::Goal goal = {request.revision(), request.requested_at()};
    // The token's end is the wait's: whoever waits longer needs another one.
    const Context bounded =
        ctx.WithTimeout(std::min(kLongestWait, session.expires - with_.clock.Now()));
    sync_status::Board::Cursor cursor = with_.board.Now();
    while (true) {
      ASSIGN_OR_RETURN(const StatusPtr status, Find(bounded, session, "get", request.object()));
      const sync_status::Progress progress = sync_status::ProgressOf(*status, goal);
      *response.mutable_item() = ToMessage(*status);
      if (progress != sync_status::Progress::kPending) {
        response.set_outcome(progress == sync_status::Progress::kReady
                                 ? v1::WaitForRevisionResponse::OUTCOME_READY
                                 : v1::WaitForRevisionResponse::OUTCOME_FAILED);
        return absl::OkStatus();
      }
      const absl::Status changed = AwaitChange(bounded, status->object, cursor);
      if (absl::IsDeadlineExceeded(changed)) {
        return absl::DeadlineExceededError(absl::StrCat(
            status->object.kind, " ", status->object.key.ToString(), " is at revision \"",
            status->revision, "\": ", status->reason, ": ", status->message));
      }
      RETURN_IF_ERROR(changed);
    }
  }

  absl::Status AwaitChange(const Context& ctx, const ObjectRef& object,
                           sync_status::Board::Cursor& cursor) {
    while (true) {
      const auto update = with_.board.Next(ctx, cursor);
      // Too far behind to know whether it has changed: look.
      if (absl::IsUnavailable(update.status())) {
        cursor = with_.board.Now();
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(update.status());
      if (update->object == object) return absl::OkStatus();
    }
  }

  const StatusSources with_;
  WatchHub watches_;
};

}  // namespace

std::unique_ptr<grpc::Service> CreateSyncStatusService(const StatusSources& sources) {
  return std::make_unique<SyncStatusServiceImpl>(sources);
}

}  // namespace sluice::controller_rpc
