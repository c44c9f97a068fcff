// The policies that an automation writes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/image/image_policy.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/label_selector.h"
#include "common/value/value.h"

namespace sluice::image_controller {

// A selector as objects have it (matchLabels, matchExpressions); null selects everything.
// kInvalidArgument naming what is wrong with it.
absl::StatusOr<kube::LabelSelector> SelectorOf(const Value& selector);

// What the policies of `ns` that `selector` selects have picked, by name; those that have picked
// nothing are left out.
absl::StatusOr<std::map<std::string, api::ImageRef>> PickedImages(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const kube::LabelSelector& selector);

}  // namespace sluice::image_controller
