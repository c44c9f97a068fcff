// What all `sluice create` commands share: `create KIND NAME` makes an object of flags, and prints
// it
// (--export), or writes it and waits until it is ready (spec/cli.md §5.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "common/flags/command.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::cli {

// The flags that every creation has.
struct CreateOptions {
  ConnectionOptions connection;
  std::string name;
  absl::Duration interval = absl::Minutes(1);
  std::vector<std::string> labels;
  bool exported = false;
};

// What flags say: a spec, and a Secret with credentials that came as flags, to be written before.
// `secret` is its stringData; the object refers to it as spec.secretRef.
struct Creation {
  Value spec;
  std::string secret_name;
  Value secret;
};

// Adds `command.Sub(name)`; `creation` says what its flags make, a UsageError if they make no
// sense. The kind is one of ours.
Command& AddCreation(Command& command, const std::string& name, absl::string_view kind,
                     const std::shared_ptr<CreateOptions>& options,
                     std::function<absl::StatusOr<Creation>()> creation);

// Adds `command.Sub(name)` for a Secret; `secret` gives all of it but kind, name and labels.
Command& AddSecretCreation(Command& command, const std::string& name,
                           const std::shared_ptr<CreateOptions>& options,
                           std::function<absl::StatusOr<Value>(const kube::ObjectKey& key)> secret);

// Fields that are left out when they are empty.
void SetText(Value& object, absl::string_view field, absl::string_view text);
void SetNameOf(Value& object, absl::string_view field, absl::string_view name);  // {name: NAME}
void SetDuration(Value& object, absl::string_view field, absl::Duration duration);
void SetTrue(Value& object, absl::string_view field, bool on);
// Adds to the list `field`.
void AppendTo(Value& object, absl::string_view field, Value value);

// "[<kind>/]<name>[.<namespace>]" as {kind, name, namespace}, the kind one of `kinds` in any case,
// their first if it is left out.
absl::StatusOr<Value> ParseReference(absl::string_view flag, absl::string_view text,
                                     std::vector<std::string> kinds, bool kind_required);
// "[<namespace>/]<name>" as {name, namespace}.
Value ParseDependency(absl::string_view text);

}  // namespace sluice::cli
