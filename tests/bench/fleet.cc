// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fleet.h"

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "tests/bench/api_requests.h"
#include "tests/e2e/process.h"

namespace sluice::bench {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(30);
constexpr absl::Duration kLimit = absl::Minutes(10);  // of one phase
constexpr size_t kWriters = 4;                        // that apply and annotate

std::string Plural(absl::string_view kind) {
  return absl::ConsumeSuffix(&kind, "y") ? absl::StrCat(kind, "ies") : absl::StrCat(kind, "s");
}

}  // namespace

void FleetOptions::AddTo(Command& command) {
  command.Int("--objects", objects, "how many");
  command.Int("--concurrent", concurrent, "how many the controller works on at a time");
  command.Text("--flux-bin", flux_bin, "measure Flux's own controllers, which are in this folder");
}

bool IsReady(const Value& object) { return e2e::ReadyMessage(object, "True").has_value(); }

absl::Status AwaitReady(e2e::Cluster& cluster, absl::string_view api_version,
                        absl::string_view kind, absl::string_view name) {
  const bool ended = e2e::Eventually(absl::Minutes(2), [&] {
    const auto object = cluster.Get(api_version, kind, name);
    return (object.has_value() && IsReady(*object)) || !cluster.Casualties().empty();
  });
  if (const std::string casualties = cluster.Casualties(); !casualties.empty()) {
    return absl::AbortedError(casualties);
  }
  if (ended) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(kind, " ", name, " never became ready:\n", cluster.Describe()));
}

absl::StatusOr<std::unique_ptr<Fleet>> Fleet::Start(const FleetOptions& options,
                                                    const std::string& kind,
                                                    std::vector<std::string> controllers) {
  std::unique_ptr<Fleet> fleet(new Fleet());
  fleet->kind_ = api::KindOrDie(kind);
  fleet->controllers_ = std::move(controllers);
  fleet->metrics_ = absl::StrCat("127.0.0.1:", e2e::ReservePort());
  for (int i = 0; i < options.objects; ++i) {
    fleet->names_.push_back(absl::StrFormat("app-%04d", i));
  }
  fleet->label_ = absl::StrCat(options.objects, " ", Plural(kind), options.qualifier);
  e2e::ClusterOptions cluster;
  cluster.controllers = fleet->controllers_;
  cluster.flux_bin = options.flux_bin;
  cluster.flags[fleet->controllers_.back()] = {
      "--metrics-addr", fleet->metrics_, "--concurrent", absl::StrCat(options.concurrent),
      // As in Flux's own benchmark; ours do not wait for it.
      "--requeue-dependency", "5s"};
  ASSIGN_OR_RETURN(fleet->cluster_, e2e::Cluster::Start(cluster));
  // How long a start takes is measured elsewhere (idle_cost.cc).
  if (!e2e::Eventually(kStartLimit, [&] { return ApiRequests(fleet->metrics_).ok(); })) {
    return absl::DeadlineExceededError(fleet->cluster_->Describe());
  }
  return fleet;
}

absl::Status Fleet::Install(Figures& figures, const Manifest& manifest) {
  const auto apply = [&](const std::string& name) { return cluster_->Apply(manifest(name)); };
  return Phase(
      figures, "install", [&] { return ForEach(apply); }, IsReady);
}

absl::Status Fleet::Upgrade(Figures& figures, const std::function<absl::Status()>& act,
                            const Condition& changed) {
  return Phase(figures, "upgrade", act,
               [&](const Value& object) { return IsReady(object) && changed(object); });
}

absl::Status Fleet::ReconcileAll(Figures& figures) {
  const auto trigger = [&](const std::string& name) {
    return cluster_->Trigger(kind_.gvk().api_version(), kind_.kind, name);
  };
  RETURN_IF_ERROR(Phase(
      figures, "no-op", [&] { return ForEach(trigger); },
      [](const Value& object) {
        const absl::string_view asked = kube::Annotation(object, "reconcile.fluxcd.io/requestedAt");
        return IsReady(object) && !asked.empty() &&
               asked == object["status"]["lastHandledReconcileAt"].str();
      }));
  for (const std::string& controller : controllers_) {
    figures.Add(absl::StrCat(label_, ": peak memory of ", controller),
                cluster_->process(controller).usage().peak_mib, "MiB");
  }
  return absl::OkStatus();
}

absl::Status Fleet::Phase(Figures& figures, const std::string& phase,
                          const std::function<absl::Status()>& act, const Condition& done) {
  ASSIGN_OR_RETURN(const double requests, ApiRequests(metrics_));
  const double cpu = CpuSeconds();
  const absl::Time begun = RealClock().Now();
  RETURN_IF_ERROR(act());
  const absl::Status all = AwaitAll(done);
  const double seconds = absl::ToDoubleSeconds(RealClock().Now() - begun);
  if (!all.ok()) return Annotate(all, phase);
  ASSIGN_OR_RETURN(const double requests_now, ApiRequests(metrics_));
  const auto count = static_cast<double>(names_.size());
  const std::string what = absl::StrCat(label_, ": ", phase);
  figures.Add(what, seconds, "s");
  figures.Add(absl::StrCat(what, ", CPU of the controllers"), CpuSeconds() - cpu, "s");
  figures.Add(absl::StrCat(what, ", API requests each"), (requests_now - requests) / count, "");
  return absl::OkStatus();
}

// By a watch: to ask again and again would be a load of its own.
absl::Status Fleet::AwaitAll(const Condition& done) {
  const Context ctx = Context::Background().WithTimeout(kLimit);
  std::set<std::string, std::less<>> pending(names_.begin(), names_.end());
  const auto see = [&](const Value& object) {
    if (done(object)) pending.erase(std::string(kube::Name(object)));
  };
  while (true) {
    ASSIGN_OR_RETURN(const kube::ObjectList list,
                     cluster_->client().List(ctx, kind_, cluster_->ns()));
    for (const Value& object : list.items) see(object);
    if (pending.empty()) return absl::OkStatus();
    if (const std::string casualties = cluster_->Casualties(); !casualties.empty()) {
      return absl::AbortedError(casualties);
    }
    const absl::Status ended = cluster_->client().Watch(
        ctx, kind_, cluster_->ns(),
        {.resource_version = list.resource_version, .timeout = absl::Seconds(10)},
        [&](const kube::WatchEvent& event) {
          see(event.object);
          return pending.empty() ? absl::AlreadyExistsError("all seen") : absl::OkStatus();
        });
    if (absl::IsAlreadyExists(ended)) return absl::OkStatus();
    if (!ctx.Check().ok()) {
      return absl::DeadlineExceededError(absl::StrCat(pending.size(), " of ", names_.size(),
                                                      " are not done, ", *pending.begin(),
                                                      " for one:\n", cluster_->Describe()));
    }
  }
}

absl::Status Fleet::ForEach(const std::function<absl::Status(const std::string& name)>& body) {
  absl::Mutex mutex;
  absl::Status first;
  ParallelFor(names_.size(), kWriters, [&](size_t i) {
    const absl::Status status = body(names_[i]);
    const absl::MutexLock lock(&mutex);
    first.Update(status);
    return status.ok();
  });
  return first;
}

double Fleet::CpuSeconds() {
  double sum = 0;
  for (const std::string& name : controllers_) sum += cluster_->process(name).usage().cpu_seconds;
  return sum;
}

}  // namespace sluice::bench
