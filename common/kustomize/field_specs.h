// Field specs: which fields of which kinds a transformer works on, built-in ones and those of
// `configurations` files, and how to reach them.
//
// A path is field names joined by "/" ("\/" for one inside a name). It goes through lists by
// itself; a name may end in "[]" to say that a list is expected.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/node.h"
#include "common/kustomize/resource_id.h"
#include "common/value/value.h"

namespace sluice::kustomize {

struct FieldSpec {
  std::string group;
  std::string version;
  std::string kind;
  std::string path;
  bool create = false;

  FieldSpec() = default;
  FieldSpec(absl::string_view group, absl::string_view version, absl::string_view kind,
            absl::string_view path, bool create);

  Gvk gvk() const { return {group, version, kind}; }
  // Whether it speaks of this object.
  bool Matches(const Gvk& object) const { return object.IsSelected(gvk()); }
};
using FieldSpecs = std::vector<FieldSpec>;

// Adds `added` to `specs`, leaving out what is there. kInvalidArgument ("conflicting fieldspecs")
// if the same path is to be created by one and not by the other.
absl::Status MergeFieldSpecs(FieldSpecs& specs, const FieldSpecs& added);

// Fields that hold the names of objects of one kind.
struct NameReference {
  std::string group;
  std::string version;
  std::string kind;
  FieldSpecs referrers;

  Gvk gvk() const { return {group, version, kind}; }
};

// What all transformers of a kustomization work on.
struct TransformerConfig {
  FieldSpecs name_prefix;
  FieldSpecs name_suffix;
  FieldSpecs namespace_fields;
  FieldSpecs common_labels;
  FieldSpecs labels;
  FieldSpecs template_labels;
  FieldSpecs common_annotations;
  std::vector<NameReference> name_references;
  FieldSpecs var_references;
  FieldSpecs images;
  FieldSpecs replicas;
};
using SharedConfig = std::shared_ptr<const TransformerConfig>;

// The built-in one.
const SharedConfig& DefaultConfig();

// Puts every table into its order of application: by kind (GvkLess), else as added.
void SortConfig(TransformerConfig& config);

// `a` with what `b` has more; either may be null. The result is shared where they are the same.
absl::StatusOr<SharedConfig> MergeConfigs(const SharedConfig& a, const SharedConfig& b);

// Decodes a `configurations` file (strict: unknown keys are errors).
absl::StatusOr<TransformerConfig> DecodeConfig(const Value& document);
// A list of {group, version, kind, path, create}.
absl::StatusOr<FieldSpecs> DecodeFieldSpecs(const Value& list, absl::string_view where,
                                            Decoding decoding);

// Changes the node that a field spec leads to.
using FieldSetter = absl::FunctionRef<absl::Status(Node*)>;

// What to make of a missing field at the end of a path with `create`; fields on the way become
// maps.
struct Creation {
  Node::Kind kind = Node::Kind::kNone;  // kNone: nothing is made
  Node::Tag tag = Node::Tag::kNone;     // of a null that turns into it
};

// Calls `set` for each node at the spec's path below `object`, if the spec speaks of it. What is
// missing is passed over or, if the spec says so, made.
absl::Status VisitField(NodeArena& arena, Node* object, const FieldSpec& spec,
                        const Creation& creation, FieldSetter set);
// The same for an object of which it is known that the spec speaks of it.
absl::Status VisitPath(NodeArena& arena, Node* object, const FieldSpec& spec,
                       const Creation& creation, FieldSetter set);

}  // namespace sluice::kustomize
