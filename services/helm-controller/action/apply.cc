// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/apply.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/ssa/managed_fields.h"
#include "common/value/merge_patch.h"
#include "services/helm-controller/action/three_way.h"

namespace sluice::helm_controller {
namespace {

// Quotas are counted with optimistic locking: somebody else's object may get in between.
constexpr int kQuotaAttempts = 5;

Value LogAttributes(const Resource& resource) {
  const std::string text = resource.ToString();
  return {{"gvk", text.substr(text.find(' ') + 1)},
          {"name", kube::Name(resource.object)},
          {"namespace", kube::Namespace(resource.object)}};
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

absl::Status Create(const Context& ctx, const Environment& with, const Resource& resource,
                    const ApplyOptions& options) {
  const absl::Status created =
      options.server_side
          ? ServerSide(ctx, with, resource, /*force=*/false).status()
          : with.client
                .Create(ctx, resource.at, resource.object,
                        {.field_manager = kFieldManager, .field_validation = "Strict"})
                .status();
  with.log.Add(created.ok() ? "Created resource via patch" : "Error creating resource via patch",
               LogAttributes(resource));
  return created;
}

// The fields that we own by Update become ours by Apply, so that leaving one out removes it.
absl::Status TakeOverFields(const Context& ctx, const Environment& with, const Resource& resource,
                            const Value& live) {
  const Value patch = ssa::CleanupPatch(live, kFieldManager, {});
  if (patch.is_null()) return absl::OkStatus();
  return with.client
      .Patch(ctx, resource.at, resource.key(), kube::PatchType::kJson, patch,
             {.field_manager = kFieldManager})
      .status();
}

absl::Status ClientSide(const Context& ctx, const Environment& with, const Resource& resource,
                        const Value& original, const Value& live, const ApplyOptions& options) {
  const kube::GroupVersionKind gvk = resource.at.gvk();
  const bool builtin = IsBuiltin(gvk);
  const Value patch = builtin || options.three_way_custom
                          ? ThreeWayPatch(gvk, original, resource.object, live)
                          : value::CreateMergePatch(original, resource.object);
  if (patch.empty()) return absl::OkStatus();
  const auto patched =
      with.client.Patch(ctx, resource.at, resource.key(),
                        builtin ? kube::PatchType::kStrategicMerge : kube::PatchType::kMerge, patch,
                        {.field_manager = kFieldManager});
  return Annotate(patched.status(), absl::StrCat("cannot patch \"", kube::Name(resource.object),
                                                 "\" with kind ", gvk.kind));
}

absl::Status Replace(const Context& ctx, const Environment& with, const Resource& resource,
                     const Value& live) {
  Value object = resource.object;
  object.Ensure("metadata").Set("resourceVersion", kube::ResourceVersion(live));
  const auto replaced = with.client.Update(
      ctx, resource.at, object, {.field_manager = kFieldManager, .field_validation = "Strict"});
  return Annotate(replaced.status(), absl::StrCat("failed to replace object"));
}

// `original` is null for an object that the release did not hold.
absl::Status UpdateOne(const Context& ctx, const Environment& with, const Resource& resource,
                       const Value* original, const Value& live, const ApplyOptions& options) {
  if (options.server_side) {
    if (options.take_over_fields) {
      RETURN_IF_ERROR(TakeOverFields(ctx, with, resource, live));
    }
    return ServerSide(ctx, with, resource, /*force=*/true).status();
  }
  if (options.force_replace) return Replace(ctx, with, resource, live);
  return ClientSide(ctx, with, resource, original == nullptr ? live : *original, live, options);
}

const Resource* FindSame(const Resources& resources, const Resource& wanted) {
  for (const Resource& resource : resources) {
    if (resource.SameObject(wanted)) return &resource;
  }
  return nullptr;
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

}  // namespace

absl::Status CreateAll(const Context& ctx, const Environment& with, const Resources& resources,
                       const ApplyOptions& options) {
  with.log.Add("creating resource(s)", {{"resources", static_cast<int64_t>(resources.size())}});
  absl::Status first;
  std::vector<std::string> errors;
  for (const Resource& resource : resources) {
    RETURN_IF_ERROR(ctx.Check());
    const absl::Status created = Create(ctx, with, resource, options);
    if (created.ok()) continue;
    if (first.ok()) first = created;
    errors.emplace_back(created.message());
  }
  return errors.empty() ? absl::OkStatus() : WithMessage(first, absl::StrJoin(errors, "\n"));
}

UpdateResult UpdateAll(const Context& ctx, const Environment& with, const Resources& originals,
                       const Resources& targets, const ApplyOptions& options) {
  UpdateResult result;
  std::vector<std::string> errors;
  for (const Resource& target : targets) {
    if (result.status = ctx.Check(); !result.status.ok()) return result;
    const auto live = with.client.Get(ctx, target.at, target.key());
    if (absl::IsNotFound(live.status())) {
      const absl::Status created = Create(ctx, with, target, options);
      if (!created.ok()) {
        result.status = Annotate(created, "failed to create resource");
        return result;
      }
      result.created.push_back(target);
      continue;
    }
    if (!live.ok()) {
      result.status = Annotate(live.status(), "could not get information about the resource");
      return result;
    }
    const Resource* const original = FindSame(originals, target);
    const absl::Status updated = UpdateOne(
        ctx, with, target, original == nullptr ? nullptr : &original->object, *live, options);
    with.log.Add(updated.ok() ? "Patched resource" : "Error patching resource",
                 LogAttributes(target));
    if (!updated.ok()) errors.emplace_back(updated.message());
  }
  result.status = errors.empty() ? DeleteStale(ctx, with, originals, targets)
                                 : absl::UnknownError(absl::StrJoin(errors, " && "));
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
