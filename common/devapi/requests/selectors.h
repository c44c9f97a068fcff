// Label and field selectors as list, watch and deletecollection take them.
// Rules and messages: k8s.io/apimachinery pkg/labels and pkg/fields (1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/kinds/resource.h"
#include "common/value/value.h"

namespace sluice::devapi {

// A conjunction of requirements on labels. Immutable once parsed.
class LabelSelector {
 public:
  // "a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1". The empty text matches everything. kInvalidArgument
  // worded as the server words it.
  static absl::StatusOr<LabelSelector> Parse(absl::string_view text);
  // A metav1.LabelSelector: matchLabels and matchExpressions. An empty one matches everything.
  static absl::StatusOr<LabelSelector> FromObject(const Value& selector);

  // `labels` is metadata.labels or any map of strings; null is the empty map.
  bool Matches(const Value& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Op { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Requirement {
    std::string key;
    Op op;
    std::vector<std::string> values;

    bool Matches(const Value& labels) const;
  };
  friend class LabelSelectorParser;

  std::vector<Requirement> requirements_;
};

// A conjunction of equalities on fields.
class FieldSelector {
 public:
  // "metadata.name=x,status.phase!=Running"; kInvalidArgument otherwise.
  static absl::StatusOr<FieldSelector> Parse(absl::string_view text);

  // OK if every field may be selected on for `resource`; else the API error that the server gives.
  absl::Status CheckSupported(const Resource& resource) const;
  bool Matches(const Resource& resource, const Value& object) const;
  bool empty() const { return terms_.empty(); }
  // The value that "metadata.name" must equal, or "".
  std::string RequiredName() const;

 private:
  struct Term {
    std::string field;
    std::string value;
    bool equal = true;
  };
  std::vector<Term> terms_;
};

}  // namespace sluice::devapi
