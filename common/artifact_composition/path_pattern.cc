// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/path_pattern.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/walk.h"

namespace sluice::artifact_composition {
namespace {

constexpr size_t kMaxLabelValue = 63;
constexpr size_t kMaxObjectName = 253;

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

bool IsCaptureName(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(name[0])) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

// Text and captures, alternating: of a path pattern, or of a field that uses its captures.
struct Piece {
  std::string text;
  bool capture = false;  // `text` is its name
};

// How the two kinds of text name a mistake.
struct Wording {
  std::string subject;  // "pathPattern "…"" or "invalid template "…""
  bool is_template = false;
};

absl::StatusOr<std::vector<Piece>> ParsePieces(absl::string_view text, const Wording& wording) {
  std::vector<Piece> pieces;
  size_t literal = 0;
  const auto end_literal = [&](size_t at) {
    if (at > literal) pieces.push_back({std::string(text.substr(literal, at - literal)), false});
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') {
      return Invalid(wording.subject, wording.is_template ? ": capture" : ": invalid capture",
                     " ending at offset ", i,
                     wording.is_template ? " is missing opening brace" : ": missing opening brace");
    }
    if (text[i] != '{') continue;
    const size_t close = text.find('}', i);
    if (close == absl::string_view::npos) {
      return Invalid(wording.subject, wording.is_template ? ": capture" : ": invalid capture",
                     " starting at offset ", i,
                     wording.is_template ? " is missing closing brace" : ": missing closing brace");
    }
    const absl::string_view name = text.substr(i + 1, close - i - 1);
    if (name.empty()) return Invalid(wording.subject, ": empty capture variable");
    if (!IsCaptureName(name)) {
      return Invalid(wording.subject, ": capture variable \"", name,
                     "\" must be a valid capture name matching [A-Za-z_][A-Za-z0-9_]*");
    }
    end_literal(i);
    pieces.push_back({std::string(name), true});
    i = close;
    literal = close + 1;
  }
  end_literal(text.size());
  return pieces;
}

using Captures = std::map<std::string, std::string>;

// The pattern of one element of a path: literals and captures that take at least one byte each, the
// first as much as it can, as a regular expression would.
bool MatchElement(const std::vector<Piece>& pieces, size_t at, absl::string_view rest,
                  Captures& captures, size_t& steps) {
  if (at == pieces.size()) return rest.empty();
  // Captures side by side can split an element in many ways.
  if (++steps > 100'000) return false;
  if (!pieces[at].capture) {
    return absl::ConsumePrefix(&rest, pieces[at].text) &&
           MatchElement(pieces, at + 1, rest, captures, steps);
  }
  for (size_t size = rest.size(); size > 0; --size) {
    if (MatchElement(pieces, at + 1, rest.substr(size), captures, steps)) {
      captures[pieces[at].text] = std::string(rest.substr(0, size));
      return true;
    }
  }
  return false;
}

class PathPattern {
 public:
  // `text` is "@alias/pattern".
  static absl::StatusOr<PathPattern> Parse(absl::string_view text) {
    PathPattern pattern;
    absl::string_view rest = text;
    const size_t slash = text.find('/');
    if (!absl::ConsumePrefix(&rest, "@") || slash == absl::string_view::npos) {
      return Invalid("invalid pathPattern format: ", text);
    }
    pattern.alias_ = std::string(text.substr(1, slash - 1));
    pattern.subject_ = absl::StrCat("pathPattern \"", text, "\"");
    const absl::string_view path = text.substr(slash + 1);
    // The whole first, so that offsets are those of the pattern.
    ASSIGN_OR_RETURN(const std::vector<Piece> all, ParsePieces(path, {pattern.subject_}));
    std::set<absl::string_view> seen;
    for (const Piece& piece : all) {
      if (!piece.capture) continue;
      if (!seen.insert(piece.text).second) {
        return Invalid(pattern.subject_, ": duplicate capture variable \"", piece.text, "\"");
      }
      if (const std::string problem = LabelKeyProblem(piece.text); !problem.empty()) {
        return Invalid(pattern.subject_, ": capture variable \"", piece.text,
                       "\" is not a valid Kubernetes label key: ", problem);
      }
    }
    for (const absl::string_view element : absl::StrSplit(path, '/')) {
      ASSIGN_OR_RETURN(pattern.elements_.emplace_back(), ParsePieces(element, {pattern.subject_}));
    }
    return pattern;
  }

  const std::string& alias() const { return alias_; }
  const std::string& subject() const { return subject_; }

  std::optional<Captures> Match(absl::string_view path) const {
    const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
    if (names.size() != elements_.size()) return std::nullopt;
    Captures captures;
    size_t steps = 0;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!MatchElement(elements_[i], 0, names[i], captures, steps)) return std::nullopt;
    }
    return captures;
  }
  // No directory this deep can match, nor anything below it.
  bool IsDeepest(absl::string_view path) const {
    return static_cast<size_t>(std::count(path.begin(), path.end(), '/')) + 1 >= elements_.size();
  }

 private:
  static std::string LabelKeyProblem(absl::string_view name) {
    if (name.size() > kMaxLabelValue) return "name part must be no more than 63 bytes";
    if (!absl::ascii_isalnum(name.front()) || !absl::ascii_isalnum(name.back())) {
      return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
             "and end with an alphanumeric character";
    }
    return "";
  }

  std::string alias_;
  std::string subject_;
  std::vector<std::vector<Piece>> elements_;
};

