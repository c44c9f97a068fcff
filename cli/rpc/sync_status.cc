// SPDX-License-Identifier: Apache-2.0
#include "cli/rpc/sync_status.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/offline/input.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_bridge.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = ::sluice::common::v1;

const char* ConditionStatus(v1::ConditionStatus status) {
  switch (status) {
    case v1::CONDITION_STATUS_TRUE:
      return "True";
    case v1::CONDITION_STATUS_FALSE:
      return "False";
    default:
      return "Unknown";
  }
}

Value Condition(absl::string_view type, absl::string_view status) {
  return Value({{"type", type}, {"status", status}});
}

// Puts the revision where the kind's own status has it.
void SetRevision(const std::string& kind, const std::string& revision, Value& status) {
  if (revision.empty()) return;
  if (kind == "Kustomization") {
    status.Set("lastAppliedRevision", revision);
  } else if (kind == "HelmRelease") {
    status.Set("history", Value::EmptyArray()).Append({{"chartVersion", revision}});
  } else if (kind == "ImagePolicy") {
    const size_t colon = revision.rfind(':');
    Value& latest = status.Ensure("latestRef");
    latest.Set("name", revision.substr(0, colon));
    if (colon != std::string::npos) latest.Set("tag", revision.substr(colon + 1));
  } else {
    status.Ensure("artifact").Set("revision", revision);
  }
}

Value ToObject(const v1::SyncStatus& message) {
  const v1::ObjectReference& reference = message.object();
  Value object({{"kind", reference.kind()}});
  Value& metadata = object.Ensure("metadata");
  metadata.Set("name", reference.name());
  metadata.Set("namespace", reference.namespace_());
  metadata.Set("generation", message.generation());
  for (const auto& [key, value] : message.labels()) metadata.Ensure("labels").Set(key, value);
  object.Ensure("spec").Set("suspend", message.suspended());
  Value& status = object.Ensure("status");
  status.Set("observedGeneration", message.observed_generation());
  status.Set("lastHandledReconcileAt", message.last_handled_reconcile_at());
  SetRevision(reference.kind(), message.revision(), status);
  Value conditions = Value::EmptyArray();
  if (message.stalled()) conditions.Append(Condition("Stalled", "True"));
  if (message.reconciling()) conditions.Append(Condition("Reconciling", "True"));
  if (message.ready() != v1::CONDITION_STATUS_UNSPECIFIED) {
    Value ready = Condition("Ready", ConditionStatus(message.ready()));
    ready.Set("reason", message.reason());
    ready.Set("message", message.message());
    conditions.Append(std::move(ready));
  }
  status.Set("conditions", std::move(conditions));
  return object;
}

}  // namespace

absl::StatusOr<Secret> ReadServerToken(const ServerOptions& options) {
  if (options.token_file.empty()) return Secret();
  if (options.ca_file.empty()) {
    return absl::InvalidArgumentError(
        "--server-token-file needs --server-ca-file: a token is not sent in plain text");
  }
  ASSIGN_OR_RETURN(const std::string token, ReadFile(options.token_file));
  return Secret(std::string(absl::StripAsciiWhitespace(token)));
}

absl::StatusOr<std::vector<kube::ObjectPtr>> ListSyncStatus(const Context& ctx,
                                                            const ServerOptions& options,
                                                            const std::string& server,
                                                            const Secret& token,
                                                            const SyncStatusQuestion& question) {
  rpc::ChannelOptions channel_options;
  channel_options.target = server;
  channel_options.tls = !options.ca_file.empty();
  channel_options.tls_files.authorities = options.ca_file;
  channel_options.server_name = options.name;
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   rpc::CreateChannel(std::move(channel_options)));
  const auto stub = v1::SyncStatusService::NewStub(channel);
  v1::ListRequest request;
  v1::Selection& selection = *request.mutable_selection();
  if (!question.ns.empty()) selection.add_namespaces(question.ns);
  selection.set_label_selector(question.label_selector);
  std::vector<kube::ObjectPtr> objects;
  do {
    v1::ListResponse response;
    rpc::ClientCall call(ctx, token);
    RETURN_IF_ERROR(Annotate(rpc::FromGrpc(stub->List(call.get(), request, &response)), server));
    for (const v1::SyncStatus& item : response.items()) {
      // All kinds are asked for and sorted out here: a controller refuses kinds it does not serve.
      const auto wanted =
          std::find(question.kinds.begin(), question.kinds.end(), item.object().kind());
      if (wanted == question.kinds.end()) continue;
      objects.push_back(std::make_shared<const Value>(ToObject(item)));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return objects;
}

}  // namespace sluice::cli
