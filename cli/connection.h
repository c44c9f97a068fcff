// The cluster that a command talks to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/flags/command.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/kube/kubeconfig.h"

namespace sluice::cli {

// Payload key of errors that are the command line's, not the cluster's.
inline constexpr char kUsageError[] = "sluice/usage";
// kInvalidArgument with that payload.
absl::Status UsageError(absl::string_view message);

struct ConnectionOptions {
  std::string kubeconfig;
  std::string context;
  std::string ns;
  absl::Duration timeout = absl::Minutes(5);  // of the whole command; a watch has none
};

void AddConnectionFlags(Command& command, ConnectionOptions& options);

struct Connection {
  kube::ClusterConfig config;
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<kube::Discovery> discovery;
  std::string ns;          // of our own kinds: -n, $FLUX_SYSTEM_NAMESPACE, "flux-system"
  std::string context_ns;  // of manifests that name none: -n, the kubeconfig's, "default"
};

// The namespace of our own kinds, as Connection::ns.
absl::StatusOr<std::string> NamespaceOf(const ConnectionOptions& options);

// Reads the kubeconfig; the cluster is not asked yet. A namespace that is no DNS label is a
// UsageError.
absl::StatusOr<Connection> Connect(const ConnectionOptions& options);

// Cancelled by the first Ctrl-C or SIGTERM; the second ends the process. To be called once, before
// other threads are started.
Context UntilInterrupted(const Context& ctx);

}  // namespace sluice::cli
