// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/app.h"

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/controller_server.h"
#include "common/git/checkout.h"
#include "common/git/mirror.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/controller_app.h"
#include "services/image-controller/image/reconciler.h"
#include "services/image-controller/image_policy/reconciliation.h"
#include "services/image-controller/image_policy/triggers.h"
#include "services/image-controller/image_repository/reconciliation.h"
#include "services/image-controller/image_update/reconciliation.h"
#include "services/image-controller/image_update/triggers.h"
#include "services/image-controller/options.h"

namespace sluice::image_controller {
namespace {

constexpr char kRepository[] = "ImageRepository";
constexpr char kPolicy[] = "ImagePolicy";
constexpr char kAutomation[] = "ImageUpdateAutomation";
constexpr char kGitRepository[] = "GitRepository";
// A mirror that no automation has used for so long belongs to one that is gone or was changed.
constexpr absl::Duration kMirrorLifetime = absl::Hours(24);

// Until `ctx` ends.
void CollectGarbage(const Context& ctx, const runtime::Store& repositories, TagStore& tags,
                    const std::string& mirrors, absl::Duration interval) {
  while (RealClock().Sleep(ctx, interval).ok()) {
    const auto removed = tags.CollectGarbage(
        [&repositories](const kube::ObjectKey& key) { return repositories.Find(key) != nullptr; });
    if (!removed.ok()) {
      log::Error(ctx, removed.status(), "tags of deleted objects are not removed");
    } else if (*removed > 0) {
      log::Info(ctx, "removed tags of deleted objects", {{"count", *removed}});
    }
    const auto pruned = git::PruneMirrors(ctx, mirrors, RealClock().Now() - kMirrorLifetime);
    if (!pruned.ok()) log::Debug(ctx, "mirrors not pruned", {{"error", pruned.status().message()}});
  }
}

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  options.process = process->options();
  RETURN_IF_ERROR(credentials::CheckIdentityFlags(options.identity()));
  if (options.process.sharding) {
    return absl::InvalidArgumentError(
        "--sharding is not for image-controller, whose tags are in files of one replica; use "
        "--enable-leader-election");
  }
  ASSIGN_OR_RETURN(
      const auto tags,
      TagStore::Open(options.storage_path,
                     static_cast<size_t>(std::max(options.storage_compression_threshold, 0))
                         << 10));
  cloud_identity::TokenCache tokens({.max_size = options.process.token_cache_max_size,
                                     .max_duration = options.process.token_cache_max_duration},
                                    RealClock(), &process->registry());
  const cloud_identity::Services cloud = {process->client(), process->transport(),
                                          cloud_identity::ProcessEnvironment(), RealClock()};
  const Collaborators with = {process->client(), *tags,      process->events(), cloud, tokens,
                              options,           RealClock()};
  sync_status::Board board;
  EmptyReads empty_reads;

  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kRepository, [&](const runtime::Store& store) {
        return std::make_unique<ImageReconciler>(kRepository, store, with, [&](Value object) {
          return std::make_unique<ImageRepositoryReconciliation>(with, std::move(object));
        });
      }));
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kPolicy, [&](const runtime::Store& store) {
        return std::make_unique<ImageReconciler>(kPolicy, store, with, [&](Value object) {
          return std::make_unique<ImagePolicyReconciliation>(with, empty_reads, std::move(object));
        });
      }));
  runtime::KindController& repositories = *kinds[0];
  runtime::KindController& policies = *kinds[1];
  const PolicyTriggers policy_triggers(policies.informer(), policies.controller(),
                                       repositories.informer());
  // Beside the tags, whose folders are never named so.
  const std::string mirrors = absl::StrCat(options.storage_path, "/.git-mirrors");
  const git::Checkouts checkouts(mirrors, RealClock());
  const Updater updater(checkouts, RealClock());
  kinds.push_back(std::make_unique<runtime::KindController>(
      *process, kAutomation, [&](const runtime::Store& store) {
        return std::make_unique<ImageReconciler>(kAutomation, store, with, [&](Value object) {
          return std::make_unique<ImageUpdateReconciliation>(with, updater, std::move(object));
        });
      }));
  // Sources are shared between shards, so the label selector is not theirs.
  runtime::Informer sources(process->client(), api::KindOrDie(kGitRepository),
                            {options.process.Watched().ns, "", ""}, RealClock());
  AutomationTriggers automation_triggers(kinds[2]->informer(), kinds[2]->controller(),
                                         policies.informer(), sources);
  for (const auto& kind : kinds) board.Follow(kind->informer());

  controller_rpc::ControllerServer grpc(*process, board);
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(process->WaitForLeadership());
  RETURN_IF_ERROR(runtime::StartControllers(*process, {&sources}, kinds));
  std::optional<std::jthread> garbage;
  if (options.gc_interval > 0) {
    garbage.emplace([&] {
      CollectGarbage(process->context(), repositories.informer().store(), *tags, mirrors,
                     absl::Minutes(options.gc_interval));
    });
  }
  const controller_rpc::ArtifactSubscriber subscriber(
      process->context(), options.source_address, controller_rpc::SecurityOf(*process),
      {.kinds = {kGitRepository}, .namespaces = {}},
      [&automation_triggers](const artifact::Event& event) {
        if (event.type == artifact::EventType::kSnapshot ||
            event.type == artifact::EventType::kUpdated) {
          automation_triggers.OnArtifact(event.publication.source,
                                         event.publication.artifact.revision);
        }
      },
      RealClock());
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "image-controller";
  Command command("image-controller", "Scans registries and writes new image tags back to Git.");
  AddFlags(command, options);
  return runtime::RunController(command, argc, argv, [&] { return Run(std::move(options)); });
}

}  // namespace sluice::image_controller
