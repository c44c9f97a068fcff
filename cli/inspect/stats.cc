// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/stats.h"

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/kinds.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  bool all_namespaces = false;
};

// In Flux's order; three of them are notification-controller's, which works beside ours.
std::vector<kube::Resource> Kinds() {
  constexpr char kNotificationGroup[] = "notification.toolkit.fluxcd.io";
  std::vector<kube::Resource> kinds;
  for (const char* kind : {"GitRepository", "OCIRepository", "HelmRepository", "HelmChart",
                           "Bucket", "Kustomization", "HelmRelease"}) {
    kinds.push_back(api::KindOrDie(kind));
  }
  kinds.push_back({kNotificationGroup, "v1beta3", "alerts", "Alert", true});
  kinds.push_back({kNotificationGroup, "v1beta3", "providers", "Provider", true});
  kinds.push_back({kNotificationGroup, "v1", "receivers", "Receiver", true});
  for (const char* kind : {"ImageUpdateAutomation", "ImagePolicy", "ImageRepository"}) {
    kinds.push_back(api::KindOrDie(kind));
  }
  return kinds;
}

std::string FormatSize(int64_t bytes) {
  if (bytes == 0) return "-";
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double size = static_cast<double>(bytes) / 1024;
  const char* unit = "KMGTPE";
  for (; size >= 1024; size /= 1024) ++unit;
  return absl::StrFormat("%.1f %ciB", size, *unit);
}

std::vector<std::string> Row(const std::string& kind, std::span<const Value> objects) {
  size_t suspended = 0;
  size_t failing = 0;
  int64_t size = 0;
  for (const Value& object : objects) {
    if (Suspended(object)) ++suspended;
    const Value* ready = FindCondition(object, "Ready");
    if (ready != nullptr && (*ready)["status"].str() == "False") ++failing;
    size += object["status"]["artifact"]["size"].int_or(0);
  }
  return {kind, absl::StrCat(objects.size() - suspended), absl::StrCat(failing),
          absl::StrCat(suspended), FormatSize(size)};
}

absl::Status Stats(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  Table table{{"Reconcilers", "Running", "Failing", "Suspended", "Storage"}, {}};
  for (const kube::Resource& resource : Kinds()) {
    const auto list =
        connection.client->List(limited, resource, options.all_namespaces ? "" : connection.ns);
    // A kind that the cluster has not is one without objects.
    if (!list.ok() && !absl::IsNotFound(list.status())) return list.status();
    table.rows.push_back(
        Row(resource.kind, list.ok() ? std::span<const Value>(list->items) : std::span<Value>()));
  }
  std::cout << FormatTable(table, /*with_header=*/true, StandardOutputStyle());
  return absl::OkStatus();
}

}  // namespace

void AddStats(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& stats =
      command.Sub("stats", "Counts what runs, fails and is suspended, and what artifacts take",
                  [options] { return RunConnected(*options, Stats); });
  AddConnectionFlags(stats, options->connection);
  stats.Bool("-A,--all-namespaces", options->all_namespaces, "of all namespaces");
}

}  // namespace sluice::cli
