// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/chart_fetch.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm_repository/chart_versions.h"
#include "common/helm_repository/repository_url.h"
#include "common/http/client.h"
#include "common/oci/local_logins.h"
#include "common/semver/version.h"
#include "common/value/yaml.h"

namespace sluice::plan {
namespace {

using helm_repository::ChartVersion;
using helm_repository::ChartVersions;

constexpr char kChartLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr int64_t kMaxArchive = int64_t{64} << 20;
constexpr size_t kMaxBody = size_t{128} << 20;  // of an index

ChartFetcher::Fetched Named(const RemoteChart& wanted, std::string version, std::string archive) {
  return {{wanted.repository, wanted.chart, std::move(version),
           absl::StrCat("sha256:", crypto::Sha256Hex(archive))},
          std::move(archive)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChartFetcher>> ChartFetcher::Create() {
  std::unique_ptr<ChartFetcher> fetcher(new ChartFetcher());
  http::ClientOptions options;
  options.max_body = kMaxBody;
  options.max_redirects = 10;
  options.user_agent = "Helm/4.2.2";
  ASSIGN_OR_RETURN(fetcher->http_, http::CreateClient(std::move(options)));
  ASSIGN_OR_RETURN(oci::Keyring logins, oci::LocalLogins());
  ASSIGN_OR_RETURN(fetcher->oci_,
                   oci::Client::Create({.user_agent = "Helm/4.2.2",
                                        .credentials = oci::FromKeyring(std::move(logins))}));
  return fetcher;
}

absl::StatusOr<ChartFetcher::Fetched> ChartFetcher::Fetch(const Context& ctx,
                                                          const RemoteChart& wanted) {
  return absl::StartsWith(wanted.repository, "oci://") ? FromRegistry(ctx, wanted)
                                                       : FromRepository(ctx, wanted);
}

absl::StatusOr<std::string> ChartFetcher::Get(const Context& ctx, const std::string& url) {
  http::Request request;
  request.method = "GET";
  request.url = url;
  ASSIGN_OR_RETURN(http::Response response, http_->Send(ctx, request));
  if (response.status != 200) {
    return absl::NotFoundError(absl::StrCat("GET ", url, ": ", response.status));
  }
  return std::move(response.body);
}

absl::StatusOr<ChartFetcher::Fetched> ChartFetcher::FromRepository(const Context& ctx,
                                                                   const RemoteChart& wanted) {
  ASSIGN_OR_RETURN(const std::string index_url, helm_repository::IndexUrl(wanted.repository));
  ASSIGN_OR_RETURN(const std::string text, Get(ctx, index_url));
  auto index = value::ParseYaml(text);
  if (!index.ok()) return Annotate(index.status(), index_url);
  ChartVersions versions;
  for (const Value& entry : (*index)["entries"][wanted.chart].items()) {
    versions.push_back({std::string(entry["version"].str()), std::string(entry["urls"].at(0).str()),
                        ParseRfc3339(entry["created"].str()).value_or(absl::UnixEpoch())});
  }
  ASSIGN_OR_RETURN(const ChartVersion chosen,
                   helm_repository::ChooseVersion(versions, wanted.chart, wanted.version));
  ASSIGN_OR_RETURN(const std::string url, helm_repository::ChartUrl(wanted.repository, chosen.url));
  ASSIGN_OR_RETURN(std::string archive, Get(ctx, url));
  return Named(wanted, chosen.version, std::move(archive));
}

absl::StatusOr<ChartFetcher::Fetched> ChartFetcher::FromRegistry(const Context& ctx,
                                                                 const RemoteChart& wanted) {
  oci::Reference reference;
  ASSIGN_OR_RETURN(reference.repository, oci::ParseRepositoryUrl(wanted.repository));
  reference.digest = wanted.digest;
  std::string version = wanted.version;
  if (wanted.digest.empty() && !semver::Version::ParseTag(version).ok()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> tags,
                     oci_->ListTags(ctx, reference.repository));
    ChartVersions versions;
    for (const std::string& tag : tags) {
      std::string candidate = absl::StrReplaceAll(tag, {{"_", "+"}});
      if (semver::Version::ParseTag(candidate).ok()) {
        versions.push_back({std::move(candidate), "", {}});
      }
    }
    ASSIGN_OR_RETURN(const ChartVersion chosen,
                     helm_repository::ChooseVersion(versions, wanted.repository, version));
    version = chosen.version;
  }
  reference.tag = absl::StrReplaceAll(version, {{"+", "_"}});
  ASSIGN_OR_RETURN(const oci::Image image, oci_->GetImage(ctx, reference, oci::Platform()));
  for (const oci::Descriptor& layer : image.manifest.layers) {
    if (layer.media_type != kChartLayer) continue;
    if (layer.size > kMaxArchive) {
      return absl::ResourceExhaustedError(absl::StrCat("larger than ", kMaxArchive, " bytes"));
    }
    std::string archive;
    RETURN_IF_ERROR(
        oci_->FetchBlob(ctx, reference.repository, layer, [&archive](absl::string_view bytes) {
          absl::StrAppend(&archive, bytes);
          return absl::OkStatus();
        }));
    Fetched fetched = Named(wanted, version, std::move(archive));
    // By digest it is the manifest that is named.
    fetched.chart.manifest = image.descriptor.digest.ToString();
    return fetched;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(reference.Name(), " has no layer of type ", kChartLayer));
}

}  // namespace sluice::plan
