// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/rpc/artifact_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/controller_rpc/artifact_messages.h"
#include "common/rpc/status_bridge.h"

namespace sluice::source_controller {

namespace v1 = ::sluice::source::v1;

grpc::Status ArtifactServiceImpl::Subscribe(grpc::ServerContext* call,
                                            const v1::SubscribeRequest* request,
                                            grpc::ServerWriter<v1::ArtifactEvent>* writer) {
  const rpc::ServerCall scope(calls_, *call);
  artifact::Filter filter;
  for (const std::string& kind : request->kinds()) {
    const kube::Resource* resource = api::FindKind(kind);
    if (resource == nullptr || resource->group != api::kSourceGroup) {
      return rpc::ToGrpc(
          absl::InvalidArgumentError(absl::StrCat("\"", kind, "\" is no kind of source")));
    }
    filter.kinds.push_back(kind);
  }
  filter.namespaces.assign(request->namespaces().begin(), request->namespaces().end());
  const auto subscription = hub_.Subscribe(std::move(filter), request->resume_token());
  while (true) {
    const auto event = subscription->Next(scope.ctx());
    if (!event.ok()) {
      // A shutdown is no failure of the caller's: it is to come back with its last token.
      return rpc::ToGrpc(absl::IsCancelled(event.status())
                             ? absl::UnavailableError("the server is shutting down")
                             : event.status());
    }
    if (!writer->Write(controller_rpc::ToMessage(*event))) return grpc::Status::CANCELLED;
    if (event->type == artifact::EventType::kResync) return grpc::Status::OK;
  }
}

}  // namespace sluice::source_controller
