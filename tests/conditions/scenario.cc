// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/scenario.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/e2e/process.h"

namespace sluice::conditions {
namespace {

// In a scenario that the API server refuses: only digits, so that YAML reads it as a number.
constexpr char kNumberLikeCommit[] = "1111111111111111111111111111111111111111";

std::optional<KnownDifferences::Kind> ParseKind(absl::string_view word) {
  if (word == "skip") return KnownDifferences::Kind::kSkip;
  if (word == "differs") return KnownDifferences::Kind::kDiffers;
  if (word == "varies") return KnownDifferences::Kind::kVaries;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Scenario> LoadScenario(const std::string& path, const Placeholders& placeholders) {
  Scenario scenario;
  scenario.name = std::filesystem::path(path).filename().string();
  scenario.ns = absl::StrCat("rec-", scenario.name);
  auto recorded = value::ParseJson(e2e::ReadFile(path + "/recorded.json"));
  if (!recorded.ok()) return Annotate(recorded.status(), path + "/recorded.json");
  scenario.recorded = *std::move(recorded);
  const std::string text = absl::StrReplaceAll(
      e2e::ReadFile(path + "/objects.yaml"),
      {{"<git>", placeholders.git_url},
       {"<ns>", scenario.ns},
       {"<dur>", placeholders.duration},
       {"<sha1>", scenario.refused() ? kNumberLikeCommit : placeholders.commit}});
  auto documents = value::ParseYamlStream(text);
  if (!documents.ok()) return Annotate(documents.status(), path + "/objects.yaml");
  for (value::YamlDocument& document : *documents) {
    document.value.Ensure("metadata").Set("namespace", scenario.ns);
    scenario.objects.push_back(std::move(document.value));
  }
  if (scenario.objects.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, "/objects.yaml holds no objects"));
  }
  return scenario;
}

absl::StatusOr<KnownDifferences> KnownDifferences::Parse(absl::string_view text) {
  KnownDifferences known;
  for (const absl::string_view raw : absl::StrSplit(text, '\n')) {
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    const auto kind = words.size() == 3 ? ParseKind(words[0]) : std::nullopt;
    if (!kind.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", line, "\" is not \"skip|differs|varies NAME reason\""));
    }
    known.entries_.push_back({*kind, words[1], std::string(absl::StripAsciiWhitespace(words[2]))});
  }
  return known;
}

const KnownDifferences::Entry* KnownDifferences::Find(absl::string_view scenario) const {
  for (const Entry& entry : entries_) {
    const bool matches =
        absl::EndsWith(entry.name, "*")
            ? absl::StartsWith(scenario,
                               absl::string_view(entry.name).substr(0, entry.name.size() - 1))
            : entry.name == scenario;
    if (matches) return &entry;
  }
  return nullptr;
}

}  // namespace sluice::conditions
