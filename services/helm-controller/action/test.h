// Running the tests of a release (spec/helm.md §5.13).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {

// Whether the filters let the test of that name run: those that exclude come first, and if any
// include, only what they name.
bool TestIsWanted(const std::vector<api::TestFilter>& filters, const std::string& name);

// Runs the test hooks of `record`, the last revision; the first failure ends it. What became of
// them is in the storage and in `record`, whatever the result.
absl::Status Test(const Context& ctx, const Environment& with, const api::TestSpec& spec,
                  helm_release::Record& record);

}  // namespace sluice::helm_controller
