// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/replacements.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_path.h"
#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/node_write.h"
#include "common/kustomize/selector.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kDefaultPath = "metadata.name";

// The present id and the previous ones, none of them known to be cluster-wide.
std::vector<ResourceId> IdsOf(const BuildState& state, const Resource& resource) {
  std::vector<ResourceId> ids = {state.CurrentId(resource)};
  ids[0].cluster_scoped = false;
  for (size_t i = 0; i < resource.previous.size(); ++i) {
    ids.push_back(state.PreviousIdAt(resource, i));
  }
  return ids;
}

bool IsSource(const ResourceId& id, const Selector& wanted) {
  ResourceId named;
  named.namespace_name = wanted.namespace_name;
  return (wanted.name.empty() || wanted.name == id.name) &&
         (wanted.namespace_name.empty() || named.EffectiveNamespace() == id.EffectiveNamespace()) &&
         id.gvk.IsSelected({wanted.group, wanted.version, wanted.kind});
}

absl::StatusOr<Resource*> FindSource(const ResMap& map, const ReplacementSource& source) {
  Resource* found = nullptr;
  for (Resource* resource : map.resources()) {
    const std::vector<ResourceId> ids = IdsOf(map.state(), *resource);
    if (std::none_of(ids.begin(), ids.end(),
                     [&](const ResourceId& id) { return IsSource(id, source.id); })) {
      continue;
    }
    if (found != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("multiple matches for selector ", source.ToString()));
    }
    found = resource;
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("nothing selected by ", source.ToString()));
  }
  return found;
}

absl::StatusOr<Node*> ReadSource(ResMap& map, ReplacementSource source) {
  NodeArena& arena = map.state().arena();
  ASSIGN_OR_RETURN(const Resource* const resource, FindSource(map, source));
  if (source.field_path.empty()) source.field_path = std::string(kDefaultPath);
  const absl::StatusOr<Node*> node = Lookup(resource->root, SplitFieldPath(source.field_path));
  if (!node.ok()) return Annotate(node.status(), "error looking up replacement source");
  if (IsNilOrEmpty(*node)) {
    ReplacementSource named = source;
    named.field_path.clear();
    named.options = {};
    return absl::NotFoundError(absl::StrCat("fieldPath `", source.field_path,
                                            "` is missing for replacement source ",
                                            named.ToString()));
  }
  if (source.options.delimiter.empty()) return *node;
  if (!(*node)->is_scalar()) {
    return absl::InvalidArgumentError("delimiter option can only be used with scalar nodes");
  }
  const std::vector<absl::string_view> parts =
      absl::StrSplit((*node)->text, source.options.delimiter);
  if (source.options.index < 0 || source.options.index >= static_cast<int64_t>(parts.size())) {
    return absl::InvalidArgumentError(absl::StrCat("options.index ", source.options.index,
                                                   " is out of bounds for value ", (*node)->text));
  }
  Node* part = arena.Copy(*node);
  part->text = parts[static_cast<size_t>(source.options.index)];
  return part;
}

absl::Status SetTarget(NodeArena& arena, const FieldOptions& options, Node* target,
                       const Node* source) {
  if (arena.full()) return arena.TooLarge();
  Node* value = arena.Copy(source);
  if (!options.delimiter.empty()) {
    if (!target->is_scalar()) {
      return absl::InvalidArgumentError("delimiter option can only be used with scalar nodes");
    }
    std::vector<absl::string_view> parts = absl::StrSplit(target->text, options.delimiter);
    const absl::string_view text = TextOf(value);
    if (options.index < 0) {
      parts.insert(parts.begin(), text);
    } else if (options.index >= static_cast<int64_t>(parts.size())) {
      parts.push_back(text);
    } else {
      parts[static_cast<size_t>(options.index)] = text;
    }
    value->text = arena.Keep(absl::StrJoin(parts, options.delimiter));
  }
  if (target->is_scalar()) {
    // Only the text: the target stays a string or number, as it was.
    target->text = value->text;
  } else {
    *target = *value;
  }
  return absl::OkStatus();
}

