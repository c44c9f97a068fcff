// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/metadata.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::kustomize {
namespace {

bool KeepsItsName(const Gvk& gvk) {
  return gvk.kind == "CustomResourceDefinition" || gvk.kind == "Namespace" ||
         (gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io");
}

bool IsRoleBinding(absl::string_view kind) {
  return kind == "RoleBinding" || kind == "ClusterRoleBinding";
}

class NamespaceSetter {
 public:
  NamespaceSetter(NodeArena& arena, const NamespaceChange& change)
      : arena_(arena), change_(change) {}

  absl::Status Set(Node* node) const {
    if (change_.unset_only && node != nullptr && node->is_scalar() && !TextOf(node).empty()) {
      return absl::OkStatus();
    }
    return SetScalar(node, arena_.String(change_.namespace_name));
  }

  absl::Status Subjects(Node* root) const {
    Node* subjects = FieldOf(root, "subjects");
    if (IsMissingOrNull(subjects) || change_.subjects == SubjectMode::kNone) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(ExpectKind(subjects, Node::Kind::kList));
    const bool all_accounts = change_.subjects == SubjectMode::kAllServiceAccounts;
    for (Node* subject : subjects->content) {
      RETURN_IF_ERROR(ExpectKind(subject, Node::Kind::kMap));
      const absl::string_view deciding = TextOf(FieldOf(subject, all_accounts ? "kind" : "name"));
      if (deciding != (all_accounts ? "ServiceAccount" : "default")) continue;
      Node* field = FieldOf(subject, "namespace");
      if (field == nullptr) {
        field = arena_.Scalar("");
        AppendField(arena_, subject, "namespace", field);
      }
      RETURN_IF_ERROR(Set(field));
    }
    return absl::OkStatus();
  }

 private:
  NodeArena& arena_;
  const NamespaceChange& change_;
};

}  // namespace

absl::Status SetTexts(ResMap& map, const StringMap& texts, const FieldSpecs& specs) {
  NodeArena& arena = map.state().arena();
  const Creation creation{Node::Kind::kMap, Node::Tag::kMap};
  // The reference's own notes are annotations: where it made some, the map is there.
  FieldSpecs with_notes = specs;
  for (FieldSpec& spec : with_notes) spec.create |= spec.path == "metadata/annotations";
  for (Resource* resource : map.resources()) {
    const FieldSpecs& fitting = resource->has_notes() ? with_notes : specs;
    for (const StringMap::value_type& entry : texts) {
      // One node for all fields of an object, as in the reference: a later replacement in one of
      // them shows in the others.
      Node* value = arena.String(entry.second);
      for (const FieldSpec& spec : fitting) {
        RETURN_IF_ERROR(VisitField(arena, resource->root, spec, creation, [&](Node* node) {
          return SetField(arena, node, entry.first, value);
        }));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status AddAffix(ResMap& map, Affix affix, const std::string& text, const FieldSpecs& specs) {
  BuildState& state = map.state();
  NodeArena& arena = state.arena();
  const Creation creation{Node::Kind::kScalar, Node::Tag::kString};
  for (Resource* resource : map.resources()) {
    const ResourceId original = state.OriginalId(*resource);
    if (KeepsItsName(original.gvk)) continue;
    for (const FieldSpec& spec : specs) {
      if (!original.gvk.IsSelected(spec.gvk())) continue;
      if (spec.path == "metadata/name" && !text.empty()) {
        (affix == Affix::kPrefix ? resource->prefixes : resource->suffixes)
            .push_back(arena.Keep(text));
        state.RememberId(*resource);
      }
      RETURN_IF_ERROR(VisitField(arena, resource->root, spec, creation, [&](Node* node) {
        return SetScalar(node,
                         arena.Scalar(affix == Affix::kPrefix ? absl::StrCat(text, node->text)
                                                              : absl::StrCat(node->text, text)));
      }));
    }
  }
  map.IdsChanged();
  return absl::OkStatus();
}

absl::StatusOr<SubjectMode> ParseSubjectMode(absl::string_view text) {
  if (text.empty() || text == "defaultOnly") return SubjectMode::kDefaultOnly;
  if (text == "allServiceAccounts") return SubjectMode::kAllServiceAccounts;
  if (text == "none") return SubjectMode::kNone;
  return absl::InvalidArgumentError(
      absl::StrCat("invalid value \"", text,
                   "\" for setRoleBindingSubjects: must be one of "
                   "\"defaultOnly\", \"none\" or \"allServiceAccounts\""));
}

absl::Status ChangeNamespaceFields(BuildState& state, Node* root, const NamespaceChange& change) {
  NodeArena& arena = state.arena();
  const NamespaceSetter setter(arena, change);
  Resource resource;
  resource.root = root;
  const ResourceId id = state.CurrentId(resource);
  if (!id.cluster_scoped) {
    static const FieldSpec* const kNamespace =
        new FieldSpec("", "", "", "metadata/namespace", true);
    RETURN_IF_ERROR(VisitField(arena, root, *kNamespace,
                               Creation{Node::Kind::kScalar, Node::Tag::kNone},
                               [&](Node* node) { return setter.Set(node); }));
  }
  const bool role_binding = IsRoleBinding(id.gvk.kind);
  if (role_binding) RETURN_IF_ERROR(setter.Subjects(root));
  for (const FieldSpec& spec : change.specs) {
    if (spec.path == "metadata/namespace") continue;
    if (spec.path == "metadata/name" && resource.api_version() != "v1") continue;
    if (role_binding && IsRoleBinding(spec.kind) && spec.path == "subjects/namespace") continue;
    const absl::Status status =
        VisitField(arena, root, spec, Creation{Node::Kind::kScalar, Node::Tag::kString},
                   [&](Node* node) { return setter.Set(node); });
    if (!status.ok()) return Annotate(status, "namespace transformation failed");
  }
  return absl::OkStatus();
}

absl::Status ChangeNamespace(ResMap& map, const NamespaceChange& change) {
  if (change.namespace_name.empty()) return absl::OkStatus();
  BuildState& state = map.state();
  for (Resource* resource : map.resources()) {
    if (resource->deleted() || resource->of_chart) continue;
    const ResourceId before = state.CurrentId(*resource);
    map.CountById(before);  // builds the index while all ids are as they were
    state.RememberId(*resource);
    RETURN_IF_ERROR(ChangeNamespaceFields(state, resource->root, change));
    map.IdChanged(resource, before);
    const ResourceId id = state.CurrentId(*resource);
    if (map.CountById(id) != 1) {
      return absl::AlreadyExistsError(
          absl::StrCat("namespace transformation produces ID conflict: two resources would be ",
                       id.ToString(), ", one of them was ", before.ToString()));
    }
  }
  // Remembered ids are not in the index yet.
  map.IdsChanged();
  return absl::OkStatus();
}

absl::StatusOr<FieldSpecs> LabelFields(const Label& label, const TransformerConfig& config) {
  FieldSpecs specs = label.fields;
  absl::Status status = MergeFieldSpecs(specs, config.labels);
  if (status.ok() && label.include_selectors) {
    status = MergeFieldSpecs(specs, config.common_labels);
  } else if (status.ok()) {
    if (label.include_templates) status = MergeFieldSpecs(specs, config.template_labels);
    if (status.ok()) {
      status = MergeFieldSpecs(specs, {FieldSpec("", "", "", "metadata/labels", true)});
    }
  }
  if (!status.ok()) return Annotate(status, "failed to merge labels");
  return specs;
}

}  // namespace sluice::kustomize
