// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stop_token>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kube/http_client.h"

namespace sluice::cli {
namespace {

constexpr char kDefaultNamespace[] = "flux-system";
constexpr size_t kLongestLabel = 63;

bool IsDnsLabel(absl::string_view name) {
  if (name.empty() || name.size() > kLongestLabel) return false;
  if (name.front() == '-' || name.back() == '-') return false;
  for (const char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') return false;
  }
  return true;
}

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageError, absl::Cord());
  return status;
}

void AddConnectionFlags(Command& command, ConnectionOptions& options) {
  command.Text("--kubeconfig", options.kubeconfig, "kubeconfig file; default: $KUBECONFIG");
  command.Text("--context", options.context, "the kubeconfig's context to use");
  command.Text("-n,--namespace", options.ns,
               "namespace; default: $FLUX_SYSTEM_NAMESPACE, then flux-system");
  command.Duration("--timeout", options.timeout, "of the whole command");
}

absl::StatusOr<std::string> NamespaceOf(const ConnectionOptions& options) {
  if (!options.ns.empty()) {
    if (IsDnsLabel(options.ns)) return options.ns;
    return UsageError(absl::StrCat("namespace \"", options.ns, "\" is not a DNS label"));
  }
  std::string ns = FromEnvironment("FLUX_SYSTEM_NAMESPACE");
  return IsDnsLabel(ns) ? ns : kDefaultNamespace;
}

absl::StatusOr<Connection> Connect(const ConnectionOptions& options) {
  Connection connection;
  ASSIGN_OR_RETURN(connection.ns, NamespaceOf(options));
  ASSIGN_OR_RETURN(connection.config, kube::LoadClusterConfig(options.kubeconfig, options.context));
  ASSIGN_OR_RETURN(connection.client, kube::CreateHttpClient(connection.config));
  connection.discovery = std::make_unique<kube::Discovery>(*connection.client);
  connection.context_ns = options.ns;
  if (connection.context_ns.empty()) connection.context_ns = connection.config.ns;
  if (connection.context_ns.empty()) connection.context_ns = "default";
  return connection;
}

Context UntilInterrupted(const Context& ctx) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  static std::stop_source stop;
  // Never joined: nothing but a signal wakes it, and it ends with the process.
  static std::jthread* const kWaiter = new std::jthread([signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
    sigwait(&signals, &signal);
    _exit(130);
  });
  (void)kWaiter;
  return ctx.WithStopToken(stop.get_token());
}

}  // namespace sluice::cli
