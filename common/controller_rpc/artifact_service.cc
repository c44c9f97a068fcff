// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_messages.h"
#include "common/rpc/status_bridge.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::source::v1;

constexpr absl::Duration kRefresh = absl::Minutes(1);

absl::StatusOr<artifact::Filter> FilterOf(const v1::SubscribeRequest& request) {
  artifact::Filter filter;
  for (const std::string& kind : request.kinds()) {
    const kube::Resource* resource = api::FindKind(kind);
    if (resource == nullptr || resource->group != api::kSourceGroup) {
      return absl::InvalidArgumentError(absl::StrCat("\"", kind, "\" is no kind of source"));
    }
    filter.kinds.push_back(kind);
  }
  filter.namespaces.assign(request.namespaces().begin(), request.namespaces().end());
  return filter;
}

bool IsOfObject(const artifact::Event& event) {
  return event.type != artifact::EventType::kSynced && event.type != artifact::EventType::kResync;
}

class ArtifactServiceImpl : public v1::ArtifactService::Service {
 public:
  ArtifactServiceImpl(artifact::Hub& hub, Guard& guard, Clock& clock, rpc::RunningCalls& calls)
      : hub_(hub), guard_(guard), clock_(clock), calls_(calls) {}

  grpc::Status Subscribe(grpc::ServerContext* call, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::ArtifactEvent>* writer) override {
    const rpc::ServerCall scope(calls_, *call);
    absl::StatusOr<Session> session = guard_.Enter(scope.ctx(), scope.caller());
    if (!session.ok()) return rpc::ToGrpc(session.status());
    const absl::Status status = DoSubscribe(scope.ctx(), *std::move(session), *request, *writer);
    // A shutdown is no failure of the caller's: it is to come back with its last token.
    return rpc::ToGrpc(
        absl::IsCancelled(status) ? absl::UnavailableError("the server is shutting down") : status);
  }

 private:
  absl::Status DoSubscribe(const Context& ctx, Session session, const v1::SubscribeRequest& request,
                           grpc::ServerWriter<v1::ArtifactEvent>& writer) {
    ASSIGN_OR_RETURN(artifact::Filter filter, FilterOf(request));
    ASSIGN_OR_RETURN(const Guard::Permit permit, guard_.OpenWait(session));
    Scope scope(guard_, std::move(session), "watch");
    const auto subscription = hub_.Subscribe(std::move(filter), request.resume_token());
    absl::Time refresh_at = clock_.Now() + kRefresh;
    while (true) {
      // What the caller may see is asked for anew now and then, and when its token ends.
      const Context bounded =
          ctx.WithTimeout(std::min(refresh_at, scope.session().expires) - clock_.Now());
      absl::StatusOr<artifact::Event> event = subscription->Next(bounded);
      if (absl::IsDeadlineExceeded(event.status()) && ctx.Check().ok()) {
        refresh_at = clock_.Now() + kRefresh;
        ASSIGN_OR_RETURN(const bool changed, scope.Refresh(ctx));
        if (!changed) continue;
        event = artifact::Event{.type = artifact::EventType::kResync};
      }
      RETURN_IF_ERROR(event.status());
      if (IsOfObject(*event)) {
        const api::SourceReference& source = event->publication.source;
        ASSIGN_OR_RETURN(const bool seen, scope.Includes(ctx, source.kind, source.key.ns));
        if (!seen) continue;
      }
      if (!writer.Write(ToMessage(*event))) return absl::CancelledError("gone");
      if (event->type == artifact::EventType::kResync) return absl::OkStatus();
    }
  }

  artifact::Hub& hub_;
  Guard& guard_;
  Clock& clock_;
  rpc::RunningCalls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> CreateArtifactService(artifact::Hub& hub, Guard& guard, Clock& clock,
                                                     rpc::RunningCalls& calls) {
  return std::make_unique<ArtifactServiceImpl>(hub, guard, clock, calls);
}

}  // namespace sluice::controller_rpc
