// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/value_add.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/node_path.h"
#include "common/kustomize/transformers/metadata.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

absl::Status DecodeTargets(const Value& list, std::vector<ValueAddTarget>& targets) {
  return DecodeObjects(
      list, "targets", targets, [](const Value& item, ValueAddTarget& target) -> absl::Status {
        Decoder decoder(item, "Target.targets", Decoding::kPlugin);
        decoder.Any("selector", [&](const Value& selector) -> absl::Status {
          ASSIGN_OR_RETURN(target.selector, DecodeSelector(selector, "Selector.targets.selector",
                                                           Decoding::kPlugin));
          return absl::OkStatus();
        });
        decoder.String("fieldPath", target.field_path);
        decoder.Int("filePathPosition", target.position);
        return decoder.Finish();
      });
}

std::string BaseName(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

absl::Status AddValue(BuildState& state, Resource& resource, const ValueAddTarget& target,
                      const std::string& value) {
  NodeArena& arena = state.arena();
  if (target.field_path == "metadata/namespace") {
    NamespaceChange change;
    change.namespace_name = value;
    return ChangeNamespaceFields(state, resource.root, change);
  }
  // Unlike the paths of field specs, these keep a leading empty part.
  const Path path = SplitPath(absl::StrCat("/", target.field_path), '/');
  ASSIGN_OR_RETURN(Node * node, LookupCreate(arena, resource.root, path, Node::Kind::kScalar));
  if (node == nullptr) return absl::OkStatus();
  const std::string text =
      target.position > 0 ? InsertPathPart(node->text, target.position - 1, value) : value;
  return SetScalar(node, arena.Scalar(text));
}

}  // namespace

std::string InsertPathPart(absl::string_view path, int64_t position, absl::string_view part) {
  if (part.empty()) return std::string(path);
  const bool absolute = absl::StartsWith(path, "/");
  std::vector<absl::string_view> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  const auto at = std::min(static_cast<size_t>(std::max<int64_t>(position, 0)), parts.size());
  parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(at), part);
  return absl::StrCat(absolute ? "/" : "", absl::StrJoin(parts, "/"));
}

absl::StatusOr<ValueAddTransformer> ValueAddTransformer::Load(const FileLoader& loader,
                                                              const Value& config) {
  ValueAddTransformer result;
  std::string file;
  Decoder decoder(config, "ValueAddTransformer", Decoding::kPlugin);
  decoder.String("value", result.value_);
  decoder.Any("targets", [&](const Value& list) { return DecodeTargets(list, result.targets_); });
  decoder.String("targetFilePath", file);
  RETURN_IF_ERROR(decoder.Finish());
  result.value_ = std::string(absl::StripAsciiWhitespace(result.value_));
  if (result.value_.empty()) result.value_ = BaseName(loader.DisplayRoot());
  if (!file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, loader.Load(file));
    ASSIGN_OR_RETURN(const Value document, value::ParseYaml(text));
    RETURN_IF_ERROR(DecodeTargets(document["targets"], result.targets_));
  }
  if (result.targets_.empty()) {
    return absl::InvalidArgumentError("must specify at least one target");
  }
  for (const ValueAddTarget& target : result.targets_) {
    if (target.field_path.empty()) {
      return absl::InvalidArgumentError("fieldPath cannot be empty");
    }
    if (target.position < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("value of FilePathPosition (", target.position, ") cannot be negative"));
    }
  }
  return result;
}

absl::Status ValueAddTransformer::Run(ResMap& map) const {
  for (const ValueAddTarget& target : targets_) {
    CompiledSelector selector;
    if (target.selector.has_value()) {
      ASSIGN_OR_RETURN(selector, CompiledSelector::Compile(*target.selector));
    }
    for (Resource* resource : map.resources()) {
      if (resource->deleted()) continue;
      if (target.selector.has_value() && !selector.Matches(map.state(), *resource)) continue;
      RETURN_IF_ERROR(AddValue(map.state(), *resource, target, value_));
    }
  }
  map.IdsChanged();
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
