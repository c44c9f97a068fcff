// image-controller as a process.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::image_controller {

// Runs until a signal; the exit code.
int Main(int argc, const char* const* argv);

}  // namespace sluice::image_controller
