// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/bucket/access.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/aws_sts.h"
#include "common/bucket/azure_blob.h"
#include "common/bucket/azure_identity.h"
#include "common/bucket/gcs.h"
#include "common/bucket/s3.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/google.h"
#include "common/cloud_identity/service_account.h"
#include "common/credentials/identity.h"
#include "common/credentials/secret.h"
#include "common/crypto/key_store.h"
#include "common/http/client.h"
#include "services/source-controller/bucket/fetch.h"

namespace sluice::source_controller {
namespace {

// Of all but objects: a page of a listing has 5,000 names at the most, of 1 KiB.
constexpr size_t kMaxAnswer = size_t{16} << 20;

constexpr char kAuthenticationFailed[] = "AuthenticationFailed";
constexpr char kInvalidSts[] = "InvalidSTSConfiguration";
constexpr char kAzureStorageScope[] = "https://storage.azure.com/.default";

// Everything that the spec refers to.
struct Secrets {
  std::optional<credentials::SecretData> own;
  std::optional<credentials::SecretData> sts;
  std::string proxy_url;
  http::TlsOptions tls;
  http::TlsOptions sts_tls;
};

absl::Status Refused(const absl::Status& error, absl::string_view prefix = "") {
  return api::WithReason(prefix.empty() ? error : Annotate(error, prefix), kAuthenticationFailed);
}

absl::StatusOr<http::TlsOptions> ReadTls(const Context& ctx, kube::Client& client,
                                         const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const credentials::SecretData data, credentials::ReadSecret(ctx, client, key));
  return credentials::TlsFromSecret(data, key, /*required=*/true);
}

absl::StatusOr<Secrets> ReadSecrets(const Context& ctx, kube::Client& client, const std::string& ns,
                                    const api::BucketSpec& spec) {
  Secrets secrets;
  if (!spec.secret_name.empty()) {
    auto data = credentials::ReadSecret(ctx, client, {ns, spec.secret_name});
    if (!data.ok()) return Refused(data.status());
    secrets.own = *std::move(data);
  }
  if (spec.sts.has_value() && !spec.sts->secret_name.empty()) {
    auto data = credentials::ReadSecret(ctx, client, {ns, spec.sts->secret_name},
                                        "failed to get STS secret");
    if (!data.ok()) return Refused(data.status());
    secrets.sts = *std::move(data);
  }
  if (!spec.proxy_secret_name.empty()) {
    auto proxy = credentials::ReadProxyUrl(ctx, client, {ns, spec.proxy_secret_name});
    if (!proxy.ok()) return Refused(proxy.status(), "failed to get proxy URL");
    secrets.proxy_url = *std::move(proxy);
  }
  if (!spec.cert_secret_name.empty()) {
    auto tls = ReadTls(ctx, client, {ns, spec.cert_secret_name});
    if (!tls.ok()) return Refused(tls.status(), "failed to get TLS config");
    secrets.tls = *std::move(tls);
  }
  if (spec.sts.has_value() && !spec.sts->cert_secret_name.empty()) {
    auto tls = ReadTls(ctx, client, {ns, spec.sts->cert_secret_name});
    if (!tls.ok()) return Refused(tls.status(), "failed to get STS TLS config");
    secrets.sts_tls = *std::move(tls);
  }
  return secrets;
}

// The schema says the same, but objects may be older than it.
absl::Status CheckSts(const std::string& provider, const std::optional<api::BucketSts>& sts) {
  if (!sts.has_value()) return absl::OkStatus();
  const auto invalid = [](auto... text) {
    return api::Stalling(
        api::WithReason(absl::InvalidArgumentError(absl::StrCat(text...)), kInvalidSts));
  };
  const char* wanted = provider == "aws"                           ? "aws"
                       : provider == credentials::kGenericProvider ? "ldap"
                                                                   : nullptr;
  if (wanted == nullptr) {
    return invalid("STS configuration is not supported for '", provider, "' bucket provider");
  }
  if (sts->provider != wanted) {
    return invalid("STS provider '", sts->provider, "' is not supported for '", provider,
                   "' bucket provider");
  }
  if (provider == "aws" && !sts->secret_name.empty()) {
    return invalid("spec.sts.secretRef is not required for the 'aws' STS provider");
  }
  if (provider == "aws" && !sts->cert_secret_name.empty()) {
    return invalid("spec.sts.certSecretRef is not required for the 'aws' STS provider");
  }
  const auto url = http::Url::Parse(sts->endpoint);
  if (!url.ok() || url->host.empty()) {
    return api::Stalling(api::WithReason(
        absl::InvalidArgumentError(
            absl::StrCat("failed to parse STS endpoint '", bucket::WithoutQueries(sts->endpoint),
                         "': ", url.ok() ? "no host in it" : std::string(url.status().message()))),
        "URLInvalid"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<http::Transport>> TransportFor(Transports& transports,
                                                              const http::TlsOptions& tls,
                                                              const std::string& proxy_url,
                                                              absl::Duration timeout) {
  http::ClientOptions options;
  options.max_body = kMaxAnswer;
  options.tls = tls;
  options.proxy_url = proxy_url;
  options.idle_timeout = timeout;
  options.connect_timeout = std::min(timeout, absl::Seconds(30));
  options.max_idle_connections = kParallelDownloads;
  auto transport = transports.Get(options);
  if (!transport.ok()) return Refused(transport.status());
  return transport;
}

// Whose cloud identity a Bucket without secretRef has.
struct Owner {
  cloud_identity::Identity identity;
  std::string cache_key;
  cloud_identity::TokenUser user;
};

absl::StatusOr<Owner> OwnerOf(const Context& ctx, const CloudAccess& cloud,
                              const kube::ObjectKey& object, const api::BucketSpec& spec) {
  Owner owner{
      credentials::IdentityOf(object.ns, spec.service_account_name, cloud.options.identity()),
      absl::StrCat("bucket\n", spec.provider, "\n"),
      {"Bucket", object}};
  if (!owner.identity.has_value()) return owner;
  const auto key = cloud_identity::AccountKey(ctx, cloud.services.client, *owner.identity);
  if (!key.ok()) return Refused(key.status());
  absl::StrAppend(&owner.cache_key, *key);
  return owner;
}

// Where the keys of an S3 store come from; null: nowhere.
absl::StatusOr<bucket::AwsCredentialSource> S3Credentials(
    const CloudAccess& cloud, const Owner& owner, const api::BucketSpec& spec,
    const Secrets& secrets, http::Transport& transport, http::Transport* sts_transport) {
  if (secrets.own.has_value()) {
    bucket::AwsCredentials credentials;
    credentials.access_key = credentials::ValueOf(*secrets.own, "accesskey");
    credentials.secret_key = Secret(credentials::ValueOf(*secrets.own, "secretkey"));
    if (credentials.access_key.empty() || credentials.secret_key.empty()) {
      return Refused(absl::InvalidArgumentError(
          absl::StrCat("invalid '", spec.secret_name,
                       "' secret data: required fields 'accesskey' and 'secretkey'")));
    }
    return [credentials](const Context&) -> absl::StatusOr<bucket::AwsCredentials> {
      return credentials;
    };
  }
  if (spec.sts.has_value() && spec.sts->provider == "ldap") {
    bucket::LdapLogin login;
    if (secrets.sts.has_value()) {
      login = {credentials::ValueOf(*secrets.sts, "username"),
               Secret(credentials::ValueOf(*secrets.sts, "password"))};
      if (login.username.empty() || login.password.empty()) {
        return Refused(absl::InvalidArgumentError(
            absl::StrCat("invalid '", spec.sts->secret_name,
                         "' secret data for 'ldap' STS provider: required fields username, "
                         "password")));
      }
    }
    return bucket::LdapCredentials(spec.sts->endpoint, std::move(login), *sts_transport,
                                   cloud.services.clock);
  }
  if (spec.provider != "aws") return nullptr;
  const auto variable = cloud.services.environment.variable;
  const std::string region =
      spec.region.empty() ? cloud_identity::AwsRegion(cloud.services.environment) : spec.region;
  const std::string role = variable("AWS_ROLE_ARN");
  const std::string token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (spec.sts.has_value() && !owner.identity.has_value() && !role.empty() && !token_file.empty()) {
    return bucket::WebIdentityCredentials(
        spec.sts->endpoint,
        {.role_arn = role,
         .session_name = "source-controller",
         .token = [file = cloud.services.environment.file,
                   token_file](const Context&) -> absl::StatusOr<Secret> {
           ASSIGN_OR_RETURN(const std::string token, file(token_file));
           return Secret(std::string(absl::StripAsciiWhitespace(token)));
         }},
        *sts_transport, cloud.services.clock);
  }
  return [&cloud, &transport, owner,
          region](const Context& ctx) -> absl::StatusOr<bucket::AwsCredentials> {
    ASSIGN_OR_RETURN(cloud_identity::Credentials credentials,
                     cloud.tokens.Get(
                         absl::StrCat(owner.cache_key, "\n", region),
                         [&] {
                           return cloud_identity::AwsCredentials(ctx, cloud.Over(transport),
                                                                 owner.identity, region);
                         },
                         owner.user));
    return bucket::AwsCredentials{std::move(credentials.access_key_id),
                                  std::move(credentials.secret),
                                  std::move(credentials.session_token), credentials.expires};
  };
}

absl::StatusOr<std::unique_ptr<bucket::ObjectStore>> GoogleStore(const CloudAccess& cloud,
                                                                 const Owner& owner,
                                                                 const api::BucketSpec& spec,
                                                                 const Secrets& secrets,
                                                                 http::Transport& transport) {
  bucket::GcsOptions options;
  // As Google's own libraries have it.
  const std::string emulator = cloud.services.environment.variable("STORAGE_EMULATOR_HOST");
  if (!emulator.empty()) {
    options.url = absl::StrContains(emulator, "://") ? emulator : "http://" + emulator;
  }
  if (secrets.own.has_value()) {
    const Secret key(credentials::ValueOf(*secrets.own, "serviceaccount"));
    if (key.empty()) {
      return Refused(absl::InvalidArgumentError(absl::StrCat(
          "invalid '", spec.secret_name, "' secret data: required fields 'serviceaccount'")));
    }
    auto tokens = bucket::ServiceAccountTokens(key, transport, cloud.services.clock);
    if (!tokens.ok()) {
      return Refused(tokens.status(), absl::StrCat("invalid '", spec.secret_name, "' secret data"));
    }
    options.token = *std::move(tokens);
  } else if (emulator.empty() || owner.identity.has_value()) {
    options.token = [&cloud, &transport,
                     owner](const Context& ctx) -> absl::StatusOr<bucket::BearerToken> {
      ASSIGN_OR_RETURN(cloud_identity::Credentials token, cloud.tokens.Get(
                                                              owner.cache_key,
                                                              [&] {
                                                                return cloud_identity::GoogleToken(
                                                                    ctx, cloud.Over(transport),
                                                                    owner.identity);
                                                              },
                                                              owner.user));
      return bucket::BearerToken{std::move(token.secret), token.expires};
    };
  }
  return bucket::CreateGcs(std::move(options), transport);
}

absl::StatusOr<std::unique_ptr<bucket::ObjectStore>> AzureStore(const CloudAccess& cloud,
                                                                const Owner& owner,
                                                                const api::BucketSpec& spec,
                                                                const Secrets& secrets,
                                                                http::Transport& transport) {
  Clock& clock = cloud.services.clock;
  const auto variable = cloud.services.environment.variable;
  bucket::AzureBlobOptions options;
  options.endpoint = spec.endpoint;
  const auto value = [&secrets](absl::string_view key) {
    return secrets.own.has_value() ? credentials::ValueOf(*secrets.own, key) : std::string();
  };
  bucket::AzureApplication application;
  application.tenant_id = value("tenantId");
  application.client_id = value("clientId");
  application.client_secret = Secret(value("clientSecret"));
  application.client_certificate = Secret(value("clientCertificate"));
  const std::string send_chain = value("clientCertificateSendChain");
  application.send_chain = send_chain == "1" || send_chain == "true";
  if (const std::string authority = value("authorityHost"); !authority.empty()) {
    application.authority = authority;
  }
  if (!secrets.own.has_value() && !owner.identity.has_value()) {
    application.tenant_id = variable("AZURE_TENANT_ID");
    application.client_id = variable("AZURE_CLIENT_ID");
    application.client_secret = Secret(variable("AZURE_CLIENT_SECRET"));
  }
  const bool by_secret = !application.client_secret.empty();
  const bool by_certificate = !application.client_certificate.empty();
  if (!application.tenant_id.empty() && !application.client_id.empty() &&
      (by_secret || by_certificate)) {
    if (by_secret) application.client_certificate = Secret();
    if (!by_secret) {
      auto pem = crypto::KeyStoreToPem(application.client_certificate,
                                       Secret(value("clientCertificatePassword")));
      if (!pem.ok()) {
        return Refused(pem.status(), absl::StrCat("invalid '", spec.secret_name,
                                                  "' secret data: clientCertificate"));
      }
      application.client_certificate = *std::move(pem);
    }
    auto tokens = bucket::ApplicationTokens(std::move(application), transport, clock);
    if (!tokens.ok()) return Refused(tokens.status());
    options.token = *std::move(tokens);
  } else if (!value("clientId").empty()) {
    options.token = bucket::ManagedIdentityTokens(value("clientId"), transport, clock);
  } else if (!value("accountKey").empty()) {
    options.account_key = Secret(value("accountKey"));
  } else if (!value("sasKey").empty()) {
    options.sas = Secret(value("sasKey"));
  } else if (secrets.own.has_value() && value("authorityHost").empty()) {
    return Refused(absl::InvalidArgumentError(absl::StrCat(
        "invalid '", spec.secret_name,
        "' secret data: requires a 'clientId' or 'accountKey' field, a combination of 'tenantId', "
        "'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'")));
  } else if (!secrets.own.has_value() &&
             (owner.identity.has_value() || !variable("AZURE_FEDERATED_TOKEN_FILE").empty() ||
              !variable("AZURE_CLIENT_ID").empty())) {
    options.token = [&cloud, &transport,
                     owner](const Context& ctx) -> absl::StatusOr<bucket::BearerToken> {
      ASSIGN_OR_RETURN(cloud_identity::Credentials token,
                       cloud.tokens.Get(
                           owner.cache_key,
                           [&] {
                             return cloud_identity::AzureToken(ctx, cloud.Over(transport),
                                                               owner.identity, kAzureStorageScope);
                           },
                           owner.user));
      return bucket::BearerToken{std::move(token.secret), token.expires};
    };
  }
  auto store = bucket::CreateAzureBlob(std::move(options), transport, clock);
  if (!store.ok()) return Refused(store.status());
  return store;
}

}  // namespace

absl::StatusOr<BucketAccess> BucketAccess::Create(const Context& ctx, const CloudAccess& cloud,
                                                  const kube::ObjectKey& object,
                                                  const api::BucketSpec& spec) {
  const std::string provider =
      spec.provider.empty() ? credentials::kGenericProvider : spec.provider;
  RETURN_IF_ERROR(credentials::CheckIdentityGate(provider, spec.service_account_name,
                                                 cloud.options.identity()));
  ASSIGN_OR_RETURN(const Secrets secrets, ReadSecrets(ctx, cloud.services.client, object.ns, spec));
  RETURN_IF_ERROR(CheckSts(provider, spec.sts));
  Owner owner;
  if (!secrets.own.has_value() && provider != credentials::kGenericProvider) {
    ASSIGN_OR_RETURN(owner, OwnerOf(ctx, cloud, object, spec));
  }
  BucketAccess access;
  ASSIGN_OR_RETURN(access.transport_,
                   TransportFor(cloud.transports, secrets.tls, secrets.proxy_url, spec.timeout));
  if (spec.sts.has_value()) {
    ASSIGN_OR_RETURN(access.sts_transport_, TransportFor(cloud.transports, secrets.sts_tls,
                                                         secrets.proxy_url, spec.timeout));
  }
  if (provider == "gcp") {
    ASSIGN_OR_RETURN(access.store_, GoogleStore(cloud, owner, spec, secrets, *access.transport_));
  } else if (provider == "azure") {
    ASSIGN_OR_RETURN(access.store_, AzureStore(cloud, owner, spec, secrets, *access.transport_));
  } else {
    bucket::S3Options options;
    options.endpoint = spec.endpoint;
    options.insecure = spec.insecure;
    options.region = spec.region;
    if (options.region.empty() && provider == "aws") {
      options.region = cloud_identity::AwsRegion(cloud.services.environment);
    }
    ASSIGN_OR_RETURN(options.credentials,
                     S3Credentials(cloud, owner, spec, secrets, *access.transport_,
                                   access.sts_transport_.get()));
    auto store = bucket::CreateS3(std::move(options), *access.transport_, cloud.services.clock);
    if (!store.ok()) return Refused(store.status());
    access.store_ = *std::move(store);
  }
  return access;
}

}  // namespace sluice::source_controller