std::string LabelValueProblem(absl::string_view value) {
  if (value.size() > kMaxLabelValue) return "must be no more than 63 bytes";
  bool valid =
      !value.empty() && absl::ascii_isalnum(value.front()) && absl::ascii_isalnum(value.back());
  for (const char c : value) {
    valid = valid && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.');
  }
  return valid ? ""
               : "a valid label must be an empty string or consist of alphanumeric characters, "
                 "'-', '_' or '.', and must start and end with an alphanumeric character";
}

absl::StatusOr<std::string> Render(const std::string& text, const Captures& captures) {
  const Wording wording = {absl::StrCat("invalid template \"", text, "\""), true};
  ASSIGN_OR_RETURN(const std::vector<Piece> pieces, ParsePieces(text, wording));
  std::string result;
  for (const Piece& piece : pieces) {
    if (!piece.capture) {
      result += piece.text;
      continue;
    }
    const auto it = captures.find(piece.text);
    if (it == captures.end()) {
      return Invalid(wording.subject, ": capture variable \"", piece.text,
                     "\" is not defined by pathPattern");
    }
    result += it->second;
  }
  return result;
}

absl::StatusOr<PlannedArtifact> RenderArtifact(const api::OutputArtifact& output,
                                               const Captures& lower, const Captures& raw) {
  PlannedArtifact planned = {output, lower};
  ASSIGN_OR_RETURN(planned.output.name, Render(output.name, lower));
  for (api::CopyOperation& copy : planned.output.copy) {
    ASSIGN_OR_RETURN(copy.from, Render(copy.from, raw));
    ASSIGN_OR_RETURN(copy.to, Render(copy.to, raw));
  }
  return planned;
}

class Planner {
 public:
  Planner(const api::ArtifactGeneratorSpec& spec, const PathPattern& pattern)
      : spec_(spec), pattern_(pattern) {}

  absl::Status Add(absl::string_view directory, const Captures& raw) {
    Captures lower;
    for (const auto& [name, value] : raw) {
      const std::string& lowered = lower[name] = absl::AsciiStrToLower(value);
      if (const std::string problem = LabelValueProblem(lowered); !problem.empty()) {
        return Invalid(pattern_.subject(), ": captured value \"", lowered, "\" for variable \"",
                       name, "\" is not a valid Kubernetes label value: ", problem);
      }
    }
    for (const api::OutputArtifact& output : spec_.artifacts) {
      auto planned = RenderArtifact(output, lower, raw);
      if (!planned.ok()) {
        return Invalid(pattern_.subject(), ": failed to render artifact ", output.name,
                       " for match ", directory, ": ", planned.status().message());
      }
      const std::string& name = planned->output.name;
      if (const std::string problem = ObjectNameProblem(name); !problem.empty()) {
        return Invalid(pattern_.subject(), ": rendered artifact name \"", name,
                       "\" is not a valid Kubernetes object name: ", problem);
      }
      const auto [known, added] = directories_.emplace(name, directory);
      if (!added) {
        return Invalid(pattern_.subject(), ": directories \"", known->second, "\" and \"",
                       directory, "\" both resolve to artifact name \"", name, "\"");
      }
      if (planned_.size() == kMaxPlannedArtifacts) {
        return Invalid(pattern_.subject(), ": more than ", kMaxPlannedArtifacts, " artifacts");
      }
      planned_.push_back(*std::move(planned));
    }
    return absl::OkStatus();
  }

  std::vector<PlannedArtifact> Take() { return std::move(planned_); }

 private:
  const api::ArtifactGeneratorSpec& spec_;
  const PathPattern& pattern_;
  std::map<std::string, std::string> directories_;  // by the name made for them
  std::vector<PlannedArtifact> planned_;
};

}  // namespace

std::string ObjectNameProblem(absl::string_view name) {
  if (name.size() > kMaxObjectName) return "must be no more than 253 bytes";
  bool valid = true;
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    valid = valid && !label.empty() && label.front() != '-' && label.back() != '-';
    for (const char c : label) {
      valid = valid && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-');
    }
  }
  return valid ? ""
               : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                 "characters, '-' or '.', and must start and end with an alphanumeric character";
}

absl::StatusOr<std::vector<PlannedArtifact>> PlanArtifacts(const api::ArtifactGeneratorSpec& spec,
                                                           const SourceTrees& sources) {
  if (spec.path_pattern.empty()) {
    std::vector<PlannedArtifact> planned;
    for (const api::OutputArtifact& output : spec.artifacts) planned.push_back({output, {}});
    return planned;
  }
  ASSIGN_OR_RETURN(const PathPattern pattern, PathPattern::Parse(spec.path_pattern));
  const auto source = sources.find(pattern.alias());
  if (source == sources.end()) {
    return Invalid(pattern.subject(), ": source alias ", pattern.alias(),
                   " not found in local sources");
  }
  Planner planner(spec, pattern);
  RETURN_IF_ERROR(
      fs::Walk(*source->second, "", {},
               [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
                 if (entry.type != fs::EntryType::kDirectory || path.empty())
                   return fs::Visit::kContinue;
                 if (const auto captures = pattern.Match(path)) {
                   RETURN_IF_ERROR(planner.Add(path, *captures));
                 }
                 return pattern.IsDeepest(path) ? fs::Visit::kSkipDirectory : fs::Visit::kContinue;
               }));
  return planner.Take();
}

}  // namespace sluice::artifact_composition
