// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/app.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/artifact/hub.h"
#include "common/artifact/storage.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/controller_rpc/controller_server.h"
#include "common/crypto/random.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/controller_app.h"
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
#include "services/source-controller/rpc/artifact_service.h"
#include "services/source-controller/source/reconciler.h"

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

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  options.process = process->options();
  if (!options.process.default_service_account.empty() &&
      !options.process.feature_gates.Enabled(kObjectLevelWorkloadIdentity)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--default-service-account needs --feature-gates=", kObjectLevelWorkloadIdentity, "=true"));
  }

  artifact::StorageOptions storage_options;
  storage_options.root = options.storage_path;
  storage_options.retention_ttl = options.artifact_retention_ttl;
  storage_options.retention_records = options.artifact_retention_records;
  ASSIGN_OR_RETURN(storage_options.algorithm,
                   crypto::ParseAlgorithm(options.artifact_digest_algorithm));
  storage_options.advertised_host = options.storage_advertised_address.empty()
                                        ? artifact::AdvertisedHost(options.storage_address)
                                        : options.storage_advertised_address;
  ASSIGN_OR_RETURN(const auto storage, artifact::Storage::Open(storage_options, RealClock()));

  artifact::Hub hub(crypto::RandomHex(8));
  sync_status::Board board;
  const Collaborators with = {process->client(), *storage, hub,
                              process->events(), options,  RealClock()};
  cloud_identity::TokenCache tokens({.max_size = options.process.token_cache_max_size,
                                     .max_duration = options.process.token_cache_max_duration},
                                    RealClock());
  const CloudAccess cloud = {
      {process->client(), process->transport(), cloud_identity::ProcessEnvironment(), RealClock()},
      tokens,
      options};
  GitFetcher fetcher(cloud.services, tokens, options);

  IndexCache indexes({.max_size = options.helm_cache_max_size,
                      .ttl = options.helm_cache_ttl,
                      .purge_interval = options.helm_cache_purge_interval},
                     *storage, RealClock(), &process->registry());

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
  for (const auto& kind : kinds) {
    board.Follow(kind->informer());
    PublishChanges(kind->informer(), hub);
  }
  runtime::Informer external(process->client(), api::KindOrDie("ExternalArtifact"),
                             options.process.Watched(), RealClock());
  PublishChanges(external, hub);

  controller_rpc::ControllerServer grpc(*process, board);
  ArtifactServiceImpl artifact_service(hub, grpc.calls());
  grpc.Add("sluice.source.v1.ArtifactService", artifact_service);

  RETURN_IF_ERROR(process->WaitForLeadership());
  // Only the replica that works serves artifacts: the others have none.
  ASSIGN_OR_RETURN(http::Handler files, FileHandler(options.storage_path));
  ASSIGN_OR_RETURN(const auto artifact_server,
                   http::Server::Start({.address = options.storage_address}, std::move(files)));
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(runtime::StartControllers(*process, {&external}, kinds));
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "source-controller";
  Command command("source-controller",
                  "Fetches Git repositories and other sources, and publishes them as artifacts.");
  AddFlags(command, options);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto code = Run(std::move(options));
  if (code.ok()) return *code;
  if (absl::IsCancelled(code.status())) return 0;  // a signal while starting
  log::Error(Context::Background(), code.status(), "source-controller cannot go on");
  return 1;
}

}  // namespace sluice::source_controller
