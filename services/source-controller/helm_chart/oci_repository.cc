// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/oci_repository.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/registry_access.h"
#include "common/credentials/secret.h"
#include "common/helm_repository/repository_url.h"
#include "common/oci/client.h"
#include "common/semver/version.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/oci_repository/access.h"

namespace sluice::source_controller {
namespace {

using helm_repository::ChartVersion;
using helm_repository::ChartVersions;

constexpr char kChartLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr char kOldChartLayer[] = "application/tar+gzip";

std::string TagOf(const std::string& version) { return absl::StrReplaceAll(version, {{"+", "_"}}); }

// The credential of the repository's Secret for its registry.
absl::StatusOr<oci::Credential> ReadCredential(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& key,
                                               const oci::Repository& repository) {
  ASSIGN_OR_RETURN(
      const credentials::SecretData data,
      credentials::ReadSecret(ctx, client, key, "failed to get authentication secret"));
  const auto failed = [](const absl::Status& error) {
    return Annotate(error, "failed to configure OCI registry authentication");
  };
  if (data.contains(credentials::kDockerConfigJson)) {
    oci::Keyring keyring;
    if (const absl::Status added =
            keyring.AddDockerConfigJson(credentials::ValueOf(data, credentials::kDockerConfigJson));
        !added.ok()) {
      return failed(added);
    }
    auto credential = keyring.Find(repository);
    if (!credential.has_value()) {
      return failed(
          absl::NotFoundError(absl::StrCat("no auth config for '", repository.registry,
                                           "' in the docker-registry Secret '", key.name, "'")));
    }
    return *std::move(credential);
  }
  oci::Credential credential;
  credential.username = credentials::ValueOf(data, "username");
  credential.password = Secret(credentials::ValueOf(data, "password"));
  if (credential.username.empty() != credential.password.empty()) {
    return failed(absl::InvalidArgumentError(absl::StrCat(
        "invalid '", key.name, "' secret data: required fields 'username' and 'password'")));
  }
  return credential;
}

// The process's own identity, the only one that a HelmRepository can have.
absl::StatusOr<oci::Credential> CloudCredential(const Context& ctx, const CloudAccess& cloud,
                                                const std::string& provider,
                                                const std::string& registry) {
  auto login = credentials::RegistryLogin(ctx, cloud.services, cloud.tokens, std::nullopt, provider,
                                          registry, /*proxy_url=*/"", "helm");
  if (!login.ok()) {
    return Annotate(login.status(), absl::StrCat("failed to get credential from '", provider, "'"));
  }
  return login;
}

class OciCharts : public ChartRepository {
 public:
  OciCharts(const Collaborators& with, const std::string& ns, oci::Repository base,
            absl::Duration timeout, std::unique_ptr<oci::Client> client)
      : with_(with),
        ns_(ns),
        base_(std::move(base)),
        timeout_(timeout),
        client_(std::move(client)) {}

  absl::StatusOr<ChartVersion> Choose(const Context& ctx, const std::string& chart,
                                      const std::string& wanted) override {
    // Whether an exact version is there is seen when it is pulled.
    if (semver::Version::ParseTag(wanted).ok()) return ChartVersion{wanted, "", {}};
    constexpr char kPrefix[] = "failed to get chart version for remote reference";
    const auto tags = client_->ListTags(ctx.WithTimeout(timeout_), RepositoryOf(chart));
    if (!tags.ok()) {
      return ChartError(
          ChartFailure::kPull,
          Annotate(tags.status(), absl::StrCat(kPrefix, ": could not fetch tags for \"oci://",
                                               RepositoryOf(chart).Name(), "\"")));
    }
    ChartVersions versions;
    for (const std::string& tag : *tags) {
      std::string version = absl::StrReplaceAll(tag, {{"_", "+"}});
      if (semver::Version::ParseTag(version).ok()) versions.push_back({std::move(version), "", {}});
    }
    auto chosen = helm_repository::ChooseVersion(versions, chart, wanted);
    if (!chosen.ok()) {
      return ChartError(
          ChartFailure::kPull,
          absl::NotFoundError(absl::StrCat(
              kPrefix, ": could not locate a version matching provided version string ", wanted)));
    }
    return chosen;
  }

  absl::StatusOr<Verdict> Verify(const Context& whole, const std::string& chart,
                                 const ChartVersion& version,
                                 const api::OciVerification& verify) override {
    const Context ctx = whole.WithTimeout(timeout_);
    oci::Reference reference = ReferenceTo(chart, version);
    const auto found = client_->Resolve(ctx, reference);
    if (!found.ok()) return Annotate(found.status(), VerificationFailure(verify));
    reference.digest = found->digest.ToString();
    const auto verdict = VerifyArtifact(
        ctx, {with_.client, *client_, with_.clock, with_.options.sigstore_trusted_root}, ns_,
        reference, verify);
    if (!verdict.ok()) return Annotate(verdict.status(), VerificationFailure(verify));
    // Whatever the tag is made to name in the meantime.
    verified_ = std::move(reference);
    return verdict;
  }

