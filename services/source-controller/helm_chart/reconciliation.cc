// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/reconciliation.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/archive_files.h"
#include "common/helm_repository/repository_url.h"
#include "common/kube/object.h"
#include "services/source-controller/helm_chart/dependencies.h"
#include "services/source-controller/helm_chart/local_build.h"
#include "services/source-controller/helm_chart/remote_build.h"

namespace sluice::source_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

constexpr char kLink[] = "latest.tar.gz";  // of a .tgz, but that is its name
constexpr size_t kRevisionLength = 12;

// The hash in a revision: "main@sha1:…", "sha256:…", and "main/…" as it was written long ago.
std::string HashOf(const std::string& revision) {
  const size_t end = revision.find_last_of(":/");
  return end == std::string::npos ? revision : revision.substr(end + 1);
}

// The metadata of a stored chart; nullopt if it cannot be read.
std::optional<helm::Metadata> StoredMetadata(const Context& ctx, const artifact::Storage& storage,
                                             const api::Artifact& artifact, size_t limit) {
  const auto file = storage.Open(ctx, artifact);
  if (!file.ok()) return std::nullopt;
  const auto bytes = disk::ReadFile(*file, artifact.path, limit);
  if (!bytes.ok()) return std::nullopt;
  helm::LoadOptions load;
  helm::LoadBudget budget(load.limits);
  const auto files = helm::ReadArchiveFiles(*bytes, load, budget);
  if (!files.ok()) return std::nullopt;
  auto metadata = MetadataOf(*files);
  if (!metadata.ok()) return std::nullopt;
  return *std::move(metadata);
}

// By its text, as the reference has it.
bool IsRefusal(absl::string_view message) {
  for (const char* sign :
       {"401", "unauthorized", "Unauthorized", "UNAUTHORIZED", "authentication required",
        "tls: ", "unknown certificate authority", "signed by unknown authority"}) {
    if (absl::StrContains(message, sign)) return true;
  }
  return false;
}

}  // namespace

HelmChartReconciliation::HelmChartReconciliation(const Collaborators& with,
                                                 const CloudAccess& cloud, IndexCache& cache,
                                                 Value object)
    : Reconciliation(kHelmChart, with, std::move(object)),
      cloud_(cloud),
      cache_(cache),
      observed_(api::HelmChartObserved::Decode(this->object()["status"])) {}

absl::Status HelmChartReconciliation::ReadSpec(const Value& spec) {
  spec_ = api::DecodeHelmChartSpec(spec);
  return absl::OkStatus();
}

std::optional<api::Artifact> HelmChartReconciliation::ArtifactOf(const Context& ctx,
                                                                 const Value& source) const {
  auto artifact = api::Artifact::Decode(source["status"]["artifact"]);
  if (artifact.has_value() && !with().storage.Open(ctx, *artifact).ok()) return std::nullopt;
  return artifact;
}

