// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/decryption_keys.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/age/decrypt.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/azure_identity.h"
#include "common/bucket/gcs.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/google.h"
#include "common/cloud_identity/service_account.h"
#include "common/http/client.h"
#include "common/key_management/aws_kms.h"
#include "common/key_management/azure_key_vault.h"
#include "common/key_management/gcp_kms.h"
#include "common/key_management/vault.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize_controller {
namespace {

constexpr char kTokenFile[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";
constexpr absl::string_view kAgeEnding = ".agekey";
constexpr absl::string_view kPgpEnding = ".asc";

absl::StatusOr<Value> YamlOf(const Secret& value, absl::string_view what) {
  auto parsed = value::ParseYaml(value.Reveal());
  // The parser's message may quote the text.
  if (!parsed.ok() || !parsed->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("failed to unmarshal ", what));
  }
  return parsed;
}

// The account that a Kubernetes token was made for, from its "sub".
absl::StatusOr<kube::ObjectKey> AccountOf(const Secret& token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token.Reveal(), '.');
  std::string payload;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[1], &payload)) {
    return absl::InvalidArgumentError("failed to derive Vault role for authentication: not a JWT");
  }
  const auto claims = value::ParseJson(payload);
  absl::string_view subject = claims.ok() ? (*claims)["sub"].str() : "";
  if (absl::ConsumePrefix(&subject, "system:serviceaccount:")) {
    const std::pair<absl::string_view, absl::string_view> names =
        absl::StrSplit(subject, absl::MaxSplits(':', 1));
    if (!names.first.empty() && !names.second.empty()) {
      return kube::ObjectKey{std::string(names.first), std::string(names.second)};
    }
  }
  return absl::InvalidArgumentError(
      "failed to derive Vault role for authentication: the token is of no service account");
}

}  // namespace

DecryptionKeys::DecryptionKeys(const DecryptionServices& services, AmbientIdentity identity)
    : services_(services),
      identity_(std::move(identity)),
      endpoints_(key_management::Endpoints::FromEnvironment(services.cloud.environment.variable)) {}

absl::Status DecryptionKeys::Import(absl::string_view name, const Secret& value) {
  if (absl::EndsWith(name, kAgeEnding)) return ImportAge(value);
  if (absl::EndsWith(name, kPgpEnding)) return pgp_.Import(value);
  if (name == "sops.vault-token") {
    vault_token_ = Secret(std::string(absl::StripAsciiWhitespace(value.Reveal())));
  } else if (name == "sops.aws-kms") {
    return ImportAws(value);
  } else if (name == "sops.azure-kv") {
    return ImportAzure(value);
  } else if (name == "sops.gcp-kms") {
    return ImportGcp(value);
  }
  return absl::OkStatus();
}

absl::Status DecryptionKeys::ImportAgeOnly(absl::string_view name, const Secret& value) {
  return absl::EndsWith(name, kAgeEnding) ? ImportAge(value) : absl::OkStatus();
}

absl::Status DecryptionKeys::ImportAge(const Secret& value) {
  auto identities = age::ParseIdentities(value.Reveal());
  if (!identities.ok()) {
    return Annotate(identities.status(), "failed to parse and add to age identities");
  }
  age_.insert(age_.end(), identities->begin(), identities->end());
  return absl::OkStatus();
}

absl::Status DecryptionKeys::ImportAws(const Secret& value) {
  ASSIGN_OR_RETURN(const Value file, YamlOf(value, "AWS credentials file"));
  aws_ = bucket::AwsCredentials{std::string(file["aws_access_key_id"].str()),
                                Secret(std::string(file["aws_secret_access_key"].str())),
                                Secret(std::string(file["aws_session_token"].str()))};
  return absl::OkStatus();
}

