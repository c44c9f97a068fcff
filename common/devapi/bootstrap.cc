// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/bootstrap.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/crds.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"

namespace sluice::devapi {
namespace {

constexpr char kRbac[] = "rbac.authorization.k8s.io/v1";

Value Strings(std::initializer_list<const char*> items) {
  Value list = Value::EmptyArray();
  for (const char* item : items) list.Append(item);
  return list;
}

Value Rule(std::initializer_list<const char*> groups, std::initializer_list<const char*> resources,
           std::initializer_list<const char*> verbs) {
  return Value{
      {"apiGroups", Strings(groups)}, {"resources", Strings(resources)}, {"verbs", Strings(verbs)}};
}

Value PathRule(std::initializer_list<const char*> paths) {
  return Value{{"nonResourceURLs", Strings(paths)}, {"verbs", Strings({"get"})}};
}

Value Metadata(const char* name) {
  return Value{{"name", name},
               {"labels", Value{{"kubernetes.io/bootstrapping", "rbac-defaults"}}},
               {"annotations", Value{{"rbac.authorization.kubernetes.io/autoupdate", "true"}}}};
}

Value ClusterRole(const char* name, Value::Array rules) {
  return Value{{"apiVersion", kRbac},
               {"kind", "ClusterRole"},
               {"metadata", Metadata(name)},
               {"rules", Value(std::move(rules))}};
}

Value Binding(const char* name, std::initializer_list<const char*> groups) {
  Value subjects = Value::EmptyArray();
  for (const char* group : groups) {
    subjects.Append(
        Value{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Group"}, {"name", group}});
  }
  return Value{
      {"apiVersion", kRbac},
      {"kind", "ClusterRoleBinding"},
      {"metadata", Metadata(name)},
      {"roleRef",
       Value{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", name}}},
      {"subjects", std::move(subjects)}};
}

// The namespaced resources that the user-facing roles speak of, without access rules and secrets.
Value WorkRule(std::initializer_list<const char*> verbs) {
  return Rule({"", "apps", "autoscaling", "batch", "networking.k8s.io", "policy",
               "discovery.k8s.io", "extensions"},
              {"configmaps",
               "endpoints",
               "endpointslices",
               "persistentvolumeclaims",
               "pods",
               "pods/log",
               "pods/status",
               "replicationcontrollers",
               "replicationcontrollers/scale",
               "serviceaccounts",
               "services",
               "daemonsets",
               "deployments",
               "deployments/scale",
               "deployments/rollback",
               "replicasets",
               "replicasets/scale",
               "statefulsets",
               "statefulsets/scale",
               "controllerrevisions",
               "horizontalpodautoscalers",
               "cronjobs",
               "jobs",
               "ingresses",
               "networkpolicies",
               "poddisruptionbudgets"},
              verbs);
}

std::vector<Value> Roles() {
  const Value read = WorkRule({"get", "list", "watch"});
  const Value read_more = Rule(
      {""},
      {"bindings", "events", "limitranges", "namespaces", "namespaces/status", "resourcequotas"},
      {"get", "list", "watch"});
  const Value write = WorkRule({"create", "delete", "deletecollection", "patch", "update"});
  const Value secrets =
      Rule({""}, {"secrets"},
           {"get", "list", "watch", "create", "delete", "deletecollection", "patch", "update"});
  const Value tokens = Rule({""}, {"serviceaccounts/token"}, {"create"});
  const Value leases =
      Rule({"coordination.k8s.io"}, {"leases"},
           {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"});
  const Value access =
      Rule({"rbac.authorization.k8s.io"}, {"rolebindings", "roles"},
           {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"});
  return {
      ClusterRole("cluster-admin",
                  {Rule({"*"}, {"*"}, {"*"}),
                   Value{{"nonResourceURLs", Strings({"*"})}, {"verbs", Strings({"*"})}}}),
      ClusterRole("system:discovery",
                  {PathRule({"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi",
                             "/openapi/*", "/readyz", "/version", "/version/"})}),
      ClusterRole("system:public-info-viewer",
                  {PathRule({"/healthz", "/livez", "/readyz", "/version", "/version/"})}),
      ClusterRole("system:basic-user",
                  {Rule({"authorization.k8s.io"},
                        {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}, {"create"}),
                   Rule({"authentication.k8s.io"}, {"selfsubjectreviews"}, {"create"})}),
      ClusterRole("system:auth-delegator",
                  {Rule({"authentication.k8s.io"}, {"tokenreviews"}, {"create"}),
                   Rule({"authorization.k8s.io"}, {"subjectaccessreviews"}, {"create"})}),
      ClusterRole("view", {read, read_more}),
      ClusterRole("edit", {read, read_more, write, secrets, tokens, leases}),
      ClusterRole("admin", {read, read_more, write, secrets, tokens, leases, access}),
      Binding("cluster-admin", {"system:masters"}),
      Binding("system:discovery", {"system:authenticated"}),
      Binding("system:basic-user", {"system:authenticated"}),
      Binding("system:public-info-viewer", {"system:authenticated", "system:unauthenticated"}),
  };
}

}  // namespace

absl::Status Seed(Cluster& cluster, const Value& object) {
  const auto [group, version] = SplitApiVersion(object["apiVersion"].str());
  const auto table = cluster.registry().Snapshot();
  const ResourceRef resource = table->FindKind(group, version, object["kind"].str());
  const std::string name(object["metadata"]["name"].str());
  if (resource == nullptr) {
    return absl::NotFoundError(absl::StrCat("no matches for kind \"", object["kind"].str(),
                                            "\" in version \"", object["apiVersion"].str(), "\""));
  }
  std::string ns(object["metadata"]["namespace"].str());
  if (ns.empty()) ns = "default";
  Call call =
      InternalCall(cluster, resource, {resource->namespaced ? ns : "", name}, "kube-apiserver");
  Value decoded = object;
  RETURN_IF_ERROR(FinishDecoding(cluster, call, WriteOptions{}, "", decoded));
  absl::Status status = CreateObject(cluster, call, WriteOptions{}, decoded).status();
  if (absl::IsAlreadyExists(status)) {
    status = UpdateObject(cluster, call, WriteOptions{},
                          {[&](const Value& current) -> absl::StatusOr<Value> {
                            Value next = decoded;
                            next.Ensure("metadata")
                                .Set("resourceVersion", current["metadata"]["resourceVersion"]);
                            return next;
                          }})
                 .status();
  }
  if (!status.ok()) {
    return Annotate(status, absl::StrCat(object["kind"].str(), " ", ns, "/", name));
  }
  if (resource->storage == kCrdStorage) return SyncCrd(cluster, name);
  return absl::OkStatus();
}

absl::Status Bootstrap(Cluster& cluster) {
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    RETURN_IF_ERROR(Seed(
        cluster,
        Value{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", Value{{"name", name}}}}));
  }
  for (const Value& role : Roles()) RETURN_IF_ERROR(Seed(cluster, role));
  const Value port = {{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}};
  return Seed(cluster, Value{{"apiVersion", "v1"},
                             {"kind", "Service"},
                             {"metadata", Value{{"name", "kubernetes"},
                                                {"namespace", "default"},
                                                {"labels", Value{{"component", "apiserver"},
                                                                 {"provider", "kubernetes"}}}}},
                             {"spec", Value{{"type", "ClusterIP"},
                                            {"clusterIP", "10.0.0.1"},
                                            {"clusterIPs", Strings({"10.0.0.1"})},
                                            {"ipFamilies", Strings({"IPv4"})},
                                            {"ipFamilyPolicy", "SingleStack"},
                                            {"sessionAffinity", "None"},
                                            {"internalTrafficPolicy", "Cluster"},
                                            {"ports", Value(Value::Array{port})}}}});
}

}  // namespace sluice::devapi
