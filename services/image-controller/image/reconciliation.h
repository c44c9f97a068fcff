// One reconciliation of one object: what all image kinds share. A kind derives from it, reads its
// spec, does its work in Attempt(), and says what news there are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/meta/condition.h"
#include "common/base/context.h"
#include "common/kube/object_key.h"
#include "common/runtime/status_writer.h"
#include "common/value/value.h"
#include "services/image-controller/image/collaborators.h"
#include "services/image-controller/image/outcome.h"

namespace sluice::image_controller {

// Not thread-safe. Made for one object as it was read, and used once: Run() or Remove().
class Reconciliation {
 public:
  // `with` must outlive it. `kind` is one of api::AllKinds().
  Reconciliation(const Collaborators& with, const char* kind, Value object);
  virtual ~Reconciliation() = default;
  Reconciliation(const Reconciliation&) = delete;
  Reconciliation& operator=(const Reconciliation&) = delete;

  const Value& object() const { return object_; }

  // Does the work and writes the status. An error is one of the last write.
  absl::StatusOr<Outcome> Run(const Context& ctx);
  // Lets a deleted object go.
  absl::Status Remove(const Context& ctx);

 protected:
  // The part of a kind's status that all have.
  struct StatusParts {
    int64_t& observed_generation;
    api::Conditions& conditions;
    std::string& last_handled_reconcile_at;
  };
  virtual StatusParts status() = 0;
  virtual Value EncodeStatus() const = 0;

  // Reads `spec`. kInvalidArgument naming the field.
  virtual absl::Status ReadSpec(const Value& spec) = 0;
  virtual Outcome Attempt(const Context& ctx) = 0;
  // Undoes what was done for the object.
  virtual absl::Status CleanUp() { return absl::OkStatus(); }

  // Of an object that was ready and still is: whether anybody wants to know, by default if Ready's
  // message changed.
  virtual bool HasNews() const;
  // What to say of a success: by default Ready's message; and of one without news.
  virtual std::string EventMessage() const;
  virtual std::string QuietMessage() const = 0;

  kube::ObjectKey key() const;
  int64_t generation() const;
  const Collaborators& with() const { return with_; }
  absl::Time started() const { return started_; }
  // Whether this run was asked for by annotation and is the first since.
  bool requested();

  // Shows that something is going on, and why; at once if the object is new or was asked for.
  absl::Status ShowProgress(const Context& ctx);
  // Reconciling=True. Ready becomes unknown if it is not known, or if `drift`.
  void Progress(bool drift, absl::string_view message);
  // A failure that an earlier run told of has passed.
  void ForgetFailure(absl::string_view reason);
  absl::Status Patch(const Context& ctx);

 private:
  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Finish(const Outcome& outcome);
  void Notify(const Outcome& outcome);

  const Collaborators& with_;
  const char* const kind_;
  const Value object_;
  const absl::Time started_;
  const api::Conditions before_;
  runtime::StatusWriter writer_;
};

}  // namespace sluice::image_controller
