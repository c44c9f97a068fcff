// The keys that a Kustomization decrypts with: those of its Secret, and identities towards services
// that hold keys (spec/kustomize.md §2.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/age/identity.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/bucket/object_store.h"
#include "common/bucket/s3_signer.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/http/transport.h"
#include "common/key_management/service.h"
#include "common/pgp/secret_key_ring.h"
#include "common/sops/data_key.h"

namespace sluice::kustomize_controller {

// What ambient credentials are made with. All must outlive the keys.
struct DecryptionServices {
  cloud_identity::Services cloud;
  cloud_identity::TokenCache& tokens;
};

// Where the addresses of Vaults are allowed and their logins named, and whose identity logs in.
struct AmbientIdentity {
  cloud_identity::Identity account;                 // nothing: the controller's own
  std::optional<kube::ObjectKey> vault_config_map;  // nothing: no login at Vaults
};

// Import first, from one thread; then thread-safe.
class DecryptionKeys : public sops::KeyService {
 public:
  DecryptionKeys(const DecryptionServices& services, AmbientIdentity identity);

  // One entry of the decryption Secret, by its name: "*.agekey", "*.asc", "sops.vault-token",
  // "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms". Others are ignored. kInvalidArgument, without
  // the value, for one that cannot be read.
  absl::Status Import(absl::string_view name, const Secret& value);
  // The same, for "*.agekey" alone.
  absl::Status ImportAgeOnly(absl::string_view name, const Secret& value);

  absl::StatusOr<Secret> Decrypt(const Context& ctx, const sops::MasterKey& key) override;

 private:
  using AzureTokens =
      std::function<absl::StatusOr<bucket::BearerToken>(const Context&, const std::string& scope)>;

  absl::Status ImportAge(const Secret& value);
  absl::Status ImportAws(const Secret& value);
  absl::Status ImportAzure(const Secret& value);
  absl::Status ImportGcp(const Secret& value);

  absl::StatusOr<Secret> WithAge(const sops::MasterKey& key);
  absl::StatusOr<Secret> WithAws(const Context& ctx, const sops::MasterKey& key);
  absl::StatusOr<Secret> WithAzure(const Context& ctx, const sops::MasterKey& key);
  absl::StatusOr<Secret> WithGcp(const Context& ctx, const sops::MasterKey& key);
  absl::StatusOr<Secret> WithVault(const Context& ctx, const sops::MasterKey& key);

  // What `make` gives, kept under who it is for and `what`.
  absl::StatusOr<cloud_identity::Credentials> Ambient(const Context& ctx, absl::string_view what,
                                                      const cloud_identity::TokenCache::Make& make);
  absl::StatusOr<http::Transport*> VaultTransport();
  absl::StatusOr<Secret> VaultToken(const Context& ctx, const std::string& address);
  absl::StatusOr<Secret> VaultLogin(const Context& ctx, const std::string& address);

  const DecryptionServices services_;
  const AmbientIdentity identity_;
  const key_management::Endpoints endpoints_;
  age::Identities age_;
  pgp::SecretKeyRing pgp_;
  Secret vault_token_;
  std::optional<bucket::AwsCredentials> aws_;
  AzureTokens azure_;
  bucket::TokenSource gcp_;

  absl::Mutex mutex_;
  std::unique_ptr<http::Transport> vault_transport_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Secret> vault_logins_ ABSL_GUARDED_BY(mutex_);  // by address
};

}  // namespace sluice::kustomize_controller
