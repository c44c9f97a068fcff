// The corpus "semver": versions and constraints as Masterminds/semver 3.5 and Helm 3.22 take them.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/semver/constraint.h"
#include "common/semver/kube_version.h"
#include "common/semver/version.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using semver::Constraint;
using semver::Version;

std::string ErrorText(const absl::Status& status) {
  return absl::StrCat("error: ", status.message());
}

// The recorded `field` against `actual`; null stands for a field that is not recorded.
void Compare(const Value& recorded, absl::string_view field, const Value& actual,
             std::vector<Mismatch>& mismatches) {
  if (recorded[field] == actual) return;
  mismatches.push_back(
      {std::string(field), value::FormatJson(recorded[field]), value::FormatJson(actual)});
}

// The same for a result that is recorded in one of two fields.
void CompareResult(const Value& recorded, absl::string_view field, absl::string_view error_field,
                   const absl::StatusOr<Value>& actual, std::vector<Mismatch>& mismatches) {
  Compare(recorded, field, actual.ok() ? *actual : Value(), mismatches);
  Compare(recorded, error_field, actual.ok() ? Value() : Value(actual.status().message()),
          mismatches);
}

absl::StatusOr<Value> Parsed(absl::string_view text) {
  ASSIGN_OR_RETURN(const Version version, Version::Parse(text));
  return Value({{"major", version.major()},
                {"minor", version.minor()},
                {"patch", version.patch()},
                {"prerelease", version.prerelease()},
                {"metadata", version.metadata()},
                {"original", version.text()},
                {"string", version.Canonical()}});
}

absl::StatusOr<Value> ParsedStrictly(absl::string_view text) {
  ASSIGN_OR_RETURN(const Version version, Version::ParseStrict(text));
  return Value(version.Canonical());
}

absl::StatusOr<Value> KubeVersion(absl::string_view text) {
  ASSIGN_OR_RETURN(const semver::KubeVersion version, semver::ParseKubeVersion(text));
  return Value({{"version", version.version}, {"major", version.major}, {"minor", version.minor}});
}

void RunConstraint(const Value& recorded, std::vector<Mismatch>& mismatches) {
  const absl::StatusOr<Constraint> constraint = Constraint::Parse(recorded["constraint"].str());
  Compare(recorded, "error", constraint.ok() ? Value() : Value(constraint.status().message()),
          mismatches);
  if (!constraint.ok()) return;
  if (recorded.Has("constraintString")) {
    Compare(recorded, "constraintString", constraint->Canonical(), mismatches);
  }
  if (!recorded.Has("version")) return;
  const absl::StatusOr<Version> version = Version::Parse(recorded["version"].str());
  if (!version.ok()) {
    mismatches.push_back({"version", "", ErrorText(version.status())});
    return;
  }
  Compare(recorded, "match", constraint->Matches(*version), mismatches);
  if (recorded.Has("reasons")) {
    Value reasons = Value::EmptyArray();
    for (const std::string& reason : constraint->Reasons(*version)) reasons.Append(reason);
    Compare(recorded, "reasons", reasons, mismatches);
  }
}

absl::Status RunCase(const Value& recorded, std::vector<Mismatch>& mismatches) {
  const absl::string_view kind = recorded["kind"].str();
  const absl::string_view text = recorded["version"].str();
  std::vector<Version> versions;
  for (const Value& candidate : recorded["versions"].items()) {
    ASSIGN_OR_RETURN(Version version, Version::Parse(candidate.str()));
    versions.push_back(std::move(version));
  }
  if (kind == "parse") {
    CompareResult(recorded, "parsed", "error", Parsed(text), mismatches);
    CompareResult(recorded, "strict", "strictError", ParsedStrictly(text), mismatches);
    CompareResult(recorded, "kubeVersion", "kubeVersionError", KubeVersion(text), mismatches);
  } else if (kind == "constraint") {
    RunConstraint(recorded, mismatches);
  } else if (kind == "compare") {
    ASSIGN_OR_RETURN(const Version a, Version::Parse(recorded["a"].str()));
    ASSIGN_OR_RETURN(const Version b, Version::Parse(recorded["b"].str()));
    Compare(recorded, "compare", a < b ? -1 : a > b ? 1 : 0, mismatches);
  } else if (kind == "sort") {
    std::stable_sort(versions.begin(), versions.end());
    Value sorted = Value::EmptyArray();
    for (const Version& version : versions) sorted.Append(version.text());
    Compare(recorded, "sorted", sorted, mismatches);
  } else if (kind == "select") {
    ASSIGN_OR_RETURN(const Constraint constraint, Constraint::Parse(recorded["constraint"].str()));
    const Version* newest = semver::Newest(versions, constraint);
    Compare(recorded, "selected", newest == nullptr ? Value() : Value(newest->text()), mismatches);
  } else if (kind == "inc") {
    ASSIGN_OR_RETURN(const Version version, Version::Parse(text));
    ASSIGN_OR_RETURN(const Version major, version.NextMajor());
    ASSIGN_OR_RETURN(const Version minor, version.NextMinor());
    ASSIGN_OR_RETURN(const Version patch, version.NextPatch());
    Compare(recorded, "major", major.Canonical(), mismatches);
    Compare(recorded, "minor", minor.Canonical(), mismatches);
    Compare(recorded, "patch", patch.Canonical(), mismatches);
    Compare(recorded, "originalPatch", patch.text(), mismatches);
  } else if (kind == "compatibleRange") {
    Compare(recorded, "match", semver::IsCompatible(recorded["constraint"].str(), text),
            mismatches);
  } else {
    mismatches.push_back({"kind", std::string(kind), "not known to this runner"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunSemver(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  for (const Value& recorded : cases.items()) {
    std::vector<Mismatch> mismatches;
    if (const absl::Status status = RunCase(recorded, mismatches); !status.ok()) {
      mismatches.push_back({"version", "", ErrorText(status)});
    }
    report.Add(recorded["id"].str(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
