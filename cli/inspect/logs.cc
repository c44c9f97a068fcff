// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/logs.h"

#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "cli/inspect/log_line.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/base/duration.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/http_client.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

constexpr char kPartOfFlux[] = "app.kubernetes.io/part-of=flux";
constexpr char kController[] = "manager";
constexpr size_t kLongestLine = 1 << 20;

struct Options {
  ConnectionOptions connection;
  LogFilter filter;
  std::string flux_namespace;
  bool all_namespaces = false;
  bool follow = false;
  int64_t tail = -1;
  absl::Duration since;
  std::string since_time;
};

const kube::Resource& Deployments() {
  static const auto* const kResource =
      new kube::Resource{"apps", "v1", "deployments", "Deployment", true};
  return *kResource;
}

const kube::Resource& Pods() {
  static const auto* const kResource = new kube::Resource{"", "v1", "pods", "Pod", true};
  return *kResource;
}

std::string SelectorOf(const Value& labels) {
  return absl::StrJoin(labels.members(), ",", [](std::string* out, const value::Member& label) {
    absl::StrAppend(out, label.key, "=", label.value.str());
  });
}

// One pod of every controller, a running one if there is one.
absl::StatusOr<std::vector<Value>> ControllerPods(const Context& ctx, Connection& connection,
                                                  const std::string& ns) {
  ASSIGN_OR_RETURN(
      const kube::ObjectList deployments,
      connection.client->List(ctx, Deployments(), ns, {.label_selector = kPartOfFlux}));
  std::vector<Value> pods;
  for (const Value& deployment : deployments.items) {
    const Value& labels = deployment["spec"]["template"]["metadata"]["labels"];
    ASSIGN_OR_RETURN(
        const kube::ObjectList of_deployment,
        connection.client->List(ctx, Pods(), ns, {.label_selector = SelectorOf(labels)}));
    const std::vector<Value>& items = of_deployment.items;
    if (items.empty()) continue;
    const auto running = std::find_if(items.begin(), items.end(), [](const Value& pod) {
      return pod["status"]["phase"].str() == "Running";
    });
    pods.push_back(running == items.end() ? items.front() : *running);
  }
  if (pods.empty()) {
    return absl::NotFoundError(absl::StrCat("no Flux pods found in namespace \"", ns, "\""));
  }
  return pods;
}

absl::StatusOr<kube::ApiRequest> LogRequest(const Value& pod, const Options& options) {
  kube::ApiRequest request;
  request.path = absl::StrCat(Pods().Path(kube::Namespace(pod), kube::Name(pod)), "/log");
  if (options.follow) request.query.emplace_back("follow", "true");
  if (options.tail >= 0) request.query.emplace_back("tailLines", absl::StrCat(options.tail));
  if (pod["spec"]["containers"].size() > 1) request.query.emplace_back("container", kController);
  if (options.since > absl::ZeroDuration()) {
    request.query.emplace_back(
        "sinceSeconds", absl::StrCat(std::max<int64_t>(
                            1, absl::ToInt64Seconds(options.since + absl::Milliseconds(500)))));
  }
  if (!options.since_time.empty()) {
    const auto time = ParseRfc3339(options.since_time);
    if (!time.ok()) {
      return UsageError(absl::StrCat(options.since_time, " is not a valid (RFC3339) time"));
    }
    request.query.emplace_back("sinceTime", FormatRfc3339(*time));
  }
  return request;
}

// Cuts a stream into lines and prints those that the filter lets through.
class LinePrinter {
 public:
  LinePrinter(const LogFilter& filter, absl::Mutex& output) : filter_(filter), output_(output) {}

  absl::Status Feed(absl::string_view bytes) {
    absl::StrAppend(&pending_, bytes);
    size_t begin = 0;
    for (size_t end; (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      Print(absl::string_view(pending_).substr(begin, end - begin));
    }
    pending_.erase(0, begin);
    if (pending_.size() <= kLongestLine) return absl::OkStatus();
    return absl::ResourceExhaustedError("a line of the log is longer than 1 MiB");
  }
  void Finish() { Print(pending_); }

 private:
  void Print(absl::string_view line) {
    const auto text = FormatLogLine(line, filter_);
    if (!text.has_value()) return;
    absl::MutexLock lock(&output_);
    std::cout << *text << std::endl;
  }

  const LogFilter& filter_;
  absl::Mutex& output_;  // held while a line is written, which several pods' may be
  std::string pending_;
};

absl::Status Logs(const Context& ctx, Connection& connection, const Options& options) {
  if (options.since > absl::ZeroDuration() && !options.since_time.empty()) {
    return UsageError("at most one of --since and --since-time");
  }
  LogFilter filter = options.filter;
  if (!options.all_namespaces) filter.ns = connection.ns;
  const std::string ns = options.flux_namespace.empty() ? connection.ns : options.flux_namespace;
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const std::vector<Value> pods, ControllerPods(limited, connection, ns));
  std::vector<kube::ApiRequest> requests;
  for (const Value& pod : pods) {
    ASSIGN_OR_RETURN(requests.emplace_back(), LogRequest(pod, options));
  }

  absl::Mutex output;
  std::vector<absl::Status> results(pods.size());
  // One after the other, so that one controller's lines stand together; all at once to follow them.
  ParallelFor(pods.size(), options.follow ? pods.size() : 1, [&](size_t i) {
    LinePrinter printer(filter, output);
    results[i] = kube::StreamText(options.follow ? ctx : limited, connection.config, requests[i],
                                  [&](absl::string_view bytes) { return printer.Feed(bytes); });
    printer.Finish();
    return true;
  });
  RETURN_IF_ERROR(ctx.Check());
  absl::Status failure;
  for (size_t i = 0; i < pods.size(); ++i) {
    if (results[i].ok()) continue;
    PrintFailure(
        absl::StrCat("failed getting logs of ", kube::Name(pods[i]), ": ", results[i].message()));
    failure = absl::UnavailableError("failed to collect logs from all Flux pods");
  }
  return failure;
}

}  // namespace

void AddLogs(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& logs = command.Sub("logs", "Shows what the controllers log",
                              [options] { return RunConnected(*options, Logs); });
  AddConnectionFlags(logs, options->connection);
  logs.Bool("-A,--all-namespaces", options->all_namespaces, "about objects of all namespaces");
  logs.Bool("-f,--follow", options->follow, "go on with what comes");
  logs.Choice("--level", options->filter.level, {"", "trace", "debug", "info", "error"},
              "only lines of this level");
  logs.Text("--kind", options->filter.kind, "only about objects of this kind");
  logs.Text("--name", options->filter.name, "only about objects of this name");
  logs.Duration("--since", options->since, "only what is not older than this");
  logs.Text("--since-time", options->since_time, "only what is not older than this (RFC 3339)");
  logs.Int64("--tail", options->tail, "this many lines of each controller; -1: all");
  logs.Text("--flux-namespace", options->flux_namespace,
            "where the controllers run; default: the namespace");
}

}  // namespace sluice::cli
