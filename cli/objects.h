// Objects that a command names, and waiting for them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/connection.h"
#include "cli/kinds.h"
#include "common/kube/object_key.h"

namespace sluice::cli {

struct Target {
  const KindView* view = nullptr;
  kube::ObjectKey key;
};

// The live object. kNotFound with Flux's words.
absl::StatusOr<Value> FindObject(const Context& ctx, Connection& connection, const Target& target);

// The objects that a command is about: `words` name a kind and objects of it; or all of the kind in
// the namespace, or those with the labels.
struct Selection {
  std::vector<std::string> words;
  bool all = false;
  std::string label_selector;
};
void AddSelectionFlags(Command& command, Selection& selection);

struct Selected {
  const KindView* view = nullptr;
  std::vector<Value> objects;         // by name, or in the order of the names given
  std::vector<absl::Status> missing;  // of names given
};
// A UsageError for words that make no sense; kNotFound if nothing is selected.
absl::StatusOr<Selected> SelectObjects(const Context& ctx, Connection& connection,
                                       absl::string_view verb, const Selection& selection);

// The source of `object` (of `target`), or an image policy's repository: what has to be fresh
// before it is. kFailedPrecondition if it names none of our kinds.
absl::StatusOr<Target> SourceOf(const Target& target, const Value& object);

enum class Progress { kPending, kDone, kFailed };
// Ready for its present generation, or Stalled for it (kstatus).
Progress ReadyProgress(const Value& object);

// The object as soon as `progress` says kDone; a deleted one is null. kFailedPrecondition with its
// Ready message on kFailed; kDeadlineExceeded, with that message too, when `ctx` ends before.
absl::StatusOr<Value> AwaitObject(const Context& ctx, Connection& connection, const Target& target,
                                  const std::function<Progress(const Value&)>& progress);

// The same for several at once, by their order in `targets`.
std::vector<absl::StatusOr<Value>> AwaitObjects(
    const Context& ctx, Connection& connection, std::span<const Target> targets,
    const std::function<Progress(const Value&)>& progress);

}  // namespace sluice::cli
