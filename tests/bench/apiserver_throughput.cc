// How fast an API server takes and lists objects while watchers follow: dev-apiserver, and beside
// it in the same run a cluster whose kubeconfig is given.
//
//   build/release/bin/apiserver_throughput [--objects 10000] [--writers 8] [--watchers 100]
//       [--kubeconfig FILE]

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/flags/command.h"
#include "common/http/client.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/bench/figures.h"
#include "tests/e2e/process.h"

namespace sluice::bench {
namespace {

struct Options {
  int objects = 10'000;
  int writers = 8;
  int watchers = 100;
  std::string kubeconfig;
};

// A server and how to talk to it.
class Server {
 public:
  static absl::StatusOr<Server> FromKubeconfig(const std::string& path, int connections) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    ASSIGN_OR_RETURN(const Value config, value::ParseYaml(text.str()));
    const Value& cluster = config["clusters"].at(0)["cluster"];
    Server server;
    server.url_ = std::string(cluster["server"].str());
    server.token_ = std::string(config["users"].at(0)["user"]["token"].str());
    http::ClientOptions options;
    options.max_idle_connections = connections;
    options.tls.insecure_skip_verify = cluster["insecure-skip-tls-verify"].bool_or(false);
    absl::Base64Unescape(cluster["certificate-authority-data"].str(), &options.tls.ca_pem);
    ASSIGN_OR_RETURN(server.transport_, http::CreateClient(std::move(options)));
    return server;
  }

  absl::StatusOr<http::Response> Send(const std::string& method, const std::string& path,
                                      const std::string& body = "") {
    http::Request request = Make(method, path);
    request.body = body;
    if (!body.empty()) request.headers.Set("Content-Type", "application/json");
    return transport_->Send(Context::Background().WithTimeout(absl::Minutes(5)), request);
  }

  // Follows `path` from `version` until `count` events have come. A server ends watches that do not
  // keep up: then it goes on from the last event.
  absl::Status Follow(const std::string& path, std::string version, int64_t count) {
    const Context ctx = Context::Background().WithTimeout(absl::Minutes(5));
    constexpr int kMaxBarren = 100;  // attempts in a row that brought nothing
    int64_t events = 0;
    int barren = 0;
    while (true) {
      const int64_t before = events;
      std::string partial;
      std::string last;
      const auto on_data = [&](absl::string_view bytes) {
        events += std::count(bytes.begin(), bytes.end(), '\n');
        partial.append(bytes.data(), bytes.size());
        const size_t end = partial.rfind('\n');
        if (end != std::string::npos) {
          const size_t start = end == 0 ? std::string::npos : partial.rfind('\n', end - 1);
          const size_t from = start == std::string::npos ? 0 : start + 1;
          last = partial.substr(from, end - from);
          partial.erase(0, end + 1);
        }
        return events >= count ? absl::AlreadyExistsError("all seen") : absl::OkStatus();
      };
      const absl::Status status = transport_->Stream(
          ctx, Make("GET", absl::StrCat(path, "&watch=true&resourceVersion=", version)),
          [](const http::Response&) { return absl::OkStatus(); }, on_data);
      if (absl::IsAlreadyExists(status)) return absl::OkStatus();
      const Value event = value::ParseJson(last).value_or(Value());
      barren = events == before ? barren + 1 : 0;
      if (event["type"].str() == "ERROR" || barren > kMaxBarren) {
        return absl::DataLossError(
            absl::StrCat("the watch ended after ", events, ": ", last, status.message()));
      }
      const Value& reached = event["object"]["metadata"]["resourceVersion"];
      if (reached.is_string()) version = std::string(reached.str());
    }
  }

 private:
  http::Request Make(const std::string& method, const std::string& path) const {
    http::Request request;
    request.method = method;
    request.url = url_ + path;
    request.headers.Set("Authorization", absl::StrCat("Bearer ", token_));
    request.headers.Set("Accept", "application/json");
    return request;
  }

