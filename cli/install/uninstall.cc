// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/install/install.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"

namespace sluice::cli {
namespace {

// What the chart is made of, in the order in which it goes: who works first, who may last.
const kube::Resource kParts[] = {
    {"apps", "v1", "deployments", "Deployment", true},
    {"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true},
    {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true},
    {"", "v1", "services", "Service", true},
    {"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true},
    {"", "v1", "secrets", "Secret", true},
    {"", "v1", "configmaps", "ConfigMap", true},
    {"", "v1", "serviceaccounts", "ServiceAccount", true},
    {"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true},
    {"rbac.authorization.k8s.io", "v1", "roles", "Role", true},
    {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false},
    {"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false},
};
const kube::Resource kDefinitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                                  "CustomResourceDefinition", false};
const kube::Resource kNamespaces{"", "v1", "namespaces", "Namespace", false};
const kube::Resource kPods{"", "v1", "pods", "Pod", true};
const kube::Resource& kDeployments = kParts[0];
constexpr char kFieldManager[] = "sluice";
constexpr absl::Duration kPoll = absl::Seconds(1);

struct Options {
  ConnectionOptions connection;
  bool keep_namespace = false;
  bool dry_run = false;
  bool silent = false;
};

class Uninstallation {
 public:
  Uninstallation(const Context& ctx, Connection& connection, const Options& options)
      : ctx_(ctx), client_(*connection.client), ns_(connection.ns), options_(options) {}

  absl::Status Run() {
    for (const kube::Resource& part : kParts) {
      ASSIGN_OR_RETURN(
          const kube::ObjectList parts,
          client_.List(ctx_, part, part.namespaced ? ns_ : "", {.label_selector = kPartOfSluice}));
      for (const Value& object : parts.items) RETURN_IF_ERROR(Delete(part, kube::KeyOf(object)));
    }
    ASSIGN_OR_RETURN(const kube::ObjectList flux,
                     client_.List(ctx_, kDeployments, "", {.label_selector = kPartOfFlux}));
    if (flux.items.empty()) {
      RETURN_IF_ERROR(AwaitPods());
      RETURN_IF_ERROR(DeleteKinds());
    } else {
      PrintProgress(Mark::kWaiting, "the kinds stay: Flux's controllers work on their objects");
    }
    if (options_.keep_namespace) return absl::OkStatus();
    return Delete(kNamespaces, {"", ns_});
  }

 private:
  // A controller that still runs would put the finalizers back, and prune when the kinds go.
  absl::Status AwaitPods() {
    while (!options_.dry_run) {
      ASSIGN_OR_RETURN(const kube::ObjectList pods,
                       client_.List(ctx_, kPods, ns_, {.label_selector = kPartOfSluice}));
      if (pods.items.empty()) break;
      RETURN_IF_ERROR(Annotate(RealClock().Sleep(ctx_, kPoll),
                               absl::StrCat("waiting for ", kube::Subject(pods.items[0]),
                                            " to end, which could prune")));
    }
    return absl::OkStatus();
  }

  // Nobody is there to finish a deletion any more, and nothing that was applied is to be pruned:
  // the finalizers go first.
  absl::Status DeleteKinds() {
    for (const kube::Resource& kind : api::AllKinds()) {
      const auto objects = client_.List(ctx_, kind, "");
      if (absl::IsNotFound(objects.status())) continue;
      RETURN_IF_ERROR(objects.status());
      for (const Value& object : objects->items) {
        if (!options_.dry_run && runtime::HasFinalizer(object)) {
          RETURN_IF_ERROR(
              Annotate(runtime::RemoveFinalizer(ctx_, client_, kind, object, kFieldManager),
                       kube::Subject(object)));
        }
      }
      RETURN_IF_ERROR(Delete(kDefinitions, {"", absl::StrCat(kind.plural, ".", kind.group)}));
    }
    return absl::OkStatus();
  }

  absl::Status Delete(const kube::Resource& resource, const kube::ObjectKey& key) {
    const std::string subject = kube::Subject(resource.kind, key);
    const absl::Status deleted = client_.Delete(ctx_, resource, key, {.dry_run = options_.dry_run});
    if (absl::IsNotFound(deleted)) return absl::OkStatus();
    RETURN_IF_ERROR(Annotate(deleted, subject));
    PrintProgress(Mark::kSuccess,
                  absl::StrCat(subject, " deleted", options_.dry_run ? " (dry run)" : ""));
    return absl::OkStatus();
  }

  const Context& ctx_;
  kube::Client& client_;
  const std::string ns_;
  const Options& options_;
};

absl::Status Uninstall(const Context& ctx, Connection& connection, const Options& options) {
  if (!options.silent && !options.dry_run &&
      !Confirm(absl::StrCat("Are you sure you want to delete Sluice from ", connection.ns,
                            ", and all objects of its kinds"))) {
    return absl::AbortedError("aborting");
  }
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  RETURN_IF_ERROR(Uninstallation(limited, connection, options).Run());
  PrintProgress(Mark::kSuccess, "uninstall finished; what was applied is left running");
  return absl::OkStatus();
}

}  // namespace

void AddUninstall(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& uninstall =
      command.Sub("uninstall", "Deletes the controllers and their kinds, not what they applied",
                  [options] { return RunConnected(*options, Uninstall); });
  AddConnectionFlags(uninstall, options->connection);
  uninstall.Bool("--keep-namespace", options->keep_namespace, "leave the namespace");
  uninstall.Bool("--dry-run", options->dry_run, "only print what would be deleted");
  uninstall.Bool("-s,--silent", options->silent, "without asking");
}

}  // namespace sluice::cli
