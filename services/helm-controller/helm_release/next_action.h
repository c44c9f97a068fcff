// Which action a release needs next (spec/helm.md §2.13).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/helm-controller/helm_release/state.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

enum class ActionKind : uint8_t {
  kNone,
  kInstall,
  kUpgrade,
  kTest,
  kRollback,
  kUninstallRemediation,
  kUnlock,
  kCorrectDrift,
};

// "install", "correct cluster drift": as conditions name it.
absl::string_view NameOf(ActionKind kind);
absl::Duration TimeoutOf(ActionKind kind, const api::HelmReleaseSpec& spec);

// One reconciliation runs each class of actions once at most.
enum class ActionClass : uint8_t { kRelease, kRemediate, kTest, kUnlock, kDriftCorrection };
ActionClass ClassOf(ActionKind kind);

struct Choice {
  ActionKind action = ActionKind::kNone;
  // Why nothing more can be done without a change of the object; "" otherwise.
  std::string stalled_reason;   // RetriesExceeded, MissingRollbackTarget
  std::string stalled_message;  // of the condition Stalled
};

// Also brings the history and those conditions up to date that follow from the state alone. An
// error is one of the storage's.
absl::StatusOr<Choice> Choose(const Context& ctx, const Observed& observed, Work& work);

}  // namespace sluice::helm_controller
