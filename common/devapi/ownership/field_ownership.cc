// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/field_ownership.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/ownership/last_applied.h"
#include "common/devapi/ownership/reconcile_fields.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/devapi/ownership/typed_value.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kBeforeFirstApply[] = "before-first-apply";

// "/v1" for the core group, as Go prints it.
std::string GroupVersion(absl::string_view api_version) {
  const bool core = api_version.find('/') == absl::string_view::npos;
  return absl::StrCat(core ? "/" : "", api_version);
}

std::string ObjectName(const Value& object, const std::string& api_version,
                       const std::string& kind) {
  return absl::StrCat(object["metadata"]["namespace"].str(), "/", object["metadata"]["name"].str(),
                      "; ", GroupVersion(api_version), ", Kind=", kind);
}

Value InVersion(const FieldManagerOptions& options, const Value& object,
                absl::string_view api_version) {
  if (object["apiVersion"].str() == api_version) return object;
  if (options.convert != nullptr) return options.convert(object, api_version);
  Value converted = object;
  converted.Set("apiVersion", api_version);
  return converted;
}

Value WithoutManagedFields(Value object) {
  if (Value* metadata = object.FindMutable("metadata"); metadata != nullptr) {
    metadata->Erase("managedFields");
  }
  return object;
}

}  // namespace

// Fields that others own, by owner.
struct FieldManager::Conflicts {
  std::map<ManagerId, FieldSet> by_owner;

  bool empty() const { return by_owner.empty(); }

  void Forgive(const FieldSet& allowed) {
    for (auto it = by_owner.begin(); it != by_owner.end();) {
      it->second = it->second.Difference(allowed);
      it = it->second.empty() ? by_owner.erase(it) : std::next(it);
    }
  }

  void Print(Applied& out) const {
    std::vector<std::string> lines;
    for (const auto& [owner, fields] : by_owner) {
      lines.push_back(absl::StrCat("conflicts with ", owner.Printed(), ":"));
      fields.ForEach([&, &id = owner](const Path& path) {
        out.conflicts.push_back({id.Printed(), ToString(path)});
        lines.push_back(absl::StrCat("- ", ToString(path)));
      });
    }
    out.message = out.conflicts.size() == 1
                      ? absl::StrCat("Apply failed with 1 conflict: ", out.conflicts[0].Message(),
                                     ": ", out.conflicts[0].field)
                      : absl::StrCat("Apply failed with ", out.conflicts.size(),
                                     " conflicts: ", absl::StrJoin(lines, "\n"));
  }
};

// One write, with the managed fields it works on.
class FieldManager::Operation {
 public:
  Operation(const FieldManagerOptions& options, ManagedFields managed)
      : options_(&options), managed_(std::move(managed)) {
    for (const std::vector<std::string>& path : options.reset_fields) {
      reset_.Insert(FieldPathOf(path));
    }
  }

  ManagedFields& managed() { return managed_; }

  // `object` replaces `live`; `name` becomes the owner of what changes.
  absl::Status Update(const Value& live, const Value& object, absl::string_view name,
                      const std::string& time) {
    const Value before = InVersion(live, options_->api_version);
    const Value after = InVersion(object, options_->api_version);
    RETURN_IF_ERROR(CheckTyped(*options_->schema, after, true));
    RETURN_IF_ERROR(CheckTyped(*options_->schema, before, true));
    const ManagerId id = UpdateId(name);
    ReconcileAll();
    absl::StatusOr<Comparison> change = Settle(before, after, nullptr, true, nullptr);
    if (!change.ok()) return change.status();
    FieldSet mine = change->modified.Union(change->added);
    mine = mine.RecursiveDifference(reset_).Difference(ServerFields());
    if (!mine.empty()) {
      const auto previous = managed_.find(id);
      ManagedEntry& entry = managed_[id];
      if (previous != managed_.end()) mine = mine.Union(entry.fields);
      entry = {std::move(mine), options_->api_version, time};
    }
    CapUpdates(managed_);
    return absl::OkStatus();
  }

  // The merged object, or null if it is equal to `live`. With `conflicts` filled, nothing changed.
  absl::StatusOr<Value> Apply(const Value& live, const Value& patch, const ManagerId& id,
                              bool force, Conflicts& conflicts) {
    const Schema& schema = *options_->schema;
    ReconcileAll();
    absl::StatusOr<Value> merged = MergeTyped(schema, live, patch);
    if (!merged.ok()) return Annotate(merged.status(), "failed to merge config");
    std::optional<ManagedEntry> last;
    if (const auto it = managed_.find(id); it != managed_.end()) last = it->second;
    managed_[id] = {FieldsOf(schema, patch).RecursiveDifference(reset_), options_->api_version,
                    last.has_value() ? last->time : ""};
    Value object = last.has_value() ? Prune(*std::move(merged), *last, id) : *std::move(merged);
    absl::StatusOr<Comparison> change = Settle(live, object, &id, force, &conflicts);
    if (!change.ok()) return change.status();
    if (!conflicts.empty()) return Value();
    StripServerFields(managed_, id);
    if (CompareValues(live, object) == 0) return Value();
    return object;
  }

