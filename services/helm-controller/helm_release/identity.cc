// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/identity.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"

namespace sluice::helm_controller {
namespace {

const kube::Resource& Secrets() {
  static const auto* const kSecrets = new kube::Resource{"", "v1", "secrets", "Secret", true};
  return *kSecrets;
}

// The kubeconfig's text out of a Secret.
absl::StatusOr<std::string> KubeconfigIn(const Value& secret, const std::string& wanted_key,
                                         const std::string& name) {
  std::vector<std::string> keys = {wanted_key};
  if (wanted_key.empty()) keys = {"value", "value.yaml"};
  for (const std::string& key : keys) {
    const Value& entry = secret["data"][key];
    std::string text;
    if (entry.is_null()) continue;
    if (!absl::Base64Unescape(entry.str(), &text)) break;
    return text;
  }
  return absl::NotFoundError(absl::StrCat("KubeConfig secret '", name, "' does not contain a '",
                                          wanted_key.empty() ? "value" : wanted_key,
                                          "' key with a kubeconfig"));
}

absl::StatusOr<std::unique_ptr<kube::Client>> RemoteClient(const Context& ctx,
                                                           const Services& services,
                                                           const std::string& ns,
                                                           const api::KubeConfigReference& from) {
  if (from.secret.empty()) {
    return absl::UnimplementedError(
        "spec.kubeConfig.configMapRef is not supported by this version; use secretRef");
  }
  const std::string name = absl::StrCat(ns, "/", from.secret);
  const auto secret = services.client.Get(ctx, Secrets(), {ns, from.secret});
  if (!secret.ok()) {
    return Annotate(secret.status(), absl::StrCat("failed to get KubeConfig secret '", name, "'"));
  }
  ASSIGN_OR_RETURN(const std::string text, KubeconfigIn(*secret, from.secret_key, name));
  const auto config = kube::ParseForeignKubeconfig(text, services.options.insecure_kubeconfig_tls);
  if (!config.ok()) {
    return Annotate(config.status(), absl::StrCat("KubeConfig secret '", name, "'"));
  }
  return kube::CreateHttpClient(*config, {.user_agent = "helm-controller"});
}

}  // namespace

std::string ServiceAccountOf(const Session& session, const Options& options) {
  return session.spec.service_account_name.empty() ? options.process.default_service_account
                                                   : session.spec.service_account_name;
}

absl::StatusOr<std::unique_ptr<Identity>> Identity::Make(const Context& ctx,
                                                         const Services& services,
                                                         const Session& session) {
  std::unique_ptr<Identity> identity(new Identity());
  identity->cluster_ = &services.client;
  identity->discovery_ = &services.discovery;
  identity->capabilities_ = &services.capabilities;
  const std::string ns = session.key().ns;
  if (session.spec.kube_config.has_value()) {
    ASSIGN_OR_RETURN(identity->remote_, RemoteClient(ctx, services, ns, *session.spec.kube_config));
    identity->remote_discovery_ = std::make_unique<kube::Discovery>(*identity->remote_);
    identity->remote_capabilities_ = std::make_unique<CapabilitiesCache>(services.clock);
    identity->cluster_ = identity->remote_.get();
    identity->discovery_ = identity->remote_discovery_.get();
    identity->capabilities_ = identity->remote_capabilities_.get();
  }
  const std::string account = ServiceAccountOf(session, services.options);
  if (!account.empty()) {
    identity->impersonating_ = kube::Impersonate(
        *identity->cluster_, absl::StrCat("system:serviceaccount:", ns, ":", account));
  }
  return identity;
}

}  // namespace sluice::helm_controller
