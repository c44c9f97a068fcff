// Semantic versions in Kubernetes' reading of SemVer 2.0: semver("1.2.3"), semver("v1.2", true).

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/cel/function.h"
#include "common/semver/version.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

class SemanticVersion : public Opaque {
 public:
  uint64_t numbers[3] = {0, 0, 0};
  std::string prerelease;
  std::string build;

  absl::string_view type_name() const override { return "kubernetes.Semver"; }
  bool Equals(const Opaque& other) const override {
    return Order(static_cast<const SemanticVersion&>(other)) == 0;
  }
  std::string ToString() const override {
    return absl::StrCat(numbers[0], ".", numbers[1], ".", numbers[2], prerelease.empty() ? "" : "-",
                        prerelease, build.empty() ? "" : "+", build);
  }
  // Build metadata does not count.
  int Order(const SemanticVersion& other) const {
    for (int i = 0; i < 3; ++i) {
      if (numbers[i] != other.numbers[i]) return numbers[i] < other.numbers[i] ? -1 : 1;
    }
    // A version without pre-release is above those with one.
    if (prerelease.empty() || other.prerelease.empty()) {
      return static_cast<int>(prerelease.empty()) - static_cast<int>(other.prerelease.empty());
    }
    const std::weak_ordering order = semver::ComparePrereleases(prerelease, other.prerelease);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
};

absl::Status Wrong(absl::string_view what, absl::string_view part) {
  return absl::InvalidArgumentError(absl::StrCat(what, " \"", part, "\""));
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}
bool AllIdentifier(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
}

absl::StatusOr<uint64_t> Number(absl::string_view text, absl::string_view name) {
  if (!AllDigits(text)) {
    return Wrong(absl::StrCat("Invalid character(s) found in ", name, " number"), text);
  }
  if (text.size() > 1 && text[0] == '0') {
    std::string capital(name);
    capital[0] = absl::ascii_toupper(static_cast<unsigned char>(capital[0]));
    return Wrong(absl::StrCat(capital, " number must not contain leading zeroes"), text);
  }
  uint64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return absl::InvalidArgumentError(
      absl::StrCat("strconv.ParseUint: parsing \"", text,
                   "\": ", text.empty() ? "invalid syntax" : "value out of range"));
}

absl::Status CheckPrerelease(absl::string_view text) {
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    if (part.empty()) return absl::InvalidArgumentError("Prerelease is empty");
    if (AllDigits(part)) {
      if (part.size() > 1 && part[0] == '0') {
        return Wrong("Numeric PreRelease version must not contain leading zeroes", part);
      }
    } else if (!AllIdentifier(part)) {
      return Wrong("Invalid character(s) found in prerelease", part);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBuild(absl::string_view text) {
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    if (part.empty()) return absl::InvalidArgumentError("Build meta data is empty");
    if (!AllIdentifier(part)) return Wrong("Invalid character(s) found in build meta data", part);
  }
  return absl::OkStatus();
}

// Without a "v", with three parts, without leading zeros.
absl::StatusOr<std::string> Normalized(absl::string_view text) {
  absl::ConsumePrefix(&text, "v");
  std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('.', 2));
  for (std::string& part : parts) {
    if (part.size() <= 1) continue;
    part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
    if (part.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(part[0]))) {
      part.insert(0, "0");
    }
  }
  if (parts.size() < 3) {
    if (parts.back().find_first_of("+-") != std::string::npos) {
      return absl::InvalidArgumentError("short version cannot contain PreRelease/Build meta data");
    }
    parts.resize(3, "0");
  }
  return absl::StrJoin(parts, ".");
}

