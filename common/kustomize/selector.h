// Selectors: which resources a patch or replacement is for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/label_selector.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// As written. Empty fields ask for nothing.
struct Selector {
  std::string group;
  std::string version;
  std::string kind;
  std::string name;
  std::string namespace_name;
  std::string label_selector;
  std::string annotation_selector;

  bool HasId() const {
    return !(group.empty() && version.empty() && kind.empty() && name.empty() &&
             namespace_name.empty());
  }
};

absl::StatusOr<Selector> DecodeSelector(const Value& value, absl::string_view where,
                                        Decoding decoding);

// A regular expression (RE2) that must match the whole text; the empty one matches everything.
class AnchoredPattern {
 public:
  static absl::StatusOr<AnchoredPattern> Compile(absl::string_view pattern);
  bool Matches(absl::string_view text) const;

 private:
  struct Compiled;
  std::string literal_;  // for patterns that are plain text
  std::shared_ptr<const Compiled> compiled_;
};

// A selector ready to be used. Its id fields are patterns, matched against the whole text.
class CompiledSelector {
 public:
  // kInvalidArgument if a field is no pattern or no label selector.
  static absl::StatusOr<CompiledSelector> Compile(const Selector& selector);

  bool MatchesGvk(const Gvk& gvk) const;
  bool MatchesName(absl::string_view name) const { return name_.Matches(name); }
  bool MatchesNamespace(absl::string_view name) const { return namespace_.Matches(name); }
  bool MatchesLabels(const Node* object) const;
  bool has_label_selectors() const { return !labels_.empty() || !annotations_.empty(); }

  // Whether the resource's first or present name and namespace, its kind, labels and annotations
  // all match.
  bool Matches(const BuildState& state, const Resource& resource) const;

 private:
  AnchoredPattern group_;
  AnchoredPattern version_;
  AnchoredPattern kind_;
  AnchoredPattern name_;
  AnchoredPattern namespace_;
  LabelSelector labels_;
  LabelSelector annotations_;
};

}  // namespace sluice::kustomize
