// The corpus "helm": what `helm template` 3.22.0 prints for charts, and how 4.2.2 differs. Each
// case is run in both dialects.

// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/helm/user_values.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/folder_tree.h"
#include "tests/conformance/helm_case.h"
#include "tests/conformance/helm_environment.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using helm::Dialect;
using ChartPointer = std::shared_ptr<const helm::Chart>;
namespace stdfs = std::filesystem;

// Charts as they were loaded last, as most have several cases in a row.
class Charts {
 public:
  explicit Charts(stdfs::path root) : root_(std::move(root)) {}

  absl::StatusOr<ChartPointer> Load(const std::string& id, Dialect dialect) {
    if (id != id_) {
      ASSIGN_OR_RETURN(const fs::MemoryTree tree, LoadFolder(root_ / id));
      id_ = id;
      helm3_ = helm::LoadTree(tree, {.dialect = Dialect::kHelm3});
      helm4_ = helm::LoadTree(tree, {.dialect = Dialect::kHelm4});
    }
    return dialect == Dialect::kHelm3 ? helm3_ : helm4_;
  }

 private:
  const stdfs::path root_;
  std::string id_;
  absl::StatusOr<ChartPointer> helm3_;
  absl::StatusOr<ChartPointer> helm4_;
};

struct Output {
  std::string text;
  std::string notes;
};

absl::StatusOr<Output> Run(const HelmCase& recorded, Charts& charts, Dialect dialect) {
  const Value& fields = recorded.fields;
  helm::UserValues given;
  for (const Value& name : fields["values"].items()) {
    ASSIGN_OR_RETURN(std::string content, ReadFile(recorded.folder / std::string(name.str())));
    given.files.push_back({std::string(name.str()), std::move(content)});
  }
  ASSIGN_OR_RETURN(const Value values, helm::Merge(given, dialect, nullptr));
  ASSIGN_OR_RETURN(const ChartPointer chart,
                   charts.Load(std::string(fields["chart"].str()), dialect));
  RETURN_IF_ERROR(helm::CheckInstallable(*chart, dialect));
  helm::Target target{.release = {.name = std::string(fields["release"].str()),
                                  .namespace_name = std::string(fields["namespace"].str()),
                                  .is_upgrade = fields["isUpgrade"].bool_or(false)}};
  target.capabilities = helm::DefaultCapabilities(dialect);
  ASSIGN_OR_RETURN(target.capabilities->kube_version,
                   helm::ParseKubeVersion(fields["kubeVersion"].str(), dialect));
  for (const Value& version : fields["apiVersions"].items()) {
    target.capabilities->api_versions.emplace_back(version.str());
  }
  helm::ReleaseOptions options;
  options.render.dialect = dialect;
  options.render.environment = &HelmEnvironment();
  options.include_crds = fields["includeCRDs"].bool_or(false);
  options.subchart_notes = fields["subNotes"].bool_or(false);
  ASSIGN_OR_RETURN(const helm::RenderedRelease release,
                   helm::RenderRelease(chart, values, target, options));
  return Output{.text = helm::PrintedTemplates(release, true, true), .notes = release.notes};
}

std::vector<Mismatch> RunCase(const HelmCase& recorded, Charts& charts, Dialect dialect) {
  std::vector<Mismatch> mismatches;
  const absl::StatusOr<Output> output = Run(recorded, charts, dialect);
  if (recorded.fails()) {
    recorded.CompareError(output.ok() ? absl::StrCat("no error:\n", output->text)
                                      : std::string(output.status().message()),
                          dialect, mismatches);
  } else if (!output.ok()) {
    mismatches.push_back(
        {"manifest", "no error", absl::StrCat("error: ", output.status().message())});
  } else {
    recorded.CompareManifest(output->text, dialect, mismatches);
    recorded.CompareNotes(output->notes, dialect, mismatches);
  }
  return mismatches;
}

}  // namespace

absl::Status RunHelm(const stdfs::path& path, Report& report) {
  ASSIGN_OR_RETURN(const std::vector<HelmCase> cases, LoadHelmCases(path));
  Charts charts(path / "charts");
  for (const HelmCase& recorded : cases) {
    for (const Dialect dialect : {Dialect::kHelm3, Dialect::kHelm4}) {
      report.Add(
          absl::StrCat(recorded.id(), dialect == Dialect::kHelm3 ? " (helm 3)" : " (helm 4)"),
          RunCase(recorded, charts, dialect));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