Outcome HelmChartReconciliation::Publish(const Context& ctx) {
  if (status().conditions.IsFalse(kSourceVerified)) Delete(kSourceVerified);
  if (!spec_.verify.has_value()) Delete(kSourceVerified);
  const std::string& kind = spec_.source_kind;
  if (kind != kHelmRepository.name && kind != kGitRepository.name && kind != kBucket.name) {
    const absl::Status error = absl::InvalidArgumentError(
        absl::StrCat("failed to get source: unsupported source kind '", kind,
                     "', must be one of: [HelmRepository GitRepository Bucket]"));
    Set(kFetchFailed, ConditionStatus::kTrue, "SourceUnavailable", error.message());
    return Outcome::Stalled("UnsupportedSourceKind", error);
  }
  const auto source = with().client.Get(ctx, api::KindOrDie(kind), {key().ns, spec_.source_name});
  if (!source.ok()) {
    // Flux names the kind, as its cache does, where the API server names the resource.
    const absl::Status error =
        absl::IsNotFound(source.status())
            ? absl::NotFoundError(absl::StrCat(kind, ".", api::kSourceGroup, " \"",
                                               spec_.source_name, "\" not found"))
            : source.status();
    return Fail(kFetchFailed, "SourceUnavailable", Annotate(error, "failed to get source"));
  }
  const bool oci =
      kind == kHelmRepository.name && (*source)["spec"]["type"].str() == api::kOciHelmRepository;
  const auto artifact = ArtifactOf(ctx, *source);
  if (!artifact.has_value() && !oci) {
    const std::string message =
        absl::StrCat("no artifact available for ", kind, " source '", spec_.source_name, "'");
    Set(kFetchFailed, ConditionStatus::kTrue, "NoSourceArtifact", message);
    Event(Severity::kTrace, "NoSourceArtifact", message);
    return Outcome::Again();
  }
  if (!oci) observed_.source_revision = artifact->revision;
  const absl::Status built = kind == kHelmRepository.name ? BuildFromRepository(ctx, *source)
                                                          : BuildFromFiles(ctx, *artifact);
  if (build_.known() && (build_.name != observed_.chart_name ||
                         !api::HasRevision(status().artifact, build_.version))) {
    if (const absl::Status announced = AnnounceNew(ctx, "NewChart", build_.Summary());
        !announced.ok()) {
      return Outcome::Failed("PatchOperationFailed", announced);
    }
  }
  if (!built.ok()) return Observe(built);
  Delete(kFetchFailed);
  Delete(kBuildFailed);
  if (build_.verified) {
    Set(kSourceVerified, ConditionStatus::kTrue, api::kSucceededReason,
        absl::StrCat("verified signature of version ", build_.version));
  } else {
    Delete(kSourceVerified);
  }
  if (build_.resolved_dependencies > 0) {
    Event(Severity::kTrace, "ResolvedDependencies",
          absl::StrCat("resolved ", build_.resolved_dependencies, " chart dependencies"));
  }
  return Store(ctx);
}

ChartBuildOptions HelmChartReconciliation::BuildOptions(const Context& ctx) const {
  ChartBuildOptions options;
  options.values_files = spec_.values_files;
  options.custom_values = spec_.has_custom_values();
  options.ignore_missing_values_files = spec_.ignore_missing_values_files;
  options.max_package = static_cast<size_t>(with().options.helm_chart_max_size);
  options.limits.file_bytes = static_cast<uint64_t>(with().options.helm_chart_file_max_size);
  // A changed spec asks for a new build.
  if (status().artifact.has_value() && generation() == status().observed_generation) {
    options.stored = StoredMetadata(ctx, with().storage, *status().artifact, options.max_package);
  }
  if (!observed_.values_files.empty()) options.stored_values_files = observed_.values_files;
  return options;
}

HelmRepositorySource HelmChartReconciliation::SourceOf(const Context& ctx, const Value& repository,
                                                       api::HelmRepositorySpec spec) const {
  HelmRepositorySource source = {kube::KeyOf(repository), std::move(spec), std::nullopt};
  if (!source.spec.oci()) source.artifact = ArtifactOf(ctx, repository);
  return source;
}

absl::Status HelmChartReconciliation::BuildFromRepository(const Context& ctx, const Value& source) {
  ASSIGN_OR_RETURN(api::HelmRepositorySpec spec, api::DecodeHelmRepositorySpec(source["spec"]));
  ASSIGN_OR_RETURN(
      const auto repository,
      OpenChartRepository(ctx, with(), cloud_, cache_, SourceOf(ctx, source, std::move(spec))));
  ChartBuildOptions options = BuildOptions(ctx);
  options.verify = spec_.verify;
  if (options.custom_values) options.version_metadata = absl::StrCat(generation());
  const absl::Status built =
      BuildRemoteChart(ctx, *repository, spec_.chart, spec_.version, options, build_);
  if (repository->cache_full()) {
    Event(Severity::kTrace, "CacheOperationFailed", "failed to cache index: Cache is full");
  }
  return built;
}

absl::Status HelmChartReconciliation::BuildFromFiles(const Context& ctx,
                                                     const api::Artifact& source) {
  const auto tree = with().storage.Unpack(ctx, source);
  if (!tree.ok()) return Annotate(tree.status(), "artifact untar error");
  ChartBuildOptions options = BuildOptions(ctx);
  if (spec_.by_revision) {
    options.version_metadata = HashOf(source.revision).substr(0, kRevisionLength);
  }
  if (options.custom_values) {
    absl::StrAppend(&options.version_metadata, options.version_metadata.empty() ? "" : ".",
                    generation());
  }
  return BuildLocalChart(
      ctx, **tree, spec_.chart, [&](const std::string& url) { return RepositoryOf(ctx, url); },
      options, build_);
}

