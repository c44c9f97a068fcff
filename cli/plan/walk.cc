// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/walk.h"

#include <atomic>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/plan/render.h"
#include "common/api/kinds.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/walk.h"
#include "common/kube/object.h"
#include "common/value/yaml.h"

namespace sluice::plan {
namespace {

constexpr size_t kMaxUnits = 20'000;
constexpr unsigned kMaxThreads = 8;

std::unique_ptr<Unit> MakeUnit(Value object, std::string parent) {
  auto unit = std::make_unique<Unit>();
  unit->kind = std::string(object["kind"].str());
  unit->key = kube::KeyOf(object);
  unit->object = std::move(object);
  unit->parent = std::move(parent);
  return unit;
}

std::unique_ptr<Unit> RootUnit(const std::string& path) {
  return MakeUnit({{"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
                   {"kind", "Kustomization"},
                   {"metadata", {{"name", "flux-system"}, {"namespace", "flux-system"}}},
                   {"spec",
                    {{"interval", "10m"},
                     {"path", absl::StrCat("./", path)},
                     {"prune", true},
                     {"sourceRef", {{"kind", "GitRepository"}, {"name", "flux-system"}}}}}},
                  "");
}

bool IsUnit(const PlannedObject& object) {
  return (object.id.gvk.group == api::kKustomizeGroup && object.id.gvk.kind == "Kustomization") ||
         (object.id.gvk.group == api::kHelmGroup && object.id.gvk.kind == "HelmRelease");
}

std::string CleanedPath(absl::string_view path) {
  return fs::SecureJoin("", path).value_or(std::string(path));
}

class Walker {
 public:
  Walker(const Context& ctx, std::shared_ptr<const fs::Tree> repository, const WalkOptions& options)
      : ctx_(ctx),
        options_(options),
        plan_(std::make_unique<ClusterPlan>()),
        sources_(std::move(repository), options.local_sources, *plan_) {}

  absl::StatusOr<std::unique_ptr<ClusterPlan>> Run() {
    RenderRoot();
    bool last_resort = false;
    while (!pending_.empty()) {
      RETURN_IF_ERROR(ctx_.Check());
      last_resort = !RenderPending(last_resort);
      if (plan_->units().size() + pending_.size() > kMaxUnits) {
        return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxUnits, " units"));
      }
    }
    return std::move(plan_);
  }

 private:
  World WorldNow(bool last_resort) {
    return {*plan_,        sources_,      options_.charts,
            options_.memo, options_.keys, options_.capabilities,
            last_resort};
  }

  // The root as `flux bootstrap` declares it in its own folder, if it does.
  void RenderRoot() {
    std::unique_ptr<Unit> root = RootUnit(options_.path);
    RenderKustomization(ctx_, WorldNow(true), *root);
    if (root->record != nullptr) {
      for (const PlannedObject& object : root->record->objects()) {
        if (!IsUnit(object) || object.id.gvk.kind != "Kustomization") continue;
        Value declared = object.Parse();
        if (CleanedPath(declared["spec"]["path"].str()) != options_.path) continue;
        root = MakeUnit(std::move(declared), "");
        RenderKustomization(ctx_, WorldNow(true), *root);
        break;
      }
    }
    sources_.SetRoot(api::SourceOf(root->object));
    Take(std::move(root));
  }

  // Everything that is not waiting for something else; whether that was anything.
  bool RenderPending(bool last_resort) {
    std::vector<std::unique_ptr<Unit>> batch = std::exchange(pending_, {});
    std::vector<char> done(batch.size());
    std::atomic<size_t> next = 0;
    const World world = WorldNow(last_resort);
    const auto work = [&] {
      for (size_t i = next++; i < batch.size() && ctx_.Check().ok(); i = next++) {
        Unit& unit = *batch[i];
        done[i] = unit.kind == "Kustomization" ? RenderKustomization(ctx_, world, unit)
                                               : RenderHelmRelease(ctx_, world, unit);
      }
    };
    {
      std::vector<std::jthread> others;
      const unsigned threads = std::min(std::thread::hardware_concurrency(), kMaxThreads);
      for (unsigned i = 1; i < threads && i < batch.size(); ++i) others.emplace_back(work);
      work();
    }
    bool any = false;
    for (size_t i = 0; i < batch.size(); ++i) {
      if (done[i]) {
        any = true;
        Take(std::move(batch[i]));
      } else {
        pending_.push_back(std::move(batch[i]));
      }
    }
    return any;
  }