absl::Status DecryptionKeys::ImportAzure(const Secret& value) {
  // UTF-16 is the YAML reader's doing.
  ASSIGN_OR_RETURN(const Value file, YamlOf(value, "Azure authentication file"));
  bucket::AzureApplication application;
  if (!file["authorityHost"].str().empty()) {
    application.authority = std::string(file["authorityHost"].str());
  }
  application.tenant_id = std::string(file["tenantId"].str());
  application.client_id = std::string(file["clientId"].str());
  application.client_secret = Secret(std::string(file["clientSecret"].str()));
  application.send_chain = file["clientCertificateSendChain"].bool_or(false);
  if (application.client_secret.empty()) {
    application.client_certificate = Secret(std::string(file["clientCertificate"].str()));
  }
  bool complete = !application.tenant_id.empty() && !application.client_id.empty() &&
                  !(application.client_secret.empty() && application.client_certificate.empty());
  if (complete && !file["clientCertificatePassword"].str().empty() &&
      application.client_secret.empty()) {
    return absl::InvalidArgumentError(
        "a clientCertificate with a clientCertificatePassword is not supported; store the "
        "certificate and its key as PEM without password");
  }
  // The output of the az command line.
  if (!complete && !file["tenant"].str().empty() && !file["appId"].str().empty() &&
      !file["password"].str().empty()) {
    application.tenant_id = std::string(file["tenant"].str());
    application.client_id = std::string(file["appId"].str());
    application.client_secret = Secret(std::string(file["password"].str()));
    application.client_certificate = Secret();
    complete = true;
  }
  if (!complete && application.client_id.empty()) {
    return absl::InvalidArgumentError(
        "invalid data: requires a 'clientId' field, a combination of 'tenantId', 'clientId' and "
        "'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'");
  }
  http::Transport& transport = services_.cloud.transport;
  Clock& clock = services_.cloud.clock;
  if (complete) {
    RETURN_IF_ERROR(bucket::ApplicationTokens(application, transport, clock).status());
  }
  const std::string metadata =
      services_.cloud.environment.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  azure_ = [=, &transport, &clock](
               const Context& ctx,
               const std::string& scope) -> absl::StatusOr<bucket::BearerToken> {
    const std::string resource(absl::StripSuffix(scope, ".default"));
    if (!complete) {
      return bucket::ManagedIdentityTokens(application.client_id, transport, clock,
                                           metadata.empty()
                                               ? "http://169.254.169.254"
                                               : std::string(absl::StripSuffix(metadata, "/")),
                                           resource)(ctx);
    }
    bucket::AzureApplication with_resource = application;
    with_resource.resource = resource;
    ASSIGN_OR_RETURN(const bucket::TokenSource tokens,
                     bucket::ApplicationTokens(std::move(with_resource), transport, clock));
    return tokens(ctx);
  };
  return absl::OkStatus();
}

absl::Status DecryptionKeys::ImportGcp(const Secret& value) {
  ASSIGN_OR_RETURN(
      gcp_, bucket::ServiceAccountTokens(value, services_.cloud.transport, services_.cloud.clock,
                                         key_management::kGcpScope));
  return absl::OkStatus();
}

absl::StatusOr<Secret> DecryptionKeys::Decrypt(const Context& ctx, const sops::MasterKey& key) {
  switch (key.type) {
    case sops::KeyType::kAge:
      return WithAge(key);
    case sops::KeyType::kPgp: {
      auto plain = pgp_.Decrypt(key.encrypted_key);
      if (!plain.ok()) {
        return Annotate(plain.status(), "could not decrypt data key with PGP key");
      }
      return plain;
    }
    case sops::KeyType::kAwsKms:
      return WithAws(ctx, key);
    case sops::KeyType::kGcpKms:
      return WithGcp(ctx, key);
    case sops::KeyType::kAzureKeyVault:
      return WithAzure(ctx, key);
    case sops::KeyType::kVault:
      return WithVault(ctx, key);
    case sops::KeyType::kHuaweiKms:
      break;
  }
  return absl::UnimplementedError("keys of Huawei Cloud KMS are not supported");
}

absl::StatusOr<Secret> DecryptionKeys::WithAge(const sops::MasterKey& key) {
  age::Identities identities = age_;
  if (identities.empty()) {
    // What SOPS itself looks at where it was given no identity.
    const auto& environment = services_.cloud.environment;
    std::string text = environment.variable("SOPS_AGE_KEY");
    if (const std::string path = environment.variable("SOPS_AGE_KEY_FILE"); !path.empty()) {
      const auto file = environment.file(path);
      if (file.ok()) absl::StrAppend(&text, "\n", *file);
    }
    const Secret keys(std::move(text));
    if (auto parsed = age::ParseIdentities(keys.Reveal()); parsed.ok()) {
      identities = *std::move(parsed);
    }
  }
  if (identities.empty()) {
    return absl::PermissionDeniedError(
        "failed to load age identities: the decryption Secret has no '*.agekey' entry");
  }
  auto plain = age::Decrypt(key.encrypted_key, identities);
  if (!plain.ok()) {
    return Annotate(plain.status(),
                    "failed to create reader for decrypting sops data key with age");
  }
  return plain;
}