absl::StatusOr<std::unique_ptr<ChartRepository>> HelmChartReconciliation::RepositoryOf(
    const Context& ctx, const std::string& url) {
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://") &&
      !absl::StartsWith(url, "oci://")) {
    return absl::InvalidArgumentError(absl::StrCat("unsupported repository '", url,
                                                   "': expected an http, https, oci or file URL"));
  }
  ASSIGN_OR_RETURN(const std::string wanted, helm_repository::NormalizeUrl(url));
  ASSIGN_OR_RETURN(const kube::ObjectList repositories,
                   with().client.List(ctx, api::KindOrDie(kHelmRepository.name), key().ns));
  for (const Value& repository : repositories.items) {
    const auto normal = helm_repository::NormalizeUrl(repository["spec"]["url"].str());
    if (!normal.ok() || *normal != wanted) continue;
    ASSIGN_OR_RETURN(api::HelmRepositorySpec spec,
                     api::DecodeHelmRepositorySpec(repository["spec"]));
    return OpenChartRepository(ctx, with(), cloud_, cache_,
                               SourceOf(ctx, repository, std::move(spec)));
  }
  HelmRepositorySource anonymous;
  anonymous.key = {key().ns, ""};
  anonymous.spec.url = url;
  if (absl::StartsWith(url, "oci://")) anonymous.spec.type = api::kOciHelmRepository;
  return OpenChartRepository(ctx, with(), cloud_, cache_, anonymous);
}

Outcome HelmChartReconciliation::Observe(const absl::Status& error) {
  std::string reason = api::ReasonOf(error, ChartFailure::kUnknown);
  const bool refused = reason == ChartFailure::kPull && IsRefusal(error.message());
  const bool build_error = !refused && reason != "AuthenticationFailed" && reason != "URLInvalid" &&
                           reason != "Failed" && reason != ChartFailure::kUnknown;
  if (reason == ChartFailure::kVerification) {
    Set(kSourceVerified, ConditionStatus::kFalse, "VerificationError", error.message());
  }
  if (build_error) {
    const bool there = IsBuildFailure(reason);
    Delete(there ? kFetchFailed : kBuildFailed);
    return IsPersistent(reason) ? Stall(there ? kBuildFailed : kFetchFailed, reason, error)
                                : Fail(there ? kBuildFailed : kFetchFailed, reason, error);
  }
  // Flux tells the reason in the event only: its condition says that the error is none of a build.
  const absl::Status told =
      refused ? Annotate(error, "failed to authenticate with the Helm repository") : error;
  if (refused) reason = "AuthenticationFailed";
  Delete(kBuildFailed);
  Set(kFetchFailed, ConditionStatus::kTrue, ChartFailure::kUnknown,
      absl::StrCat("unknown build error: ", told.message()));
  return reason == "URLInvalid" || reason == "Failed" ? Outcome::Stalled(reason, told)
                                                      : Outcome::Failed(reason, told);
}

Outcome HelmChartReconciliation::Store(const Context& ctx) {
  if (build_.is_stored) {
    Event(Severity::kTrace, "ArtifactUpToDate",
          absl::StrCat("artifact up-to-date with remote revision: '", build_.version, "'"));
  } else {
    api::Artifact artifact = with().storage.NewArtifact(
        source(), build_.version, absl::StrCat(build_.name, "-", build_.version, ".tgz"));
    absl::string_view rest = build_.package;
    const absl::Status stored = with().storage.Store(
        ctx,
        [&rest]() -> absl::StatusOr<absl::string_view> {
          return std::exchange(rest, absl::string_view());
        },
        artifact);
    if (!stored.ok()) {
      return Fail(kStorageOperationFailed, "ArchiveOperationFailed",
                  Annotate(stored, "unable to copy Helm chart to storage"));
    }
    status().artifact = artifact;
    observed_.chart_name = build_.name;
    observed_.values_files.clear();
    if (spec_.ignore_missing_values_files) observed_.values_files = build_.values_files;
    PublishLink(ctx, artifact, kLink);
    Delete(kStorageOperationFailed);
  }
  if (observed_.chart_name == build_.name && api::HasRevision(status().artifact, build_.version)) {
    MarkStored(build_.Reason(), build_.Summary());
  }
  return Outcome::Success();
}

}  // namespace sluice::source_controller
