// Git with a repository on this machine, for file:// URLs and plain paths.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/git/wire.h"

namespace sluice::git {

// Opens the repository at `path` in Advertise(). `service` is "git-upload-pack" or
// "git-receive-pack".
std::unique_ptr<Wire> CreateLocalWire(std::string path, std::string service);

}  // namespace sluice::git