absl::StatusOr<cloud_identity::Credentials> DecryptionKeys::Ambient(
    const Context& ctx, absl::string_view what, const cloud_identity::TokenCache::Make& make) {
  std::string cache_key = absl::StrCat("decrypt\n", what, "\n");
  if (identity_.account.has_value()) {
    ASSIGN_OR_RETURN(const std::string account,
                     cloud_identity::AccountKey(ctx, services_.cloud.client, *identity_.account));
    absl::StrAppend(&cache_key, account);
  }
  return services_.tokens.Get(cache_key, make);
}

absl::StatusOr<Secret> DecryptionKeys::WithAws(const Context& ctx, const sops::MasterKey& key) {
  ASSIGN_OR_RETURN(const std::string region, key_management::AwsKmsRegion(key.id));
  bucket::AwsCredentials credentials;
  if (aws_.has_value()) {
    credentials = *aws_;
  } else {
    ASSIGN_OR_RETURN(
        cloud_identity::Credentials ambient, Ambient(ctx, absl::StrCat("aws ", region), [&] {
          return cloud_identity::AwsCredentials(ctx, services_.cloud, identity_.account, region);
        }));
    credentials = {ambient.access_key_id, ambient.secret, ambient.session_token, ambient.expires};
  }
  return key_management::DecryptWithAwsKms(ctx, services_.cloud.transport, services_.cloud.clock,
                                           endpoints_, credentials, {key.id, key.role, key.context},
                                           key.encrypted_key);
}

absl::StatusOr<Secret> DecryptionKeys::WithAzure(const Context& ctx, const sops::MasterKey& key) {
  ASSIGN_OR_RETURN(const std::string scope, key_management::AzureKeyVaultScope(key.id));
  Secret token;
  if (azure_ != nullptr) {
    ASSIGN_OR_RETURN(bucket::BearerToken bearer, azure_(ctx, scope));
    token = std::move(bearer.token);
  } else {
    ASSIGN_OR_RETURN(
        cloud_identity::Credentials ambient, Ambient(ctx, absl::StrCat("azure ", scope), [&] {
          return cloud_identity::AzureToken(ctx, services_.cloud, identity_.account, scope);
        }));
    token = std::move(ambient.secret);
  }
  return key_management::DecryptWithAzureKeyVault(ctx, services_.cloud.transport, endpoints_, token,
                                                  {key.id, key.key_name, key.version},
                                                  key.encrypted_key);
}

absl::StatusOr<Secret> DecryptionKeys::WithGcp(const Context& ctx, const sops::MasterKey& key) {
  RETURN_IF_ERROR(key_management::CheckGcpKmsKey(key.id));
  Secret token;
  if (gcp_ != nullptr) {
    ASSIGN_OR_RETURN(bucket::BearerToken bearer, gcp_(ctx));
    token = std::move(bearer.token);
  } else {
    ASSIGN_OR_RETURN(cloud_identity::Credentials ambient, Ambient(ctx, "gcp", [&] {
                       return cloud_identity::GoogleToken(ctx, services_.cloud, identity_.account);
                     }));
    token = std::move(ambient.secret);
  }
  return key_management::DecryptWithGcpKms(ctx, services_.cloud.transport, endpoints_, token,
                                           key.id, key.encrypted_key);
}

absl::StatusOr<http::Transport*> DecryptionKeys::VaultTransport() {
  const auto& environment = services_.cloud.environment;
  const std::string authorities = environment.variable("VAULT_CACERT");
  const std::string skip = environment.variable("VAULT_SKIP_VERIFY");
  http::ClientOptions options;
  options.tls.insecure_skip_verify = skip == "1" || skip == "true";
  if (authorities.empty() && !options.tls.insecure_skip_verify) return &services_.cloud.transport;
  absl::MutexLock lock(&mutex_);
  if (vault_transport_ == nullptr) {
    if (!authorities.empty()) {
      ASSIGN_OR_RETURN(options.tls.ca_pem, environment.file(authorities));
    }
    ASSIGN_OR_RETURN(vault_transport_, http::CreateClient(std::move(options)));
  }
  return vault_transport_.get();
}

