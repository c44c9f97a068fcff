// What every reconciliation of a source works with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/hub.h"
#include "common/artifact/storage.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "common/trace/tracer.h"
#include "services/source-controller/options.h"
#include "services/source-controller/source/transports.h"

namespace sluice::source_controller {

// Field manager of writes to the objects.
inline constexpr char kFieldManager[] = "source-controller";

// All of them thread-safe; they outlive the reconcilers.
struct Collaborators {
  kube::Client& client;
  artifact::Storage& storage;
  artifact::Hub& hub;
  runtime::EventRecorder& events;
  const Options& options;
  Clock& clock;
  Transports& transports;
  trace::Tracer* tracer = nullptr;  // null: nobody asks for traces
};

}  // namespace sluice::source_controller
