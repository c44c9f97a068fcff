// What a commit message's template sees: Flux's Go types (update.ResultV2 and its parts) as values
// of the template engine.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/gotmpl/function.h"
#include "common/gotmpl/value.h"
#include "services/image-controller/image_update/commit_message.h"

namespace sluice::image_controller {

gotmpl::Value MessageObject(const MessageData& data);

// The functions that a template may call: sprig's hermetic ones, and the built-in ones.
const gotmpl::FunctionTable& MessageFunctions();

}  // namespace sluice::image_controller
