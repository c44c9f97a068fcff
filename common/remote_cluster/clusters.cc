// SPDX-License-Identifier: Apache-2.0
#include "common/remote_cluster/clusters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/service_account.h"
#include "common/credentials/identity.h"
#include "common/crypto/digest.h"
#include "common/kube/http_client.h"

namespace sluice::remote_cluster {
namespace {

constexpr absl::Duration kRequestTimeout = absl::Seconds(30);

kube::Resource Core(absl::string_view plural, absl::string_view kind) {
  return {"", "v1", std::string(plural), std::string(kind), true};
}

// The kubeconfig in a Secret, under the key that `reference` names or the usual ones.
absl::StatusOr<Secret> KubeconfigIn(const Value& secret, const kube::ObjectKey& key,
                                    const Value& reference) {
  std::vector<std::string> names = {"value", "value.yaml"};
  if (const absl::string_view named = reference["key"].str(); !named.empty()) {
    names = {std::string(named)};
  }
  for (const std::string& name : names) {
    const Value& entry = secret["data"][name];
    if (entry.is_null()) continue;
    std::string text;
    if (!absl::Base64Unescape(entry.str(), &text)) {
      return absl::InvalidArgumentError(
          absl::StrCat("KubeConfig secret '", key.ToString(), "': key '", name, "' is not base64"));
    }
    return Secret(std::move(text));
  }
  return absl::NotFoundError(absl::StrCat("KubeConfig secret '", key.ToString(),
                                          "' does not contain a '", names.front(),
                                          "' key with a kubeconfig"));
}

cloud_identity::ClusterReference ReferenceIn(const Value& config_map) {
  const Value& data = config_map["data"];
  cloud_identity::ClusterReference reference;
  reference.provider = std::string(data["provider"].str());
  reference.cluster = std::string(data["cluster"].str());
  reference.address = std::string(data["address"].str());
  reference.ca_pem = std::string(data["ca.crt"].str());
  for (absl::string_view line : absl::StrSplit(data["audiences"].str(), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty()) reference.audiences.emplace_back(line);
  }
  return reference;
}

// Nothing of one part runs into the next.
void AddPart(absl::string_view part, std::string& key) {
  absl::StrAppend(&key, part.size(), ":", part, "\n");
}

std::string KeyOf(const cloud_identity::ClusterReference& reference) {
  std::string key = "identity\n";
  for (const std::string* part :
       {&reference.provider, &reference.cluster, &reference.address, &reference.ca_pem}) {
    AddPart(*part, key);
  }
  for (const std::string& audience : reference.audiences) AddPart(audience, key);
  return key;
}

}  // namespace

struct Clusters::Remote {
  explicit Remote(std::unique_ptr<kube::Client> connection, std::string id)
      : client(std::move(connection)),
        discovery(*client),
        cluster{*client, discovery, nullptr, std::move(id)} {}

