// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/bucket/access.h"

#include <cstdlib>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/aws_sts.h"
#include "common/bucket/azure_blob.h"
#include "common/bucket/azure_identity.h"
#include "common/bucket/gcs.h"
#include "common/bucket/s3.h"
#include "common/disk/rooted_path.h"
#include "common/fs/clean_path.h"
#include "common/http/client.h"
#include "services/source-controller/bucket/fetch.h"
#include "services/source-controller/source/reason.h"
#include "services/source-controller/source/secret.h"

namespace sluice::source_controller {
namespace {

constexpr char kAuthenticationFailed[] = "AuthenticationFailed";
constexpr char kInvalidSts[] = "InvalidSTSConfiguration";

// Everything that the spec refers to.
struct Secrets {
  std::optional<SecretData> own;
  std::optional<SecretData> sts;
  std::string proxy_url;
  http::TlsOptions tls;
  http::TlsOptions sts_tls;
};

absl::Status Refused(const absl::Status& error, absl::string_view prefix = "") {
  return WithReason(prefix.empty() ? error : Annotate(error, prefix), kAuthenticationFailed);
}

absl::StatusOr<http::TlsOptions> ReadTls(const Context& ctx, kube::Client& client,
                                         const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const SecretData data, ReadSecret(ctx, client, key));
  return TlsFromSecret(data, key, /*required=*/true);
}

absl::StatusOr<Secrets> ReadSecrets(const Context& ctx, kube::Client& client, const std::string& ns,
                                    const api::BucketSpec& spec) {
  Secrets secrets;
  if (!spec.secret_name.empty()) {
    auto data = ReadSecret(ctx, client, {ns, spec.secret_name});
    if (!data.ok()) return Refused(data.status());
    secrets.own = *std::move(data);
  }
  if (spec.sts.has_value() && !spec.sts->secret_name.empty()) {
    auto data = ReadSecret(ctx, client, {ns, spec.sts->secret_name}, "failed to get STS secret");
    if (!data.ok()) return Refused(data.status());
    secrets.sts = *std::move(data);
  }
  if (!spec.proxy_secret_name.empty()) {
    auto proxy = ReadProxyUrl(ctx, client, {ns, spec.proxy_secret_name});
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
    return WithReason(absl::InvalidArgumentError(absl::StrCat(text...)), kInvalidSts);
  };
  const char* wanted = provider == "aws" ? "aws" : provider == "generic" ? "ldap" : nullptr;
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
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          "failed to parse STS endpoint '", bucket::WithoutQueries(sts->endpoint),
                          "': ", url.ok() ? "no host in it" : std::string(url.status().message()))),
                      "URLInvalid");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<http::Transport>> MakeTransport(const http::TlsOptions& tls,
                                                               const std::string& proxy_url,
                                                               absl::Duration timeout) {
  http::ClientOptions options;
  options.tls = tls;
  options.proxy_url = proxy_url;
  options.idle_timeout = timeout;
  options.connect_timeout = std::min(timeout, absl::Seconds(30));
  options.max_idle_connections = kParallelDownloads;
  auto transport = http::CreateClient(std::move(options));
  if (!transport.ok()) return Refused(transport.status());
  return transport;
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A file that the platform puts into the pod.
absl::StatusOr<Secret> ReadTokenFile(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return absl::InvalidArgumentError("no absolute path");
  ASSIGN_OR_RETURN(disk::Handle directory,
                   disk::OpenRoot(slash == 0 ? "/" : path.substr(0, slash)));
  // The platform renews such files by changing a link, which is to be followed here.
  std::string name = path.substr(slash + 1);
  for (int hops = 0; hops < 8; ++hops) {
    const auto target = disk::ReadLinkBelow(directory.fd(), name);
    if (!target.ok()) break;
    ASSIGN_OR_RETURN(name, fs::JoinPath(fs::ParentPath(name), *target));
  }
  ASSIGN_OR_RETURN(std::string text, disk::ReadFileBelow(directory.fd(), name, 64 << 10));
  return Secret(std::string(absl::StripAsciiWhitespace(text)));
}

// Where the keys of an S3 store come from; null: nowhere.
absl::StatusOr<bucket::AwsCredentialSource> S3Credentials(const api::BucketSpec& spec,
                                                          const Secrets& secrets,
                                                          http::Transport& transport,
                                                          http::Transport* sts_transport,
                                                          Clock& clock) {
  if (secrets.own.has_value()) {
    bucket::AwsCredentials credentials;
    credentials.access_key = ValueOf(*secrets.own, "accesskey");
    credentials.secret_key = Secret(ValueOf(*secrets.own, "secretkey"));
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
      login = {ValueOf(*secrets.sts, "username"), Secret(ValueOf(*secrets.sts, "password"))};
      if (login.username.empty() || login.password.empty()) {
        return Refused(absl::InvalidArgumentError(
            absl::StrCat("invalid '", spec.sts->secret_name,
                         "' secret data for 'ldap' STS provider: required fields username, "
                         "password")));
      }
    }
    return bucket::LdapCredentials(spec.sts->endpoint, std::move(login), *sts_transport, clock);
  }
  if (spec.provider != "aws") return nullptr;
  bucket::AwsCredentials credentials;
  credentials.access_key = Environment("AWS_ACCESS_KEY_ID");
  credentials.secret_key = Secret(Environment("AWS_SECRET_ACCESS_KEY"));
  credentials.session_token = Secret(Environment("AWS_SESSION_TOKEN"));
  if (!credentials.access_key.empty() && !credentials.secret_key.empty()) {
    return [credentials](const Context&) -> absl::StatusOr<bucket::AwsCredentials> {
      return credentials;
    };
  }
  const std::string role = Environment("AWS_ROLE_ARN");
  const std::string token_file = Environment("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!role.empty() && !token_file.empty()) {
    const std::string region = !spec.region.empty() ? spec.region : Environment("AWS_REGION");
    const std::string endpoint = spec.sts.has_value()
                                     ? spec.sts->endpoint
                                     : absl::StrCat("https://sts.", region, ".amazonaws.com");
    return bucket::WebIdentityCredentials(
        endpoint,
        {.role_arn = role,
         .session_name = "source-controller",
         .token = [token_file](const Context&) { return ReadTokenFile(token_file); }},
        sts_transport == nullptr ? transport : *sts_transport, clock);
  }
  return Refused(absl::FailedPreconditionError(
      "no AWS credentials: expected spec.secretRef, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY, or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the "
      "environment"));
}

