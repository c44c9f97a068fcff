// Storage: the revisions of releases in a namespace, one Secret each, as Helm keeps them.
//
//   sh.helm.release.v1.NAME.vREVISION   type helm.sh/release.v1
//   labels name, owner=helm, status, version, createdAt or modifiedAt

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/helm_release/record.h"
#include "common/kube/client.h"

namespace sluice::helm_release {

// A revision as it was listed; what is inside is decoded when it is asked for. A cheap copy.
class Revision {
 public:
  explicit Revision(Value secret) : secret_(std::make_shared<const Value>(std::move(secret))) {}

  int64_t version() const;
  Status status() const;  // by the label
  // When it was written last, by the labels; InfinitePast() if they do not say.
  absl::Time modified() const;
  // Whether it was read as a whole; an index knows labels only.
  bool has_record() const;
  // The errors of helm_release::Decode().
  absl::StatusOr<Record> Decode() const;
  std::string secret_name() const;
  std::string resource_version() const;

 private:
  std::shared_ptr<const Value> secret_;
};

// What was read of a release, and how we have changed it since, is remembered: a Storage lives as
// long as one reconciliation. Not thread-safe.
class Storage {
 public:
  // `client` and `clock` must outlive it. What it writes that has an intent names `instance` in it.
  Storage(kube::Client& client, std::string ns, Clock& clock, std::string instance = "")
      : client_(client), ns_(std::move(ns)), clock_(clock), instance_(std::move(instance)) {}

  // Called with each record that was stored or changed, after that.
  void OnWrite(std::function<void(const Record&)> on_write) { on_write_ = std::move(on_write); }

  const std::string& ns() const { return ns_; }

  // Spares a list where an index shows the revisions of release `name` (as from List(), without
  // records): List() then reads only those that decide what a release is, the newest, the deployed
  // and the pending, and lists after all if one of them is not as the index has it. (A list looks
  // at every Secret of the namespace: with a thousand releases it is most of what an upgrade
  // costs.)
  void Expect(const std::string& name, std::vector<Revision> indexed);

  // Whether List() needs no request.
  bool Knows(const std::string& name) const { return known_.contains(name); }
  // All revisions of the release, newest first; empty if there are none. Errors are the API's,
  // "query: failed to query with labels: …" before them.
  absl::StatusOr<std::vector<Revision>> List(const Context& ctx, const std::string& name);
  // The same, all of them with records, as the API server has them now.
  absl::StatusOr<std::vector<Revision>> ListAnew(const Context& ctx, const std::string& name) {
    known_.erase(name);
    expected_.erase(name);
    return List(ctx, name);
  }
  // kNotFound "release: not found" if there is no such revision.
  absl::StatusOr<Record> Get(const Context& ctx, const std::string& name, int64_t version);

  // kAlreadyExists "release: already exists" if there is that revision.
  absl::Status Create(const Context& ctx, const Record& record);
  // Replaces the Secret. kNotFound if there is none.
  absl::Status Update(const Context& ctx, const Record& record);
  // Nothing to do, and no error, if it is gone.
  absl::Status Delete(const Context& ctx, const std::string& name, int64_t version);

  // Deletes the oldest of `revisions` (as from List()) until there is room for one more below
  // `max_history`; the newest deployed one stays. 0 is without limit.
  absl::Status MakeRoom(const Context& ctx, const std::string& name,
                        const std::vector<Revision>& revisions, int64_t max_history);

 private:
  Value SecretOf(const Record& record, absl::string_view time_label) const;
  // What was expected of the release, read; false if it is not so.
  bool ReadExpected(const Context& ctx, const std::string& name);
  // Revision `version` is this Secret now, or, if it is null, gone.
  void Note(const std::string& name, int64_t version, Value secret);

  kube::Client& client_;
  const std::string ns_;
  Clock& clock_;
  const std::string instance_;
  std::function<void(const Record&)> on_write_;
  std::map<std::string, std::vector<Revision>> known_;     // by release
  std::map<std::string, std::vector<Revision>> expected_;  // not read yet
};

// Tells these revisions from any others, and from themselves at another time.
std::string VersionsOf(const std::vector<Revision>& revisions);

// The newest revision that can be decoded; kNotFound if there is none. Of those, the newest that is
// deployed.
absl::StatusOr<Record> LastOf(const std::vector<Revision>& revisions);
absl::StatusOr<Record> DeployedOf(const std::vector<Revision>& revisions);

}  // namespace sluice::helm_release
