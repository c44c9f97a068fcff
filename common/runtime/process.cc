// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/base/steady_clock.h"
#include "common/base/version.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/http/client.h"
#include "common/kube/http_client.h"
#include "common/log/log.h"
#include "common/metrics/process.h"
#include "common/runtime/end_signals.h"
#include "common/runtime/unused_memory.h"

namespace sluice::runtime {
namespace {

// When what only the start needed is given back, and how often what was needed since.
constexpr absl::Duration kSettled = absl::Seconds(3);
constexpr absl::Duration kReturnInterval = absl::Minutes(10);

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  return name;
}

// Keys and Secrets are in memory. One byte and not none: that also stops the dumps which the kernel
// pipes to a program instead of writing a file (core(5), "Piping core dumps to a program").
void ForbidCoreDumps() {
  const rlimit limit = {1, 1};
  if (setrlimit(RLIMIT_CORE, &limit) != 0) prctl(PR_SET_DUMPABLE, 0);
}

http::ServerResponse PlainText(int status, absl::string_view text) {
  http::ServerResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(text);
  return response;
}

}  // namespace

InformerOptions ProcessOptions::Watched() const {
  return {.ns = watch_all_namespaces ? "" : runtime_namespace,
          .label_selector = watch_label_selector,
          .field_selector = ""};
}

void AddFlags(Command& command, ProcessOptions& options) {
  command.Text("--metrics-addr", options.metrics_address, "where /metrics is served",
               "METRICS_ADDR");
  command.Text("--health-addr", options.health_address, "where /healthz and /readyz are served");
  command.Text("--events-addr", options.events_address,
               "the notification-controller that events are posted to", "EVENTS_ADDR");
  command.Text("--otlp-endpoint", options.otlp_endpoint,
               "OpenTelemetry collector that traces are posted to, by OTLP over HTTP",
               "OTEL_EXPORTER_OTLP_ENDPOINT");
  AddFlags(command, options.grpc);
  command.Text("--kubeconfig", options.kubeconfig,
               "kubeconfig file; default: $KUBECONFIG, then the pod's service account");
  command.Choice("--log-level", options.log_level, {"trace", "debug", "info", "error"},
                 "how much is logged");
  command.Choice("--log-encoding", options.log_encoding, {"json", "console"}, "form of log lines");
  command.Bool("--watch-all-namespaces", options.watch_all_namespaces,
               "watch objects of all namespaces, not only of RUNTIME_NAMESPACE");
  command.Text("--watch-label-selector", options.watch_label_selector,
               "watch only objects with these labels");
  command.Text("--watch-configs-label-selector", options.watch_configs_label_selector,
               "label selector of ConfigMaps and Secrets whose changes wake who refers to them");
  command.Int("--concurrent", options.concurrent, "objects of a kind reconciled at the same time");
  command.Int("--interval-jitter-percentage", options.interval_jitter_percentage,
              "how far intervals are moved at random");
  command.Duration("--requeue-dependency", options.requeue_dependency,
                   "wait before a missing dependency is looked at again");
  command.Duration("--min-retry-delay", options.backoff.min, "first delay after a failure");
  command.Duration("--max-retry-delay", options.backoff.max, "longest delay after failures");
  command.Bool("--no-cross-namespace-refs", options.no_cross_namespace_refs,
               "refuse references to objects of other namespaces");
  command.Text("--default-service-account", options.default_service_account,
               "the service account that stands for an object that names none");
  command.Text("--feature-gates", options.feature_gates_flag,
               "features to switch on or off: A=true,B=false");
  command.Int("--token-cache-max-size", options.token_cache_max_size,
              "credentials from identities that are kept; 0 keeps none");
  command.Duration("--token-cache-max-duration", options.token_cache_max_duration,
                   "how long such credentials are kept at most; never over 1h");
  command.Bool("--enable-leader-election", options.enable_leader_election,
               "work only while holding the leader lease");
  command.Bool("--sharding", options.sharding,
               "share the objects with the other replicas of this controller");
  LeaderElectionOptions& election = options.leader_election;
  command.Bool("--leader-election-release-on-cancel", election.release_on_cancel,
               "give the lease up at shutdown");
  command.Duration("--leader-election-lease-duration", election.lease_duration,
                   "how long an unrenewed lease holds");
  command.Duration("--leader-election-renew-deadline", election.renew_deadline,
                   "how long renewing is tried before giving up");
  command.Duration("--leader-election-retry-period", election.retry_period,
                   "time between two tries");
  // Taken so that a Flux deployment's arguments work; what they tune does not exist here.
  static std::string ignored;
  for (const char* name : {"--kube-api-qps", "--kube-api-burst"}) {
    command.Text(name, ignored,
                 "accepted for compatibility with Flux, where they have no effect on servers "
                 "with priority and fairness; none here");
  }
}

