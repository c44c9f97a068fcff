// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/name_references.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/node_value.h"

namespace sluice::kustomize {
namespace {

using Resources = std::vector<Resource*>;

// Whether one list ends with the other; an empty one only equals an empty one.
bool SameEnding(const std::vector<absl::string_view>& a, const std::vector<absl::string_view>& b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty();
  const size_t common = std::min(a.size(), b.size());
  return std::equal(a.end() - static_cast<std::ptrdiff_t>(common), a.end(),
                    b.end() - static_cast<std::ptrdiff_t>(common));
}

bool SameAffixes(const Resource& a, const Resource& b, bool allow_empty) {
  const auto same = [allow_empty](const auto& x, const auto& y) {
    return (allow_empty && (x.empty() || y.empty())) || SameEnding(x, y);
  };
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

template <typename Keep>
void Sieve(Resources& candidates, Keep keep) {
  std::erase_if(candidates, [&keep](const Resource* candidate) { return !keep(*candidate); });
}

// Everything that had another name before, by each name it had.
class RenamedIndex {
 public:
  explicit RenamedIndex(const ResMap& map) {
    for (Resource* resource : map.resources()) {
      for (const PreviousId& previous : resource->previous) {
        Resources& row = by_name_[previous.name];
        if (row.empty() || row.back() != resource) row.push_back(resource);
      }
    }
  }
  bool empty() const { return by_name_.empty(); }
  const Resources& Called(absl::string_view name) const {
    static const Resources* const kNone = new Resources;
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? *kNone : it->second;
  }

 private:
  absl::flat_hash_map<absl::string_view, Resources> by_name_;
};

// The fixing of one field of one object.
class Referrer {
 public:
  Referrer(ResMap& map, const RenamedIndex& renamed, const Resource& referrer,
           const absl::flat_hash_set<std::string>& account_namespaces)
      : map_(map),
        state_(map.state()),
        renamed_(renamed),
        referrer_(referrer),
        id_(state_.CurrentId(referrer)),
        account_namespaces_(account_namespaces) {}

  absl::Status Fix(const FieldSpec& spec, const Gvk& target) {
    target_ = target;
    is_role_ref_ = absl::EndsWith(spec.path, "roleRef/name");
    const absl::Status status = VisitPath(state_.arena(), referrer_.root, spec, Creation{},
                                          [this](Node* node) { return Set(node); });
    if (status.ok()) return status;
    return Annotate(status, absl::StrCat("updating name reference in '", spec.path, "' field of '",
                                         id_.ToString(), "'"));
  }

 private:
  absl::Status Set(Node* node) {
    if (IsMissingOrNull(node)) return absl::OkStatus();
    if (node->is_scalar()) return SetName(node);
    if (node->is_map()) return SetNameAndNamespace(node);
    for (Node* item : node->content) {
      if (IsMissingOrNull(item)) continue;
      if (item->is_list()) {
        return absl::InvalidArgumentError("expected to be either a string or a map of string");
      }
      RETURN_IF_ERROR(item->is_scalar() ? SetName(item) : SetNameAndNamespace(item));
    }
    return absl::OkStatus();
  }

  absl::Status SetName(Node* node) {
    ASSIGN_OR_RETURN(const Resource* const referral,
                     Select(node->text, nullptr, /*with_namespace=*/false));
    if (referral == nullptr || referral->name() == node->text) return absl::OkStatus();
    return SetScalar(node, state_.arena().Scalar(referral->name()));
  }

  absl::Status SetNameAndNamespace(Node* map) {
    const Node* name = FieldOf(map, "name");
    if (name == nullptr) {
      return absl::InvalidArgumentError("path config error; no 'name' field in node");
    }
    const absl::string_view old = name->text;
    const Node* namespace_node = FieldOf(map, "namespace");
    ASSIGN_OR_RETURN(const Resource* const referral,
                     Select(old, namespace_node, /*with_namespace=*/true));
    if (referral == nullptr) return absl::OkStatus();
    const absl::string_view namespace_name = referral->namespace_name();
    if (referral->name() == old && namespace_name.empty()) return absl::OkStatus();
    NodeArena& arena = state_.arena();
    RETURN_IF_ERROR(SetField(arena, map, "name", arena.Scalar(referral->name())));
    if (namespace_name.empty()) return absl::OkStatus();
    return SetField(arena, map, "namespace", arena.Scalar(namespace_name));
  }

  // What the referrer may refer to at all.
  bool IsInReach(const Resource& candidate) const {
    if (id_.cluster_scoped) return true;
    const ResourceId id = state_.CurrentId(candidate);
    return id.cluster_scoped || id.EffectiveNamespace() == id_.EffectiveNamespace() ||
           account_namespaces_.contains(candidate.namespace_name());
  }

  bool HadKind(const Resource& candidate, const Gvk& wanted) const {
    for (size_t i = 0; i < candidate.previous.size(); ++i) {
      if (state_.PreviousIdAt(candidate, i).gvk.IsSelected(wanted)) return true;
    }
    return false;
  }

  bool SharesNamespace(const Resource& candidate) const {
    if (id_.cluster_scoped) return true;
    const ResourceId id = state_.CurrentId(candidate);
    // Bindings in one namespace may speak of accounts in another.
    return id.cluster_scoped || id.gvk.kind == "ServiceAccount" ||
           id.EffectiveNamespace() == id_.EffectiveNamespace();
  }

  // Narrows to the namespace that a map names: the one objects came from, or, if there is none that
  // came from there, the one they are in.
  void SieveByNamespace(Resources& candidates, const Node* namespace_node) const {
    if (namespace_node == nullptr) return;
    const absl::string_view wanted = namespace_node->text;
    const auto came_from_there = [&](const Resource& candidate) {
      return wanted != kNoNamespace && state_.OriginalId(candidate).EffectiveNamespace() == wanted;
    };
    const auto is_there = [&](const Resource& candidate) {
      return wanted != kNoNamespace && state_.CurrentId(candidate).EffectiveNamespace() == wanted;
    };
    const auto any = [](const Resources& list, const auto& fits) {
      return std::any_of(list.begin(), list.end(),
                         [&fits](const Resource* resource) { return fits(*resource); });
    };
    // Whether anything at all came from there matters only if no candidate did.
    const bool by_origin = any(candidates, came_from_there) || !any(candidates, is_there) ||
                           any(map_.resources(), [&](const Resource& resource) {
                             return IsInReach(resource) && came_from_there(resource);
                           });
    if (by_origin) {
      Sieve(candidates, came_from_there);
    } else {
      Sieve(candidates, is_there);
    }
  }

  void SieveByRoleRef(Resources& candidates) const {
    if (!is_role_ref_) return;
    const Node* role = FieldOf(referrer_.root, "roleRef");
    const Node* group = FieldOf(role, "apiGroup");
    const Node* kind = FieldOf(role, "kind");
    if (group == nullptr || kind == nullptr) return;
    const Gvk wanted{group->text, absl::string_view(), kind->text};
    Sieve(candidates, [&](const Resource& candidate) { return HadKind(candidate, wanted); });
  }

  // The object that is meant by `name`, or null.
  absl::StatusOr<Resource*> Select(absl::string_view name, const Node* namespace_node,
                                   bool with_namespace) {
    const Resources& called = renamed_.Called(name);
    if (called.empty()) return nullptr;
    Resources candidates = called;
    Sieve(candidates, [this](const Resource& candidate) {
      return HadKind(candidate, target_) && IsInReach(candidate);
    });
    if (candidates.empty()) return nullptr;
    if (with_namespace) SieveByNamespace(candidates, namespace_node);
    SieveByRoleRef(candidates);
    Sieve(candidates, [this](const Resource& candidate) { return SharesNamespace(candidate); });
    if (candidates.size() == 1) return candidates[0];
    for (const bool allow_empty : {true, false}) {
      if (!allow_empty && candidates.size() <= 1) break;
      Sieve(candidates, [&](const Resource& candidate) {
        return SameAffixes(candidate, referrer_, allow_empty);
      });
    }
    if (candidates.empty()) return nullptr;
    const bool identical =
        std::all_of(candidates.begin(), candidates.end(), [&](const Resource* candidate) {
          return candidate->name() == candidates[0]->name() &&
                 (!with_namespace ||
                  candidate->namespace_name() == candidates[0]->namespace_name());
        });
    if (identical) return candidates[0];
    return absl::InvalidArgumentError(
        absl::StrCat("found multiple possible referrals: ",
                     absl::StrJoin(candidates, ", ",
                                   [this](std::string* out, const Resource* candidate) {
                                     absl::StrAppend(out, state_.CurrentId(*candidate).ToString());
                                   }),
                     " for the name '", name, "' in ", id_.ToString()));
  }

  ResMap& map_;
  BuildState& state_;
  const RenamedIndex& renamed_;
  const Resource& referrer_;
  const ResourceId id_;
  const absl::flat_hash_set<std::string>& account_namespaces_;
  Gvk target_;
  bool is_role_ref_ = false;
};

// The namespaces of the accounts that a RoleBinding names.
absl::StatusOr<absl::flat_hash_set<std::string>> AccountNamespaces(const BuildState& state,
                                                                   const Resource& resource) {
  absl::flat_hash_set<std::string> namespaces;
  if (resource.kind() != "RoleBinding") return namespaces;
  const Node* subjects = FieldOf(resource.root, "subjects");
  if (subjects == nullptr || !subjects->is_list()) return namespaces;
  for (const Node* subject : subjects->content) {
    const Node* namespace_node = FieldOf(subject, "namespace");
    if (namespace_node == nullptr || TextOf(FieldOf(subject, "kind")) != "ServiceAccount") continue;
    if (!namespace_node->is_scalar() || EffectiveTag(namespace_node) != Node::Tag::kString) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid Input: namespace is blank for resource \"",
                       state.CurrentId(resource).ToString(), "\""));
    }
    namespaces.insert(std::string(namespace_node->text));
  }
  return namespaces;
}

