// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/app.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/artifact/fetcher.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/controller_server.h"
#include "common/crypto/random.h"
#include "common/helm/chart_cache.h"
#include "common/helm_release/revision_index.h"
#include "common/kube/discovery.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/live_objects/live_objects.h"
#include "common/remote_cluster/clusters.h"
#include "common/runtime/controller_app.h"
#include "services/helm-controller/action/capabilities.h"
#include "services/helm-controller/action/environment.h"
#include "services/helm-controller/helm_release/reconciler.h"
#include "services/helm-controller/helm_release/triggers.h"
#include "services/helm-controller/options.h"

namespace sluice::helm_controller {
namespace {

// The kinds that a chart comes from.
std::vector<std::string> SourceKinds(const Options& options) {
  std::vector<std::string> kinds = {"HelmChart", "OCIRepository"};
  if (options.process.feature_gates.Enabled(kExternalArtifact)) {
    kinds.emplace_back("ExternalArtifact");
  }
  return kinds;
}

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  options.process = process->options();
  options.clusters.user_agent = options.process.controller;
  RETURN_IF_ERROR(options.clusters.ReadFeatureGates(options.process.feature_gates));
  std::jthread memory_watch;
  if (options.process.feature_gates.Enabled(kOomWatch)) {
    ASSIGN_OR_RETURN(memory_watch, WatchMemory(
                                       process->context(), options.memory_watch,
                                       [] { kill(getpid(), SIGTERM); }, RealClock()));
  }

  artifact::FetcherOptions fetcher_options;
  fetcher_options.attempts = options.http_retry + 1;
  fetcher_options.timeout = options.http_timeout;
  if (const char* host = std::getenv("SOURCE_CONTROLLER_LOCALHOST")) {
    fetcher_options.host_override = host;
  }
  artifact::Fetcher fetcher(process->transport(), fetcher_options, RealClock());
  kube::Discovery discovery(process->client());
  CapabilitiesCache capabilities(RealClock());
  helm::ChartCache charts(/*max_charts=*/64, /*max_bytes=*/16 << 20);
  sync_status::Board board;
  ActionLease lease(process->client(), options.process.runtime_namespace, crypto::RandomHex(8),
                    RealClock());
  cloud_identity::TokenCache tokens({.max_size = options.process.token_cache_max_size,
                                     .max_duration = options.process.token_cache_max_duration},
                                    RealClock(), &process->registry());
  const cloud_identity::Services cloud = {process->client(), process->transport(),
                                          cloud_identity::ProcessEnvironment(), RealClock()};
  WatchedOwners owners;
  live_objects::Options live_options;
  live_options.name_label = api::kHelmOwnerNameLabel;
  live_options.namespace_label = api::kHelmOwnerNamespaceLabel;
  live_options.identity.field_manager = kFieldManager;
  live_objects::LiveObjects live(
      process->context(), process->client(), live_options,
      [&owners](const live_objects::LiveChange& change) { owners.Note(change.owner); },
      RealClock());
  remote_cluster::Clusters clusters({process->client(), discovery, &live}, cloud, tokens,
                                    options.clusters);
  ASSIGN_OR_RETURN(const kube::ClusterConfig own_cluster,
                   kube::LoadClusterConfig(options.process.kubeconfig));
  ASSIGN_OR_RETURN(const auto metadata_client,
                   kube::CreateHttpClient(own_cluster, {.user_agent = options.process.controller,
                                                        .metadata_only = true}));
  helm_release::RevisionIndex revisions(*metadata_client, options.process.Watched().ns,
                                        RealClock());
  SourceStores sources(process->client(),
                       options.process.feature_gates.Enabled("DirectSourceFetch"));
  ReleaseMemory memory;
  const Services services = {process->client(), discovery, clusters,          capabilities,
                             fetcher,           charts,    process->events(), options,
                             RealClock(),       lease,     sources,           memory,
                             &revisions,        owners,    process->tracer()};

  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, "HelmRelease", [&](const runtime::Store& store) {
        return std::make_unique<HelmReleaseReconciler>(store, services);
      }));
  runtime::KindController& releases = *kinds.front();
  board.Follow(releases.informer());
  Triggers triggers(releases.informer(), releases.controller(), sources, owners);

  std::vector<std::unique_ptr<runtime::Informer>> informers;
  artifact::Filter filter;
  const std::string ns = options.process.Watched().ns;
  for (const std::string& kind : SourceKinds(options)) {
    // Sources are shared between shards, so the label selector is not theirs.
    informers.push_back(std::make_unique<runtime::Informer>(process->client(), api::KindOrDie(kind),
                                                            runtime::InformerOptions{ns, "", ""},
                                                            RealClock()));
    triggers.WatchSources(*informers.back());
    filter.kinds.push_back(kind);
  }
  if (!options.process.feature_gates.Enabled(kDisableConfigWatchers)) {
    for (const kube::Resource& resource :
         {kube::Resource{"", "v1", "configmaps", "ConfigMap", true},
          kube::Resource{"", "v1", "secrets", "Secret", true}}) {
      informers.push_back(std::make_unique<runtime::Informer>(
          process->client(), resource,
          runtime::InformerOptions{ns, options.process.watch_configs_label_selector, ""},
          RealClock()));
      triggers.WatchConfigs(*informers.back());
    }
  }
  std::vector<runtime::Informer*> informer_pointers;
  for (const auto& informer : informers) informer_pointers.push_back(informer.get());

  controller_rpc::ControllerServer grpc(*process, board);
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(process->WaitForLeadership());
  revisions.Start(process->context());
  RETURN_IF_ERROR(runtime::StartControllers(*process, informer_pointers, kinds));
  const controller_rpc::ArtifactSubscriber subscriber(
      process->context(), options.source_address, controller_rpc::SecurityOf(*process), filter,
      [&triggers](const artifact::Event& event) {
        if (event.type == artifact::EventType::kSnapshot ||
            event.type == artifact::EventType::kUpdated) {
          triggers.OnArtifact(event.publication.source, event.publication.artifact.revision,
                              event.publication.artifact.digest);
        }
      },
      RealClock());
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "helm-controller";
  Command command("helm-controller", "Installs and upgrades Helm releases.");
  AddFlags(command, options);
  return runtime::RunController(command, argc, argv, [&] { return Run(std::move(options)); });
}

}  // namespace sluice::helm_controller
