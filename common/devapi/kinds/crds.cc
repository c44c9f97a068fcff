// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/crds.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/verbs/write.h"

namespace sluice::devapi {
namespace {

const std::vector<std::string>& ObjectVerbs() {
  static const auto* const kVerbs = new std::vector<std::string>{
      "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
  return *kVerbs;
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.str());
  return result;
}

PrinterColumn ColumnOf(const Value& column) {
  return {std::string(column["name"].str()),
          std::string(column["type"].str()),
          std::string(column["format"].str()),
          std::string(column["description"].str()),
          static_cast<int>(column["priority"].int_or(0)),
          std::string(column["jsonPath"].str())};
}

// "; use example.com/v1 Widget", if there is a version that is not deprecated.
std::string Successor(const Value& crd) {
  std::vector<std::string> versions;
  for (const Value& version : crd["spec"]["versions"].items()) {
    const bool good = version["served"].bool_or(false) && !version["deprecated"].bool_or(false);
    if (good) versions.emplace_back(version["name"].str());
  }
  if (versions.empty()) return "";
  const std::string best = *std::min_element(versions.begin(), versions.end(), PreferredVersion);
  return absl::StrCat("; use ", crd["spec"]["group"].str(), "/", best, " ",
                      crd["spec"]["names"]["kind"].str());
}

absl::StatusOr<std::shared_ptr<CustomVersion>> VersionOf(const ObjectRules& rules, const Value& crd,
                                                         const Value& version) {
  auto custom = std::make_shared<CustomVersion>();
  custom->crd_name = std::string(crd["metadata"]["name"].str());
  custom->schema = version["schema"]["openAPIV3Schema"];
  // Without a schema anything goes.
  const Value anything = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  absl::StatusOr<std::shared_ptr<const CustomSchema>> compiled =
      rules.Compile(custom->schema.is_null() ? anything : custom->schema);
  if (!compiled.ok()) {
    return Annotate(compiled.status(), absl::StrCat("version ", version["name"].str()));
  }
  custom->compiled = *std::move(compiled);
  const Value& subresources = version["subresources"];
  custom->has_status = subresources["status"].is_object();
  const Value& scale = subresources["scale"];
  custom->has_scale = scale.is_object();
  custom->scale_spec_path = std::string(scale["specReplicasPath"].str());
  custom->scale_status_path = std::string(scale["statusReplicasPath"].str());
  custom->scale_selector_path = std::string(scale["labelSelectorPath"].str());
  for (const Value& column : version["additionalPrinterColumns"].items()) {
    custom->columns.push_back(ColumnOf(column));
  }
  for (const Value& field : version["selectableFields"].items()) {
    custom->selectable_fields.emplace_back(field["jsonPath"].str());
  }
  custom->deprecated = version["deprecated"].bool_or(false);
  custom->deprecation_warning = std::string(version["deprecationWarning"].str());
  if (custom->deprecated && custom->deprecation_warning.empty()) {
    custom->deprecation_warning =
        absl::StrCat(crd["spec"]["group"].str(), "/", version["name"].str(), " ",
                     crd["spec"]["names"]["kind"].str(), " is deprecated", Successor(crd));
  }
  return custom;
}

void AddSubresources(const CustomVersion& custom, Resource& resource) {
  const std::vector<std::string> verbs = {"get", "patch", "update"};
  if (custom.has_status) resource.subresources.push_back({"status", resource.gvk(), verbs});
  if (custom.has_scale) {
    resource.subresources.push_back({"scale", {"autoscaling", "v1", "Scale"}, verbs});
  }
}

Value Condition(Cluster& cluster, absl::string_view type, bool status, absl::string_view reason,
                absl::string_view message) {
  return Value{{"type", type},
               {"status", status ? "True" : "False"},
               {"lastTransitionTime", cluster.Timestamp()},
               {"reason", reason},
               {"message", message}};
}

// Puts `condition` among the others; one that is already so keeps its transition time.
void SetCondition(Value& status, const Value& condition) {
  Value* list = status.FindMutable("conditions");
  if (list == nullptr || !list->is_array()) list = &status.Set("conditions", Value::EmptyArray());
  for (Value& existing : list->mutable_items()) {
    if (existing["type"] != condition["type"]) continue;
    const bool same = existing["status"] == condition["status"] &&
                      existing["reason"] == condition["reason"] &&
                      existing["message"] == condition["message"];
    if (same) return;
    Value changed = condition;
    if (existing["status"] == condition["status"]) {
      changed.Set("lastTransitionTime", existing["lastTransitionTime"]);
    }
    existing = std::move(changed);
    return;
  }
  list->Append(condition);
}

struct NameConflict {
  std::string reason;  // of the last name that is taken; "" if none is
  std::string message;
  Value accepted;  // the names that are free
};

// Which names of `crd` other definitions of the group have taken.
NameConflict CheckNames(Cluster& cluster, const Value& crd) {
  const Value& names = crd["spec"]["names"];
  NameConflict conflict;
  conflict.accepted = names;
  for (const ObjectRef& other : cluster.store().List(kCrdStorage, "").objects) {
    const Value& value = other->value();
    if (other->name() == crd["metadata"]["name"].str()) continue;
    if (value["spec"]["group"] != crd["spec"]["group"]) continue;
    const Value& taken = value["status"]["acceptedNames"];
    for (const auto& [field, reason] :
         {std::pair<const char*, const char*>{"plural", "PluralConflict"},
          {"singular", "SingularConflict"},
          {"kind", "KindConflict"},
          {"listKind", "ListKindConflict"}}) {
      if (!names[field].str().empty() && names[field] == taken[field]) {
        conflict.reason = reason;
        conflict.message = absl::StrCat("\"", names[field].str(), "\" is already in use");
        conflict.accepted.Erase(field);
      }
    }
  }
  // These are always shown.
  for (const char* field : {"plural", "kind"}) {
    if (!conflict.accepted.Has(field)) conflict.accepted.Set(field, "");
  }
  return conflict;
}

Value AcceptedStatus(Cluster& cluster, const Value& crd) {
  Value status = crd["status"];
  const NameConflict conflict = CheckNames(cluster, crd);
  if (!conflict.reason.empty()) {
    SetCondition(status,
                 Condition(cluster, "NamesAccepted", false, conflict.reason, conflict.message));
    status.Set("acceptedNames", conflict.accepted);
    SetCondition(status, Condition(cluster, "Established", false, "NotAccepted",
                                   "not all names are accepted"));
    return status;
  }
  SetCondition(status,
               Condition(cluster, "NamesAccepted", true, "NoConflicts", "no conflicts found"));
  SetCondition(status, Condition(cluster, "Established", true, "InitialNamesAccepted",
                                 "the initial names have been accepted"));
  status.Set("acceptedNames", crd["spec"]["names"]);
  return status;
}

bool IsEstablished(const Value& status) {
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].str() == "Established") return condition["status"].str() == "True";
  }
  return false;
}