struct Rule {
  const FieldSpec* spec;
  Gvk target;
};

// All rules, by the kind they are for; "" for any.
absl::flat_hash_map<absl::string_view, std::vector<Rule>> RulesByKind(
    const TransformerConfig& config) {
  absl::flat_hash_map<absl::string_view, std::vector<Rule>> rules;
  for (const NameReference& reference : config.name_references) {
    for (const FieldSpec& spec : reference.referrers) {
      rules[spec.kind].push_back({&spec, reference.gvk()});
    }
  }
  return rules;
}

}  // namespace

absl::Status FixNameReferences(ResMap& map, const TransformerConfig& config) {
  BuildState& state = map.state();
  const RenamedIndex renamed(map);
  const auto rules = RulesByKind(config);
  for (Resource* resource : map.resources()) {
    const ResourceId original = state.OriginalId(*resource);
    std::vector<Rule> fitting;
    for (absl::string_view kind : {original.gvk.kind, absl::string_view()}) {
      const auto it = rules.find(kind);
      if (it == rules.end()) continue;
      for (const Rule& rule : it->second) {
        if (original.gvk.IsSelected(rule.spec->gvk())) fitting.push_back(rule);
      }
    }
    if (fitting.empty()) continue;
    if (const Node* version = FieldOf(resource->root, "apiVersion"); IsTaggedNull(version)) {
      return absl::InvalidArgumentError(
          absl::StrCat("node-referrerOriginal 'APIVersion' mismatch '' != '", version->text, "'"));
    }
    ASSIGN_OR_RETURN(const auto account_namespaces, AccountNamespaces(state, *resource));
    if (renamed.empty()) continue;
    Referrer referrer(map, renamed, *resource, account_namespaces);
    for (const Rule& rule : fitting) RETURN_IF_ERROR(referrer.Fix(*rule.spec, rule.target));
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
