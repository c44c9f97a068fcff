// The corpus "kustomize-generate": what Flux makes of a folder and a Kustomization object, from the
// generated kustomization to the objects it applies.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/envsubst/manifest.h"
#include "common/gitignore/rules.h"
#include "common/kustomize/build.h"
#include "common/kustomize/flux_generator.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/folder_tree.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

// How far a case got, and with what.
struct Outcome {
  std::string stage;  // the one that failed; "" if none did
  absl::Status error;
  kustomize::GeneratedKustomization generated;
  std::string yaml;
};

std::string FolderOf(const Value& object) {
  absl::string_view path = object["spec"]["path"].str();
  absl::ConsumePrefix(&path, "./");
  return std::string(absl::StripSuffix(path, "/"));
}

// The variables of spec.postBuild; those of cluster objects first.
absl::StatusOr<std::map<std::string, std::string>> Variables(const Value& post_build,
                                                             const std::vector<Value>& cluster) {
  std::map<std::string, std::string> variables;
  const auto set = [&variables](absl::string_view name, absl::string_view text) {
    variables[std::string(name)] = absl::StrReplaceAll(text, {{"\n", ""}});
  };
  for (const Value& reference : post_build["substituteFrom"].items()) {
    const auto found = std::find_if(cluster.begin(), cluster.end(), [&](const Value& object) {
      return object["kind"].str() == reference["kind"].str() &&
             object["metadata"]["name"].str() == reference["name"].str();
    });
    if (found == cluster.end()) {
      if (reference["optional"].bool_or(false)) continue;
      return absl::NotFoundError(absl::StrCat("substitute from ", reference["name"].str()));
    }
    for (const value::Member& member : (*found)["data"].members()) {
      std::string text(member.value.str());
      if ((*found)["kind"].str() == "Secret") absl::Base64Unescape(member.value.str(), &text);
      set(member.key, text);
    }
    for (const value::Member& member : (*found)["stringData"].members()) {
      set(member.key, member.value.str());
    }
  }
  for (const value::Member& member : post_build["substitute"].members()) {
    set(member.key, member.value.str());
  }
  for (const auto& [name, text] : variables) RETURN_IF_ERROR(envsubst::CheckName(name));
  return variables;
}

bool WantsNoSubstitution(const Value& object) {
  constexpr absl::string_view kKey = "kustomize.toolkit.fluxcd.io/substitute";
  const Value& metadata = object["metadata"];
  return metadata["labels"][kKey].str() == "disabled" ||
         metadata["annotations"][kKey].str() == "disabled";
}

absl::Status Substitute(const Value& spec, const std::vector<Value>& cluster, bool strict,
                        std::vector<Value>& resources) {
  const Value& post_build = spec["postBuild"];
  if (!post_build.is_object()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto variables, Variables(post_build, cluster));
  if (variables.empty() && post_build["substituteStrategy"].str() != "Always") {
    return absl::OkStatus();
  }
  const auto lookup = [&variables](absl::string_view name) -> const std::string* {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? nullptr : &it->second;
  };
  std::set<std::string> ids;
  for (Value& resource : resources) {
    if (!WantsNoSubstitution(resource)) {
      ASSIGN_OR_RETURN(resource, envsubst::ExpandManifest(resource, lookup, {.strict = strict}));
    }
    const Value& metadata = resource["metadata"];
    const std::string id =
        absl::StrCat(resource["apiVersion"].str(), "/", resource["kind"].str(), "/",
                     metadata["namespace"].str(), "/", metadata["name"].str());
    if (!ids.insert(id).second) return absl::AlreadyExistsError(absl::StrCat("twice: ", id));
  }
  return absl::OkStatus();
}

void AddCommonMetadata(const Value& spec, std::vector<Value>& resources) {
  for (Value& resource : resources) {
    for (absl::string_view field : {"labels", "annotations"}) {
      for (const value::Member& member : spec["commonMetadata"][field].members()) {
        resource.Ensure("metadata").Ensure(field).Set(member.key, member.value);
      }
    }
  }
}

