// The steps by which kyaml (0.21.1) merges lists whose elements their keys do not tell apart
// (keyed_lists.h): each looks at a whole list, and what comes out depends on their order.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "common/kustomize/node.h"

namespace sluice::kustomize {

// Puts `element` in place of the elements of `list` that have the key values, or at its end if none
// has; null removes them. Elements that are empty go in any case; without any value, all go.
void SetElement(Node* list, const Texts& keys, const Texts& values, Node* element);

// The keys that any element has a value for, and the values of one element for these.
std::pair<Texts, Texts> UsedKeys(const std::vector<Texts>& all, const Texts& keys,
                                 const Texts& values);

// Two rows of key values that agree where both say something, and agree somewhere, become one.
void UnifyRows(std::vector<Texts>& rows);

}  // namespace sluice::kustomize
