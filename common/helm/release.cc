// SPDX-License-Identifier: Apache-2.0
#include "common/helm/release.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/gotmpl/session.h"
#include "common/helm/post_render.h"
#include "common/helm/schemas.h"
#include "common/semver/constraint.h"

namespace sluice::helm {
namespace {

constexpr absl::string_view kNotes = "NOTES.txt";

absl::Status CheckKubeVersion(const Chart& chart, const KubeVersion& version) {
  const std::string& wanted = chart.metadata.kube_version;
  if (wanted.empty() || semver::IsCompatible(wanted, version.comparable())) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("chart requires kubeVersion: ", wanted,
                                                    " which is incompatible with Kubernetes ",
                                                    version.version));
}

// Takes the notes out of the files.
std::string TakeNotes(const std::string& chart, bool subchart_notes, RenderedFiles& files) {
  std::string notes;
  const std::string own = absl::StrCat(chart, "/templates/", kNotes);
  for (auto file = files.begin(); file != files.end();) {
    if (!absl::EndsWith(file->first, kNotes)) {
      ++file;
      continue;
    }
    if (subchart_notes || file->first == own) {
      absl::StrAppend(&notes, notes.empty() ? "" : "\n", file->second);
    }
    file = files.erase(file);
  }
  return notes;
}

void AppendDocument(absl::string_view path, absl::string_view content, std::string& out) {
  absl::StrAppend(&out, "---\n# Source: ", path, "\n", content, "\n");
}

// The root chart as its release records it.
absl::Status DescribeRoot(const Instance& instance, RenderedRelease& release) {
  const ChartNode& root = instance.root();
  release.metadata = root.chart->metadata;
  if (root.declared.has_value()) {
    release.metadata.dependencies.clear();
    for (const auto& dependency : *root.declared) {
      release.metadata.dependencies.push_back(*dependency);
    }
  }
  release.values = root.chart->values;
  if (root.imported.has_value()) {
    gotmpl::Session session;
    ASSIGN_OR_RETURN(release.values, gotmpl::ToDocument(*root.imported, session));
  }
  return absl::OkStatus();
}

// From values to manifests.
absl::StatusOr<RenderedRelease> RenderInstance(const Instance& instance, const TablePointer& values,
                                               const Target& target,
                                               const ReleaseOptions& options) {
  const Dialect dialect = options.render.dialect;
  RenderedRelease release;
  RETURN_IF_ERROR(DescribeRoot(instance, release));
  Target known = target;
  if (!known.capabilities.has_value()) known.capabilities = DefaultCapabilities(dialect);
  RETURN_IF_ERROR(CheckKubeVersion(*instance.root().chart, known.capabilities->kube_version));
  ASSIGN_OR_RETURN(RenderedFiles files, RenderTemplates(instance, values, known, options.render));
  release.notes = TakeNotes(instance.root().name, options.subchart_notes, files);
  if (options.post_render != nullptr && dialect == Dialect::kHelm4) {
    ASSIGN_OR_RETURN(files, PostRender(std::move(files), options));
  }
  absl::StatusOr<SortedManifests> sorted = SortManifests(files, dialect);
  if (!sorted.ok()) {
    if (options.unsorted != nullptr) *options.unsorted = std::move(files);
    return sorted.status();
  }
  release.warnings = instance.warnings();
  release.warnings.insert(release.warnings.end(), sorted->warnings.begin(), sorted->warnings.end());
  release.hooks = std::move(sorted->hooks);
  release.manifests = std::move(sorted->manifests);
  if (options.include_crds) release.crds = CrdsOf(instance.root());
  for (const ChartFile& crd : release.crds) AppendDocument(crd.name, crd.data, release.manifest);
  for (const Manifest& manifest : release.manifests) {
    AppendDocument(manifest.path, manifest.content, release.manifest);
  }
  if (options.post_render != nullptr && dialect == Dialect::kHelm3) {
    absl::StatusOr<std::string> changed = options.post_render(release.manifest);
    if (!changed.ok()) {
      return Annotate(changed.status(), "error while running post render on files");
    }
    release.manifest = *std::move(changed);
  }
  return release;
}

bool HasManifestExtension(absl::string_view name) {
  const absl::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
  return absl::EqualsIgnoreCase(extension, ".yaml") || absl::EqualsIgnoreCase(extension, ".yml") ||
         absl::EqualsIgnoreCase(extension, ".json");
}

}  // namespace

std::vector<ChartFile> CrdsOf(const ChartNode& root) {
  std::vector<ChartFile> crds;
  for (const ChartFile& file : root.chart->files) {
    if (absl::StartsWith(file.name, "crds/") && HasManifestExtension(file.name)) {
      crds.push_back({absl::StrCat(root.FullPath(), "/", file.name), file.data});
    }
  }
  for (const ChartNode* const dependency : root.dependencies) {
    std::vector<ChartFile> below = CrdsOf(*dependency);
    std::move(below.begin(), below.end(), std::back_inserter(crds));
  }
  return crds;
}

absl::Status CheckDependencies(const Chart& chart) {
  std::vector<absl::string_view> missing;
  for (const Dependency& dependency : chart.metadata.dependencies) {
    bool found = false;
    for (const auto& below : chart.dependencies) {
      found = found || below->metadata.name == dependency.name;
    }
    if (!found) missing.push_back(dependency.name);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "found in Chart.yaml, but missing in charts/ directory: ", absl::StrJoin(missing, ", ")));
}

absl::Status CheckInstallable(const Chart& chart, Dialect dialect) {
  if (chart.metadata.type == "library") {
    return absl::FailedPreconditionError("library charts are not installable");
  }
  return Annotate(CheckDependencies(chart),
                  absl::StrCat(dialect == Dialect::kHelm3 ? "A" : "a",
                               "n error occurred while checking for chart dependencies. You may "
                               "need to run `helm dependency build` to fetch missing "
                               "dependencies"));
}

absl::StatusOr<RenderedRelease> RenderRelease(std::shared_ptr<const Chart> chart,
                                              const Value& values, const Target& target,
                                              const ReleaseOptions& options) {
  const Dialect dialect = options.render.dialect;
  Instance instance(chart, {.dialect = dialect});
  const absl::Status processed = instance.ProcessDependencies(values);
  if (!processed.ok()) {
    return dialect == Dialect::kHelm3 ? processed
                                      : Annotate(processed, "chart dependencies processing failed");
  }
  ASSIGN_OR_RETURN(const TablePointer coalesced, instance.Coalesce(values));
  RETURN_IF_ERROR(CheckSchemas(instance, coalesced, options.render));
  absl::StatusOr<RenderedRelease> release = RenderInstance(instance, coalesced, target, options);
  if (release.ok()) {
    release->warnings.insert(release->warnings.begin(), chart->warnings.begin(),
                             chart->warnings.end());
    return release;
  }
  absl::Status status = release.status();
  status.SetPayload(kRenderError, absl::Cord());
  return status;
}

std::string PrintedTemplates(const RenderedRelease& release, bool hooks, bool tests) {
  std::string text = absl::StrCat(absl::StripAsciiWhitespace(release.manifest), "\n");
  if (!hooks) return text;
  for (const Hook& hook : release.hooks) {
    if (!tests && hook.runs_at(HookEvent::kTest)) continue;
    AppendDocument(hook.path, hook.manifest, text);
  }
  return text;
}

}  // namespace sluice::helm
