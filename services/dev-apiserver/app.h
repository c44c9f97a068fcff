// dev-apiserver as a function of its command line.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::dev_apiserver {

// Serves until SIGINT or SIGTERM. The exit code.
int Main(int argc, char** argv);

// The Kubernetes objects of all *.yaml, *.yml and *.json files of a folder, in order of file names;
// definitions and namespaces come first. Bounded: 10,000 files of 16 MiB.
absl::StatusOr<std::vector<Value>> ReadObjects(const std::string& folder);

// Writes `text` to `path` so that the file appears whole or not at all, readable by its owner only.
absl::Status WriteAtomically(const std::string& path, absl::string_view text);

}  // namespace sluice::dev_apiserver