absl::Status UpdateStatus(Cluster& cluster, Call& call, const Value& status) {
  call.info.subresource = "status";
  WriteOptions options;
  options.field_manager = "kube-apiserver";
  return UpdateObject(cluster, call, options, {[&](const Value& current) -> absl::StatusOr<Value> {
                        Value next = current;
                        next.Set("status", status);
                        return next;
                      }})
      .status();
}

// Deletes the instances; once there are none, the definition may go.
absl::Status Terminate(Cluster& cluster, Call& call, const Value& crd) {
  const ResourceRef instances =
      call.table->FindInGroup(crd["spec"]["group"].str(), crd["spec"]["names"]["plural"].str());
  if (instances != nullptr) {
    for (const ObjectRef& object : cluster.store().List(instances->storage, "").objects) {
      Call one = InternalCall(cluster, instances, object->key(), "kube-apiserver");
      const absl::Status deleted = DeleteObject(cluster, one, DeleteOptions{}).status();
      if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
    }
    if (cluster.store().Count(instances->storage) > 0) {
      Value status = crd["status"];
      SetCondition(status, Condition(cluster, "Terminating", true, "InstanceDeletionInProgress",
                                     "CustomResource deletion is in progress"));
      return UpdateStatus(cluster, call, status);
    }
  }
  return UpdateObject(cluster, call, WriteOptions{},
                      {[](const Value& current) -> absl::StatusOr<Value> {
                        Value next = current;
                        Value kept = Value::EmptyArray();
                        for (const Value& item : current["metadata"]["finalizers"].items()) {
                          if (item.str() != kCrdCleanupFinalizer) kept.Append(item);
                        }
                        next.Ensure("metadata").Set("finalizers", std::move(kept));
                        return next;
                      }})
      .status();
}

}  // namespace