// The text of an edited document inside a field, in the form the old text had.
absl::StatusOr<std::string> WriteBack(const Node* document, absl::string_view old) {
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(old);
  if (absl::StartsWith(start, "{") || absl::StartsWith(start, "[")) {
    ASSIGN_OR_RETURN(const Value value, ToValue(document));
    const bool pretty = absl::StrContains(old, "\n") && absl::StrContains(old, "  ");
    return value::FormatJson(value, {.indent = pretty ? 2 : 0});
  }
  ASSIGN_OR_RETURN(const std::string text, WriteYaml(document));
  return std::string(absl::StripAsciiWhitespace(text));
}

// A path that leads into a string which holds a document. kNotFound if this is no such path, or
// nothing is at its end; then it is to be tried as an ordinary one.
absl::Status SetInsideText(NodeArena& arena, Node* root, const Node* value, const Path& path,
                           Node::Kind create) {
  for (size_t length = 1; length < path.size(); ++length) {
    const std::span<const std::string> outer(path.data(), length);
    const absl::StatusOr<Node*> field = Lookup(root, outer);
    if (!field.ok() || *field == nullptr || !(*field)->is_scalar()) continue;
    const absl::StatusOr<Node*> document = ReadNodeWithComments(arena, (*field)->text);
    if (!document.ok()) continue;
    const std::span<const std::string> inner(path.data() + length, path.size() - length);
    ASSIGN_OR_RETURN(const std::vector<Node*> targets, Match(arena, *document, inner, create));
    if (*document == nullptr || targets.empty()) {
      return absl::NotFoundError("unable to find field in structured data");
    }
    for (Node* target : targets) {
      if (target->is_scalar()) {
        target->text = value->text;
      } else {
        *target = *value;
      }
    }
    ASSIGN_OR_RETURN(const std::string text, WriteBack(*document, (*field)->text));
    (*field)->text = arena.Keep(text);
    return absl::OkStatus();
  }
  return absl::NotFoundError("no structured data found in path");
}

absl::Status CopyToTarget(NodeArena& arena, Node* root, const Node* value,
                          const ReplacementTarget& target) {
  std::vector<std::string> paths = target.field_paths;
  if (paths.empty()) paths.emplace_back(kDefaultPath);
  for (const std::string& text : paths) {
    const Node::Kind create = target.options.create ? value->kind : Node::Kind::kNone;
    const Path path = SplitFieldPath(text);
    if (SetInsideText(arena, root, value, path, create).ok()) continue;
    const std::string failure = absl::StrCat(
        target.options.create ? "unable to find or create field \"" : "unable to find field \"",
        text, "\" in replacement target");
    const absl::StatusOr<std::vector<Node*>> fields = Match(arena, root, path, create);
    if (!fields.ok()) return Annotate(fields.status(), failure);
    if (fields->empty()) {
      return absl::NotFoundError(
          absl::StrCat(failure, target.options.create ? "" : "; options.create: true makes it"));
    }
    for (Node* field : *fields) {
      RETURN_IF_ERROR(SetTarget(arena, target.options, field, value));
    }
  }
  return absl::OkStatus();
}

bool Selects(const CompiledSelector& selector, const ResourceId& id) {
  return selector.MatchesGvk(id.gvk) && selector.MatchesName(id.name) &&
         selector.MatchesNamespace(id.namespace_name);
}

class TargetMatcher {
 public:
  static absl::StatusOr<TargetMatcher> Compile(const ReplacementTarget& target) {
    TargetMatcher matcher;
    const absl::StatusOr<CompiledSelector> select = CompiledSelector::Compile(*target.select);
    if (!select.ok()) return Annotate(select.status(), "error creating target selector");
    matcher.select_ = *select;
    for (const Selector& reject : target.reject) {
      const absl::StatusOr<CompiledSelector> compiled = CompiledSelector::Compile(reject);
      if (!compiled.ok()) return Annotate(compiled.status(), "error creating target selector");
      matcher.rejects_.push_back({*compiled, reject.HasId()});
    }
    return matcher;
  }

