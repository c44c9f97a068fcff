// JsonPath: the JSONPath of CustomResourceDefinitions (printer columns, scale paths), after
// k8s.io/client-go/util/jsonpath: fields, ['quoted'] fields, indices, slices, wildcards, filters
// with one comparison, recursive descent.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Immutable once parsed.
class JsonPath {
 public:
  // ".spec.replicas", `.status.conditions[?(@.type=="Ready")].status`, "{.a.b}". kInvalidArgument,
  // quoting the text, otherwise.
  static absl::StatusOr<JsonPath> Parse(absl::string_view text);

  // Everything the path finds; missing fields find nothing. Bounded to 1,000 results.
  std::vector<const Value*> Find(const Value& root) const;

  // The names of a path of fields only (".a['b.c']" gives {"a", "b.c"}); empty if it has other
  // steps.
  std::vector<std::string> Fields() const;

 private:
  struct Step {
    enum class Kind { kField, kIndex, kSlice, kWildcard, kRecursive, kFilter } kind = Kind::kField;
    std::string name;  // kField, kRecursive ("": the value itself and everything below)
    int64_t from = 0;  // kIndex, kSlice
    int64_t to = 0;
    bool has_to = false;
    // kFilter: the path from the element, an operator ("" means: exists) and what to compare with.
    std::vector<Step> left;
    std::string op;
    Value right;
  };
  class Parser;

  static void Walk(const std::vector<Step>& steps, size_t at, const Value& value,
                   std::vector<const Value*>& found);
  static bool Holds(const Step& filter, const Value& element);

  std::vector<Step> steps_;
};

}  // namespace sluice::devapi
