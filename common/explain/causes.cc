// SPDX-License-Identifier: Apache-2.0
#include "common/explain/causes.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sluice::explain {
namespace {

constexpr Cause kCauses[] = {
    // What the walk itself finds.
    {"source-missing", "create the source, or correct the reference's kind, name and namespace"},
    {"dependency-missing", "create the object that is depended on, or correct spec.dependsOn"},
    {"dependency-cycle", "remove one of the dependsOn entries that form the circle"},
    {"dependency-expression", "see whether the readyExpr can become true for the dependency"},
    {"object-missing", "let the owner reconcile again: it applies what is missing"},
    {"suspended", "resume it: set spec.suspend to false"},
    {"not-reconciled", "see whether its controller runs and watches this namespace"},
    {"in-progress", "wait for it, or look at the controller's log if this lasts"},
    {"deletion-blocked", "see which finalizer holds it and whether its controller runs"},
    // Sources.
    {"secret-missing", "create the Secret, with the keys that the field wants, in that namespace"},
    {"config-missing", "create the ConfigMap or key, or mark the reference optional"},
    {"source-host-key", "put the server's host key into known_hosts of the Secret"},
    {"source-certificate", "put the authority that signed the server's certificate into ca.crt"},
    {"source-authentication", "put valid credentials for this URL into the Secret of secretRef"},
    {"source-reference-missing", "name a branch, tag, version or digest that exists"},
    {"source-not-found", "correct the URL: the server answers, but has nothing there"},
    {"source-unreachable", "see whether the address is right and reachable from the cluster"},
    {"source-signature", "sign the content with a trusted key, or correct spec.verify"},
    {"source-directory-missing", "name directories that exist in the repository"},
    {"source-invalid", "correct the field of the source's spec that the message names"},
    {"image-name-invalid", "write spec.image without scheme and tag"},
    {"image-policy", "let the policy's filter and range match one of the tags that exist"},
    {"git-push", "let the credentials write, or push to a branch that is not protected"},
    {"chart-version-missing", "ask for a version that the repository has"},
    {"chart-missing", "correct the chart's name or path"},
    {"storage", "see whether the source-controller's storage is full or unreachable"},
    {"artifact-unfetchable", "see whether source-controller runs and serves its artifacts"},
    {"access-denied", "use a reference within the namespace, or allow those across namespaces"},
    // Building.
    {"path-not-found", "correct spec.path: the folder does not exist in this revision"},
    {"yaml-invalid", "correct the file that the message names"},
    {"decryption", "give spec.decryption a Secret or identity with the key of these files"},
    {"substitution-source-missing", "create what substituteFrom names, or mark it optional"},
    {"substitution-variable", "set the variable in postBuild, or give it a default"},
    {"build-file-missing", "add the file, or remove it from the kustomization.yaml"},
    {"build-duplicate", "keep one of the two objects with this name"},
    {"build-patch", "correct the patch: it does not fit its target"},
    {"build-path-escape", "refer to files within the source only"},
    {"build-failed", "make `sluice build` of this path work"},
    {"expression-invalid", "correct the CEL expression"},
    // Charts.
    {"values-schema", "correct the values that the chart's schema refuses"},
    {"template-error", "correct the values or the chart: its templates do not render"},
    {"post-render", "correct spec.postRenderers: the patch does not fit its target"},
    {"hook-failed", "look at the hook's Job or Pod and its log"},
    {"test-failed", "look at the log of the release's test Pods"},
    {"release-pending", "let the other operation end, or roll the release back"},
    // Applying.
    {"crd-missing",
     "correct kind and apiVersion, or install the CustomResourceDefinition first (dependsOn)"},
    {"namespace-missing", "create the namespace first"},
    {"namespace-terminating", "wait until the namespace is gone and make it anew"},
    {"quota", "raise the ResourceQuota, or ask for less"},
    {"pod-security", "meet the namespace's Pod Security level, or change its label"},
    {"forbidden", "give the service account a role that allows this"},
    {"webhook-unavailable", "see whether the webhook's Service and Pods run"},
    {"admission-denied", "meet the policy that the webhook names"},
    {"immutable-field", "delete and make the object anew, or let spec.force do it"},
    {"conflict", "let one manager own the field"},
    {"object-invalid", "correct the field that the message names"},
    {"kubeconfig", "correct the Secret that spec.kubeConfig names"},
    {"cluster-unreachable", "see whether the target cluster's API server answers"},
    // Health.
    {"image-pull", "correct the image's name and tag, or give the Pod a pull Secret"},
    {"crash-loop", "look at the container's log of its previous run"},
    {"out-of-memory", "raise the container's memory limit"},
    {"container-config", "create the ConfigMap, Secret or key that the container refers to"},
    {"unschedulable", "add nodes, ask for less, or correct node selectors and tolerations"},
    {"probe-failing", "see why the container does not answer its probe"},
    {"job-failed", "look at the log of the Job's Pods; delete it to run it again"},
    {"volume-pending", "see whether the storage class exists and can provide the volume"},
    {"rollout-stuck", "look at the workload's events and Pods"},
    {"health-timeout", "see why the named objects do not become ready, or raise spec.timeout"},
    {"not-healthy", "look at the object's status and events"},
    {"unclassified", "read the message; `sluice events` has what came before it"},
};

// What words mean, in lower case. A row fits if the message holds `all` and, where given, one of
// `any`; the first that fits counts, so the specific stand before the general.
struct Words {
  const char* cause;
  const char* reason;  // of the condition; "" for any
  const char* all;     // "" for nothing in particular
  std::initializer_list<const char*> any;
};

const Words kWords[] = {
    {"substitution-source-missing", "", "substitute from", {"not found"}},
    {"kubeconfig", "", "kubeconfig", {"unable to read", "not found", "invalid", "failed to"}},
    {"decryption", "", "", {"decryption failed", "failed to decrypt", "cannot get sops data key"}},
    {"secret-missing", "", "", {"secrets \"", "failed to get secret", "secret chart values"}},
    {"config-missing", "ValuesError", "", {}},
    {"config-missing", "", "configmaps \"", {"not found"}},
    {"image-name-invalid", "ImageURLInvalid", "", {}},
    {"image-policy", "InvalidPolicy", "", {}},
    {"image-policy",
     "",
     "",
     {"unable to determine latest version", "version list argument cannot"}},
    {"source-signature",
     "",
     "",
     {"signature verification", "no matching signatures", "signature is invalid",
      "no signatures found"}},
    {"source-signature", "InvalidCommitSignature", "", {}},
    {"source-signature", "VerificationError", "", {}},
    {"source-directory-missing", "", "sparse checkout", {}},
    {"source-host-key", "", "", {"knownhosts", "host key", "hostkey"}},
    {"git-push", "", "push", {"denied", "rejected", "protected", "failed to push", "not allowed"}},
    {"values-schema", "", "specifications of the schema", {}},
    {"post-render", "", "post render", {}},
    {"hook-failed",
     "",
     "",
     {"pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback",
      "pre-delete", "hook failed", "failed pre-", "failed post-"}},
    {"test-failed", "TestFailed", "", {}},
    {"release-pending", "", "another operation", {"in progress"}},
    {"template-error",
     "",
     "",
     {"execution error at", "error calling", "parse error at",
      "template: ", "nil pointer evaluating", "yaml parse error on"}},
    {"webhook-unavailable", "", "failed calling webhook", {}},
    {"admission-denied", "", "", {"denied the request", "validatingadmissionpolicy"}},
    {"quota", "", "exceeded quota", {}},
    {"pod-security", "", "violates podsecurity", {}},
    {"namespace-terminating", "", "because it is being terminated", {}},
    {"forbidden", "", "is forbidden: user", {}},
    {"namespace-missing", "", "namespaces \"", {"not found"}},
    {"crd-missing",
     "",
     "",
     {"no matches for kind", "the server could not find the requested resource",
      "ensure crds are installed"}},
    {"immutable-field",
     "",
     "",
     {"immutable", "may not change once set", "updates to statefulset spec", "cannot be changed"}},
    {"conflict",
     "",
     "conflict",
     {"apply failed with", "conflict with", "the object has been modified"}},
    {"object-invalid",
     "",
     "",
     {"(invalid)", "is invalid:", "failed to create typed patch object", "unknown field"}},
    {"expression-invalid", "InvalidCELExpression", "", {}},
    {"path-not-found", "", "path not found", {}},
    {"substitution-variable", "", "", {"envsubst", "variable substitution failed"}},
    {"build-duplicate", "", "", {"already registered id", "may not add resource"}},
    {"build-path-escape", "", "", {"security-constraint", "security; file", "not in or below"}},
    {"build-patch",
     "",
     "",
     {"patchtransformer", "unable to parse sm or json patch", "no matches for id",
      "add operation does not apply", "remove operation does not apply"}},
    {"build-file-missing",
     "",
     "kustomize build failed",
     {"no such file", "not a valid directory", "doesn't exist"}},
    {"yaml-invalid",
     "",
     "",
     {"malformedyamlerror", "failed to decode kubernetes yaml", "missing kind",
      "missing metadata.name"}},
    {"build-failed", "BuildFailed", "", {}},
    {"chart-version-missing", "", "chart with version matching", {}},
    {"chart-version-missing", "", "chart version", {"not found", "no chart version found"}},
    {"chart-missing",
     "",
     "",
     {"no chart name found", "chart.yaml: no such file", "chart not found", "no such chart"}},
    {"access-denied", "AccessDenied", "", {}},
    {"access-denied", "", "cross-namespace", {}},
    {"source-certificate", "", "", {"x509", "certificate"}},
    {"source-reference-missing",
     "",
     "",
     {"couldn't find remote ref", "no match found for semver", "manifest_unknown",
      "manifest unknown", "reference not found", "tag not found", "unable to resolve commit",
      "object not found"}},
    {"source-authentication", "AuthenticationFailed", "", {}},
    {"source-authentication",
     "",
     "",
     {"authentication required", "401", "403", "unauthorized", "access denied",
      "denied:", "authorization failed", "unable to authenticate", "publickey", "accessdenied",
      "invalid credentials", "signaturedoesnotmatch", "invalidaccesskeyid"}},
    {"source-not-found",
     "",
     "",
     {"repository not found", "404", "name_unknown", "nosuchbucket", "bucket '", "does not exist"}},
    {"cluster-unreachable", "", "kubernetes cluster unreachable", {}},
    {"artifact-unfetchable",
     "",
     "",
     {"failed to download", "failed to fetch artifact", "artifact integrity",
      "failed to verify artifact"}},
    {"health-timeout", "", "", {"timeout waiting for", "failed early due to stalled"}},
    // What a Kustomization could not reach after its artifact was there.
    {"cluster-unreachable",
     "ReconciliationFailed",
     "",
     {"connection refused", "no such host", "i/o timeout", "network is unreachable",
      "connection reset", "no route to host"}},
    {"source-unreachable",
     "",
     "",
     {"connection refused", "no such host", "i/o timeout", "network is unreachable",
      "connection reset", "deadline exceeded", "timed out", "timeout", "no route to host"}},
    {"storage", "StorageOperationFailed", "", {}},
    {"storage", "", "", {"no space left on device", "disk quota exceeded"}},
    {"source-invalid", "URLInvalid", "", {}},
    {"source-invalid",
     "",
     "",
     {"unsupported protocol scheme", "invalid url", "unsupported scheme"}},
    {"health-timeout", "HealthCheckFailed", "", {}},
};

}  // namespace

std::span<const Cause> AllCauses() { return kCauses; }

const Cause& CauseOrDie(absl::string_view id) {
  for (const Cause& cause : kCauses) {
    if (id == cause.id) return cause;
  }
  std::abort();
}

const Cause& Classify(absl::string_view reason, absl::string_view message) {
  const std::string lower = absl::AsciiStrToLower(message);
  const auto holds = [&lower](absl::string_view text) { return absl::StrContains(lower, text); };
  for (const Words& words : kWords) {
    if (*words.reason != '\0' && reason != words.reason) continue;
    if (!holds(words.all)) continue;
    bool any = words.any.size() == 0;
    for (const char* text : words.any) any = any || holds(text);
    if (any) return CauseOrDie(words.cause);
  }
  return CauseOrDie("unclassified");
}

}  // namespace sluice::explain
