// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/check.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/semver/constraint.h"
#include "common/ssa/readiness.h"

namespace sluice::cli {
namespace {

// The versions of Kubernetes that Flux 2.9 supports.
constexpr char kKubernetes[] = ">=1.33.0-0";
constexpr char kPartOf[] = "app.kubernetes.io/part-of";

struct Options {
  ConnectionOptions connection;
  bool pre = false;
  absl::Duration poll_interval = absl::Seconds(5);
};

const kube::Resource& Definitions() {
  static const auto* const kResource = new kube::Resource{
      "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false};
  return *kResource;
}

const kube::Resource& Deployments() {
  static const auto* const kResource =
      new kube::Resource{"apps", "v1", "deployments", "Deployment", true};
  return *kResource;
}

std::string Selector() { return absl::StrCat(kPartOf, "=flux"); }

// Each part prints what it finds and returns whether all is well; errors are of the connection.
absl::StatusOr<bool> CheckKubernetes(const Context& ctx, Connection& connection) {
  kube::ApiRequest request;
  request.path = "/version";
  ASSIGN_OR_RETURN(const Value answer, connection.client->Do(ctx, request));
  const std::string text(answer["gitVersion"].str());
  const auto version = semver::Version::Parse(text);
  if (!version.ok()) {
    PrintFailure("Kubernetes version can't be determined");
    return false;
  }
  if (!semver::Constraint::Parse(kKubernetes).value().Matches(*version)) {
    PrintFailure(absl::StrCat("Kubernetes version ", text, " does not match ", kKubernetes));
    return false;
  }
  PrintProgress(Mark::kSuccess,
                absl::StrCat("Kubernetes ", text.substr(text[0] == 'v' ? 1 : 0), " ", kKubernetes));
  return true;
}

absl::StatusOr<bool> CheckDistribution(const Context& ctx, Connection& connection) {
  const kube::Resource& repository = api::KindOrDie("GitRepository");
  const auto definition =
      connection.client->Get(ctx, Definitions(), {"", repository.group_resource()});
  if (!definition.ok()) {
    PrintFailure(absl::StrCat("checking failed: ", definition.status().message()));
    return false;
  }
  const absl::string_view version = kube::Label(*definition, "app.kubernetes.io/version");
  const absl::string_view part_of = kube::Label(*definition, kPartOf);
  if (!version.empty()) {
    PrintProgress(Mark::kSuccess,
                  absl::StrCat("distribution: ", part_of, part_of.empty() ? "" : "-", version));
  }
  const bool bootstrapped =
      !kube::Label(*definition, absl::StrCat(api::kKustomizeGroup, "/namespace")).empty();
  PrintProgress(Mark::kSuccess, absl::StrCat("bootstrapped: ", bootstrapped ? "true" : "false"));
  return true;
}

absl::StatusOr<bool> CheckControllers(const Context& ctx, Connection& connection,
                                      absl::Duration poll) {
  ASSIGN_OR_RETURN(
      const kube::ObjectList deployments,
      connection.client->List(ctx, Deployments(), connection.ns, {.label_selector = Selector()}));
  if (deployments.items.empty()) {
    PrintFailure(absl::StrCat("no controllers found in the '", connection.ns,
                              "' namespace with the label selector '", Selector(), "'"));
    return false;
  }
  bool well = true;
  for (const Value& deployment : deployments.items) {
    const ssa::WatchedObject watched{ssa::ObjectId::Of(deployment), Deployments()};
    const absl::Status ready =
        ssa::WaitForReadiness(ctx, *connection.client, {&watched, 1}, {}, poll, RealClock());
    if (absl::IsCancelled(ready)) return ready;
    well &= ready.ok();
    PrintProgress(ready.ok() ? Mark::kSuccess : Mark::kFailure,
                  absl::StrCat(kube::Name(deployment),
                               ready.ok() ? ": deployment ready" : ": deployment not ready"));
    for (const Value& container : deployment["spec"]["template"]["spec"]["containers"].items()) {
      PrintProgress(Mark::kAction, container["image"].str());
    }
  }
  return well;
}

absl::StatusOr<bool> CheckDefinitions(const Context& ctx, Connection& connection) {
  ASSIGN_OR_RETURN(const kube::ObjectList definitions,
                   connection.client->List(ctx, Definitions(), "", {.label_selector = Selector()}));
  if (definitions.items.empty()) {
    PrintFailure(absl::StrCat("no crds found with the label selector '", Selector(), "'"));
    return false;
  }
  bool well = true;
  for (const Value& definition : definitions.items) {
    const Value& versions = definition["status"]["storedVersions"];
    well &= !versions.empty();
    if (versions.empty()) {
      PrintFailure(absl::StrCat("no stored versions for ", kube::Name(definition)));
    } else {
      PrintProgress(Mark::kSuccess, absl::StrCat(kube::Name(definition), "/",
                                                 versions.at(versions.size() - 1).str()));
    }
  }
  return well;
}

absl::Status Check(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  PrintProgress(Mark::kAction, "checking prerequisites");
  ASSIGN_OR_RETURN(bool well, CheckKubernetes(limited, connection));
  if (options.pre) {
    if (!well) return absl::FailedPreconditionError("check failed");
    PrintProgress(Mark::kSuccess, "prerequisites checks passed");
    return absl::OkStatus();
  }
  PrintProgress(Mark::kAction, "checking version in cluster");
  ASSIGN_OR_RETURN(const bool distribution, CheckDistribution(limited, connection));
  PrintProgress(Mark::kAction, "checking controllers");
  ASSIGN_OR_RETURN(const bool controllers,
                   CheckControllers(limited, connection, options.poll_interval));
  PrintProgress(Mark::kAction, "checking crds");
  ASSIGN_OR_RETURN(const bool definitions, CheckDefinitions(limited, connection));
  well &= distribution && controllers && definitions;
  if (!well) return absl::FailedPreconditionError("check failed");
  PrintProgress(Mark::kSuccess, "all checks passed");
  return absl::OkStatus();
}

}  // namespace

void AddCheck(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& check = command.Sub("check", "Checks the cluster, the controllers and their definitions",
                               [options] { return RunConnected(*options, Check); });
  AddConnectionFlags(check, options->connection);
  check.Bool("--pre", options->pre, "only what has to be before the controllers are installed");
  check.Duration("--poll-interval", options->poll_interval,
                 "how often to look at controllers that are not ready");
}

}  // namespace sluice::cli
