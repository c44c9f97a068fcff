// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/create/commands.h"
#include "cli/create/creation.h"
#include "common/api/kinds.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options : CreateOptions {
  std::string source;
  std::string path = "./";
  bool prune = false;
  bool wait = false;
  std::vector<std::string> depends_on, health_checks;
  absl::Duration health_timeout = absl::Minutes(2);
  absl::Duration retry_interval;
  std::string decryption_provider, decryption_secret;
  std::string service_account, target_namespace, kubeconfig_secret;
};

absl::StatusOr<Value> HealthCheck(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::ByAnyChar("/."));
  if (parts.size() != 3) {
    return UsageError(absl::StrCat("invalid health check '", text,
                                   "' must be in the format 'kind/name.namespace'"));
  }
  if (parts[0] != "Deployment" && parts[0] != "DaemonSet" && parts[0] != "StatefulSet" &&
      parts[0] != "HelmRelease") {
    return UsageError(absl::StrCat("invalid health check kind '", parts[0],
                                   "' can be HelmRelease, Deployment, DaemonSet or StatefulSet"));
  }
  Value check({{"kind", parts[0]}, {"name", parts[1]}, {"namespace", parts[2]}});
  if (parts[0] == "HelmRelease") {
    check.Set("apiVersion", api::KindOrDie(parts[0]).gvk().api_version());
  }
  return check;
}

// "./a/b": nothing leads out of the source.
std::string PathInSource(const std::string& path) {
  std::string clean = (std::filesystem::path("/") / path).lexically_normal().string();
  if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return absl::StrCat(".", clean);
}

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.path.empty()) return UsageError("path is required");
  if (options.source.empty()) return UsageError("source is required");
  Creation creation;
  Value& spec = creation.spec;
  ASSIGN_OR_RETURN(const Value source,
                   ParseReference("--source", options.source,
                                  {"GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"},
                                  /*kind_required=*/false));
  spec.Set("sourceRef", source);
  spec.Set("interval", FormatGoDuration(options.interval));
  spec.Set("path", PathInSource(options.path));
  spec.Set("prune", options.prune);
  SetText(spec, "targetNamespace", options.target_namespace);
  SetText(spec, "serviceAccountName", options.service_account);
  SetDuration(spec, "retryInterval", options.retry_interval);
  for (const std::string& name : options.depends_on) {
    AppendTo(spec, "dependsOn", ParseDependency(name));
  }
  if (!options.kubeconfig_secret.empty()) {
    SetNameOf(spec.Ensure("kubeConfig"), "secretRef", options.kubeconfig_secret);
  }
  if (!options.decryption_provider.empty()) {
    Value& decryption = spec.Ensure("decryption");
    decryption.Set("provider", options.decryption_provider);
    SetNameOf(decryption, "secretRef", options.decryption_secret);
  }
  // Everything is waited for, or what is named.
  SetTrue(spec, "wait", options.wait);
  if (!options.wait) {
    for (const std::string& text : options.health_checks) {
      ASSIGN_OR_RETURN(const Value check, HealthCheck(text));
      AppendTo(spec, "healthChecks", check);
    }
  }
  if (options.wait || spec.Has("healthChecks")) {
    SetDuration(spec, "timeout", options.health_timeout);
  }
  return creation;
}

}  // namespace

void AddCreateKustomization(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& ks = AddCreation(create, "kustomization", "Kustomization", options,
                            [options] { return Create(*options); });
  ks.Alias("ks");
  ks.Text("--source", options->source,
          "[<kind>/]<name>[.<namespace>], a GitRepository, OCIRepository, Bucket or "
          "ExternalArtifact");
  ks.Text("--path", options->path, "folder in the source, from ./ on");
  ks.Bool("--prune", options->prune, "delete what is no longer in the source");
  ks.Bool("--wait", options->wait, "wait until all applied objects are ready");
  ks.List("--health-check", options->health_checks, "wait for <kind>/<name>.<namespace>");
  ks.Duration("--health-check-timeout", options->health_timeout, "how long to wait for these");
  ks.List("--depends-on", options->depends_on, "[<namespace>/]<name> to be ready before");
  ks.Choice("--decryption-provider", options->decryption_provider, {"", "sops"},
            "how files are encrypted");
  ks.Text("--decryption-secret", options->decryption_secret, "name of a Secret with the keys");
  ks.Text("--service-account", options->service_account, "to act as");
  ks.Text("--target-namespace", options->target_namespace, "where to put all objects");
  ks.Text("--kubeconfig-secret-ref", options->kubeconfig_secret,
          "name of a Secret with the kubeconfig of another cluster");
  ks.Duration("--retry-interval", options->retry_interval, "how soon to try again after a failure");
}

}  // namespace sluice::cli