  absl::StatusOr<std::string> Download(const Context& whole, const std::string& chart,
                                       const ChartVersion& version) override {
    const Context ctx = whole.WithTimeout(timeout_);
    oci::Reference reference = ReferenceTo(chart, version);
    if (verified_.has_value() && verified_->repository.Name() == reference.repository.Name() &&
        verified_->tag == reference.tag) {
      reference = *verified_;
    }
    ASSIGN_OR_RETURN(const oci::Image image, client_->GetImage(ctx, reference, oci::Platform()));
    for (const char* type : {kChartLayer, kOldChartLayer}) {
      for (const oci::Descriptor& layer : image.manifest.layers) {
        if (layer.media_type != type) continue;
        const int64_t limit = with_.options.helm_chart_max_size;
        if (layer.size > limit) {
          return absl::ResourceExhaustedError(
              absl::StrCat("size of chart '", chart, "' exceeds '", limit, "' bytes limit"));
        }
        std::string archive;
        RETURN_IF_ERROR(client_->FetchBlob(ctx, reference.repository, layer,
                                           [&archive](absl::string_view bytes) {
                                             archive.append(bytes.data(), bytes.size());
                                             return absl::OkStatus();
                                           }));
        return archive;
      }
    }
    return absl::FailedPreconditionError(absl::StrCat("manifest of ", reference.Name(),
                                                      " does not contain a layer with mediatype ",
                                                      kChartLayer));
  }

 private:
  oci::Reference ReferenceTo(const std::string& chart, const ChartVersion& version) const {
    oci::Reference reference;
    reference.repository = RepositoryOf(chart);
    reference.tag = TagOf(version.version);
    return reference;
  }
  oci::Repository RepositoryOf(const std::string& chart) const {
    return {base_.registry, base_.path.empty() ? chart : absl::StrCat(base_.path, "/", chart)};
  }

  const Collaborators& with_;
  const std::string ns_;  // of the Secrets
  const oci::Repository base_;
  const absl::Duration timeout_;
  const std::unique_ptr<oci::Client> client_;
  std::optional<oci::Reference> verified_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChartRepository>> OpenOciCharts(const Context& ctx,
                                                               const Collaborators& with,
                                                               const CloudAccess& cloud,
                                                               const HelmRepositorySource& source) {
  const api::HelmRepositorySpec& spec = source.spec;
  ASSIGN_OR_RETURN(const std::string url, helm_repository::NormalizeUrl(spec.url));
  const absl::string_view location = absl::StripPrefix(url, "oci://");
  const size_t slash = location.find('/');
  const oci::Repository base = {
      std::string(location.substr(0, slash)),
      slash == absl::string_view::npos ? "" : std::string(location.substr(slash + 1))};
  oci::ClientOptions options;
  options.insecure = spec.insecure;
  options.user_agent = "Helm/4.2.2";
  if (!spec.cert_secret_name.empty()) {
    const kube::ObjectKey key = {source.key.ns, spec.cert_secret_name};
    const auto data =
        credentials::ReadSecret(ctx, with.client, key, "failed to get TLS authentication secret");
    if (!data.ok()) return api::WithReason(data.status(), "AuthenticationFailed");
    auto tls = credentials::TlsFromSecret(*data, key, /*required=*/true);
    if (!tls.ok()) {
      return api::WithReason(Annotate(tls.status(), "failed to construct Helm client's TLS config"),
                             "AuthenticationFailed");
    }
    options.tls = *std::move(tls);
  }
  if (!spec.secret_name.empty()) {
    auto credential = ReadCredential(ctx, with.client, {source.key.ns, spec.secret_name}, base);
    if (!credential.ok()) return api::WithReason(credential.status(), "AuthenticationFailed");
    options.credentials = [credential = *std::move(credential)](
                              const Context&,
                              const oci::Repository&) -> absl::StatusOr<oci::Credential> {
      return credential;
    };
  }
  if (spec.secret_name.empty() && !spec.provider.empty() && spec.provider != "generic") {
    auto credential = CloudCredential(ctx, cloud, spec.provider, base.registry);
    if (!credential.ok()) return api::WithReason(credential.status(), "AuthenticationFailed");
    options.credentials = oci::OnlyFor(base.registry, *std::move(credential));
  }
  auto client = oci::Client::Create(std::move(options), with.clock);
  if (!client.ok()) return api::WithReason(client.status(), "AuthenticationFailed");
  return std::make_unique<OciCharts>(with, source.key.ns, base, spec.timeout, *std::move(client));
}

}  // namespace sluice::source_controller