absl::StatusOr<std::vector<ResourceRef>> ResourcesOf(const ObjectRules& rules, const Value& crd) {
  const Value& spec = crd["spec"];
  const Value& names = spec["names"];
  std::string storage_version;
  for (const Value& version : spec["versions"].items()) {
    if (version["storage"].bool_or(false)) storage_version = std::string(version["name"].str());
  }
  std::vector<ResourceRef> result;
  for (const Value& version : spec["versions"].items()) {
    if (!version["served"].bool_or(false)) continue;
    auto resource = std::make_shared<Resource>();
    resource->group = std::string(spec["group"].str());
    resource->version = std::string(version["name"].str());
    resource->plural = std::string(names["plural"].str());
    resource->kind = std::string(names["kind"].str());
    resource->singular = names["singular"].str().empty() ? absl::AsciiStrToLower(resource->kind)
                                                         : std::string(names["singular"].str());
    resource->list_kind = names["listKind"].str().empty() ? absl::StrCat(resource->kind, "List")
                                                          : std::string(names["listKind"].str());
    resource->namespaced = spec["scope"].str() == "Namespaced";
    resource->short_names = Strings(names["shortNames"]);
    resource->categories = Strings(names["categories"]);
    resource->verbs = ObjectVerbs();
    resource->storage = resource->group_resource().ToString();
    resource->storage_api_version = absl::StrCat(resource->group, "/", storage_version);
    ASSIGN_OR_RETURN(std::shared_ptr<CustomVersion> custom, VersionOf(rules, crd, version));
    AddSubresources(*custom, *resource);
    resource->custom = std::move(custom);
    result.push_back(std::move(resource));
  }
  std::sort(result.begin(), result.end(), [](const ResourceRef& a, const ResourceRef& b) {
    return PreferredVersion(a->version, b->version);
  });
  return result;
}

absl::Status SyncCrd(Cluster& cluster, absl::string_view name) {
  const ObjectRef stored = cluster.store().Find(kCrdStorage, {"", std::string(name)});
  if (stored == nullptr) {
    cluster.registry().SetCustom(std::string(name), {});
    return absl::OkStatus();
  }
  const Value& crd = stored->value();
  Call call = InternalCall(cluster, cluster.registry().Snapshot()->FindStorage(kCrdStorage),
                           stored->key(), "kube-apiserver");
  if (stored->deleting()) {
    RETURN_IF_ERROR(Terminate(cluster, call, crd));
    if (cluster.store().Find(kCrdStorage, stored->key()) == nullptr) {
      cluster.registry().SetCustom(std::string(name), {});
    }
    return absl::OkStatus();
  }
  const Value status = AcceptedStatus(cluster, crd);
  if (IsEstablished(status)) {
    ASSIGN_OR_RETURN(std::vector<ResourceRef> resources, ResourcesOf(cluster.rules(), crd));
    cluster.registry().SetCustom(std::string(name), std::move(resources));
  }
  if (status == crd["status"]) return absl::OkStatus();
  return UpdateStatus(cluster, call, status);
}

}  // namespace sluice::devapi
