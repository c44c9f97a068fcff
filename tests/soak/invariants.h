// What must hold of a fleet that is at rest. Each function gives the deviations, one a line of
// text; none if all is well.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/soak/fleet.h"

namespace sluice::soak {

// Every object of the newest commit, chart or artifact is there as it says, and nothing else that
// carries a Kustomization's or HelmRelease's label.
std::vector<std::string> DeviationsFromWanted(Fleet& fleet);

// The UIDs of applied objects that every revision of every source has, by name.
std::map<std::string, std::string> UidsOfImmortals(Fleet& fleet);

// What source-controller keeps: of each object of ours at most the artifacts that the limits of
// history allow, nothing of others, and nothing half written, also not in $TMPDIR.
std::vector<std::string> DeviationsOfStorage(Fleet& fleet);

}  // namespace sluice::soak
