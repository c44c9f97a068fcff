// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_generator/reconciler.h"

#include <string>
#include <utility>
#include <vector>

#include "common/api/kinds.h"
#include "common/api/source/artifact_generator.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"
#include "common/runtime/predicates.h"
#include "services/source-controller/artifact_generator/reconciliation.h"

namespace sluice::source_controller {
namespace {

using runtime::Action;

constexpr char kKind[] = "ArtifactGenerator";

}  // namespace

ArtifactGeneratorReconciler::ArtifactGeneratorReconciler(const runtime::Store& store,
                                                         const Collaborators& with,
                                                         artifact::Fetcher& fetcher)
    : store_(store), with_(with), fetcher_(fetcher) {}

absl::StatusOr<Action> ArtifactGeneratorReconciler::Reconcile(const Context& ctx,
                                                              const kube::ObjectKey& key) {
  if (store_.Find(key) == nullptr) return Action::AwaitChange();
  const kube::Resource& resource = api::KindOrDie(kKind);
  auto object = with_.client.Get(ctx, resource, key);
  bool is_new = false;
  if (object.ok() && !kube::Deleting(*object) &&
      !runtime::HasFinalizer(*object, api::kGeneratorFinalizer)) {
    is_new = true;
    object = runtime::AddFinalizer(ctx, with_.client, resource, *object, kGeneratorManager,
                                   api::kGeneratorFinalizer);
  }
  if (absl::IsNotFound(object.status())) return Action::AwaitChange();
  RETURN_IF_ERROR(object.status());
  const bool deleting = kube::Deleting(*object);
  GeneratorReconciliation reconciliation(with_, fetcher_, *std::move(object), is_new);
  if (!deleting) return reconciliation.Run(ctx);
  RETURN_IF_ERROR(reconciliation.Remove(ctx));
  return Action::AwaitChange();
}

GeneratorTriggers::GeneratorTriggers(runtime::Informer& generators, runtime::Controller& controller)
    : controller_(controller) {
  generators.AddHandler([this](const runtime::Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    std::vector<std::string> sources;
    if (change.after != nullptr) {
      for (const auto& source : api::GeneratorSourcesOf((*change.after)["spec"], key.ns)) {
        sources.push_back(source.reference.ToString());
      }
    }
    sources_.Set(key, std::move(sources));
    // No new generation, so nobody else tells of it.
    if (change.before != nullptr && change.after != nullptr &&
        kube::Annotation(*change.before, api::kGeneratorReconcileAnnotation) !=
            kube::Annotation(*change.after, api::kGeneratorReconcileAnnotation)) {
      controller_.Wake(key);
    }
  });
}

void GeneratorTriggers::Follow(runtime::Informer& sources) {
  sources.AddHandler([this, kind = sources.resource().kind](const runtime::Change& change) {
    const Value& object = change.object();
    const kube::ObjectKey key = kube::KeyOf(object);
    if (runtime::ArtifactChanged(change)) {
      for (const kube::ObjectKey& generator :
           sources_.ReferrersOf(api::SourceReference{kind, key}.ToString())) {
        controller_.Wake(generator);
      }
    }
    const Value& maker = object["spec"]["sourceRef"];
    if (kind == "ExternalArtifact" && change.after == nullptr && maker["kind"].str() == kKind) {
      controller_.Wake({key.ns, std::string(maker["name"].str())});
    }
  });
}

}  // namespace sluice::source_controller
