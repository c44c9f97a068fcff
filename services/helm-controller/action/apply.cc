// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/apply.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/ssa/managed_fields.h"
#include "common/value/merge_patch.h"
#include "services/helm-controller/action/three_way.h"

namespace sluice::helm_controller {
namespace {

// Quotas are counted with optimistic locking: somebody else's object may get in between.
constexpr int kQuotaAttempts = 5;
constexpr size_t kAtOnce = 4;  // objects of one kind

Value LogAttributes(const Resource& resource) {
  const std::string text = resource.ToString();
  return {{"gvk", text.substr(text.find(' ') + 1)},
          {"name", kube::Name(resource.object)},
          {"namespace", kube::Namespace(resource.object)}};
}

void NoteWritten(const Value& live, Resource& resource) {
  if (!absl::SimpleAtoi(kube::ResourceVersion(live), &resource.applied_version)) {
    resource.applied_version = 0;
  }
}

absl::StatusOr<Value> ServerSide(const Context& ctx, const Environment& with,
                                 const Resource& resource, bool force) {
  absl::StatusOr<Value> applied;
  for (int attempt = 0; attempt < kQuotaAttempts; ++attempt) {
    applied = with.client.Apply(
        ctx, resource.at, resource.object,
        {.field_manager = kFieldManager, .force = force, .field_validation = "Strict"});
    const bool quota = absl::IsAborted(applied.status()) &&
                       absl::StrContains(applied.status().message(), "resourcequota");
    if (!quota) break;
  }
  if (applied.ok()) return applied;
  return Annotate(
      applied.status(),
      absl::IsAborted(applied.status())
          ? absl::StrCat("conflict occurred while applying object ", resource.ToString())
          : absl::StrCat("server-side apply failed for object ", resource.ToString()));
}

// Server-side apply, whether the object is there or not. Fields that we, or a kubectl, own by other
// ways of writing become ours by Apply, so that leaving one out removes it.
absl::Status ApplyOver(const Context& ctx, const Environment& with, bool force,
                       bool take_over_fields, Resource& resource) {
  ASSIGN_OR_RETURN(Value live, ServerSide(ctx, with, resource, force));
  const Value patch = take_over_fields ? ssa::CleanupPatch(live, kFieldManager, {}) : Value();
  if (!patch.is_null()) {
    RETURN_IF_ERROR(with.client
                        .Patch(ctx, resource.at, resource.key(), kube::PatchType::kJson, patch,
                               {.field_manager = kFieldManager})
                        .status());
    ASSIGN_OR_RETURN(live, ServerSide(ctx, with, resource, force));
  }
  NoteWritten(live, resource);
  return absl::OkStatus();
}

absl::Status Create(const Context& ctx, const Environment& with, const ApplyOptions& options,
                    Resource& resource) {
  absl::Status done;
  if (options.server_side) {
    done = ApplyOver(ctx, with, /*force=*/options.take_over_fields, options.take_over_fields,
                     resource);
  } else {
    const auto created =
        with.client.Create(ctx, resource.at, resource.object,
                           {.field_manager = kFieldManager, .field_validation = "Strict"});
    if (created.ok()) NoteWritten(*created, resource);
    done = created.status();
  }
  with.log.Add(done.ok() ? "Created resource via patch" : "Error creating resource via patch",
               LogAttributes(resource));
  return done;
}

absl::Status ClientSide(const Context& ctx, const Environment& with, const Value& original,
                        const Value& live, const ApplyOptions& options, Resource& resource) {
  const kube::GroupVersionKind gvk = resource.at.gvk();
  const bool builtin = IsBuiltin(gvk);
  const Value patch = builtin || options.three_way_custom
                          ? ThreeWayPatch(gvk, original, resource.object, live)
                          : value::CreateMergePatch(original, resource.object);
  if (patch.empty()) {
    NoteWritten(live, resource);
    return absl::OkStatus();
  }
  const auto patched =
      with.client.Patch(ctx, resource.at, resource.key(),
                        builtin ? kube::PatchType::kStrategicMerge : kube::PatchType::kMerge, patch,
                        {.field_manager = kFieldManager});
  if (patched.ok()) NoteWritten(*patched, resource);
  return Annotate(patched.status(), absl::StrCat("cannot patch \"", kube::Name(resource.object),
                                                 "\" with kind ", gvk.kind));
}

absl::Status Replace(const Context& ctx, const Environment& with, const Value& live,
                     Resource& resource) {
  Value object = resource.object;
  object.Ensure("metadata").Set("resourceVersion", kube::ResourceVersion(live));
  const auto replaced = with.client.Update(
      ctx, resource.at, object, {.field_manager = kFieldManager, .field_validation = "Strict"});
  if (replaced.ok()) NoteWritten(*replaced, resource);
  return Annotate(replaced.status(), "failed to replace object");
}

const Resource* FindSame(const Resources& resources, const Resource& wanted) {
  for (const Resource& resource : resources) {
    if (resource.SameObject(wanted)) return &resource;
  }
  return nullptr;
}

struct Outcome {
  absl::Status status;
  bool created = false;
};

Outcome UpdateOne(const Context& ctx, const Environment& with, const Resources& originals,
                  const ApplyOptions& options, Resource& target) {
  Outcome outcome;
  const auto log = [&] {
    with.log.Add(outcome.status.ok() ? "Patched resource" : "Error patching resource",
                 LogAttributes(target));
  };
  // Applying needs to know nothing of what is there; who is to clean up after a failure does.
  if (options.server_side && !options.tell_created) {
    outcome.status = ApplyOver(ctx, with, /*force=*/true, options.take_over_fields, target);
    log();
    return outcome;
  }
  const auto live = with.client.Get(ctx, target.at, target.key());
  if (absl::IsNotFound(live.status())) {
    outcome.status = Annotate(Create(ctx, with, options, target), "failed to create resource");
    outcome.created = outcome.status.ok();
    return outcome;
  }
  if (!live.ok()) {
    outcome.status = Annotate(live.status(), "could not get information about the resource");
    return outcome;
  }
  if (options.server_side) {
    outcome.status = ApplyOver(ctx, with, /*force=*/true, options.take_over_fields, target);
  } else if (options.force_replace) {
    outcome.status = Replace(ctx, with, *live, target);
  } else {
    const Resource* const original = FindSame(originals, target);
    outcome.status = ClientSide(ctx, with, original == nullptr ? *live : original->object, *live,
                                options, target);
  }
  log();
  return outcome;
}

absl::Status DeleteStale(const Context& ctx, const Environment& with, const Resources& originals,
                         const Resources& targets) {
  std::vector<std::string> errors;
  for (const Resource& original : originals) {
    if (FindSame(targets, original) != nullptr) continue;
    const auto live = with.client.Get(ctx, original.at, original.key());
    if (!live.ok() || KeepsResource(*live)) continue;
    const absl::Status deleted = with.client.Delete(ctx, original.at, original.key());
    if (!deleted.ok() && !absl::IsNotFound(deleted)) errors.emplace_back(deleted.message());
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::UnknownError(absl::StrJoin(errors, " && "));
}

void AppendMessage(std::string* out, const absl::Status& status) {
  absl::StrAppend(out, status.message());
}

// Objects of one kind side by side, the kinds one after the other, as Helm does it.
void ForEachKindInTurn(const Resources& resources, const std::function<void(size_t)>& body) {
  for (size_t begin = 0; begin < resources.size();) {
    size_t end = begin + 1;
    while (end < resources.size() && resources[end].at == resources[begin].at) ++end;
    ParallelFor(end - begin, kAtOnce, [&](size_t i) {
      body(begin + i);
      return true;
    });
    begin = end;
  }
}

}  // namespace

absl::Status CreateAll(const Context& ctx, const Environment& with, const ApplyOptions& options,
                       Resources& resources) {
  with.log.Add("creating resource(s)", {{"resources", static_cast<int64_t>(resources.size())}});
  std::vector<absl::Status> results(resources.size());
  ForEachKindInTurn(resources, [&](size_t i) {
    results[i] = ctx.Check();
    if (results[i].ok()) results[i] = Create(ctx, with, options, resources[i]);
  });
  RETURN_IF_ERROR(ctx.Check());
  std::erase_if(results, [](const absl::Status& status) { return status.ok(); });
  if (results.empty()) return absl::OkStatus();
  return WithMessage(results.front(), absl::StrJoin(results, "\n", AppendMessage));
}

UpdateResult UpdateAll(const Context& ctx, const Environment& with, const Resources& originals,
                       const ApplyOptions& options, Resources& targets) {
  UpdateResult result;
  std::vector<Outcome> outcomes(targets.size());
  ForEachKindInTurn(targets, [&](size_t i) {
    outcomes[i].status = ctx.Check();
    if (outcomes[i].status.ok()) outcomes[i] = UpdateOne(ctx, with, originals, options, targets[i]);
  });
  if (result.status = ctx.Check(); !result.status.ok()) return result;
  std::vector<absl::Status> errors;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (outcomes[i].created) result.created.push_back(targets[i]);
    if (!outcomes[i].status.ok()) errors.push_back(std::move(outcomes[i].status));
  }
  result.status = errors.empty() ? DeleteStale(ctx, with, originals, targets)
                                 : absl::UnknownError(absl::StrJoin(errors, " && ", AppendMessage));
  return result;
}

absl::StatusOr<Resources> FindExisting(const Context& ctx, const Environment& with,
                                       const Resources& resources, bool check_ownership,
                                       const std::string& release, const std::string& ns) {
  Resources existing;
  for (const Resource& resource : resources) {
    const bool generated = !resource.object["metadata"]["generateName"].str().empty();
    if (generated && kube::Name(resource.object).empty()) continue;
    const auto live = with.client.Get(ctx, resource.at, resource.key());
    if (absl::IsNotFound(live.status())) continue;
    if (!live.ok()) {
      return Annotate(live.status(), "could not get information about the resource");
    }
    if (check_ownership) RETURN_IF_ERROR(CheckOwnership(release, ns, *live));
    existing.push_back({*live, resource.at});
  }
  return existing;
}

absl::Status DeleteAll(const Context& ctx, const Environment& with, const Resources& resources,
                       kube::Propagation propagation) {
  std::vector<std::string> errors;
  for (const Resource& resource : resources) {
    RETURN_IF_ERROR(ctx.Check());
    with.log.Add("Starting delete for resource", LogAttributes(resource));
    const absl::Status deleted =
        with.client.Delete(ctx, resource.at, resource.key(), {.propagation = propagation});
    if (!deleted.ok() && !absl::IsNotFound(deleted)) errors.emplace_back(deleted.message());
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::UnknownError(absl::StrJoin(errors, "; "));
}

}  // namespace sluice::helm_controller
