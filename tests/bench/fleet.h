// Many objects of one kind, and the controllers that make them true, taken through what happens to
// them in a cluster: installed, changed, asked to reconcile with nothing to do.
//
//   ASSIGN_OR_RETURN(const auto fleet, Fleet::Start(options, "HelmChart", {"source-controller"}));
//   RETURN_IF_ERROR(fleet->Install(figures, [](const std::string& name) { return Chart(name); }));
//   RETURN_IF_ERROR(fleet->ReconcileAll(figures));
//
// On a development API server, or the cluster that SLUICE_TEST_KUBECONFIG names. With
// `--flux-bin DIR` it is Flux's own controllers that are measured, in place of ours.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/flags/command.h"
#include "common/kube/gvk.h"
#include "tests/bench/figures.h"
#include "tests/e2e/cluster.h"

namespace sluice::bench {

struct FleetOptions {
  int objects = 100;
  int concurrent = 10;  // --concurrent of the controller that is measured
  std::string flux_bin;
  std::string qualifier;  // what the figures say of the objects behind their kind

  void AddTo(Command& command);
};

bool IsReady(const Value& object);

// Waits for one object, which is no part of a fleet, to be ready.
absl::Status AwaitReady(e2e::Cluster& cluster, absl::string_view api_version,
                        absl::string_view kind, absl::string_view name);

class Fleet {
 public:
  using Manifest = std::function<Value(const std::string& name)>;
  using Condition = std::function<bool(const Value& object)>;

  // `kind` is one of ours; the last of `controllers` is the one that works on it.
  static absl::StatusOr<std::unique_ptr<Fleet>> Start(const FleetOptions& options,
                                                      const std::string& kind,
                                                      std::vector<std::string> controllers);

  e2e::Cluster& cluster() { return *cluster_; }
  // Of all objects, in order.
  const std::vector<std::string>& names() const { return names_; }

  // Applies an object for each name until all are ready.
  absl::Status Install(Figures& figures, const Manifest& manifest);
  // Calls `act`, and waits until all objects are `changed`.
  absl::Status Upgrade(Figures& figures, const std::function<absl::Status()>& act,
                       const Condition& changed);
  // Asks for a reconciliation of each, with nothing to do, until all have had it. Adds what the
  // controllers have come to need.
  absl::Status ReconcileAll(Figures& figures);

 private:
  Fleet() = default;
  absl::Status Phase(Figures& figures, const std::string& phase,
                     const std::function<absl::Status()>& act, const Condition& done);
  absl::Status ForEach(const std::function<absl::Status(const std::string& name)>& body);
  absl::Status AwaitAll(const Condition& done);
  double CpuSeconds();

  kube::Resource kind_;
  std::string label_;  // "100 Kustomizations"
  std::vector<std::string> controllers_;
  std::string metrics_;  // the address of the last one's
  std::vector<std::string> names_;
  std::unique_ptr<e2e::Cluster> cluster_;
};

}  // namespace sluice::bench
