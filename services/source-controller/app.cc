// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/app.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <iostream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/artifact/fetcher.h"
#include "common/artifact/hub.h"
#include "common/artifact/storage.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/controller_rpc/artifact_service.h"
#include "common/controller_rpc/controller_server.h"
#include "common/crypto/random.h"
#include "common/disk/temp_dir.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/cached_reads.h"
#include "common/runtime/controller_app.h"
#include "services/source-controller/artifact_generator/reconciler.h"
#include "services/source-controller/artifact_server.h"
#include "services/source-controller/bucket/reconciliation.h"
#include "services/source-controller/git_repository/fetch.h"
#include "services/source-controller/git_repository/reconciliation.h"
#include "services/source-controller/helm_chart/reconciliation.h"
#include "services/source-controller/helm_chart/triggers.h"
#include "services/source-controller/helm_repository/index_cache.h"
#include "services/source-controller/helm_repository/reconciler.h"
#include "services/source-controller/oci_repository/reconciliation.h"
#include "services/source-controller/options.h"
#include "services/source-controller/source/reconciler.h"
#include "services/source-controller/storage_access.h"

namespace sluice::source_controller {
namespace {

// What an informer sees goes to the hub too: after a restart this is the snapshot, and artifacts of
// kinds that somebody else reconciles (ExternalArtifact) are told as well.
void PublishChanges(runtime::Informer& informer, artifact::Hub& hub) {
  const std::string kind = informer.resource().kind;
  informer.AddHandler([kind, &hub](const runtime::Change& change) {
    const Value& object = change.object();
    const api::SourceReference source = {kind, kube::KeyOf(object)};
    auto artifact = change.after == nullptr ? std::nullopt
                                            : api::Artifact::Decode(object["status"]["artifact"]);
    if (!artifact.has_value()) {
      hub.Remove(source);
      return;
    }
    hub.Publish({source, std::string(kube::Uid(object)), std::string(kube::ResourceVersion(object)),
                 kube::Generation(object), std::move(*artifact)});
  });
}

// The token metrics of an object go with it.
void ForgetTokens(runtime::Informer& informer, cloud_identity::TokenCache& tokens) {
  informer.AddHandler([kind = informer.resource().kind, &tokens](const runtime::Change& change) {
    if (change.after == nullptr) tokens.Forget({kind, kube::KeyOf(*change.before)});
  });
}

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  options.process = process->options();
  RETURN_IF_ERROR(credentials::CheckIdentityFlags(options.identity()));
  if (options.process.sharding && options.storage_bucket.name.empty()) {
    return absl::InvalidArgumentError(
        "--sharding needs --storage-bucket: each replica serves the artifacts of all");
  }

  cloud_identity::TokenCache tokens({.max_size = options.process.token_cache_max_size,
                                     .max_duration = options.process.token_cache_max_duration},
                                    RealClock(), &process->registry());
  // Nothing is read through it before it is filled: no worker runs.
  runtime::CachedReads cached(process->client(), options.process.Watched().ns, RealClock());
  std::vector<runtime::Informer*> informers;
  if (options.process.feature_gates.Enabled(kCacheSecretsAndConfigMaps)) {
    informers = cached.informers();
  }
  kube::Client& client = informers.empty() ? process->client() : cached;
  const cloud_identity::Services services = {client, process->transport(),
                                             cloud_identity::ProcessEnvironment(), RealClock()};
  ASSIGN_OR_RETURN(const auto access,
                   StorageAccess::Open(process->context(), options, services, tokens));
  artifact::Storage& storage = access->storage();

  artifact::Hub hub(crypto::RandomHex(8));
  sync_status::Board board;
  Transports transports;
  const Collaborators with = {client,  storage,     hub,        process->events(),
                              options, RealClock(), transports, process->tracer()};
  const CloudAccess cloud = {services, tokens, options, transports};
  GitFetcher fetcher(cloud.services, tokens, options);

