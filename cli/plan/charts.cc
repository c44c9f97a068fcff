// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/charts.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/plan/source_tree.h"
#include "common/api/kinds.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/clean_path.h"
#include "common/fs/subtree.h"
#include "common/helm/loader.h"
#include "common/helm/values_file.h"
#include "common/semver/constraint.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

constexpr helm::Dialect kDialect = helm::Dialect::kHelm4;

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Repositories with and without a slash at the end are the same.
absl::string_view Trimmed(absl::string_view url) { return absl::StripSuffix(url, "/"); }

absl::Status NotAtHand(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("not rendered: ", what));
}

// What an OCIRepository asks for.
RemoteChart ChartOfOci(const Value& source) {
  const Value& ref = source["spec"]["ref"];
  RemoteChart wanted{.repository = std::string(source["spec"]["url"].str()),
                     .chart = "",
                     .version = std::string(ref["tag"].str()),
                     .digest = std::string(ref["digest"].str())};
  if (!ref["semver"].str().empty()) wanted.version = std::string(ref["semver"].str());
  return wanted;
}

}  // namespace

std::string RemoteChart::ToString() const {
  return absl::StrCat("chart ", chart.empty() ? "" : absl::StrCat(chart, " "),
                      digest.empty() ? (version.empty() ? "*" : version) : digest, " of ",
                      repository);
}

absl::StatusOr<ChartFolder> ChartFolder::Open(const std::string& folder) {
  ChartFolder opened;
  opened.folder_ = folder;
  const auto text = ReadWhole(absl::StrCat(folder, "/charts.lock"));
  if (!text.ok()) return opened;
  const auto lock = value::ParseJson(*text);
  if (!lock.ok()) return Annotate(lock.status(), absl::StrCat(folder, "/charts.lock"));
  for (const Value& entry : (*lock)["charts"].items()) {
    opened.charts_.push_back(
        {std::string(Trimmed(entry["repository"].str())), std::string(entry["chart"].str()),
         std::string(entry["version"].str()), std::string(entry["digest"].str())});
  }
  return opened;
}

absl::StatusOr<LockedChart> ChartFolder::Find(const RemoteChart& wanted) const {
  std::vector<semver::Version> versions;
  std::vector<const LockedChart*> charts;
  for (const LockedChart& chart : charts_) {
    if (chart.repository != Trimmed(wanted.repository) || chart.chart != wanted.chart) continue;
    const bool exact =
        wanted.digest.empty() ? chart.version == wanted.version : chart.digest == wanted.digest;
    if (exact) return chart;
    auto version = semver::Version::Parse(chart.version);
    if (!version.ok() || !wanted.digest.empty()) continue;
    versions.push_back(*std::move(version));
    charts.push_back(&chart);
  }
  const auto range = semver::Constraint::Parse(wanted.version.empty() ? "*" : wanted.version);
  const semver::Version* const newest = range.ok() ? semver::Newest(versions, *range) : nullptr;
  if (newest == nullptr) {
    return absl::NotFoundError(absl::StrCat(wanted.ToString(), " is not in the cache"));
  }
  return *charts[static_cast<size_t>(newest - versions.data())];
}

absl::StatusOr<std::string> ChartFolder::Read(const LockedChart& chart) const {
  absl::string_view hex = chart.digest;
  if (!absl::ConsumePrefix(&hex, "sha256:") || !fs::IsCleanPath(hex)) {
    return absl::DataLossError(absl::StrCat("charts.lock has a digest that is none: ", hex));
  }
  ASSIGN_OR_RETURN(std::string bytes, ReadWhole(absl::StrCat(folder_, "/sha256/", hex)));
  if (crypto::Sha256Hex(bytes) != hex) {
    return absl::DataLossError(absl::StrCat("the cached archive ", chart.digest, " is damaged"));
  }
  return bytes;
}

absl::StatusOr<Charts::Found> Charts::Remote(const RemoteChart& wanted) {
  const auto locked = folder_.Find(wanted);
  if (!locked.ok()) return NotAtHand(locked.status().message());
  Found found;
  found.identity = locked->digest;
  found.name =
      absl::StrCat(wanted.chart.empty() ? wanted.repository : wanted.chart, " ", locked->version);
  found.load = [this, chart = *locked] {
    return parsed_.Get(chart.digest, kDialect,
                       [&]() -> absl::StatusOr<std::shared_ptr<const helm::Chart>> {
                         ASSIGN_OR_RETURN(const std::string bytes, folder_.Read(chart));
                         return helm::LoadArchive(bytes, {.dialect = kDialect});
                       });
  };
  return found;
}