absl::Status RunSteps(const fs::MemoryTree& tree, const Value& command, const Value& object,
                      const std::vector<Value>& cluster, Outcome& outcome) {
  kustomize::FluxGeneratorOptions options;
  options.tree_root = "<ROOT>";
  gitignore::Rules rules;
  if (command.Has("ignore")) {
    RETURN_IF_ERROR(rules.Add(gitignore::VersionControlRules()));
    ASSIGN_OR_RETURN(const gitignore::Rules files, gitignore::ReadIgnoreFiles(tree));
    RETURN_IF_ERROR(rules.Add(files));
    RETURN_IF_ERROR(rules.Add(command["ignore"].str(), FolderOf(object)));
    options.ignore = &rules;
  }
  outcome.stage = "generate";
  ASSIGN_OR_RETURN(outcome.generated,
                   kustomize::GenerateFluxKustomization(tree, FolderOf(object), object, options));
  outcome.stage = "build";
  ASSIGN_OR_RETURN(const std::shared_ptr<const fs::Tree> whole,
                   kustomize::WithKustomization(tree, outcome.generated));
  ASSIGN_OR_RETURN(
      kustomize::BuildResult built,
      kustomize::Build(*whole, FolderOf(object), kustomize::FluxBuildOptions(options)));
  for (const Value& resource : built.resources) {
    if (resource["apiVersion"].str().empty() || resource["kind"].str().empty() ||
        resource["metadata"]["name"].str().empty()) {
      return absl::InvalidArgumentError("failed to decode Kubernetes apiVersion, kind and name");
    }
  }
  outcome.stage = "substitute";
  RETURN_IF_ERROR(
      Substitute(object["spec"], cluster, command["strict"].bool_or(false), built.resources));
  AddCommonMetadata(object["spec"], built.resources);
  outcome.yaml = built.ToYaml();
  outcome.stage = "";
  return absl::OkStatus();
}

absl::Status RunCase(const std::filesystem::path& folder, std::vector<Mismatch>& mismatches) {
  ASSIGN_OR_RETURN(const std::string command_text, ReadFile(folder / "cmd.json"));
  ASSIGN_OR_RETURN(const Value command, value::ParseJson(command_text));
  ASSIGN_OR_RETURN(const std::string object_text, ReadFile(folder / "flux-kustomization.yaml"));
  ASSIGN_OR_RETURN(const Value object, value::ParseYaml(object_text));
  std::vector<Value> cluster;
  if (std::filesystem::exists(folder / "cluster.yaml")) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(folder / "cluster.yaml"));
    ASSIGN_OR_RETURN(std::vector<value::YamlDocument> documents, value::ParseYamlStream(text));
    for (value::YamlDocument& document : documents) cluster.push_back(std::move(document.value));
  }
  ASSIGN_OR_RETURN(const fs::MemoryTree tree, LoadFolder(folder / "input"));
  Outcome outcome;
  outcome.error = RunSteps(tree, command, object, cluster, outcome);

  const auto compare = [&](absl::string_view field, absl::string_view expected,
                           absl::string_view actual) {
    if (expected == actual) return;
    mismatches.push_back({std::string(field), std::string(expected), std::string(actual)});
  };
  const std::string error =
      outcome.error.ok() ? "" : absl::StrCat(" (", outcome.error.message(), ")");
  compare("failsAt", command["failsAt"].str(), outcome.stage);
  if (outcome.stage != command["failsAt"].str() && !error.empty()) {
    mismatches.push_back({"error", "", error});
  }
  if (std::filesystem::exists(folder / "expected-kustomization.yaml")) {
    ASSIGN_OR_RETURN(const std::string expected, ReadFile(folder / "expected-kustomization.yaml"));
    compare("kustomization", expected, outcome.generated.content);
    compare("kustomizationFile", command["kustomizationFile"].str(), outcome.generated.path);
    compare("action", command["action"].str(), outcome.generated.created ? "created" : "unchanged");
  }
  if (std::filesystem::exists(folder / "expected.yaml")) {
    ASSIGN_OR_RETURN(const std::string expected, ReadFile(folder / "expected.yaml"));
    compare("output", expected, outcome.yaml);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunKustomizeGenerate(const std::filesystem::path& path, Report& report) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (std::filesystem::exists(entry.path() / "cmd.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  for (const std::filesystem::path& folder : folders) {
    std::vector<Mismatch> mismatches;
    if (const absl::Status status = RunCase(folder, mismatches); !status.ok()) {
      mismatches.push_back({"case", "readable", std::string(status.message())});
    }
    report.Add(folder.filename().string(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