absl::StatusOr<Secret> DecryptionKeys::WithVault(const Context& ctx, const sops::MasterKey& key) {
  ASSIGN_OR_RETURN(const Secret token, VaultToken(ctx, key.id));
  ASSIGN_OR_RETURN(http::Transport* const transport, VaultTransport());
  return key_management::DecryptWithVault(
      ctx, *transport, {key.id, services_.cloud.environment.variable("VAULT_NAMESPACE")}, token,
      {key.engine_path, key.key_name}, key.encrypted_key);
}

absl::StatusOr<Secret> DecryptionKeys::VaultToken(const Context& ctx, const std::string& address) {
  if (!vault_token_.empty()) return vault_token_;
  if (identity_.vault_config_map.has_value()) return VaultLogin(ctx, address);
  const auto& variable = services_.cloud.environment.variable;
  Secret token(variable("VAULT_TOKEN"));
  // The controller's own token belongs to the controller's own Vault: where that is said, documents
  // cannot have it sent elsewhere.
  const std::string own = variable("VAULT_ADDR");
  if (!token.empty() && !own.empty() &&
      absl::StripSuffix(own, "/") != absl::StripSuffix(address, "/")) {
    return absl::PermissionDeniedError(
        absl::StrCat("VAULT_TOKEN is for the Vault at VAULT_ADDR, not for '", address, "'"));
  }
  return token;
}

absl::StatusOr<Secret> DecryptionKeys::VaultLogin(const Context& ctx, const std::string& address) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto it = vault_logins_.find(address); it != vault_logins_.end()) return it->second;
  }
  const kube::ObjectKey& name = *identity_.vault_config_map;
  const auto config_map = services_.cloud.client.Get(
      ctx, kube::Resource{"", "v1", "configmaps", "ConfigMap", true}, name);
  if (!config_map.ok()) {
    return Annotate(config_map.status(),
                    absl::StrCat("failed to get Vault ConfigMap '", name.ToString(), "'"));
  }
  const Value& text = (*config_map)["data"]["config.yaml"];
  if (!text.is_string()) {
    return absl::FailedPreconditionError(
        absl::StrCat("Vault ConfigMap '", name.ToString(), "' is missing the 'config.yaml' key"));
  }
  const auto config = value::ParseYaml(text.str());
  if (!config.ok()) {
    return Annotate(
        config.status(),
        absl::StrCat("failed to parse 'config.yaml' in Vault ConfigMap '", name.ToString(), "'"));
  }
  std::string path;
  for (const Value& instance : (*config)["instances"].items()) {
    if (instance["address"].str() == address) path = std::string(instance["loginPath"].str());
  }
  if (path.empty()) {
    return absl::PermissionDeniedError(absl::StrCat("no Vault login path configured for address '",
                                                    address, "' in ConfigMap '", name.ToString(),
                                                    "'"));
  }
  kube::ObjectKey account;
  if (identity_.account.has_value()) {
    account = *identity_.account;
  } else {
    ASSIGN_OR_RETURN(std::string own, services_.cloud.environment.file(kTokenFile));
    ASSIGN_OR_RETURN(account, AccountOf(Secret(std::move(own))));
  }
  const auto jwt = cloud_identity::RequestToken(ctx, services_.cloud.client, account, address);
  if (!jwt.ok()) {
    return Annotate(jwt.status(), "failed to issue Kubernetes token for Vault authentication");
  }
  ASSIGN_OR_RETURN(http::Transport* const transport, VaultTransport());
  ASSIGN_OR_RETURN(
      Secret token,
      key_management::LogInToVault(
          ctx, *transport, {address, services_.cloud.environment.variable("VAULT_NAMESPACE")}, path,
          absl::StrCat(account.ns, "_", account.name), *jwt));
  absl::MutexLock lock(&mutex_);
  return vault_logins_[address] = std::move(token);
}

}  // namespace sluice::kustomize_controller
