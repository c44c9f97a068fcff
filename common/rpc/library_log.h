// The gRPC library's own log lines, led into ours.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::rpc {

// From now on the library's errors are lines of common/log (level debug: what matters also comes
// back as a status), and everything below is dropped. Idempotent, thread-safe.
void CaptureLibraryLog();

}  // namespace sluice::rpc
