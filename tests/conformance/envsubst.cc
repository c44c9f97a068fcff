// The corpus "envsubst": what Flux's post-build substitution makes of a text.

// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/expand.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/envsubst/manifest.h"
#include "common/value/yaml.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using Variables = std::map<std::string, std::string>;

// How the variables are looked up; an object, as a Lookup only refers to one.
struct In {
  const Variables& variables;
  const std::string* operator()(absl::string_view name) const {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? nullptr : &found->second;
  }
};

std::vector<Mismatch> RunText(const Value& recorded) {
  Variables variables;
  for (const value::Member& variable : recorded["vars"].members()) {
    variables[variable.key] = std::string(variable.value.str());
  }
  const absl::StatusOr<std::string> actual = envsubst::Expand(
      recorded["template"].str(), In{variables}, {.strict = recorded["strict"].bool_or(false)});
  const std::string printed =
      actual.ok() ? *actual : absl::StrCat("error: ", actual.status().message());
  if (const Value* error = recorded.Find("error"); error != nullptr) {
    // Where the peer crashes it is enough to fail; otherwise the words are the same.
    const bool crash = recorded["panic"].bool_or(false);
    if (!actual.ok() && (crash || actual.status().message() == error->str())) return {};
    return {{"error", std::string(error->str()), printed}};
  }
  std::string expected(recorded["expected"].str());
  if (const Value* bytes = recorded.Find("expectedBase64"); bytes != nullptr) {
    absl::Base64Unescape(bytes->str(), &expected);
  }
  if (actual.ok() && *actual == expected) return {};
  return {{"expected", expected, printed}};
}

// The whole step for one resource of a build, as text.
absl::StatusOr<std::string> SubstituteResource(const Value& recorded) {
  ASSIGN_OR_RETURN(const std::vector<value::YamlDocument> documents,
                   value::ParseKyaml(recorded["resource"].str()));
  if (documents.size() != 1) return absl::InvalidArgumentError("not one document");
  const Value& resource = documents[0].value;
  constexpr absl::string_view kOptOut = "kustomize.toolkit.fluxcd.io/substitute";
  for (const absl::string_view place : {"labels", "annotations"}) {
    if (resource["metadata"][place][kOptOut].str() == "disabled") {
      return value::FormatYaml(resource);
    }
  }

  Variables variables;
  for (const value::Member& variable : recorded["substitute"].members()) {
    variables[variable.key] = absl::StrReplaceAll(variable.value.str(), {{"\n", ""}});
  }
  if (variables.empty() && !recorded["always"].bool_or(false)) return value::FormatYaml(resource);
  for (const auto& [name, value] : variables) {
    if (absl::Status status = envsubst::CheckName(name); !status.ok()) {
      return Annotate(status, "envsubst error");
    }
  }
  const absl::StatusOr<Value> expanded = envsubst::ExpandManifest(
      resource, In{variables}, {.strict = recorded["strict"].bool_or(false)});
  if (!expanded.ok()) return Annotate(expanded.status(), "envsubst error");
  return value::FormatYaml(*expanded);
}

std::vector<Mismatch> RunResource(const Value& recorded) {
  const absl::StatusOr<std::string> actual = SubstituteResource(recorded);
  const absl::string_view field = recorded.Has("error") ? "error" : "expected";
  const std::string printed(actual.ok() ? *actual : actual.status().message());
  if (actual.ok() == recorded.Has("expected") && printed == recorded[field].str()) return {};
  return {{std::string(field), std::string(recorded[field].str()), printed}};
}

}  // namespace

absl::Status RunEnvsubst(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value texts, LoadCases(path));
  for (const Value& recorded : texts.items()) {
    report.Add(recorded["id"].str(), RunText(recorded));
  }
  if (!std::filesystem::is_directory(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Value resources, LoadCases(path / "resources.json"));
  for (const Value& recorded : resources.items()) {
    report.Add(recorded["id"].str(), RunResource(recorded));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
