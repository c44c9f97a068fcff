// Which changes of an object are worth a reconciliation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/informer.h"

namespace sluice::runtime {

// Flux's rule for its own kinds: created, deleted, a new generation (spec or deletion), or another
// reconcile.fluxcd.io/requestedAt. Status and other metadata do not count.
bool SpecOrRequestChanged(const Change& change);

// Whether somebody waits for the object to be reconciled, as far as its status tells: it is not
// ready, is deleted, has a generation that was not observed, or a request that was not handled.
bool AwaitsReconciliation(const Value& object);

// For sources, seen by their consumers: status.artifact appeared or has another revision or digest.
bool ArtifactChanged(const Change& change);

}  // namespace sluice::runtime
