// The corpus "helm": what `helm template` 3.22.0 prints for charts, and how 4.2.2 differs. Each
// case is run in both dialects.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/helm/user_values.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/folder_tree.h"
#include "tests/conformance/helm_environment.h"
#include "tests/conformance/kinds.h"
#include "tests/conformance/masked_text.h"

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

absl::StatusOr<Output> Run(const stdfs::path& folder, const Value& recorded, Charts& charts,
                           Dialect dialect) {
  helm::UserValues given;
  for (const Value& name : recorded["values"].items()) {
    ASSIGN_OR_RETURN(std::string content, ReadFile(folder / std::string(name.str())));
    given.files.push_back({std::string(name.str()), std::move(content)});
  }
  ASSIGN_OR_RETURN(const Value values, helm::Merge(given, dialect, nullptr));
  ASSIGN_OR_RETURN(const ChartPointer chart,
                   charts.Load(std::string(recorded["chart"].str()), dialect));
  RETURN_IF_ERROR(helm::CheckInstallable(*chart, dialect));
  helm::Target target{.release = {.name = std::string(recorded["release"].str()),
                                  .namespace_name = std::string(recorded["namespace"].str()),
                                  .is_upgrade = recorded["isUpgrade"].bool_or(false)}};
  target.capabilities = helm::DefaultCapabilities(dialect);
  ASSIGN_OR_RETURN(target.capabilities->kube_version,
                   helm::ParseKubeVersion(recorded["kubeVersion"].str(), dialect));
  for (const Value& version : recorded["apiVersions"].items()) {
    target.capabilities->api_versions.emplace_back(version.str());
  }
  helm::ReleaseOptions options;
  options.render.dialect = dialect;
  options.render.environment = &HelmEnvironment();
  options.include_crds = recorded["includeCRDs"].bool_or(false);
  options.subchart_notes = recorded["subNotes"].bool_or(false);
  ASSIGN_OR_RETURN(const helm::RenderedRelease release,
                   helm::RenderRelease(chart, values, target, options));
  return Output{.text = helm::PrintedTemplates(release, true, true), .notes = release.notes};
}

// The text of a file of the case, "" if there is none.
std::string FileOf(const stdfs::path& folder, const char* name, const char* or_else = nullptr) {
  absl::StatusOr<std::string> text = ReadFile(folder / name);
  if (!text.ok() && or_else != nullptr) text = ReadFile(folder / or_else);
  return text.value_or("");
}

bool Exists(const stdfs::path& folder, const char* name) { return stdfs::exists(folder / name); }

void CompareText(const stdfs::path& folder, const Value& recorded, Dialect dialect,
                 const Output& output, std::vector<Mismatch>& mismatches) {
  const bool helm3 = dialect == Dialect::kHelm3;
  const absl::string_view difference = helm3 ? "same" : recorded["v4"].str();
  std::string expected =
      helm3 ? FileOf(folder, "expected.yaml") : FileOf(folder, "expected-v4.yaml", "expected.yaml");
  const absl::string_view digest = helm3 ? "" : recorded["v4ManifestSha256"].str();
  if (!digest.empty()) {
    if (crypto::Sha256Hex(output.text) != digest) {
      mismatches.push_back({"manifest by digest", std::move(expected), output.text});
    }
    return;
  }
  std::string actual = output.text;
  // What Helm 4 prints where chance plays a part and more than blank lines differs is not recorded.
  if (difference == "differs" && !Exists(folder, "expected-v4.yaml")) return;
  if (difference == "blank-lines" || difference == "differs" || difference == "order") {
    expected = WithoutBlanks(expected);
    actual = WithoutBlanks(actual);
  }
  if (!EqualButMasked(expected, actual)) {
    mismatches.push_back({"manifest", std::move(expected), std::move(actual)});
  }
}

void RunCase(const stdfs::path& folder, const Value& recorded, Charts& charts, Dialect dialect,
             std::vector<Mismatch>& mismatches) {
  const bool helm3 = dialect == Dialect::kHelm3;
  const absl::StatusOr<Output> output = Run(folder, recorded, charts, dialect);
  if (recorded["expect"].str() == "error") {
    std::string expected = helm3 ? FileOf(folder, "expected-error.txt")
                                 : FileOf(folder, "expected-v4-error.txt", "expected-error.txt");
    std::string actual = output.ok() ? absl::StrCat("no error:\n", output->text)
                                     : std::string(output.status().message());
    const bool unordered = recorded["errorUnordered"].bool_or(false);
    if (unordered ? WithSortedLines(expected) != WithSortedLines(actual) : expected != actual) {
      mismatches.push_back({"error", std::move(expected), std::move(actual)});
    }
    return;
  }
  if (!output.ok()) {
    mismatches.push_back(
        {"manifest", "no error", absl::StrCat("error: ", output.status().message())});
    return;
  }
  CompareText(folder, recorded, dialect, *output, mismatches);
  const std::string notes = helm3 ? FileOf(folder, "expected-notes.txt")
                                  : FileOf(folder, "expected-v4-notes.txt", "expected-notes.txt");
  if (!EqualButMasked(notes, output->notes)) {
    mismatches.push_back({"notes", notes, output->notes});
  }
}

}  // namespace

absl::Status RunHelm(const stdfs::path& path, Report& report) {
  std::vector<stdfs::path> folders;
  for (const auto& entry : stdfs::directory_iterator(path / "cases")) {
    if (Exists(entry.path(), "case.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  Charts charts(path / "charts");
  for (const stdfs::path& folder : folders) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(folder / "case.json"));
    ASSIGN_OR_RETURN(const Value recorded, value::ParseJson(text));
    for (const Dialect dialect : {Dialect::kHelm3, Dialect::kHelm4}) {
      std::vector<Mismatch> mismatches;
      RunCase(folder, recorded, charts, dialect, mismatches);
      report.Add(absl::StrCat(folder.filename().string(),
                              dialect == Dialect::kHelm3 ? " (helm 3)" : " (helm 4)"),
                 std::move(mismatches));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
