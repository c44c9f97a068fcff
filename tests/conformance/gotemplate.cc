// The corpus "gotemplate": single templates in one chart, rendered by Helm 3.22 and, where it
// differs, Helm 4.2. Every case is run in both dialects.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/helm/engine.h"
#include "common/helm/loader.h"
#include "common/text/utf8.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/helm_environment.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using helm::Dialect;

constexpr absl::string_view kTemplate = "templates/t.yaml";

absl::StatusOr<std::string> Bytes(const Value& file) {
  if (!file.Has("base64")) return std::string(file["text"].str());
  std::string bytes;
  if (absl::Base64Unescape(file["base64"].str(), &bytes)) return bytes;
  return absl::InvalidArgumentError("a file of the fixture is not base64");
}

absl::StatusOr<std::vector<helm::ChartFile>> ChartFiles(const Value& fixture,
                                                        const Value& recorded) {
  std::vector<helm::ChartFile> files;
  for (const auto& [name, file] : fixture["files"].members()) {
    if (name == "values.yaml" && recorded.Has("values")) {
      files.push_back({name, std::string(recorded["values"].str())});
      continue;
    }
    ASSIGN_OR_RETURN(std::string bytes, Bytes(file));
    files.push_back({name, std::move(bytes)});
  }
  files.push_back({std::string(kTemplate), std::string(recorded["template"].str())});
  for (const auto& [name, text] : recorded["templates"].members()) {
    files.push_back({name, std::string(text.str())});
  }
  return files;
}

absl::StatusOr<std::string> Rendered(const Value& fixture, const Value& recorded, Dialect dialect) {
  ASSIGN_OR_RETURN(std::vector<helm::ChartFile> files, ChartFiles(fixture, recorded));
  ASSIGN_OR_RETURN(const auto chart, helm::LoadFiles(std::move(files), {.dialect = dialect}));
  const Value& release = fixture["release"];
  helm::Target target;
  target.release = {.name = std::string(release["Name"].str()),
                    .namespace_name = std::string(release["Namespace"].str()),
                    .revision = release["Revision"].int_or(0),
                    .is_upgrade = release["IsUpgrade"].bool_or(false)};
  target.capabilities = helm::DefaultCapabilities(dialect);
  ASSIGN_OR_RETURN(target.capabilities->kube_version,
                   helm::ParseKubeVersion(fixture["kubeVersion"].str(), dialect));
  ASSIGN_OR_RETURN(const helm::RenderedFiles rendered,
                   helm::Render(chart, Value::EmptyObject(), target,
                                {.dialect = dialect,
                                 .strict = recorded["strict"].bool_or(false),
                                 .environment = &HelmEnvironment()}));
  const auto file = rendered.find(absl::StrCat(fixture["chartName"].str(), "/", kTemplate));
  if (file == rendered.end()) return absl::NotFoundError("the template was not rendered");
  return file->second;
}

// The answer in the fields of the dialect, or null.
struct Answer {
  absl::string_view field;
  std::string text;
  bool error = false;
  bool only_end = false;  // of a very long error
};

absl::StatusOr<Answer> RecordedAnswer(const Value& recorded, Dialect dialect) {
  if (dialect == Dialect::kHelm4) {
    if (recorded.Has("v4Expected")) {
      return Answer{"v4Expected", std::string(recorded["v4Expected"].str())};
    }
    if (recorded.Has("v4Error")) {
      return Answer{"v4Error", std::string(recorded["v4Error"].str()), true};
    }
  }
  if (recorded.Has("error")) return Answer{"error", std::string(recorded["error"].str()), true};
  if (recorded.Has("errorEnd")) {
    return Answer{"errorEnd", std::string(recorded["errorEnd"].str()), true, true};
  }
  if (recorded.Has("expectedBase64")) {
    Answer answer{"expectedBase64", ""};
    if (!absl::Base64Unescape(recorded["expectedBase64"].str(), &answer.text)) {
      return absl::InvalidArgumentError("expectedBase64 is not base64");
    }
    return answer;
  }
  if (recorded.Has("expected")) return Answer{"expected", std::string(recorded["expected"].str())};
  return absl::InvalidArgumentError("the case has no answer that this runner knows");
}

// As it stands in the corpus, where errors are JSON.
std::string WithReplacements(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    text::AppendCharacter(first.character, out);
    text.remove_prefix(first.size);
  }
  return out;
}

absl::Status RunCase(const Value& fixture, const Value& recorded, Dialect dialect,
                     std::vector<Mismatch>& mismatches) {
  ASSIGN_OR_RETURN(const Answer answer, RecordedAnswer(recorded, dialect));
  const absl::StatusOr<std::string> rendered = Rendered(fixture, recorded, dialect);
  std::string actual = rendered.ok() ? *rendered : WithReplacements(rendered.status().message());
  if (answer.only_end && actual.size() > answer.text.size()) {
    actual.erase(0, actual.size() - answer.text.size());
  }
  if (rendered.ok() != answer.error && actual == answer.text) return absl::OkStatus();
  const absl::string_view helm = dialect == Dialect::kHelm3 ? " (Helm 3)" : " (Helm 4)";
  mismatches.push_back({absl::StrCat(answer.field, helm),
                        absl::StrCat(answer.error ? "error: " : "", answer.text),
                        absl::StrCat(rendered.ok() ? "" : "error: ", actual)});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunGotemplate(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  const std::filesystem::path folder =
      std::filesystem::is_directory(path) ? path : path.parent_path();
  ASSIGN_OR_RETURN(const std::string text, ReadFile(folder / "fixture.json"));
  ASSIGN_OR_RETURN(const Value fixture, value::ParseJson(text));
  for (const Value& recorded : cases.items()) {
    std::vector<Mismatch> mismatches;
    for (const Dialect dialect : {Dialect::kHelm3, Dialect::kHelm4}) {
      const absl::Status status = RunCase(fixture, recorded, dialect, mismatches);
      if (!status.ok()) mismatches.push_back({"case", "", std::string(status.message())});
    }
    report.Add(recorded["id"].str(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