  std::string url_;
  std::string token_;
  std::unique_ptr<http::Transport> transport_;
};

struct Speed {
  double creates_per_second = 0;
  double events_per_second = 0;
  double list_seconds = 0;
};

double Seconds(absl::Time since) { return absl::ToDoubleSeconds(RealClock().Now() - since); }

absl::StatusOr<Speed> Race(Server& server, const Options& options) {
  const std::string ns = absl::StrCat("bench-", crypto::RandomHex(4));
  const Value manifest = {{"metadata", Value{{"name", ns}}}};
  RETURN_IF_ERROR(server.Send("POST", "/api/v1/namespaces", value::FormatJson(manifest)).status());
  const std::string path = absl::StrCat("/api/v1/namespaces/", ns, "/configmaps");
  // Only ours: a controller puts others into every namespace.
  const std::string selected = path + "?labelSelector=bench";
  ASSIGN_OR_RETURN(const http::Response before, server.Send("GET", selected));
  const std::string version(
      value::ParseJson(before.body).value_or(Value())["metadata"]["resourceVersion"].str());
  std::atomic<int> failures = 0;
  std::vector<std::jthread> watchers;
  const absl::Time start = RealClock().Now();
  for (int i = 0; i < options.watchers; ++i) {
    watchers.emplace_back([&] {
      const absl::Status status = server.Follow(selected, version, options.objects);
      if (!status.ok() && ++failures == 1) std::cerr << "watcher: " << status << "\n";
    });
  }
  Speed speed;
  std::atomic<int> next = 0;
  const absl::Time writing = RealClock().Now();
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < options.writers; ++i) {
      writers.emplace_back([&] {
        for (int n = next++; n < options.objects; n = next++) {
          const Value object = {{"metadata", Value{{"name", absl::StrFormat("c-%06d", n)},
                                                   {"labels", Value{{"bench", "true"}}}}},
                                {"data", Value{{"key", "a value of some length, as settings have"},
                                               {"number", absl::StrCat(n)}}}};
          const auto answer = server.Send("POST", path, value::FormatJson(object));
          const bool created = answer.ok() && answer->status == 201;
          if (!created && ++failures == 1) {
            std::cerr << "create: " << (answer.ok() ? answer->body : answer.status().ToString())
                      << "\n";
          }
        }
      });
    }
  }
  speed.creates_per_second = options.objects / Seconds(writing);
  watchers.clear();
  speed.events_per_second =
      static_cast<double>(options.objects) * options.watchers / Seconds(start);
  const absl::Time listing = RealClock().Now();
  RETURN_IF_ERROR(server.Send("GET", selected).status());
  speed.list_seconds = Seconds(listing);
  (void)server.Send("DELETE", absl::StrCat("/api/v1/namespaces/", ns));
  if (failures > 0) return absl::InternalError(absl::StrCat(failures.load(), " requests failed"));
  return speed;
}

absl::StatusOr<double> MiB(Server& server, absl::string_view which) {
  ASSIGN_OR_RETURN(const http::Response response, server.Send("GET", "/sluice-dev/memory"));
  const Value memory = value::ParseJson(response.body).value_or(Value());
  return static_cast<double>(memory[which].int_or(0)) / 1024;
}

absl::Status Measure(const Options& options, Figures& figures) {
  const e2e::TempDir dir;
  const std::string kubeconfig = dir / "kubeconfig";
  const absl::Time start = RealClock().Now();
  ASSIGN_OR_RETURN(const auto process,
                   e2e::Process::Start({e2e::Program("dev-apiserver"), "--listen", "127.0.0.1:0",
                                        "--write-kubeconfig", kubeconfig},
                                       dir / "log"));
  while (!std::ifstream(kubeconfig).good() && process->running() && Seconds(start) < 10) {
    std::this_thread::yield();
  }
  figures.Add("dev-apiserver: start until ready", 1000 * Seconds(start), "ms");
  const int connections = options.writers + options.watchers + 1;
  ASSIGN_OR_RETURN(Server ours, Server::FromKubeconfig(kubeconfig, connections));
  ASSIGN_OR_RETURN(const double idle, MiB(ours, "residentKiB"));
  figures.Add("dev-apiserver: memory, idle", idle, "MiB");
  ASSIGN_OR_RETURN(const Speed speed, Race(ours, options));
  std::optional<Speed> theirs;
  if (!options.kubeconfig.empty()) {
    ASSIGN_OR_RETURN(Server cluster, Server::FromKubeconfig(options.kubeconfig, connections));
    ASSIGN_OR_RETURN(theirs, Race(cluster, options));
  }
  const auto add = [&](const std::string& what, double Speed::*field, const char* unit) {
    figures.Add(absl::StrFormat("dev-apiserver, %d objects, %d watchers: %s", options.objects,
                                options.watchers, what),
                speed.*field, unit,
                theirs.has_value() ? std::optional((*theirs).*field) : std::nullopt);
  };
  add("creates", &Speed::creates_per_second, "objects/s");
  add("events told", &Speed::events_per_second, "events/s");
  add("list of all", &Speed::list_seconds, "s");
  ASSIGN_OR_RETURN(const double peak, MiB(ours, "peakKiB"));
  figures.Add("dev-apiserver: peak memory", peak, "MiB");
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("apiserver_throughput",
                          "Measures how fast API servers take, list and announce objects.");
  command.Int("--objects", options.objects, "ConfigMaps to create");
  command.Int("--writers", options.writers, "connections that create them");
  command.Int("--watchers", options.watchers, "watches that follow");
  command.Text("--kubeconfig", options.kubeconfig, "a cluster to measure as well");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