  bool Matches(const BuildState& state, const Resource& resource) const {
    if (!select_.MatchesLabels(resource.root)) return false;
    const std::vector<ResourceId> ids = IdsOf(state, resource);
    for (const Reject& reject : rejects_) {
      // A rejection's labels and its id count each for itself.
      if (reject.selector.has_label_selectors() && reject.selector.MatchesLabels(resource.root)) {
        return false;
      }
      if (reject.has_id && std::any_of(ids.begin(), ids.end(), [&](const ResourceId& id) {
            return Selects(reject.selector, id);
          })) {
        return false;
      }
    }
    return std::any_of(ids.begin(), ids.end(),
                       [&](const ResourceId& id) { return Selects(select_, id); });
  }

 private:
  struct Reject {
    CompiledSelector selector;
    bool has_id = false;
  };
  CompiledSelector select_;
  std::vector<Reject> rejects_;
};

absl::Status ReplaceOne(ResMap& map, const Replacement& replacement) {
  NodeArena& arena = map.state().arena();
  const bool has_source = replacement.source.has_value() || replacement.source_value.has_value();
  if (!has_source || !replacement.has_targets) {
    return absl::InvalidArgumentError("replacements must specify a source and at least one target");
  }
  if (replacement.source.has_value() && replacement.source_value.has_value()) {
    return absl::InvalidArgumentError("value and resource selectors are mutually exclusive");
  }
  Node* value = nullptr;
  if (replacement.source_value.has_value()) {
    value = arena.Scalar(*replacement.source_value);
  } else {
    ASSIGN_OR_RETURN(value, ReadSource(map, *replacement.source));
  }
  for (const ReplacementTarget& target : replacement.targets) {
    if (!target.select.has_value()) {
      return absl::InvalidArgumentError("target must specify resources to select");
    }
    ASSIGN_OR_RETURN(const TargetMatcher matcher, TargetMatcher::Compile(target));
    for (Resource* resource : map.resources()) {
      if (matcher.Matches(map.state(), *resource)) {
        RETURN_IF_ERROR(CopyToTarget(arena, resource->root, value, target));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Replacement>> LoadReplacements(
    const FileLoader& loader, const std::vector<Replacement>& replacements) {
  std::vector<Replacement> loaded;
  for (const Replacement& replacement : replacements) {
    if (replacement.path.empty()) {
      loaded.push_back(replacement);
      continue;
    }
    if (replacement.source.has_value() || !replacement.targets.empty()) {
      return absl::InvalidArgumentError("cannot specify both path and inline replacement");
    }
    ASSIGN_OR_RETURN(const std::string text, loader.Load(replacement.path));
    const absl::StatusOr<Value> document = value::ParseYaml(text);
    if (!document.ok()) return Annotate(document.status(), replacement.path);
    const std::span<const Value> items =
        document->is_array() ? document->items() : std::span<const Value>(&*document, 1);
    if (!document->is_array() && !document->is_object()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unsupported replacement type encountered within replacement path: ", replacement.path));
    }
    for (const Value& item : items) {
      ASSIGN_OR_RETURN(Replacement one,
                       DecodeReplacement(item, replacement.path, Decoding::kPlugin));
      one.path.clear();
      loaded.push_back(std::move(one));
    }
  }
  return loaded;
}

absl::Status Replace(ResMap& map, const std::vector<Replacement>& replacements) {
  for (const Replacement& replacement : replacements) {
    RETURN_IF_ERROR(ReplaceOne(map, replacement));
  }
  map.DropDeleted();
  map.IdsChanged();
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
