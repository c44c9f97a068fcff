// The stream of a watch: one JSON document per event and line.
//
// Expected flow: ADDED for every initial object; with sendInitialEvents a BOOKMARK that says so;
// then the changes as they happen, and a BOOKMARK about once a minute if the client takes them. The
// stream ends at its timeout, when the client leaves, when a test drops watches, or with an ERROR
// event (410) when the client has fallen behind the log.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/context.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/requests/media_type.h"
#include "common/devapi/tables/table.h"
#include "common/http/server.h"

namespace sluice::devapi {

struct WatchFormat {
  Form form = Form::kObject;
  RowObject row_object = RowObject::kMetadata;
};

void StreamWatch(const Context& ctx, Cluster& cluster, const Call& call, WatchResult& watch,
                 const WatchFormat& format, const http::Sink& sink);

// What a watch with selectors sees of a change: an object that starts or stops matching is added or
// deleted for it. False if the change does not concern it.
bool Selects(const Call& call, const ListOptions& options, const Event& event, EventType* type);

}  // namespace sluice::devapi