 private:
  ManagerId UpdateId(absl::string_view name) const {
    return {std::string(name.empty() ? "unknown" : name), false, options_->api_version,
            options_->subresource};
  }

  const Schema* SchemaOf(absl::string_view api_version) const {
    if (api_version == options_->api_version) return options_->schema;
    return options_->schema_of == nullptr ? nullptr : options_->schema_of(api_version);
  }

  Value InVersion(const Value& object, absl::string_view api_version) const {
    return devapi::InVersion(*options_, object, api_version);
  }

  // Adapts recorded fields to what the schema says now.
  void ReconcileAll() {
    for (auto it = managed_.begin(); it != managed_.end();) {
      const Schema* const schema = SchemaOf(it->second.api_version);
      if (schema == nullptr) {
        it = managed_.erase(it);
        continue;
      }
      it->second.fields = ReconcileWithSchema(*schema, it->second.fields);
      ++it;
    }
  }

  // Takes what changes between `before` and `after` from its owners other than `self`, or reports
  // it as conflicts unless `force`. Returns the change in the request's version.
  absl::StatusOr<Comparison> Settle(const Value& before, const Value& after, const ManagerId* self,
                                    bool force, Conflicts* conflicts) {
    std::map<std::string, Comparison> changes;
    ASSIGN_OR_RETURN(changes[options_->api_version],
                     Compare(*options_->schema, before, after, true));
    std::map<ManagerId, FieldSet> lost;
    for (const auto& [id, entry] : managed_) {
      if (self != nullptr && id == *self) continue;
      auto change = changes.find(entry.api_version);
      if (change == changes.end()) {
        const Schema* const schema = SchemaOf(entry.api_version);
        if (schema == nullptr) continue;
        ASSIGN_OR_RETURN(Comparison other, Compare(*schema, InVersion(before, entry.api_version),
                                                   InVersion(after, entry.api_version), false));
        change = changes.emplace(entry.api_version, std::move(other)).first;
      }
      FieldSet taken =
          entry.fields.Intersection(change->second.modified.Union(change->second.added));
      if (!taken.empty()) {
        if (!force && conflicts != nullptr) conflicts->by_owner[id] = taken;
        lost[id] = lost[id].Union(taken);
      }
      if (!change->second.removed.empty()) lost[id] = lost[id].Union(change->second.removed);
    }
    if (conflicts != nullptr && !conflicts->empty()) return Comparison();
    for (const auto& [id, fields] : lost) {
      managed_[id].fields = managed_[id].fields.Difference(fields);
    }
    for (auto it = managed_.begin(); it != managed_.end();) {
      it = it->second.fields.empty() ? managed_.erase(it) : std::next(it);
    }
    return changes[options_->api_version];
  }

  absl::StatusOr<Comparison> Compare(const Schema& schema, const Value& before, const Value& after,
                                     bool filtered) const {
    absl::StatusOr<Comparison> change = CompareTyped(schema, before, after);
    if (!change.ok()) return Annotate(change.status(), "failed to compare objects");
    if (filtered) {
      change->removed = change->removed.RecursiveDifference(reset_);
      change->modified = change->modified.RecursiveDifference(reset_);
      change->added = change->added.RecursiveDifference(reset_);
    }
    return change;
  }

  // `merged` without what the manager applied last time, does not apply now, and nobody else owns.
  Value Prune(Value merged, const ManagedEntry& last, const ManagerId& id) {
    if (last.fields.empty()) return merged;
    const Schema* const schema = SchemaOf(last.api_version);
    if (schema == nullptr) return merged;
    const Value converted = InVersion(merged, last.api_version);
    const FieldSet last_fields = last.fields.WithNamedFields(schema);
    Value pruned = WithoutFields(*schema, converted, last_fields);
    pruned = AddBackOwned(converted, std::move(pruned), last.api_version);
    pruned = AddBackDangling(*schema, converted, pruned, last_fields);
    return InVersion(pruned, managed_[id].api_version);
  }

  // What was taken out although someone, or the new configuration, owns it.
  Value AddBackOwned(const Value& merged, Value pruned, const std::string& first_version) {
    std::map<std::string, FieldSet> owned;
    for (const auto& [id, entry] : managed_) {
      owned[entry.api_version] = owned[entry.api_version].Union(entry.fields);
    }
    std::vector<std::string> versions;
    if (owned.count(first_version) > 0) versions.push_back(first_version);
    for (const auto& [version, fields] : owned) {
      if (version != first_version) versions.push_back(version);
    }
    for (const std::string& version : versions) {
      const Schema* const schema = SchemaOf(version);
      if (schema == nullptr) continue;
      const Value whole = InVersion(merged, version);
      pruned = InVersion(pruned, version);
      const FieldSet all = FieldsOf(*schema, whole).WithNamedFields(schema);
      const FieldSet kept = FieldsOf(*schema, pruned)
                                .WithNamedFields(schema)
                                .Union(owned[version].WithNamedFields(schema));
      pruned = WithoutFields(*schema, whole, all.Difference(kept));
    }
    return pruned;
  }

