// SPDX-License-Identifier: Apache-2.0
#include "common/helm/post_render.h"

#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/helm/manifests.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_resources.h"

namespace sluice::helm {
namespace {

using value::YamlNode;
using value::YamlResource;

constexpr char kFileName[] = "postrenderer.helm.sh/postrender-filename";

std::unique_ptr<YamlNode> TextNode(absl::string_view text) {
  auto node = std::make_unique<YamlNode>();
  node->tag = "!!str";
  node->value = std::string(text);
  return node;
}

// The mapping at `key`, made if there is none.
YamlNode& EnsureMapping(YamlNode& parent, absl::string_view key) {
  YamlNode* found = parent.Find(key);
  if (found == nullptr) {
    parent.content.push_back(TextNode(key));
    parent.content.push_back(std::make_unique<YamlNode>());
    found = parent.content.back().get();
  }
  if (found->kind != YamlNode::Kind::kMapping) {
    *found = YamlNode();
    found->kind = YamlNode::Kind::kMapping;
    found->tag = "!!map";
  }
  return *found;
}

YamlNode& RootOf(YamlResource& resource) {
  YamlNode& node = *resource.node;
  return node.kind == YamlNode::Kind::kDocument ? *node.content[0] : node;
}

void SetFileName(YamlResource& resource, const std::string& path) {
  YamlNode& annotations = EnsureMapping(EnsureMapping(RootOf(resource), "metadata"), "annotations");
  if (YamlNode* const held = annotations.Find(kFileName)) {
    *held = std::move(*TextNode(path));
    return;
  }
  annotations.content.push_back(TextNode(kFileName));
  annotations.content.push_back(TextNode(path));
}

// The name that SetFileName() left, taken out; "" if there is none.
std::string TakeFileName(YamlResource& resource) {
  YamlNode* const metadata = RootOf(resource).Find("metadata");
  YamlNode* const annotations = metadata == nullptr ? nullptr : metadata->Find("annotations");
  if (annotations == nullptr) return "";
  auto& content = annotations->content;
  for (size_t i = 0; i + 1 < content.size(); i += 2) {
    if (content[i]->value != kFileName) continue;
    std::string name = content[i + 1]->value;
    content.erase(content.begin() + static_cast<ptrdiff_t>(i),
                  content.begin() + static_cast<ptrdiff_t>(i) + 2);
    return name;
  }
  return "";
}

absl::StatusOr<std::string> Merge(const RenderedFiles& files) {
  std::vector<YamlResource> merged;
  for (const auto& [path, text] : files) {
    if (absl::StartsWith(fs::BaseName(path), "_")) continue;
    for (const std::string& document : SplitManifests(text, Dialect::kHelm4)) {
      absl::StatusOr<std::vector<YamlResource>> resources = value::ReadYamlResources(document);
      if (!resources.ok()) return Annotate(resources.status(), absl::StrCat("parsing ", path));
      for (YamlResource& resource : *resources) {
        SetFileName(resource, path);
        merged.push_back(std::move(resource));
      }
    }
  }
  return value::WriteYamlResources(std::move(merged));
}

absl::StatusOr<RenderedFiles> Split(absl::string_view stream, absl::string_view group) {
  absl::StatusOr<std::vector<YamlResource>> resources = value::ReadYamlResources(stream);
  if (!resources.ok()) return Annotate(resources.status(), "error parsing YAML");
  std::map<std::string, std::vector<YamlResource>> by_file;
  for (size_t i = 0; i < resources->size(); ++i) {
    std::string name = TakeFileName((*resources)[i]);
    if (name.empty()) {
      name = absl::StrCat("generated-by-postrender-", group, group.empty() ? "" : "-", i, ".yaml");
    }
    by_file[name].push_back(std::move((*resources)[i]));
  }
  RenderedFiles files;
  for (auto& [name, group_resources] : by_file) {
    files[name] = value::WriteYamlResources(std::move(group_resources));
  }
  return files;
}

void AddTo(RenderedFiles& files, const std::string& path, const std::string& text) {
  const auto [file, added] = files.try_emplace(path, text);
  if (!added) absl::StrAppend(&file->second, "\n---\n", text);
}

absl::StatusOr<RenderedFiles> RunOn(const RenderedFiles& files, absl::string_view group,
                                    const ReleaseOptions& options) {
  absl::StatusOr<std::string> merged = Merge(files);
  if (!merged.ok()) {
    return Annotate(merged.status(),
                    absl::StrCat("error merging ", group.empty() ? "manifests" : group));
  }
  absl::StatusOr<std::string> changed = options.post_render(*merged);
  if (!changed.ok()) {
    return Annotate(changed.status(), absl::StrCat("error while running post render on ",
                                                   group.empty() ? "files" : group));
  }
  absl::StatusOr<RenderedFiles> split = Split(*changed, group);
  if (!split.ok()) {
    return Annotate(split.status(),
                    absl::StrCat("error while parsing post rendered output",
                                 group.empty() ? "" : absl::StrCat(" for ", group)));
  }
  return split;
}

}  // namespace

absl::StatusOr<RenderedFiles> PostRender(RenderedFiles files, const ReleaseOptions& options) {
  if (options.post_render_strategy == PostRenderStrategy::kCombined) {
    return RunOn(files, "", options);
  }
  ASSIGN_OR_RETURN(const SortedManifests sorted, SortManifests(files, Dialect::kHelm4));
  RenderedFiles hooks;
  for (const Hook& hook : sorted.hooks) AddTo(hooks, hook.path, hook.manifest);
  RenderedFiles manifests;
  for (const Manifest& manifest : sorted.manifests) {
    AddTo(manifests, manifest.path, manifest.content);
  }
  RenderedFiles result;
  if (options.post_render_strategy == PostRenderStrategy::kSeparate && !hooks.empty()) {
    ASSIGN_OR_RETURN(hooks, RunOn(hooks, "hooks", options));
  }
  if (!manifests.empty()) {
    ASSIGN_OR_RETURN(manifests, RunOn(manifests, "manifests", options));
  }
  for (const auto& [path, text] : hooks) AddTo(result, path, text);
  for (const auto& [path, text] : manifests) AddTo(result, path, text);
  return result;
}

}  // namespace sluice::helm
