// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/chart_repository.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/temp_dir.h"
#include "common/helm_repository/repository_url.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/helm_chart/oci_repository.h"
#include "services/source-controller/helm_repository/access.h"
#include "services/source-controller/helm_repository/index_file.h"

namespace sluice::source_controller {
namespace {

using helm_repository::ChartVersion;
using helm_repository::ChartVersions;

constexpr char kIndexFile[] = "index.yaml";

// One whose index is in storage, or else downloaded for each chart.
class IndexedRepository : public ChartRepository {
 public:
  IndexedRepository(const Collaborators& with, IndexCache& cache, HelmRepositorySource source,
                    HelmAccess access)
      : with_(with), cache_(cache), source_(std::move(source)), access_(std::move(access)) {}

  absl::StatusOr<ChartVersion> Choose(const Context& ctx, const std::string& chart,
                                      const std::string& wanted) override {
    constexpr char kPrefix[] = "failed to get chart version for remote reference";
    const auto versions = Versions(ctx, chart);
    if (!versions.ok()) {
      return ChartError(ChartFailure::kPull, Annotate(versions.status(), kPrefix));
    }
    const auto chosen =
        versions->has_value()
            ? helm_repository::ChooseVersion(**versions, chart, wanted)
            : absl::StatusOr<ChartVersion>(absl::NotFoundError("no chart name found"));
    if (!chosen.ok()) {
      return ChartError(ChartFailure::kReference, Annotate(chosen.status(), kPrefix));
    }
    return chosen;
  }

  absl::StatusOr<std::string> Download(const Context& ctx, const std::string& chart,
                                       const ChartVersion& version) override {
    if (version.url.empty()) {
      return absl::NotFoundError(absl::StrCat("chart '", chart, "' has no downloadable URLs"));
    }
    ASSIGN_OR_RETURN(const std::string url,
                     helm_repository::ChartUrl(source_.spec.url, version.url));
    const int64_t limit = with_.options.helm_chart_max_size;
    std::string archive;
    RETURN_IF_ERROR(access_.Download(
        ctx, url, limit,
        absl::StrCat("size of chart '", chart, "' exceeds '", limit, "' bytes limit"),
        [&archive](absl::string_view bytes) {
          archive.append(bytes.data(), bytes.size());
          return absl::OkStatus();
        }));
    return archive;
  }

  bool cache_full() const override { return cache_full_; }

 private:
  absl::StatusOr<std::optional<ChartVersions>> Versions(const Context& ctx,
                                                        const std::string& chart) {
    if (source_.artifact.has_value()) {
      ASSIGN_OR_RETURN(IndexCache::Lookup found,
                       cache_.Find(ctx, *source_.artifact, chart, source_.key));
      cache_full_ = found.full;
      return std::move(found.versions);
    }
    ASSIGN_OR_RETURN(const disk::TempDir directory, disk::TempDir::Create("sluice-tmp-helmindex-"));
    ASSIGN_OR_RETURN(const std::string url, helm_repository::IndexUrl(source_.spec.url));
    ASSIGN_OR_RETURN(disk::FileWriter file, directory.root().Create(kIndexFile));
    const int64_t limit = with_.options.helm_index_max_size;
    RETURN_IF_ERROR(access_.Download(
        ctx, url, limit,
        absl::StrCat("index exceeds the maximum index file size of ", limit, " bytes"),
        [&file](absl::string_view bytes) { return file.Write(bytes); }));
    RETURN_IF_ERROR(file.Commit());
    ASSIGN_OR_RETURN(StoredIndex index, ReadIndexFile(ctx, directory.root(), kIndexFile));
    helm_repository::ChartFinder finder(chart);
    while (true) {
      ASSIGN_OR_RETURN(const absl::string_view piece, index.Next());
      if (piece.empty()) break;
      ASSIGN_OR_RETURN(const bool more, finder.Feed(piece));
      if (!more) break;
    }
    return finder.Finish();
  }

  const Collaborators& with_;
  IndexCache& cache_;
  const HelmRepositorySource source_;
  const HelmAccess access_;
  bool cache_full_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChartRepository>> OpenChartRepository(
    const Context& ctx, const Collaborators& with, const CloudAccess& cloud, IndexCache& cache,
    const HelmRepositorySource& source) {
  const auto normal = helm_repository::NormalizeUrl(source.spec.url);
  if (!normal.ok()) {
    return api::WithReason(Annotate(normal.status(), "invalid Helm repository URL"), "URLInvalid");
  }
  if (source.spec.oci()) {
    if (!absl::StartsWith(*normal, "oci://")) {
      return api::WithReason(
          absl::InvalidArgumentError(
              absl::StrCat("failed to construct Helm client: invalid OCI registry URL: ", *normal)),
          "Failed");
    }
    return OpenOciCharts(ctx, with, cloud, source);
  }
  ASSIGN_OR_RETURN(HelmAccess access, HelmAccess::Create(ctx, with, source.key.ns, source.spec));
  return std::make_unique<IndexedRepository>(with, cache, source, std::move(access));
}

}  // namespace sluice::source_controller
