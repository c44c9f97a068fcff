// What the four controllers have in common as processes: Flux's flags, the cluster connection,
// signals, health and metrics endpoints, leader election.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/flags/command.h"
#include "common/http/server.h"
#include "common/http/transport.h"
#include "common/kube/client.h"
#include "common/kube/kubeconfig.h"
#include "common/metrics/metrics.h"
#include "common/runtime/controller_metrics.h"
#include "common/runtime/events.h"
#include "common/runtime/feature_gates.h"
#include "common/runtime/grpc_options.h"
#include "common/runtime/informer.h"
#include "common/runtime/leader_election.h"
#include "common/runtime/membership.h"
#include "common/runtime/work_queue.h"
#include "common/sharding/shares.h"
#include "common/trace/tracer.h"

namespace sluice::runtime {

// Flags that every controller takes, named and defaulted as Flux's controllers have them.
struct ProcessOptions {
  std::string controller;  // "source-controller"
  std::string metrics_address = ":8080";
  std::string health_address = ":9440";
  std::string events_address;
  std::string otlp_endpoint;  // our own; empty: no traces
  GrpcOptions grpc;
  std::string kubeconfig;
  std::string log_level = "info";
  std::string log_encoding = "json";
  std::string watch_label_selector;
  std::string watch_configs_label_selector = "reconcile.fluxcd.io/watch=Enabled";
  bool watch_all_namespaces = true;
  bool enable_leader_election = false;
  bool sharding = false;  // replicas divide the objects (membership.h)
  int concurrent = 4;
  int concurrent_slow = 0;  // see ControllerOptions::max_slow
  int interval_jitter_percentage = 5;
  absl::Duration requeue_dependency = absl::Seconds(30);
  bool no_cross_namespace_refs = false;
  std::string default_service_account;
  // Those that the controller knows, and what --feature-gates says; Process::Start() reads it.
  FeatureGates feature_gates;
  std::string feature_gates_flag;
  // Of credentials that identities were exchanged for (common/cloud_identity/token_cache.h).
  int token_cache_max_size = 100;
  absl::Duration token_cache_max_duration = absl::Hours(1);
  BackoffOptions backoff;
  LeaderElectionOptions leader_election;
  std::string runtime_namespace;  // $RUNTIME_NAMESPACE, else the pod's own

  // What informers of our own kinds watch.
  InformerOptions Watched() const;
};

// Registers the flags of `options`, including those of Flux that need no action here
// (--kube-api-qps, --kube-api-burst …) so that existing deployments start.
void AddFlags(Command& command, ProcessOptions& options);

// `interval` moved by at most ±percent, so that objects made together do not run together.
absl::Duration Jitter(absl::Duration interval, int percent);

// Owns everything around the controllers. Members of the process go down in reverse.
class Process {
 public:
  // Reads the cluster configuration, starts health and metrics, installs SIGTERM and SIGINT.
  static absl::StatusOr<std::unique_ptr<Process>> Start(ProcessOptions options);
  ~Process();

  // Cancelled by a signal or a lost lease.
  const Context& context() const { return context_; }
  kube::Client& client() { return *client_; }
  // Who this process is to the API server.
  const kube::TokenSource& tokens() const { return tokens_; }
  http::Transport& transport() { return *transport_; }
  EventRecorder& events() { return *events_; }
  // Null without --otlp-endpoint.
  trace::Tracer* tracer() { return tracer_.get(); }
  metrics::Registry& registry() { return registry_; }
  ControllerMetrics& controller_metrics() { return controller_metrics_; }
  const ProcessOptions& options() const { return options_; }

  // Which objects this replica works on; nullptr: all, once it leads.
  sharding::Shares* shares() { return shares_.get(); }

  // Blocks until this replica leads (at once without --enable-leader-election), or joins those that
  // it shares the objects with.
  absl::Status WaitForLeadership();
  // /readyz answers 200 from now on.
  void SetReady() { ready_ = true; }
  bool ready() const { return ready_; }
  // Until a signal, or a lost lease. The exit code.
  int WaitForEnd();

 private:
  explicit Process(ProcessOptions options);

  ProcessOptions options_;
  std::stop_source stop_;
  Context context_;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> lost_leadership_ = false;
  metrics::Registry registry_;
  ControllerMetrics controller_metrics_;
  metrics::Gauge& leading_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<kube::Client> client_;
  kube::TokenSource tokens_;
  std::unique_ptr<http::Server> health_server_;
  std::unique_ptr<http::Server> metrics_server_;
  std::unique_ptr<EventRecorder> events_;
  std::unique_ptr<trace::Tracer> tracer_;
  std::unique_ptr<LeaderElection> election_;
  std::unique_ptr<sharding::Shares> shares_;
  std::unique_ptr<Membership> membership_;
  std::jthread signals_;
};

}  // namespace sluice::runtime
