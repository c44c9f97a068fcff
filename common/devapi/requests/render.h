// Rendering: what a verb answers, as an HTTP response in the form that the client accepts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/requests/media_type.h"
#include "common/http/server.h"

namespace sluice::devapi {

// `call` must be the one that `reply` answers. A watch is streamed by the response as long as the
// cluster lives and the client listens.
http::ServerResponse Render(Cluster& cluster, const std::shared_ptr<const Call>& call, Reply reply,
                            const Negotiated& negotiated);

// The Warning headers for what the call gave reason to warn of.
void AddWarnings(const Call& call, http::ServerResponse& response);

// The Status object of an error, with Retry-After where the error has one.
http::ServerResponse RenderError(const absl::Status& status);

// Any value as a JSON response.
http::ServerResponse RenderValue(int code, const Value& value, bool pretty = false);

// A line of text, as health endpoints and unknown paths are answered.
http::ServerResponse RenderText(int code, absl::string_view text);

}  // namespace sluice::devapi
