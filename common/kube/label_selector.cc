// SPDX-License-Identifier: Apache-2.0
#include "common/kube/label_selector.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::kube {
namespace {

// The requirements of a selector: cut at commas that are not in parentheses.
std::vector<absl::string_view> Cut(absl::string_view text) {
  std::vector<absl::string_view> parts;
  size_t start = 0;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') inside = true;
    if (text[i] == ')') inside = false;
    if (text[i] == ',' && !inside) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

bool IsKey(absl::string_view key) {
  if (key.empty() || key.size() > 317) return false;
  for (const char c : key) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_' &&
        c != '/') {
      return false;
    }
  }
  return true;
}

std::string Trim(absl::string_view text) { return std::string(absl::StripAsciiWhitespace(text)); }

}  // namespace

absl::StatusOr<LabelSelector> LabelSelector::Parse(absl::string_view text) {
  LabelSelector selector;
  if (absl::StripAsciiWhitespace(text).empty()) return selector;
  for (const absl::string_view part : Cut(text)) {
    const absl::string_view trimmed = absl::StripAsciiWhitespace(part);
    Requirement requirement;
    const size_t open = trimmed.find('(');
    if (open != absl::string_view::npos && absl::EndsWith(trimmed, ")")) {
      const std::vector<std::string> words =
          absl::StrSplit(trimmed.substr(0, open), ' ', absl::SkipWhitespace());
      if (words.size() == 2 && (words[1] == "in" || words[1] == "notin")) {
        requirement.key = words[0];
        requirement.negated = words[1] == "notin";
        for (const absl::string_view value :
             absl::StrSplit(trimmed.substr(open + 1, trimmed.size() - open - 2), ',')) {
          requirement.values.insert(Trim(value));
        }
      }
    } else if (const size_t op = trimmed.find('='); op != absl::string_view::npos) {
      requirement.negated = op > 0 && trimmed[op - 1] == '!';
      const size_t value = op + (trimmed.substr(op).size() > 1 && trimmed[op + 1] == '=' ? 2 : 1);
      requirement.key = Trim(trimmed.substr(0, requirement.negated ? op - 1 : op));
      requirement.values.insert(Trim(trimmed.substr(value)));
    } else {
      requirement.any_value = true;
      requirement.negated = absl::StartsWith(trimmed, "!");
      requirement.key = Trim(trimmed.substr(requirement.negated ? 1 : 0));
    }
    if (!IsKey(requirement.key)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unable to parse label requirement \"", trimmed, "\""));
    }
    selector.requirements_.push_back(std::move(requirement));
  }
  return selector;
}

bool LabelSelector::Matches(const std::map<std::string, std::string>& labels) const {
  for (const Requirement& requirement : requirements_) {
    const auto it = labels.find(requirement.key);
    const bool has =
        it != labels.end() && (requirement.any_value || requirement.values.contains(it->second));
    if (has == requirement.negated) return false;
  }
  return true;
}

}  // namespace sluice::kube