  // Adds a rendered unit to the plan, and its own units to those to render.
  void Take(std::unique_ptr<Unit> unit) {
    known_.insert(unit->subject());
    if (unit->record != nullptr) {
      for (const PlannedObject& object : unit->record->objects()) {
        if (!IsUnit(object)) continue;
        if (!known_.insert(absl::StrCat(object.id.gvk.kind, "/", object.id.key.ToString()))
                 .second) {
          continue;
        }
        pending_.push_back(MakeUnit(object.Parse(), unit->subject()));
      }
    }
    plan_->Add(std::move(unit));
  }

  const Context& ctx_;
  const WalkOptions& options_;
  std::unique_ptr<ClusterPlan> plan_;
  Sources sources_;
  std::vector<std::unique_ptr<Unit>> pending_;
  std::set<std::string> known_;  // subjects of all units met
};

bool IsBelow(absl::string_view path, absl::string_view folder) {
  return folder.empty() || path == folder || absl::StartsWith(path, absl::StrCat(folder, "/"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClusterPlan>> Walk(const Context& ctx,
                                                  std::shared_ptr<const fs::Tree> repository,
                                                  const WalkOptions& options) {
  return Walker(ctx, std::move(repository), options).Run();
}

absl::StatusOr<std::string> FindRoot(const Context& ctx, const fs::Tree& repository) {
  std::set<std::string> syncing_themselves;
  std::set<std::string> folders;  // of files with Kustomizations
  std::set<std::string> paths;    // that Kustomizations name
  RETURN_IF_ERROR(
      fs::Walk(repository, "", {},
               [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
                 RETURN_IF_ERROR(ctx.Check());
                 const bool yaml = absl::EndsWith(path, ".yaml") || absl::EndsWith(path, ".yml");
                 if (entry.type != fs::EntryType::kFile || !yaml) return fs::Visit::kContinue;
                 ASSIGN_OR_RETURN(const std::string text, repository.Read(path));
                 if (!absl::StrContains(text, "kustomize.toolkit.fluxcd.io/v1"))
                   return fs::Visit::kContinue;
                 const auto documents = value::ParseYamlStream(text);
                 if (!documents.ok()) return fs::Visit::kContinue;
                 for (const value::YamlDocument& document : *documents) {
                   const Value& object = document.value;
                   if (object["kind"].str() != "Kustomization" || !object["spec"].Has("sourceRef"))
                     continue;
                   const std::string folder(fs::ParentPath(path));
                   const std::string named = CleanedPath(object["spec"]["path"].str());
                   folders.insert(folder);
                   if (object["spec"]["sourceRef"]["kind"].str() == "ExternalArtifact") continue;
                   if (IsBelow(folder, named)) {
                     syncing_themselves.insert(named);
                   } else {
                     paths.insert(named);
                   }
                 }
                 return fs::Visit::kContinue;
               }));
  std::set<std::string> roots = syncing_themselves;
  if (roots.empty()) {
    for (const std::string& folder : folders) {
      const auto holds = [&](const std::string& path) { return IsBelow(folder, path); };
      if (std::none_of(paths.begin(), paths.end(), holds)) roots.insert(folder);
    }
  }
  if (roots.empty()) {
    return absl::NotFoundError("no Flux Kustomization here: say where they start with --path");
  }
  if (roots.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "several clusters may start here, say which with --path: ", absl::StrJoin(roots, ", ")));
  }
  return *roots.begin();
}

}  // namespace sluice::plan