  const std::unique_ptr<kube::Client> client;
  kube::Discovery discovery;
  const Cluster cluster;
};

Clusters::Clusters(Cluster own, const cloud_identity::Services& services,
                   cloud_identity::TokenCache& tokens, const Options& options)
    : own_(std::move(own)), services_(services), tokens_(tokens), options_(options) {}

absl::StatusOr<ClusterPtr> Clusters::Of(const Context& ctx, const std::string& ns,
                                        const Value& kube_config) {
  if (kube_config.is_null()) return ClusterPtr(std::shared_ptr<const void>(), &own_);
  if (const Value& secret = kube_config["secretRef"]; !secret.is_null()) {
    return OfSecret(ctx, ns, secret);
  }
  if (const Value& config_map = kube_config["configMapRef"]; !config_map.is_null()) {
    return OfConfigMap(ctx, ns, std::string(config_map["name"].str()));
  }
  return absl::InvalidArgumentError(
      "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified");
}

absl::StatusOr<ClusterPtr> Clusters::OfSecret(const Context& ctx, const std::string& ns,
                                              const Value& reference) {
  const kube::ObjectKey key = {ns, std::string(reference["name"].str())};
  const auto secret = services_.client.Get(ctx, Core("secrets", "Secret"), key);
  if (!secret.ok()) {
    return Annotate(secret.status(),
                    absl::StrCat("unable to read KubeConfig secret '", key.ToString(), "' error"));
  }
  ASSIGN_OR_RETURN(const Secret text, KubeconfigIn(*secret, key, reference));
  const std::string id =
      crypto::Digest(crypto::Algorithm::kSha256, absl::StrCat("kubeconfig\n", text.Reveal()));
  return Shared(id, [&]() -> absl::StatusOr<kube::ClusterConfig> {
    auto config = kube::ParseForeignKubeconfig(text.Reveal(), options_.insecure_tls);
    if (config.ok()) return config;
    return Annotate(config.status(), absl::StrCat("KubeConfig secret '", key.ToString(), "'"));
  });
}

absl::StatusOr<ClusterPtr> Clusters::OfConfigMap(const Context& ctx, const std::string& ns,
                                                 const std::string& name) {
  const kube::ObjectKey key = {ns, name};
  const auto config_map = services_.client.Get(ctx, Core("configmaps", "ConfigMap"), key);
  if (!config_map.ok()) {
    return Annotate(config_map.status(), absl::StrCat("failed to get configmap ", key.ToString()));
  }
  const cloud_identity::ClusterReference reference = ReferenceIn(*config_map);
  cloud_identity::Identity identity;
  std::string material = KeyOf(reference);
  RETURN_IF_ERROR(Identify(ctx, ns, std::string((*config_map)["data"]["serviceAccountName"].str()),
                           identity, material));
  const std::string id = crypto::Digest(crypto::Algorithm::kSha256, material);
  return Shared(id, [&]() -> absl::StatusOr<kube::ClusterConfig> {
    ASSIGN_OR_RETURN(cloud_identity::ClusterEndpoint endpoint,
                     cloud_identity::FindCluster(ctx, services_, identity, reference));
    kube::ClusterConfig config;
    config.server = std::move(endpoint.server);
    config.tls.ca_pem = std::move(endpoint.ca_pem);
    // A wait may take longer than a token lasts.
    config.token_source = [this, id, identity,
                           reference](const Context& request) -> absl::StatusOr<Secret> {
      ASSIGN_OR_RETURN(cloud_identity::Credentials token, tokens_.Get(id, [&] {
        return cloud_identity::ClusterToken(request, services_, identity, reference);
      }));
      return std::move(token.secret);
    };
    // So that what is wrong with the identity is told as such, and not as an answer of the cluster.
    RETURN_IF_ERROR(config.token_source(ctx).status());
    return config;
  });
}

absl::Status Clusters::Identify(const Context& ctx, const std::string& ns,
                                const std::string& account, cloud_identity::Identity& identity,
                                std::string& key) const {
  const std::string& fallback = options_.default_service_account;
  if (account.empty() && fallback.empty()) return absl::OkStatus();
  identity = kube::ObjectKey{ns, account.empty() ? fallback : account};
  const auto version = cloud_identity::AccountKey(ctx, services_.client, *identity);
  if (absl::IsNotFound(version.status()) && account.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "failed to get service account '", identity->ToString(),
        "': the specified default service account does not exist in the object namespace. your "
        "cluster is subject to multi-tenant workload identity lockdown, reach out to your cluster "
        "administrator for help"));
  }
  RETURN_IF_ERROR(version.status());
  if (!options_.workload_identity) {
    return absl::FailedPreconditionError(
        absl::StrCat(credentials::kObjectLevelWorkloadIdentity, " feature gate is not enabled"));
  }
  AddPart(identity->ToString(), key);
  AddPart(*version, key);
  return absl::OkStatus();
}

absl::StatusOr<ClusterPtr> Clusters::Shared(const std::string& id, const Configure& configure) {
  const auto hand_out = [](const std::shared_ptr<Remote>& remote) {
    return ClusterPtr(remote, &remote->cluster);
  };
  {
    const absl::Time now = services_.clock.Now();
    absl::MutexLock lock(&mutex_);
    SweepLocked(now);
    if (const auto remote = FindLocked(id, now); remote != nullptr) return hand_out(remote);
  }
  ASSIGN_OR_RETURN(const kube::ClusterConfig config, configure());
  ASSIGN_OR_RETURN(std::unique_ptr<kube::Client> client,
                   kube::CreateHttpClient(config, {.user_agent = options_.user_agent,
                                                   .request_timeout = kRequestTimeout}));
  const absl::Time now = services_.clock.Now();
  absl::MutexLock lock(&mutex_);
  // Somebody may have been faster.
  if (const auto remote = FindLocked(id, now); remote != nullptr) return hand_out(remote);
  Entry entry{std::make_shared<Remote>(std::move(client), id), now, now};
  ClusterPtr cluster = hand_out(entry.remote);
  entries_.insert_or_assign(id, std::move(entry));
  SweepLocked(now);
  return cluster;
}

std::shared_ptr<Clusters::Remote> Clusters::FindLocked(const std::string& id, absl::Time now) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return nullptr;
  it->second.used = now;
  return it->second.remote;
}

void Clusters::SweepLocked(absl::Time now) {
  absl::erase_if(entries_, [now](const auto& entry) {
    return now - entry.second.used > kMaxIdle || now - entry.second.made > kMaxAge;
  });
  while (entries_.size() > kMaxClusters) {
    entries_.erase(std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
}

size_t Clusters::size() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace sluice::remote_cluster
