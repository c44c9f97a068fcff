// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/app.h"

#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "common/api/kinds.h"
#include "common/artifact/fetcher.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/controller_server.h"
#include "common/kube/discovery.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/live_objects/live_objects.h"
#include "common/remote_cluster/clusters.h"
#include "common/runtime/controller_app.h"
#include "services/kustomize-controller/kustomization/config_watch.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/reconciler.h"
#include "services/kustomize-controller/kustomization/sources.h"
#include "services/kustomize-controller/kustomization/triggers.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {
namespace {

std::vector<std::string> SourceKinds(const Options& options) {
  std::vector<std::string> kinds = {"GitRepository", "OCIRepository", "Bucket"};
  if (options.external_artifacts) kinds.push_back("ExternalArtifact");
  return kinds;
}

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  options.process = process->options();
  RETURN_IF_ERROR(options.ReadFeatureGates());

  artifact::FetcherOptions fetcher_options;
  fetcher_options.attempts = options.http_retry + 1;
  if (const char* host = std::getenv("SOURCE_CONTROLLER_LOCALHOST")) {
    fetcher_options.host_override = host;
  }
  if (const char* host = std::getenv("SOURCE_WATCHER_LOCALHOST")) {
    fetcher_options.watcher_host_override = host;
  }
  artifact::Fetcher fetcher(process->transport(), fetcher_options, RealClock());
  kube::Discovery discovery(process->client());
  cloud_identity::TokenCache tokens({.max_size = options.process.token_cache_max_size,
                                     .max_duration = options.process.token_cache_max_duration},
                                    RealClock(), &process->registry());
  const DecryptionServices decryption = {
      {process->client(), process->transport(), cloud_identity::ProcessEnvironment(), RealClock()},
      tokens};
  sync_status::Board board;
  Sources sources(process->client(), options.direct_source_fetch);
  Memories memories;
  // Set once there is a controller to wake; the watches below begin later.
  Triggers* wake = nullptr;

  live_objects::Options live_options;
  live_options.name_label = api::kOwnerNameLabel;
  live_options.namespace_label = api::kOwnerNamespaceLabel;
  live_options.identity.override_managers = options.override_managers;
  live_objects::LiveObjects live(
      process->context(), process->client(), live_options,
      [&wake](const live_objects::LiveChange& change) { wake->OnLiveChange(change); }, RealClock());

  remote_cluster::Clusters clusters({process->client(), discovery, &live}, decryption.cloud, tokens,
                                    options.clusters);

  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, "Kustomization", [&](const runtime::Store& store) {
        return std::make_unique<KustomizationReconciler>(
            store, Collaborators{process->client(), discovery, fetcher, process->events(), sources,
                                 memories, clusters, options, decryption, RealClock(),
                                 [&wake](const kube::ObjectKey& key) { wake->OnVerified(key); },
                                 process->tracer()});
      }));
  runtime::KindController& kustomizations = *kinds.front();
  board.Follow(kustomizations.informer());
  Triggers triggers(kustomizations.informer(), kustomizations.controller(), sources, memories,
                    RealClock());
  wake = &triggers;
  // Their threads tell the triggers, which are declared after them.
  const absl::Cleanup stop_watching = [&] {
    live.Stop();
    kinds.clear();
  };

  std::vector<std::unique_ptr<runtime::Informer>> source_informers;
  std::vector<runtime::Informer*> source_pointers;
  artifact::Filter filter;
  for (const std::string& kind : SourceKinds(options)) {
    // Sources are shared between shards, so the label selector is not theirs.
    source_informers.push_back(std::make_unique<runtime::Informer>(
        process->client(), api::KindOrDie(kind),
        runtime::InformerOptions{options.process.Watched().ns, "", ""}, RealClock()));
    triggers.Watch(*source_informers.back());
    source_pointers.push_back(source_informers.back().get());
    filter.kinds.push_back(kind);
  }

  // Secrets are not to be held, or even sent, for the sake of their names.
  ASSIGN_OR_RETURN(const kube::ClusterConfig own_cluster,
                   kube::LoadClusterConfig(options.process.kubeconfig));
  ASSIGN_OR_RETURN(const auto metadata_client,
                   kube::CreateHttpClient(own_cluster, {.user_agent = options.process.controller,
                                                        .metadata_only = true}));
  std::vector<std::unique_ptr<ConfigWatch>> configs;
  for (const char* kind : {"ConfigMap", "Secret"}) {
    if (!options.watch_configs) break;
    configs.push_back(
        std::make_unique<ConfigWatch>(*metadata_client, kind, options.process.Watched().ns,
                                      options.process.watch_configs_label_selector, RealClock()));
    triggers.Watch(*configs.back());
  }

  controller_rpc::ControllerServer grpc(*process, board);
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(process->WaitForLeadership());
  for (const auto& watch : configs) watch->Start(process->context());
  RETURN_IF_ERROR(runtime::StartControllers(*process, source_pointers, kinds));
  const controller_rpc::ArtifactSubscriber subscriber(
      process->context(), options.source_address, controller_rpc::SecurityOf(*process), filter,
      [&triggers](const artifact::Event& event) {
        if (event.type == artifact::EventType::kSnapshot ||
            event.type == artifact::EventType::kUpdated) {
          triggers.OnArtifact(event.publication.source, event.publication.artifact);
        }
      },
      RealClock());
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "kustomize-controller";
  Command command("kustomize-controller",
                  "Builds Kustomizations from artifacts and applies them to the cluster.");
  AddFlags(command, options);
  return runtime::RunController(command, argc, argv, [&] { return Run(std::move(options)); });
}

}  // namespace sluice::kustomize_controller
