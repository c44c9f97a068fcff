// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/output_files.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kustomize/resource_id.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

ResourceId IdOf(const Value& object) {
  ResourceId id;
  ParseApiVersion(object["apiVersion"].str(), id.gvk);
  id.gvk.kind = object["kind"].str();
  id.name = object["metadata"]["name"].str();
  id.namespace_name = object["metadata"]["namespace"].str();
  id.cluster_scoped = IsClusterScoped(id.gvk, nullptr);
  return id;
}

std::string FileName(const ResourceId& id, bool with_namespace) {
  std::vector<absl::string_view> parts;
  if (with_namespace && !id.cluster_scoped) parts.push_back(id.EffectiveNamespace());
  for (absl::string_view part : {id.gvk.group, id.gvk.version, id.gvk.kind, id.name}) {
    if (!part.empty()) parts.push_back(part);
  }
  return absl::StrCat(absl::AsciiStrToLower(absl::StrJoin(parts, "_")), ".yaml");
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> OutputFiles(const BuildResult& result) {
  std::set<absl::string_view> namespaces;
  for (const Value& object : result.resources) {
    const ResourceId id = IdOf(object);
    if (!id.cluster_scoped) namespaces.insert(id.EffectiveNamespace());
  }
  std::map<std::string, std::string> files;
  for (const Value& object : result.resources) {
    const ResourceId id = IdOf(object);
    const std::string name = FileName(id, namespaces.size() > 1);
    if (name.find('/') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat(id.ToString(),
                       " cannot be written to a file of its own: its name has a '/'; "
                       "write all objects to one file"));
    }
    if (!files.emplace(name, value::FormatYaml(object)).second) {
      return absl::AlreadyExistsError(absl::StrCat(id.ToString(),
                                                   " and another object would both be written to ",
                                                   name, "; write all objects to one file"));
    }
  }
  return files;
}

}  // namespace sluice::kustomize
