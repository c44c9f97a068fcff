// delete and deletecollection.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/strategy.h"
#include "common/devapi/verbs/body.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"

namespace sluice::devapi {
namespace {

absl::StatusOr<DeleteOptions> ReadOptions(const Cluster& cluster, const Call& call) {
  Value body;
  if (!call.body.empty()) {
    ASSIGN_OR_RETURN(body, ParseBody(cluster, call, "DeleteOptions"));
    const absl::string_view kind = body["kind"].str();
    if (!kind.empty() && kind != "DeleteOptions") {
      return BadRequest("decoded object cannot be converted to DeleteOptions");
    }
  }
  return ParseDeleteOptions(call.query, body);
}

}  // namespace

absl::StatusOr<Reply> Delete(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const DeleteOptions options, ReadOptions(cluster, call));
  ASSIGN_OR_RETURN(const Deletion deletion, DeleteObject(cluster, call, options));
  const Strategy strategy = StrategyOf(*call.resource);
  if (!deletion.completed) {
    const bool asked_orphans = call.query.Get("orphanDependents") == "false";
    return Reply{asked_orphans ? 202 : 200, deletion.object};
  }
  if (strategy.orphans_by_default && options.propagation == Propagation::kUnset) {
    call.warnings.push_back(
        "child pods are preserved by default when jobs are deleted; set "
        "propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress "
        "this warning");
  }
  if (strategy.returns_deleted) return Reply{200, deletion.object};
  Value details = {{"name", deletion.object->name()}};
  if (!call.resource->group.empty()) details.Set("group", call.resource->group);
  details.Set("kind", call.resource->plural);
  details.Set("uid", deletion.object->uid());
  return Reply{200, SuccessStatus(std::move(details))};
}

absl::StatusOr<Reply> DeleteCollection(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const DeleteOptions options, ReadOptions(cluster, call));
  ASSIGN_OR_RETURN(Reply listed, List(cluster, call));
  for (const ObjectRef& object : std::get<ListResult>(listed.content).objects) {
    Call one = call;
    one.info.ns = std::string(object->ns());
    one.info.name = std::string(object->name());
    absl::StatusOr<Deletion> deletion = DeleteObject(cluster, one, options);
    if (!deletion.ok() && !absl::IsNotFound(deletion.status())) return deletion.status();
  }
  return listed;
}

}  // namespace sluice::devapi