absl::Duration Jitter(absl::Duration interval, int percent) {
  if (percent <= 0) return interval;
  thread_local absl::BitGen random;
  return interval * absl::Uniform(random, 1.0 - percent / 100.0, 1.0 + percent / 100.0);
}

Process::Process(ProcessOptions options)
    : options_(std::move(options)),
      context_(Context::Background().WithStopToken(stop_.get_token())),
      controller_metrics_(registry_),
      leading_(registry_.AddGauge({.name = "leader_election_master_status",
                                   .help = "1 while this replica holds the lease.",
                                   .labels = {"name"}})) {
  metrics::AddProcessMetrics(registry_);
  if (options_.sharding) shares_ = std::make_unique<sharding::Shares>(SteadyClock());
  if (options_.runtime_namespace.empty()) {
    const char* ns = std::getenv("RUNTIME_NAMESPACE");
    options_.runtime_namespace = ns != nullptr ? ns : kube::InClusterNamespace();
  }
}

absl::StatusOr<std::unique_ptr<Process>> Process::Start(ProcessOptions options) {
  ASSIGN_OR_RETURN(const log::Level level, log::ParseLevel(options.log_level));
  ASSIGN_OR_RETURN(const log::Encoding encoding, log::ParseEncoding(options.log_encoding));
  log::Configure(level, encoding);
  RETURN_IF_ERROR(options.feature_gates.Parse(options.feature_gates_flag));
  if (options.sharding && options.enable_leader_election) {
    return absl::InvalidArgumentError(
        "--sharding lets all replicas work, --enable-leader-election one: choose one of the two");
  }
  if (options.interval_jitter_percentage < 0 || options.interval_jitter_percentage >= 100) {
    return absl::InvalidArgumentError("--interval-jitter-percentage must be from 0 to 99");
  }
  signal(SIGPIPE, SIG_IGN);
  ForbidCoreDumps();

  auto process = std::unique_ptr<Process>(new Process(std::move(options)));
  Process& self = *process;
  const std::string& name = self.options_.controller;

  ASSIGN_OR_RETURN(const kube::ClusterConfig cluster,
                   kube::LoadClusterConfig(self.options_.kubeconfig));
  kube::HttpClientOptions client_options;
  client_options.user_agent = name;
  client_options.on_answer = [host = std::string(absl::StripPrefix(cluster.server, "https://")),
                              &requests = self.registry_.AddCounter(
                                  {.name = "rest_client_requests_total",
                                   .help = "Requests to the API server, by code, host and method.",
                                   .labels = {"code", "host", "method"}})](absl::string_view method,
                                                                           int code) {
    requests.Add({code == 0 ? "<error>" : absl::StrCat(code), host, method});
  };
  ASSIGN_OR_RETURN(self.client_, kube::CreateHttpClient(cluster, client_options));
  self.tokens_ = kube::TokensOf(cluster);
  ASSIGN_OR_RETURN(self.transport_, http::CreateClient({.user_agent = name}));

  ASSIGN_OR_RETURN(self.health_server_,
                   http::Server::Start({.address = self.options_.health_address},
                                       [&self](const Context&, const http::ServerRequest& request) {
                                         if (request.path == "/healthz")
                                           return PlainText(200, "ok");
                                         if (request.path == "/readyz") {
                                           return self.ready_
                                                      ? PlainText(200, "ok")
                                                      : PlainText(503, "caches are not filled yet");
                                         }
                                         return PlainText(404, "404 page not found\n");
                                       }));
  ASSIGN_OR_RETURN(
      self.metrics_server_,
      http::Server::Start({.address = self.options_.metrics_address},
                          [&self](const Context&, const http::ServerRequest& request) {
                            if (request.path != "/metrics") {
                              return PlainText(404, "404 page not found\n");
                            }
                            http::ServerResponse response = PlainText(200, self.registry_.Text());
                            response.headers.Set("Content-Type", metrics::Registry::kContentType);
                            return response;
                          }));
  self.events_ = std::make_unique<EventRecorder>(
      EventRecorderOptions{name, HostName(), self.options_.events_address}, *self.client_,
      self.transport_.get(), RealClock());
  if (!self.options_.otlp_endpoint.empty()) {
    self.tracer_ = std::make_unique<trace::Tracer>(
        trace::TracerOptions{self.options_.otlp_endpoint, name, HostName()}, *self.transport_,
        RealClock());
  }
  // The one thread that takes them: RunController() has all others block them.
  self.signals_ = std::jthread([&self](std::stop_token stop) {
    const sigset_t set = EndSignals();
    const timespec poll = {0, 200'000'000};
    while (!stop.stop_requested()) {
      if (sigtimedwait(&set, nullptr, &poll) > 0) {
        self.stop_.request_stop();
        return;
      }
    }
  });
  log::Info(self.context_, absl::StrCat("starting ", name), {{"version", kVersion}});
  self.registry_
      .AddGauge({.name = "sluice_build_info",
                 .help = "1 for the version that runs.",
                 .labels = {"version"}})
      .Set({kVersion}, 1);
  return process;
}

