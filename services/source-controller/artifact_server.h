// The HTTP server of stored artifacts (spec/source.md §2.10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/artifact/file_store.h"
#include "common/http/server.h"

namespace sluice::source_controller {

// Serves the files below `directory`: GET and HEAD with Content-Length, Last-Modified, single
// ranges and conditional requests; directories as a listing ("/" is the readiness probe). Names
// that would leave the directory, that pass a link or begin with a dot are not found. The error of
// opening the directory.
absl::StatusOr<http::Handler> FileHandler(const std::string& directory);

// Serves `files`, which must outlive it, in the same way but for directories: of these there is
// only
// "/", and it is empty. 503 for what cannot be read now.
http::Handler FileHandler(artifact::FileStore& files);

}  // namespace sluice::source_controller
