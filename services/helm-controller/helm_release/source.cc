// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/source.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/loader.h"
#include "common/kube/object.h"
#include "common/semver/version.h"

namespace sluice::helm_controller {
namespace {

constexpr size_t kDigestInVersion = 12;

// Why the source cannot be used; "" if it can.
std::string WhatIsWrong(const Value& source) {
  const Value& status = source["status"];
  const bool has_artifact = api::Artifact::Decode(status["artifact"]).has_value();
  if (source["kind"].str() == "ExternalArtifact") {
    return has_artifact ? "" : "does not have an artifact";
  }
  const auto conditions = api::Conditions::Decode(status["conditions"]);
  if (status["observedGeneration"].int_or(-1) != kube::Generation(source)) {
    const api::Condition* ready = conditions.Find(api::kReady);
    return ready != nullptr && ready->status == api::ConditionStatus::kFalse
               ? ready->message
               : "latest generation of object has not been reconciled";
  }
  if (conditions.IsTrue(api::kStalled)) return conditions.Find(api::kStalled)->message;
  return has_artifact ? "" : "does not have an artifact";
}

}  // namespace

absl::StatusOr<Value> GetSource(const Context& ctx, const Services& services,
                                const Session& session) {
  const api::SourceReference reference = api::ChartSourceOf(session.object());
  const Options& options = services.options;
  if (options.process.no_cross_namespace_refs && reference.key.ns != session.key().ns) {
    return absl::PermissionDeniedError(absl::StrCat("can't access '", reference.ToString(),
                                                    "', cross-namespace references have been "
                                                    "blocked"));
  }
  const kube::Resource* resource = api::FindKind(reference.kind);
  if (resource == nullptr || resource->group != api::kSourceGroup) {
    return absl::InvalidArgumentError(
        absl::StrCat("unsupported chart source kind '", reference.kind, "'"));
  }
  if (reference.kind == "ExternalArtifact" &&
      !options.process.feature_gates.Enabled(kExternalArtifact)) {
    return absl::PermissionDeniedError(absl::StrCat("can't access '", reference.ToString(),
                                                    "', the ExternalArtifact feature gate is off"));
  }
  return services.sources.Get(ctx, reference);
}

absl::StatusOr<api::Artifact> ReadyArtifact(const Value& source) {
  const std::string wrong = WhatIsWrong(source);
  if (!wrong.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        source["kind"].str(), " '", kube::KeyOf(source).ToString(), "' is not ready: ", wrong));
  }
  return *api::Artifact::Decode(source["status"]["artifact"]);
}

absl::StatusOr<ChartVersion> VersionFor(const std::string& chart_version,
                                        const std::string& revision, bool track_digest) {
  if (!absl::StrContains(revision, ':')) return ChartVersion{chart_version, ""};
  const size_t at = revision.rfind('@');
  const std::string digest = at == std::string::npos ? revision : revision.substr(at + 1);
  const auto mismatch = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        "artifact revision ", revision, " does not match chart version ", chart_version));
  };
  const auto version = semver::Version::Parse(chart_version);
  if (!version.ok()) return version.status();
  if (at != std::string::npos) {
    const auto tag =
        semver::Version::Parse(absl::StrReplaceAll(revision.substr(0, at), {{"_", "+"}}));
    if (!tag.ok() || *tag != *version) return mismatch();
  }
  if (!track_digest) return ChartVersion{chart_version, digest};
  const std::string hex = digest.substr(digest.find(':') + 1);
  ASSIGN_OR_RETURN(const semver::Version marked,
                   version->WithMetadata(hex.substr(0, kDigestInVersion)));
  return ChartVersion{marked.Canonical(), digest};
}

absl::StatusOr<LoadedChart> LoadChart(const Context& ctx, const Services& services,
                                      const api::Artifact& artifact) {
  const bool track = !services.options.process.feature_gates.Enabled(kDisableChartDigestTracking);
  const auto load = [&]() -> absl::StatusOr<std::shared_ptr<const helm::Chart>> {
    ASSIGN_OR_RETURN(const std::string bytes, services.fetcher.FetchBytes(ctx, artifact));
    return helm::LoadArchive(bytes);
  };
  ASSIGN_OR_RETURN(auto parsed, services.charts.Get(artifact.digest, helm::Dialect::kHelm4, load));
  ASSIGN_OR_RETURN(const ChartVersion version,
                   VersionFor(parsed->chart()->metadata.version, artifact.revision, track));
  if (version.version != parsed->chart()->metadata.version) {
    const auto rename = [&]() -> absl::StatusOr<std::shared_ptr<const helm::Chart>> {
      auto renamed = std::make_shared<helm::Chart>(*parsed->chart());
      renamed->metadata.version = version.version;
      return std::shared_ptr<const helm::Chart>(std::move(renamed));
    };
    ASSIGN_OR_RETURN(parsed,
                     services.charts.Get(absl::StrCat(artifact.digest, " ", version.version),
                                         helm::Dialect::kHelm4, rename));
  }
  return LoadedChart{std::move(parsed), version.oci_digest};
}

}  // namespace sluice::helm_controller
