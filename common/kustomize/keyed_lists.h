// Two lists that a strategic merge merges element by element, where the merge keys tell the
// elements apart: the common case, done in one pass. Where an element lacks a key that others have,
// kyaml's outcome depends on the order of its steps, and strategic_merge.cc follows these one by
// one.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/node.h"

namespace sluice::kustomize {

class KeyedLists {
 public:
  // The elements of the same key values.
  struct Row {
    Texts values;
    Node* target = nullptr;  // the first of them in each list, or null
    Node* patch = nullptr;
  };

  // Nothing unless all elements of both lists are maps that have a value for the same keys of
  // `keys`, at least one; without keys, unless all are scalars. `patch` may be null, or `target`.
  static std::optional<KeyedLists> Of(const Node* target, const Node* patch, const Texts& keys);

  // The keys in use; none for lists of scalars.
  const Texts& keys() const { return keys_; }
  // Each combination of values once, the patch's first.
  const std::vector<Row>& rows() const { return rows_; }
  // The elements of the merged list, given what each row was merged to, null for nothing. As in
  // kyaml 0.21, what stands in `target` counts for more than what a row became: the last element of
  // its key values is taken, in the row's place or, with several keys, behind the patch's.
  std::vector<Node*> Assemble(const Node* target, const std::vector<Node*>& merged) const;

 private:
  KeyedLists() = default;

  static std::optional<Texts> KeysInUse(const Node* target, const Node* patch, const Texts& keys);
  Texts ValuesOf(const Node* item) const;
  // The place of the item's row, a new one if it has none.
  size_t RowOf(const Node* item);

  Texts keys_;
  std::vector<Row> rows_;
  absl::flat_hash_map<std::string, size_t> places_;  // by joined values
};

}  // namespace sluice::kustomize
