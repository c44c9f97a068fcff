// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/object_details.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/explain/explain.h"
#include "common/explain/workload.h"
#include "common/ssa/kstatus.h"
#include "common/sync_status/status.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;

constexpr int kMostNodes = 1000;
constexpr int kDeepest = 8;

v1::ObjectReference ToMessage(const ssa::ObjectId& id) {
  v1::ObjectReference message;
  message.set_group(id.gvk.group);
  message.set_kind(id.gvk.kind);
  message.set_namespace_(id.key.ns);
  message.set_name(id.key.name);
  return message;
}

v1::Health HealthOf(ssa::Readiness readiness) {
  switch (readiness) {
    case ssa::Readiness::kCurrent:
      return v1::HEALTH_CURRENT;
    case ssa::Readiness::kInProgress:
      return v1::HEALTH_IN_PROGRESS;
    case ssa::Readiness::kFailed:
      return v1::HEALTH_FAILED;
    case ssa::Readiness::kTerminating:
      return v1::HEALTH_TERMINATING;
    case ssa::Readiness::kNotFound:
      return v1::HEALTH_NOT_FOUND;
    case ssa::Readiness::kUnknown:
      return v1::HEALTH_UNSPECIFIED;
  }
  return v1::HEALTH_UNSPECIFIED;
}

class TreeBuilder {
 public:
  TreeBuilder(const CallerView& view, absl::Time now) : view_(view), now_(now) {}

  // Fills `node` from `object` and, below it, what that has applied.
  absl::Status Fill(const Value& object, int depth, v1::TreeNode& node) {
    const ssa::Readiness readiness = ssa::ReadinessOf(object, now_);
    node.set_health(HealthOf(readiness));
    node.mutable_object()->set_uid(std::string(kube::Uid(object)));
    const kube::Resource* own = api::FindKind(object["kind"].str());
    if (own == nullptr || own->group != kube::GvkOf(object).group) {
      if (readiness == ssa::Readiness::kInProgress || readiness == ssa::Readiness::kFailed) {
        node.set_message(explain::AilmentOf(object, {}).summary);
      }
      return absl::OkStatus();
    }
    const sync_status::SyncStatus status = sync_status::StatusOf(object);
    node.set_message(status.message);
    node.set_revision(status.revision);
    const auto inventory = ssa::DecodeInventory(object["status"]["inventory"]);
    if (!inventory.ok()) return absl::OkStatus();
    // What is in another cluster is named, but cannot be looked at from here.
    const bool remote = object["spec"]["kubeConfig"].is_object();
    for (const ssa::ObjectId& id : *inventory) {
      if (++nodes_ > kMostNodes || depth >= kDeepest) {
        truncated_ = true;
        return absl::OkStatus();
      }
      v1::TreeNode& child = *node.add_children();
      *child.mutable_object() = ToMessage(id);
      child.set_api_version(id.gvk.api_version());
      if (!remote) RETURN_IF_ERROR(Look(id, depth + 1, child));
    }
    return absl::OkStatus();
  }

  bool truncated() const { return truncated_; }

 private:
  absl::Status Look(const ssa::ObjectId& id, int depth, v1::TreeNode& node) {
    const absl::StatusOr<Value> object = view_.Get(id);
    if (absl::IsPermissionDenied(object.status())) return absl::OkStatus();
    if (absl::IsNotFound(object.status())) {
      node.set_health(v1::HEALTH_NOT_FOUND);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(object.status());
    return Fill(*object, depth, node);
  }

  const CallerView& view_;
  const absl::Time now_;
  int nodes_ = 0;
  bool truncated_ = false;
};

void SetTime(const Value& text, google::protobuf::Timestamp& timestamp) {
  if (const auto time = ParseRfc3339(text.str()); time.ok()) {
    timestamp.set_seconds(absl::ToUnixSeconds(*time));
  }
}

}  // namespace

absl::StatusOr<v1::GetTreeResponse> TreeOf(const Value& root, const CallerView& view,
                                           absl::Time now) {
  v1::GetTreeResponse response;
  *response.mutable_root()->mutable_object() = ToMessage(ssa::ObjectId::Of(root));
  response.mutable_root()->set_api_version(std::string(root["apiVersion"].str()));
  TreeBuilder builder(view, now);
  RETURN_IF_ERROR(builder.Fill(root, 0, *response.mutable_root()));
  response.set_truncated(builder.truncated());
  return response;
}

v1::GetHistoryResponse HistoryOf(const Value& object) {
  v1::GetHistoryResponse response;
  for (const Value& entry : object["status"]["history"].items()) {
    v1::GetHistoryResponse::Entry& item = *response.add_entries();
    item.set_digest(std::string(entry["digest"].str()));
    const bool release = entry["chartName"].is_string();
    if (release) {
      item.set_revision(absl::StrCat(entry["chartName"].str(), "@", entry["chartVersion"].str()));
    } else {
      item.set_revision(std::string(entry["metadata"]["revision"].str()));
    }
    item.set_status(std::string(entry[release ? "status" : "lastReconciledStatus"].str()));
    SetTime(entry[release ? "firstDeployed" : "firstReconciled"], *item.mutable_first_applied());
    SetTime(entry[release ? "lastDeployed" : "lastReconciled"], *item.mutable_last_applied());
    item.set_count(entry[release ? "version" : "totalReconciliations"].int_or(0));
  }
  return response;
}

absl::StatusOr<v1::ExplainResponse> ExplanationOf(const ssa::ObjectId& object,
                                                  const CallerView& view, absl::Time now) {
  ASSIGN_OR_RETURN(const explain::Explanation why, explain::Explain(object, view.AsCluster(), now));
  v1::ExplainResponse response;
  switch (why.verdict) {
    case explain::Verdict::kHealthy:
      response.set_verdict(v1::ExplainResponse::VERDICT_HEALTHY);
      break;
    case explain::Verdict::kProgressing:
      response.set_verdict(v1::ExplainResponse::VERDICT_PROGRESSING);
      break;
    case explain::Verdict::kFailing:
      response.set_verdict(v1::ExplainResponse::VERDICT_FAILING);
      break;
  }
  for (const explain::Step& step : why.path) {
    v1::ExplainResponse::Step& item = *response.add_path();
    *item.mutable_object() = ToMessage(step.object);
    item.set_relation(step.relation);
    item.set_state(step.state);
  }
  response.set_cause(why.cause);
  response.set_summary(why.summary);
  response.set_fix(why.fix);
  return response;
}

}  // namespace sluice::controller_rpc
