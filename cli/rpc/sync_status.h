// What controllers tell over gRPC (proto/sluice/common/v1/sync_status.proto), as the objects that
// the rest of the command line shows.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/kube/object.h"

namespace sluice::cli {

struct SyncStatusQuestion {
  std::vector<std::string> kinds;
  std::string ns;  // empty: all
  std::string label_selector;
};

// How controllers are reached: in plain text, or over TLS where `ca_file` verifies them.
struct ServerOptions {
  std::vector<std::string> addresses;  // "host:port"
  std::string ca_file;                 // PEM
  std::string name;                    // that the certificate bears; empty: the address's host
  std::string token_file;              // with a bearer token, sent over TLS only
};

// kInvalidArgument for a token without TLS, which would be readable on the way; the file's error.
absl::StatusOr<Secret> ReadServerToken(const ServerOptions& options);

// The objects that the controller at `server`, one of `options`, serves and that match; a
// controller that serves none of the kinds has none. They hold what SyncStatus tells: name, labels,
// suspension, revision and the Ready condition. Errors name the server.
absl::StatusOr<std::vector<kube::ObjectPtr>> ListSyncStatus(const Context& ctx,
                                                            const ServerOptions& options,
                                                            const std::string& server,
                                                            const Secret& token,
                                                            const SyncStatusQuestion& question);

}  // namespace sluice::cli
