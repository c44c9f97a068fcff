// What every reconciliation of an image kind works with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/clock.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "services/image-controller/options.h"
#include "services/image-controller/tags/tag_store.h"

namespace sluice::image_controller {

// Field manager of writes to the objects.
inline constexpr char kFieldManager[] = "image-controller";

// All of them thread-safe; they outlive the reconcilers.
struct Collaborators {
  kube::Client& client;
  TagStore& tags;
  runtime::EventRecorder& events;
  const cloud_identity::Services& cloud;
  cloud_identity::TokenCache& tokens;
  const Options& options;
  Clock& clock;
};

}  // namespace sluice::image_controller
