// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/oci_repository.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/repository_url.h"
#include "common/oci/client.h"
#include "common/semver/version.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/source/reason.h"
#include "services/source-controller/source/secret.h"

namespace sluice::source_controller {
namespace {

using helm_repository::ChartVersion;
using helm_repository::ChartVersions;

constexpr char kDockerConfigKey[] = ".dockerconfigjson";
constexpr char kChartLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr char kOldChartLayer[] = "application/tar+gzip";

std::string TagOf(const std::string& version) { return absl::StrReplaceAll(version, {{"+", "_"}}); }

// The credential of the repository's Secret for its registry.
absl::StatusOr<oci::Credential> ReadCredential(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& key,
                                               const oci::Repository& repository) {
  ASSIGN_OR_RETURN(const SecretData data,
                   ReadSecret(ctx, client, key, "failed to get authentication secret"));
  const auto failed = [](const absl::Status& error) {
    return Annotate(error, "failed to configure OCI registry authentication");
  };
  if (data.contains(kDockerConfigKey)) {
    oci::Keyring keyring;
    if (const absl::Status added = keyring.AddDockerConfigJson(ValueOf(data, kDockerConfigKey));
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
  credential.username = ValueOf(data, "username");
  credential.password = Secret(ValueOf(data, "password"));
  if (credential.username.empty() != credential.password.empty()) {
    return failed(absl::InvalidArgumentError(absl::StrCat(
        "invalid '", key.name, "' secret data: required fields 'username' and 'password'")));
  }
  return credential;
}

class OciCharts : public ChartRepository {
 public:
  OciCharts(const Collaborators& with, oci::Repository base, absl::Duration timeout,
            std::unique_ptr<oci::Client> client)
      : with_(with), base_(std::move(base)), timeout_(timeout), client_(std::move(client)) {}

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

  absl::StatusOr<std::string> Download(const Context& whole, const std::string& chart,
                                       const ChartVersion& version) override {
    const Context ctx = whole.WithTimeout(timeout_);
    oci::Reference reference;
    reference.repository = RepositoryOf(chart);
    reference.tag = TagOf(version.version);
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
  oci::Repository RepositoryOf(const std::string& chart) const {
    return {base_.registry, base_.path.empty() ? chart : absl::StrCat(base_.path, "/", chart)};
  }

  const Collaborators& with_;
  const oci::Repository base_;
  const absl::Duration timeout_;
  const std::unique_ptr<oci::Client> client_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChartRepository>> OpenOciCharts(const Context& ctx,
                                                               const Collaborators& with,
                                                               const HelmRepositorySource& source) {
  const api::HelmRepositorySpec& spec = source.spec;
  if (!spec.provider.empty() && spec.provider != "generic" && spec.secret_name.empty()) {
    return WithReason(absl::UnimplementedError(
                          absl::StrCat("failed to get credential from '", spec.provider,
                                       "': not supported by this version; use spec.secretRef")),
                      "AuthenticationFailed");
  }
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
    const auto data = ReadSecret(ctx, with.client, key, "failed to get TLS authentication secret");
    if (!data.ok()) return WithReason(data.status(), "AuthenticationFailed");
    auto tls = TlsFromSecret(*data, key, /*required=*/true);
    if (!tls.ok()) {
      return WithReason(Annotate(tls.status(), "failed to construct Helm client's TLS config"),
                        "AuthenticationFailed");
    }
    options.tls = *std::move(tls);
  }
  if (!spec.secret_name.empty()) {
    auto credential = ReadCredential(ctx, with.client, {source.key.ns, spec.secret_name}, base);
    if (!credential.ok()) return WithReason(credential.status(), "AuthenticationFailed");
    options.credentials = [credential = *std::move(credential)](
                              const Context&,
                              const oci::Repository&) -> absl::StatusOr<oci::Credential> {
      return credential;
    };
  }
  auto client = oci::Client::Create(std::move(options), with.clock);
  if (!client.ok()) return WithReason(client.status(), "AuthenticationFailed");
  return std::make_unique<OciCharts>(with, base, spec.timeout, *std::move(client));
}

}  // namespace sluice::source_controller
