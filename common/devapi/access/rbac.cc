// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/access/rbac.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/requests/api_error.h"

namespace sluice::devapi {
namespace {

constexpr char kRoles[] = "roles.rbac.authorization.k8s.io";
constexpr char kClusterRoles[] = "clusterroles.rbac.authorization.k8s.io";
constexpr char kRoleBindings[] = "rolebindings.rbac.authorization.k8s.io";
constexpr char kClusterRoleBindings[] = "clusterrolebindings.rbac.authorization.k8s.io";

bool Contains(const Value& list, absl::string_view wanted) {
  for (const Value& item : list.items()) {
    if (item.str() == wanted) return true;
  }
  return false;
}

bool ContainsOrAll(const Value& list, absl::string_view wanted) {
  return Contains(list, "*") || Contains(list, wanted);
}

bool ResourceMatches(const Value& rule, const Attributes& attributes) {
  const Value& resources = rule["resources"];
  std::string full = attributes.resource;
  if (!attributes.subresource.empty()) {
    absl::StrAppend(&full, "/", attributes.subresource);
    if (Contains(resources, absl::StrCat("*/", attributes.subresource))) return true;
  }
  return ContainsOrAll(resources, full);
}

bool PathMatches(const Value& rule, absl::string_view path) {
  for (const Value& item : rule["nonResourceURLs"].items()) {
    const absl::string_view pattern = item.str();
    if (pattern == "*" || pattern == path) return true;
    if (absl::EndsWith(pattern, "*") &&
        absl::StartsWith(path, pattern.substr(0, pattern.size() - 1))) {
      return true;
    }
  }
  return false;
}

bool RuleAllows(const Value& rule, const Attributes& attributes) {
  if (!ContainsOrAll(rule["verbs"], attributes.verb)) return false;
  if (!attributes.is_resource) return PathMatches(rule, attributes.path);
  if (!ContainsOrAll(rule["apiGroups"], attributes.group)) return false;
  if (!ResourceMatches(rule, attributes)) return false;
  return rule["resourceNames"].empty() || Contains(rule["resourceNames"], attributes.name);
}

bool SubjectMatches(const Value& subject, const UserInfo& user) {
  const absl::string_view kind = subject["kind"].str();
  const absl::string_view name = subject["name"].str();
  if (kind == "User") return user.name == name;
  if (kind == "Group") return user.InGroup(name);
  if (kind != "ServiceAccount") return false;
  return user.name == absl::StrCat("system:serviceaccount:", subject["namespace"].str(), ":", name);
}

// The rules of what `binding` refers to, if it binds `user`.
Value BoundRules(const Cluster& cluster, const UserInfo& user, const Object& binding) {
  const Value& value = binding.value();
  bool bound = false;
  for (const Value& subject : value["subjects"].items()) bound |= SubjectMatches(subject, user);
  if (!bound) return nullptr;
  const Value& role = value["roleRef"];
  const bool cluster_role = role["kind"].str() == "ClusterRole";
  const ObjectRef found = cluster.store().Find(
      cluster_role ? kClusterRoles : kRoles,
      {cluster_role ? "" : std::string(binding.ns()), std::string(role["name"].str())});
  return found == nullptr ? Value() : found->value()["rules"];
}

// Calls visit(rule, binding, role) for every rule that applies to `user` in `ns`, until it is true.
template <typename Visitor>
bool VisitRules(const Cluster& cluster, const UserInfo& user, const std::string& ns,
                Visitor visit) {
  for (const ObjectRef& binding : cluster.store().List(kClusterRoleBindings, "").objects) {
    const Value rules = BoundRules(cluster, user, *binding);
    for (const Value& rule : rules.items()) {
      if (visit(rule, *binding)) return true;
    }
  }
  if (ns.empty()) return false;
  for (const ObjectRef& binding : cluster.store().List(kRoleBindings, ns).objects) {
    const Value rules = BoundRules(cluster, user, *binding);
    for (const Value& rule : rules.items()) {
      if (visit(rule, *binding)) return true;
    }
  }
  return false;
}

// The subject of `binding` that `user` is: `Group "devs"`.
std::string SubjectText(const Object& binding, const UserInfo& user) {
  for (const Value& subject : binding.value()["subjects"].items()) {
    if (!SubjectMatches(subject, user)) continue;
    const absl::string_view ns = subject["namespace"].str();
    const bool account = subject["kind"].str() == "ServiceAccount";
    return absl::StrCat(subject["kind"].str(), " \"", subject["name"].str(),
                        account ? absl::StrCat("/", ns) : "", "\"");
  }
  return "";
}

std::string BindingReason(const Object& binding, const UserInfo& user) {
  const Value& role = binding.value()["roleRef"];
  const bool namespaced = !binding.ns().empty();
  return absl::StrCat("RBAC: allowed by ", namespaced ? "RoleBinding" : "ClusterRoleBinding", " \"",
                      binding.name(), namespaced ? absl::StrCat("/", binding.ns()) : "", "\" of ",
                      role["kind"].str(), " \"", role["name"].str(), "\" to ",
                      SubjectText(binding, user));
}

}  // namespace

Decision Authorize(const Cluster& cluster, const UserInfo& user, const Attributes& attributes) {
  if (user.InGroup(kMastersGroup)) return {true, ""};
  Decision decision;
  decision.allowed =
      VisitRules(cluster, user, attributes.ns, [&](const Value& rule, const Object& binding) {
        if (!RuleAllows(rule, attributes)) return false;
        decision.reason = BindingReason(binding, user);
        return true;
      });
  return decision;
}

absl::Status CheckAllowed(const Cluster& cluster, const UserInfo& user,
                          const Attributes& attributes) {
  if (Authorize(cluster, user, attributes).allowed) return absl::OkStatus();
  if (!attributes.is_resource) {
    return ApiError(403, "Forbidden",
                    absl::StrCat("forbidden: User \"", user.name, "\" cannot ", attributes.verb,
                                 " path \"", attributes.path, "\""),
                    Value::EmptyObject());
  }
  std::string resource = attributes.resource;
  if (!attributes.subresource.empty()) absl::StrAppend(&resource, "/", attributes.subresource);
  const std::string where = attributes.ns.empty()
                                ? " at the cluster scope"
                                : absl::StrCat(" in the namespace \"", attributes.ns, "\"");
  return Forbidden({attributes.group, attributes.resource}, attributes.name,
                   absl::StrCat("User \"", user.name, "\" cannot ", attributes.verb, " resource \"",
                                resource, "\" in API group \"", attributes.group, "\"", where));
}

Value RulesFor(const Cluster& cluster, const UserInfo& user, const std::string& ns) {
  Value resources = Value::EmptyArray();
  Value paths = Value::EmptyArray();
  const auto add = [&](const Value& rule) {
    if (!rule["nonResourceURLs"].empty()) {
      paths.Append(Value{{"verbs", rule["verbs"]}, {"nonResourceURLs", rule["nonResourceURLs"]}});
    } else {
      resources.Append(rule);
    }
  };
  if (user.InGroup(kMastersGroup)) {
    const Value all = Value(Value::Array{"*"});
    add(Value{{"verbs", all}, {"apiGroups", all}, {"resources", all}});
    add(Value{{"verbs", all}, {"nonResourceURLs", all}});
  }
  VisitRules(cluster, user, ns, [&](const Value& rule, const Object&) {
    add(rule);
    return false;
  });
  return Value{{"resourceRules", std::move(resources)},
               {"nonResourceRules", std::move(paths)},
               {"incomplete", false}};
}

}  // namespace sluice::devapi