  // What was taken out although it did not belong to the manager.
  Value AddBackDangling(const Schema& schema, const Value& merged, const Value& pruned,
                        const FieldSet& last_fields) const {
    const Value converted = InVersion(pruned, merged["apiVersion"].str());
    const FieldSet kept = FieldsOf(schema, converted).WithNamedFields(&schema);
    const FieldSet all = FieldsOf(schema, merged).WithNamedFields(&schema);
    return WithoutFields(schema, merged, all.Difference(kept).Intersection(last_fields));
  }

  const FieldManagerOptions* options_;
  ManagedFields managed_;
  FieldSet reset_;
};

Value FieldManager::Empty() const {
  if (!options_.empty.is_null()) return options_.empty;
  return {{"apiVersion", options_.api_version}, {"kind", options_.kind}};
}

Value FieldManager::Update(const Value& live, const Value& object, absl::string_view manager,
                           absl::Time now) const {
  const Value& sent = object["metadata"]["managedFields"];
  const Value& stored = live["metadata"]["managedFields"];
  ManagedFields managed;
  const bool ignore_sent = !options_.subresource.empty();
  if (ignore_sent || !ResetsManagedFields(sent)) {
    absl::StatusOr<ManagedFields> decoded;
    if (!ignore_sent) decoded = DecodeManagedFields(sent);
    if (ignore_sent || !decoded.ok() || decoded->empty()) decoded = DecodeManagedFields(stored);
    if (decoded.ok()) managed = *std::move(decoded);
  }
  Value result = object;
  if (Value* metadata = result.FindMutable("metadata"); metadata != nullptr) {
    metadata->Erase("managedFields");
  }
  // An object from before ownership was recorded stays without, until it is first applied.
  const bool exists = !live["metadata"]["uid"].str().empty();
  if (managed.empty() && exists) return result;

  Operation operation(options_, std::move(managed));
  const Value before = WithoutManagedFields(live.empty() ? Empty() : live);
  if (operation.Update(before, result, manager, FormatRfc3339(now)).ok()) {
    SetManagedFields(operation.managed(), result);
  }
  return result;
}

absl::StatusOr<Applied> FieldManager::Apply(const Value& live, const Value& patch,
                                            absl::string_view manager, bool force,
                                            absl::Time now) const {
  if (patch["apiVersion"].str() != options_.api_version || patch["kind"].str() != options_.kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid object type: ", GroupVersion(patch["apiVersion"].str()),
                     ", Kind=", patch["kind"].str()));
  }
  if (!patch["metadata"]["managedFields"].is_null()) {
    return absl::InvalidArgumentError("metadata.managedFields must be nil");
  }
  absl::StatusOr<ManagedFields> managed = DecodeManagedFields(live["metadata"]["managedFields"]);
  if (!managed.ok()) {
    return absl::InternalError(
        absl::StrCat("failed to decode managed fields: ", managed.status().message()));
  }
  const std::string name = ObjectName(patch, options_.api_version, options_.kind);
  if (absl::Status fits = CheckTyped(*options_.schema, patch, false); !fits.ok()) {
    return absl::InternalError(
        absl::StrCat("failed to create typed patch object (", name, "): ", fits.message()));
  }

  const Value before = InVersion(options_, WithoutManagedFields(live.empty() ? Empty() : live),
                                 options_.api_version);
  const std::string time = FormatRfc3339(now);
  Operation operation(options_, *std::move(managed));
  if (operation.managed().empty()) {
    const absl::Status captured = operation.Update(Empty(), before, kBeforeFirstApply, time);
    if (!captured.ok()) {
      return absl::InternalError(
          absl::StrCat("failed to create manager for existing fields: ", captured.message()));
    }
  }
  const ManagerId id = {std::string(manager.empty() ? "unknown" : manager), true, "",
                        options_.subresource};
  Operation forced = operation;
  Conflicts conflicts;
  absl::StatusOr<Value> object = operation.Apply(before, patch, id, force, conflicts);
  if (!conflicts.empty() && manager == "kubectl") {
    // What client-side apply left behind may be taken over by kubectl's server-side apply.
    conflicts.Forgive(UnchangedSinceLastApplied(*options_.schema, options_.api_version, before));
    if (conflicts.empty()) object = forced.Apply(before, patch, id, true, conflicts);
    operation = std::move(forced);
  }
  if (!object.ok()) return absl::InternalError(object.status().message());
  if (!conflicts.empty()) {
    Applied refused;
    conflicts.Print(refused);
    return refused;
  }
  if (object->is_null()) {
    // Nothing changed but, perhaps, who owns what.
    *object = before;
  } else {
    if (options_.finish != nullptr) {
      ASSIGN_OR_RETURN(*object, options_.finish(*std::move(object)));
    }
    if (const auto it = operation.managed().find(id); it != operation.managed().end()) {
      it->second.time = time;
    }
  }
  if (manager == "kubectl" && HasLastApplied(*object)) {
    SetLastApplied(patch, *object);
  }
  SetManagedFields(operation.managed(), *object);
  return Applied{*std::move(object), {}, ""};
}

}  // namespace sluice::devapi