Process::~Process() { stop_.request_stop(); }

absl::Status Process::WaitForLeadership() {
  const std::string ns =
      options_.runtime_namespace.empty() ? "default" : options_.runtime_namespace;
  const std::string identity = absl::StrCat(HostName(), "_", crypto::RandomUuid());
  // Those that watch other objects are a group of their own.
  std::string selected;
  if (!options_.watch_label_selector.empty()) {
    selected = absl::StrCat("-", crypto::Sha256Hex(options_.watch_label_selector).substr(0, 8));
  }
  if (options_.sharding) {
    membership_ = std::make_unique<Membership>(
        MembershipOptions{
            .ns = ns, .group = absl::StrCat(options_.controller, selected), .identity = identity},
        *client_, *shares_, SteadyClock());
    membership_->Start();
    return absl::OkStatus();
  }
  if (!options_.enable_leader_election) return absl::OkStatus();
  LeaderElectionOptions election = options_.leader_election;
  election.ns = ns;
  election.lease = absl::StrCat(options_.controller, "-leader-election", selected);
  election.identity = identity;
  election_ = std::make_unique<LeaderElection>(election, *client_, SteadyClock());
  leading_.Set({election.lease}, 0);
  RETURN_IF_ERROR(election_->Acquire(context_, [this, lease = election.lease] {
    leading_.Set({lease}, 0);
    lost_leadership_ = true;
    stop_.request_stop();
  }));
  leading_.Set({election.lease}, 1);
  return absl::OkStatus();
}

int Process::WaitForEnd() {
  absl::Duration wait = kSettled;
  for (; RealClock().Sleep(context_, wait).ok(); wait = kReturnInterval) ReturnUnusedMemory();
  log::Info(Context::Background(), absl::StrCat("stopping ", options_.controller));
  return lost_leadership_ ? 1 : 0;
}

}  // namespace sluice::runtime
