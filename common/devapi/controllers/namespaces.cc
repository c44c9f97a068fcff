// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/controllers/namespaces.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/verbs/write.h"
#include "common/log/log.h"

namespace sluice::devapi {
namespace {

constexpr char kStorage[] = "namespaces";
constexpr char kName[] = "namespace-controller";

class Namespaces : public Controller {
 public:
  Namespaces(Cluster& cluster, std::string ca_pem)
      : cluster_(cluster), ca_pem_(std::move(ca_pem)) {}

  void Observe(const Change& change) override {
    const Object& object = *change.event.object;
    if (change.storage == kStorage) {
      const std::string name(object.name());
      if (change.event.type == EventType::kDeleted) {
        terminating_.erase(name);
      } else if (object.deleting()) {
        terminating_.insert(name);
        due_.insert(name);
      } else if (change.event.type == EventType::kAdded) {
        fresh_.insert(name);
      }
      return;
    }
    // Something in it went, or arrived late: look again.
    const std::string ns(object.ns());
    if (!ns.empty() && terminating_.contains(ns)) due_.insert(ns);
    // What every namespace has is put back when it is deleted.
    const bool ours = change.storage == "serviceaccounts" || change.storage == "configmaps";
    if (ours && change.event.type == EventType::kDeleted && !terminating_.contains(ns)) {
      fresh_.insert(ns);
    }
  }

  absl::Time Run(const Context& ctx) override {
    for (const std::string& name : std::exchange(fresh_, {})) Furnish(name);
    for (const std::string& name : std::exchange(due_, {})) {
      if (ctx.cancelled()) break;
      Empty(name);
    }
    return absl::InfiniteFuture();
  }

 private:
  void Furnish(const std::string& ns) {
    const ObjectRef object = cluster_.store().Find(kStorage, {"", ns});
    if (object == nullptr || object->deleting()) return;
    CreateMissing("serviceaccounts", {ns, "default"}, Value::EmptyObject());
    if (!ca_pem_.empty()) {
      const Value annotations = {
          {"kubernetes.io/description",
           "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
           "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
           "guaranteed across distributions of Kubernetes clusters."}};
      CreateMissing("configmaps", {ns, "kube-root-ca.crt"},
                    Value{{"metadata", Value{{"annotations", annotations}}},
                          {"data", Value{{"ca.crt", ca_pem_}}}});
    }
  }

  void CreateMissing(const char* storage, const ObjectKey& key, Value object) {
    if (cluster_.store().Find(storage, key) != nullptr) return;
    const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(storage);
    Call call = InternalCall(cluster_, resource, key, "kube-controller-manager");
    object.Ensure("metadata").Set("name", key.name);
    const absl::Status status =
        CreateObject(cluster_, call, WriteOptions{}, std::move(object)).status();
    const bool expected = status.ok() || absl::IsAlreadyExists(status) || absl::IsNotFound(status);
    if (!expected) log::Error(Context::Background(), status, "cannot furnish a namespace");
  }

  // Deletes what is in the namespace, and finishes it when nothing is left.
  void Empty(const std::string& ns) {
    std::map<std::string, size_t> left;        // by resource
    std::map<std::string, size_t> finalizers;  // by finalizer
    for (const std::string& storage : cluster_.store().Storages()) {
      const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(storage);
      if (resource == nullptr || !resource->namespaced) continue;
      for (const ObjectRef& object : cluster_.store().List(storage, ns).objects) {
        if (!object->deleting()) {
          Call call = InternalCall(cluster_, resource, object->key(), kName);
          DeleteOptions options;
          options.propagation = Propagation::kBackground;
          options.grace_period_seconds = 0;
          (void)DeleteObject(cluster_, call, options);
        }
        const ObjectRef now = cluster_.store().Find(storage, object->key());
        if (now == nullptr) continue;
        ++left[storage];
        for (const Value& item : now->value()["metadata"]["finalizers"].items()) {
          ++finalizers[std::string(item.str())];
        }
      }
    }
    if (left.empty()) {
      Finish(ns);
    } else {
      Report(ns, left, finalizers);
    }
  }

  void Finish(const std::string& ns) {
    Update(ns, "finalize", [](Value& object) {
      Value kept = Value::EmptyArray();
      for (const Value& item : object["spec"]["finalizers"].items()) {
        if (item.str() != "kubernetes") kept.Append(item);
      }
      object.Ensure("spec").Set("finalizers", std::move(kept));
    });
  }

  void Report(const std::string& ns, const std::map<std::string, size_t>& left,
              const std::map<std::string, size_t>& finalizers) {
    std::vector<std::string> resources;
    for (const auto& [storage, count] : left) {
      resources.push_back(absl::StrCat(storage, " has ", count, " resource instances"));
    }
    std::vector<std::string> waits;
    for (const auto& [name, count] : finalizers) {
      waits.push_back(absl::StrCat(name, " in ", count, " resource instances"));
    }
    const auto condition = [&](const char* type, bool status, const char* reason,
                               const std::string& message) {
      return Value{{"type", type},
                   {"status", status ? "True" : "False"},
                   {"lastTransitionTime", cluster_.Timestamp()},
                   {"reason", reason},
                   {"message", message}};
    };
    const Value conditions = Value(Value::Array{
        condition("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                  "All resources successfully discovered"),
        condition("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                  "All legacy kube types successfully parsed"),
        condition("NamespaceDeletionContentFailure", false, "ContentDeleted",
                  "All content successfully deleted, may be waiting on finalization"),
        condition("NamespaceContentRemaining", true, "SomeResourcesRemain",
                  absl::StrCat("Some resources are remaining: ", absl::StrJoin(resources, ", "))),
        condition("NamespaceFinalizersRemaining", !waits.empty(),
                  waits.empty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                  waits.empty() ? "All content-preserving finalizers finished"
                                : absl::StrCat("Some content in the namespace has finalizers "
                                               "remaining: ",
                                               absl::StrJoin(waits, ", ")))});
    Update(ns, "status", [&](Value& object) {
      // The times of an unchanged report stay.
      const Value& existing = object["status"]["conditions"];
      const bool same = existing.size() == conditions.size() &&
                        existing.at(3)["message"] == conditions.at(3)["message"] &&
                        existing.at(4)["message"] == conditions.at(4)["message"];
      if (!same) object.Ensure("status").Set("conditions", conditions);
    });
  }

  template <typename Editor>
  void Update(const std::string& ns, const char* subresource, Editor edit) {
    const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(kStorage);
    Call call = InternalCall(cluster_, resource, {"", ns}, "kube-controller-manager");
    call.info.subresource = subresource;
    const absl::Status status = UpdateObject(cluster_, call, WriteOptions{},
                                             {[&](const Value& current) -> absl::StatusOr<Value> {
                                               Value next = current;
                                               edit(next);
                                               return next;
                                             }})
                                    .status();
    if (!status.ok() && !absl::IsNotFound(status)) {
      log::Error(Context::Background(), status, "cannot finish a namespace");
    }
  }

  Cluster& cluster_;
  const std::string ca_pem_;
  std::set<std::string> terminating_;
  std::set<std::string> due_;
  std::set<std::string> fresh_;
};

}  // namespace

std::unique_ptr<Controller> NamespaceController(Cluster& cluster, std::string ca_pem) {
  return std::make_unique<Namespaces>(cluster, std::move(ca_pem));
}

}  // namespace sluice::devapi
