// The HTTP server of stored artifacts: a folder as static files (spec/source.md §2.10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/http/server.h"

namespace sluice::source_controller {

// Serves the files below `root`: GET and HEAD with Content-Length, Last-Modified, single ranges and
// conditional requests; directories as a listing ("/" is the readiness probe). Names that would leave
// the root, or that pass a link, are not found.
http::Handler FileHandler(std::string root);

}  // namespace sluice::source_controller