absl::StatusOr<Charts::Found> Charts::InTree(std::shared_ptr<const fs::Tree> tree,
                                             const std::string& path,
                                             const std::vector<std::string>& values_files,
                                             bool ignore_missing) {
  ASSIGN_OR_RETURN(const std::string folder, fs::SecureJoin("", path));
  const auto entry = tree->Stat(folder);
  if (!entry.ok()) return Annotate(entry.status(), "chart path");
  Value merged;
  std::string values_id;
  for (const std::string& file : values_files) {
    ASSIGN_OR_RETURN(const std::string at, fs::SecureJoin("", file));
    const auto text = tree->Read(at);
    if (absl::IsNotFound(text.status()) && ignore_missing) continue;
    if (!text.ok()) return Annotate(text.status(), "values file");
    ASSIGN_OR_RETURN(const Value values, helm::ParseValuesFile(*text, kDialect));
    merged = helm::MergeTables(merged.is_null() ? Value::EmptyObject() : merged, values);
    absl::StrAppend(&values_id, text->size(), ":", *text);
  }
  Found found;
  found.identity = crypto::Digest(
      crypto::Algorithm::kSha256,
      absl::StrCat(entry->type == fs::EntryType::kDirectory ? FolderId(*tree, folder)
                                                            : InputsId(*tree, {folder}),
                   values_id));
  found.name = folder;
  found.load = [this, tree = std::move(tree), folder, merged, identity = found.identity,
                archive = entry->type == fs::EntryType::kFile] {
    return parsed_.Get(
        identity, kDialect, [&]() -> absl::StatusOr<std::shared_ptr<const helm::Chart>> {
          std::shared_ptr<const helm::Chart> chart;
          if (archive) {
            ASSIGN_OR_RETURN(const std::string bytes, tree->Read(folder));
            ASSIGN_OR_RETURN(chart, helm::LoadArchive(bytes, {.dialect = kDialect}));
          } else {
            ASSIGN_OR_RETURN(const fs::Subtree below, fs::Subtree::Create(*tree, folder));
            ASSIGN_OR_RETURN(chart, helm::LoadTree(below, {.dialect = kDialect}));
          }
          if (merged.is_null()) return chart;
          auto with_values = std::make_shared<helm::Chart>(*chart);
          with_values->values = merged;
          return with_values;
        });
  };
  return found;
}

absl::StatusOr<Charts::Found> Charts::Find(const Context& ctx, const Value& release,
                                           const api::HelmReleaseSpec& spec,
                                           const ClusterPlan& plan, Sources& sources) {
  const std::string ns(release["metadata"]["namespace"].str());
  Value chart = spec.raw["chart"]["spec"];
  std::string chart_ns = ns;
  if (spec.has_chart_ref()) {
    const api::SourceReference reference = api::ChartSourceOf(release);
    if (reference.kind == "ExternalArtifact") {
      ASSIGN_OR_RETURN(auto tree, sources.Find(ctx, reference));
      return InTree(std::move(tree), "", {}, false);
    }
    const auto place = plan.Find(api::kSourceGroup, reference.kind, reference.key);
    if (place.object == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("not rendered: ", reference.ToString(), " is not in the repository"));
    }
    if (reference.kind == "OCIRepository") return Remote(ChartOfOci(place.object->Parse()));
    chart = place.object->Parse()["spec"];  // a HelmChart
    chart_ns = reference.key.ns;
  }
  const Value& from = chart["sourceRef"];
  api::SourceReference reference{
      std::string(from["kind"].str()),
      {std::string(from["namespace"].str()), std::string(from["name"].str())}};
  if (reference.key.ns.empty()) reference.key.ns = chart_ns;
  if (reference.kind == "HelmRepository") {
    const auto place = plan.Find(api::kSourceGroup, reference.kind, reference.key);
    if (place.object == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("not rendered: ", reference.ToString(), " is not in the repository"));
    }
    const Value repository = place.object->Parse();
    RemoteChart wanted{.repository = std::string(repository["spec"]["url"].str()),
                       .chart = std::string(chart["chart"].str()),
                       .version = std::string(chart["version"].str()),
                       .digest = ""};
    if (absl::StartsWith(wanted.repository, "oci://")) {
      wanted.repository = absl::StrCat(Trimmed(wanted.repository), "/", wanted.chart);
      wanted.chart.clear();
    }
    return Remote(wanted);
  }
  auto tree = sources.Find(ctx, reference);
  if (absl::IsUnavailable(tree.status())) return NotAtHand(tree.status().message());
  RETURN_IF_ERROR(tree.status());
  std::vector<std::string> values_files;
  for (const Value& file : chart["valuesFiles"].items()) values_files.emplace_back(file.str());
  return InTree(*std::move(tree), std::string(chart["chart"].str()), values_files,
                chart["ignoreMissingValuesFiles"].bool_or(false));
}

}  // namespace sluice::plan
