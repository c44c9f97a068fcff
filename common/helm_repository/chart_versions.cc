// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/chart_versions.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/semver/constraint.h"
#include "common/semver/version.h"
#include "common/value/json.h"

namespace sluice::helm_repository {
namespace {

// How a chart with versions ends; no text in JSON has a line break.
constexpr absl::string_view kEnd = "\n    ]";

std::string Beginning(absl::string_view chart) {
  std::string text = "\n    ";
  value::AppendJsonString(chart, /*escape_html=*/true, text);
  return absl::StrCat(text, ": ");
}

}  // namespace

ChartFinder::ChartFinder(absl::string_view chart) : begin_(Beginning(chart)) {}

absl::StatusOr<bool> ChartFinder::Feed(absl::string_view bytes, size_t most_bytes) {
  if (place_ == Place::kAfter) return false;
  buffer_.append(bytes.data(), bytes.size());
  if (place_ == Place::kBefore) {
    const size_t found = buffer_.find(begin_);
    if (found == std::string::npos) {
      const size_t kept = std::min(buffer_.size(), begin_.size());
      buffer_.erase(0, buffer_.size() - kept);
      return true;
    }
    buffer_.erase(0, found + begin_.size());
    place_ = Place::kInside;
    searched_ = 0;
  }
  // "null", or a list on one line if it is empty.
  if (buffer_.size() < 2) return true;
  if (buffer_[0] != '[' || buffer_[1] == ']') {
    buffer_ = "[]";
    place_ = Place::kAfter;
    return false;
  }
  const size_t end = buffer_.find(kEnd.data(), searched_, kEnd.size());
  if (end != std::string::npos) {
    buffer_.erase(end + kEnd.size());
    place_ = Place::kAfter;
    return false;
  }
  if (buffer_.size() > most_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("one chart of the index is larger than ", most_bytes, " bytes"));
  }
  searched_ = buffer_.size() - std::min(buffer_.size(), kEnd.size());
  return true;
}

absl::StatusOr<std::optional<ChartVersions>> ChartFinder::Finish() const {
  if (place_ == Place::kBefore) return std::nullopt;
  ASSIGN_OR_RETURN(const Value list, value::ParseJson(buffer_));
  ChartVersions versions;
  for (const Value& item : list.items()) {
    const auto created = ParseRfc3339(item["created"].str());
    versions.push_back({std::string(item["version"].str()),
                        std::string(item["urls"].at(0).str()),
                        created.ok() ? *created : absl::InfinitePast()});
  }
  return versions;
}

absl::StatusOr<ChartVersion> ChooseVersion(const ChartVersions& versions, absl::string_view chart,
                                           absl::string_view wanted) {
  if (versions.empty()) return absl::NotFoundError("no chart version found");
  if (!wanted.empty()) {
    for (const ChartVersion& version : versions) {
      if (version.version == wanted) return version;
    }
  }
  ASSIGN_OR_RETURN(const semver::Constraint constraint,
                   semver::Constraint::Parse(wanted.empty() ? "*" : wanted));
  const ChartVersion* best = nullptr;
  semver::Version best_version;
  for (const ChartVersion& candidate : versions) {
    const auto version = semver::Version::ParseTag(candidate.version);
    if (!version.ok() || !constraint.Matches(*version)) continue;
    if (best == nullptr || best_version < *version ||
        (best_version == *version && best->created < candidate.created)) {
      best = &candidate;
      best_version = *version;
    }
  }
  if (best == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("no '", chart, "' chart with version matching '", wanted, "' found"));
  }
  return *best;
}

}  // namespace sluice::helm_repository