absl::StatusOr<SemanticVersion> Parse(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("Version string empty");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('.', 2));
  if (parts.size() != 3) {
    return absl::InvalidArgumentError("No Major.Minor.Patch elements found");
  }
  SemanticVersion version;
  ASSIGN_OR_RETURN(version.numbers[0], Number(parts[0], "major"));
  ASSIGN_OR_RETURN(version.numbers[1], Number(parts[1], "minor"));
  absl::string_view patch = parts[2];
  const size_t plus = patch.find('+');
  const bool has_build = plus != absl::string_view::npos;
  if (has_build) {
    version.build = std::string(patch.substr(plus + 1));
    patch = patch.substr(0, plus);
  }
  const size_t minus = patch.find('-');
  const bool has_prerelease = minus != absl::string_view::npos;
  if (has_prerelease) {
    version.prerelease = std::string(patch.substr(minus + 1));
    patch = patch.substr(0, minus);
  }
  ASSIGN_OR_RETURN(version.numbers[2], Number(patch, "patch"));
  if (has_prerelease) RETURN_IF_ERROR(CheckPrerelease(version.prerelease));
  if (has_build) RETURN_IF_ERROR(CheckBuild(version.build));
  return version;
}

// Null: the arguments are of other kinds.
absl::StatusOr<SemanticVersion> ParseArguments(Args args) {
  if (args.size() == 1 || !args[1].boolean()) return Parse(args[0].text());
  ASSIGN_OR_RETURN(const std::string text, Normalized(args[0].text()));
  return Parse(text);
}
bool AreParsable(Args args) {
  return args[0].is_string() && (args.size() == 1 || args[1].is_bool());
}

Value FromString(Args args, Arena& arena) {
  if (!AreParsable(args)) return NoMatch();
  absl::StatusOr<SemanticVersion> version = ParseArguments(args);
  if (!version.ok()) return Value::Error(version.status().message(), arena);
  return Value::OfOpaque(arena.New<SemanticVersion>(*std::move(version)));
}
Value IsSemver(Args args, Arena&) {
  return AreParsable(args) ? Value::Bool(ParseArguments(args).ok()) : NoMatch();
}

bool IsVersion(const Value& value) {
  return value.kind() == Kind::kOpaque && value.opaque().type_name() == "kubernetes.Semver";
}
const SemanticVersion& As(const Value& value) {
  return static_cast<const SemanticVersion&>(value.opaque());
}

template <int index>
Value Part(Args args, Arena&) {
  if (!IsVersion(args[0])) return NoMatch();
  return Value::Int(static_cast<int64_t>(As(args[0]).numbers[index]));
}
bool AreVersions(Args args) { return IsVersion(args[0]) && IsVersion(args[1]); }
Value CompareTo(Args args, Arena&) {
  return AreVersions(args) ? Value::Int(As(args[0]).Order(As(args[1]))) : NoMatch();
}
Value IsGreater(Args args, Arena&) {
  return AreVersions(args) ? Value::Bool(As(args[0]).Order(As(args[1])) > 0) : NoMatch();
}
Value IsLess(Args args, Arena&) {
  return AreVersions(args) ? Value::Bool(As(args[0]).Order(As(args[1])) < 0) : NoMatch();
}

}  // namespace

std::vector<Function> VersionFunctions() {
  std::vector<Function> functions = {
      {"semver",
       {"string_to_semver: string -> kubernetes.Semver",
        "string_bool_to_semver: string, bool -> kubernetes.Semver"},
       FromString},
      {"isSemver",
       {"is_semver_string: string -> bool", "is_semver_string_bool: string, bool -> bool"},
       IsSemver},
      {"major", {"semver_major: .kubernetes.Semver -> int"}, Part<0>},
      {"minor", {"semver_minor: .kubernetes.Semver -> int"}, Part<1>},
      {"patch", {"semver_patch: .kubernetes.Semver -> int"}, Part<2>},
      {"compareTo", {"semver_compare_to: .kubernetes.Semver, kubernetes.Semver -> int"}, CompareTo},
      {"isGreaterThan",
       {"semver_is_greater_than: .kubernetes.Semver, kubernetes.Semver -> bool"},
       IsGreater},
      {"isLessThan",
       {"semver_is_less_than: .kubernetes.Semver, kubernetes.Semver -> bool"},
       IsLess},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