absl::StatusOr<std::unique_ptr<bucket::ObjectStore>> GoogleStore(const api::BucketSpec& spec,
                                                                 const Secrets& secrets,
                                                                 http::Transport& transport,
                                                                 Clock& clock) {
  bucket::GcsOptions options;
  // As Google's own libraries have it.
  if (const std::string emulator = Environment("STORAGE_EMULATOR_HOST"); !emulator.empty()) {
    options.url = absl::StrContains(emulator, "://") ? emulator : "http://" + emulator;
  }
  if (secrets.own.has_value()) {
    const Secret key(ValueOf(*secrets.own, "serviceaccount"));
    if (key.empty()) {
      return Refused(absl::InvalidArgumentError(absl::StrCat(
          "invalid '", spec.secret_name, "' secret data: required fields 'serviceaccount'")));
    }
    auto tokens = bucket::ServiceAccountTokens(key, transport, clock);
    if (!tokens.ok()) {
      return Refused(tokens.status(), absl::StrCat("invalid '", spec.secret_name, "' secret data"));
    }
    options.token = *std::move(tokens);
  } else if (options.url == bucket::kGoogleStorage) {
    return Refused(absl::FailedPreconditionError(
        "no Google credentials: expected spec.secretRef with the key 'serviceaccount'"));
  }
  return bucket::CreateGcs(std::move(options), transport);
}

absl::StatusOr<std::unique_ptr<bucket::ObjectStore>> AzureStore(const api::BucketSpec& spec,
                                                                const Secrets& secrets,
                                                                http::Transport& transport,
                                                                Clock& clock) {
  bucket::AzureBlobOptions options;
  options.endpoint = spec.endpoint;
  const auto value = [&secrets](absl::string_view key) {
    return secrets.own.has_value() ? ValueOf(*secrets.own, key) : std::string();
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
  if (!secrets.own.has_value()) {
    application.tenant_id = Environment("AZURE_TENANT_ID");
    application.client_id = Environment("AZURE_CLIENT_ID");
    application.client_secret = Secret(Environment("AZURE_CLIENT_SECRET"));
  }
  const bool by_secret = !application.client_secret.empty();
  const bool by_certificate = !application.client_certificate.empty();
  if (!application.tenant_id.empty() && !application.client_id.empty() &&
      (by_secret || by_certificate)) {
    if (by_secret) application.client_certificate = Secret();
    if (!by_secret && !value("clientCertificatePassword").empty()) {
      return Refused(absl::UnimplementedError(
          "clientCertificatePassword is not supported by this version; store the certificate and "
          "its key as PEM without password"));
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
  }
  auto store = bucket::CreateAzureBlob(std::move(options), transport, clock);
  if (!store.ok()) return Refused(store.status());
  return store;
}

}  // namespace

bool IsStallingBucketReason(absl::string_view reason) {
  return reason == "FeatureGateDisabled" || reason == kInvalidSts || reason == "URLInvalid";
}

absl::StatusOr<BucketAccess> BucketAccess::Create(const Context& ctx, kube::Client& client,
                                                  const std::string& ns,
                                                  const api::BucketSpec& spec, Clock& clock) {
  const std::string provider = spec.provider.empty() ? "generic" : spec.provider;
  if (!spec.service_account_name.empty() && provider != "generic") {
    return WithReason(
        absl::FailedPreconditionError(
            "to use spec.serviceAccountName for provider authentication please enable the "
            "ObjectLevelWorkloadIdentity feature gate in the controller"),
        "FeatureGateDisabled");
  }
  ASSIGN_OR_RETURN(const Secrets secrets, ReadSecrets(ctx, client, ns, spec));
  RETURN_IF_ERROR(CheckSts(provider, spec.sts));
  BucketAccess access;
  ASSIGN_OR_RETURN(access.transport_, MakeTransport(secrets.tls, secrets.proxy_url, spec.timeout));
  if (spec.sts.has_value()) {
    ASSIGN_OR_RETURN(access.sts_transport_,
                     MakeTransport(secrets.sts_tls, secrets.proxy_url, spec.timeout));
  }
  if (provider == "gcp") {
    ASSIGN_OR_RETURN(access.store_, GoogleStore(spec, secrets, *access.transport_, clock));
  } else if (provider == "azure") {
    ASSIGN_OR_RETURN(access.store_, AzureStore(spec, secrets, *access.transport_, clock));
  } else {
    bucket::S3Options options;
    options.endpoint = spec.endpoint;
    options.insecure = spec.insecure;
    options.region = spec.region;
    if (options.region.empty() && provider == "aws") options.region = Environment("AWS_REGION");
    ASSIGN_OR_RETURN(options.credentials, S3Credentials(spec, secrets, *access.transport_,
                                                        access.sts_transport_.get(), clock));
    auto store = bucket::CreateS3(std::move(options), *access.transport_, clock);
    if (!store.ok()) return Refused(store.status());
    access.store_ = *std::move(store);
  }
  return access;
}

}  // namespace sluice::source_controller