  IndexCache indexes({.max_size = options.helm_cache_max_size,
                      .ttl = options.helm_cache_ttl,
                      .purge_interval = options.helm_cache_purge_interval},
                     storage, RealClock(), &process->registry());

  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kGitRepository.name, [&](const runtime::Store& store) {
        return std::make_unique<SourceReconciler>(kGitRepository, store, with, [&](Value object) {
          return std::make_unique<GitRepositoryReconciliation>(with, fetcher, std::move(object));
        });
      }));
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kHelmRepository.name, [&](const runtime::Store& store) {
        return std::make_unique<HelmRepositoryReconciler>(store, with, indexes);
      }));
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kBucket.name, [&](const runtime::Store& store) {
        return std::make_unique<SourceReconciler>(kBucket, store, with, [&](Value object) {
          return std::make_unique<BucketReconciliation>(with, cloud, std::move(object));
        });
      }));
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kOciRepository.name, [&](const runtime::Store& store) {
        return std::make_unique<SourceReconciler>(kOciRepository, store, with, [&](Value object) {
          return std::make_unique<OciRepositoryReconciliation>(with, cloud, std::move(object));
        });
      }));
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kHelmChart.name, [&](const runtime::Store& store) {
        return std::make_unique<SourceReconciler>(kHelmChart, store, with, [&](Value object) {
          return std::make_unique<HelmChartReconciliation>(with, cloud, indexes, std::move(object));
        });
      }));
  ChartTriggers chart_triggers(kinds.back()->informer(), kinds.back()->controller());
  for (const auto& kind : kinds) chart_triggers.Follow(kind->informer());
  auto external =
      std::make_unique<runtime::Informer>(process->client(), api::KindOrDie("ExternalArtifact"),
                                          options.process.Watched(), RealClock());
  informers.push_back(external.get());
  artifact::FetcherOptions fetching;
  fetching.attempts = 3;  // what fails is tried again by the work loop
  fetching.cache_bytes = 0;
  artifact::Fetcher downloads(process->transport(), fetching, RealClock());
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, "ArtifactGenerator", [&](const runtime::Store& store) {
        return std::make_unique<ArtifactGeneratorReconciler>(store, with, downloads);
      }));
  GeneratorTriggers generator_triggers(kinds.back()->informer(), kinds.back()->controller());
  for (const auto& kind : kinds) generator_triggers.Follow(kind->informer());
  generator_triggers.Follow(*external);
  for (const auto& kind : kinds) {
    board.Follow(kind->informer());
    PublishChanges(kind->informer(), hub);
    ForgetTokens(kind->informer(), tokens);
  }
  PublishChanges(*external, hub);
  // Their threads tell triggers that are declared after them.
  const absl::Cleanup stop_watching = [&] {
    external.reset();
    kinds.clear();
  };

  controller_rpc::ControllerServer grpc(*process, board);
  const auto artifact_service =
      controller_rpc::CreateArtifactService(hub, grpc.guard(), RealClock(), grpc.calls());
  grpc.Add("sluice.source.v1.ArtifactService", *artifact_service);

  // Of a process that was killed here before, which may have run out of memory again and again.
  const auto abandoned = disk::TempDir::RemoveAbandoned("sluice-tmp-");
  if (!abandoned.ok()) {
    log::Info(Context::Background(), "temporary directories not cleaned up",
              {{"error", abandoned.status().message()}});
  }
  // Only the replica that works has artifacts to serve and to tell of, unless they are shared.
  if (!access->shared()) RETURN_IF_ERROR(process->WaitForLeadership());
  http::Handler files = FileHandler(storage.files());
  if (!access->shared()) {
    ASSIGN_OR_RETURN(files, FileHandler(options.storage_path));
  }
  ASSIGN_OR_RETURN(const auto artifact_server,
                   http::Server::Start({.address = options.storage_address}, std::move(files)));
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(runtime::StartInformers(*process, informers, kinds));
  if (access->shared()) {
    process->SetReady();
    RETURN_IF_ERROR(process->WaitForLeadership());
  }
  RETURN_IF_ERROR(runtime::StartWorkers(*process, kinds));
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "source-controller";
  Command command("source-controller",
                  "Fetches Git repositories and other sources, and publishes them as artifacts.");
  AddFlags(command, options);
  return runtime::RunController(command, argc, argv, [&] { return Run(std::move(options)); });
}

}  // namespace sluice::source_controller
