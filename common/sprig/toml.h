// TOML as BurntSushi/toml 1.6 writes and reads it, byte for byte and word for word: Helm's toToml
// and fromToml.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// Keys in order, those of scalars and lists before those of tables. kInvalidArgument for what TOML
// cannot hold, with the reference's message; kResourceExhausted if the value nests too deeply.
absl::StatusOr<std::string> EncodeToml(const gotmpl::Value& value, gotmpl::Session& session);

// A map with integers as int64 and dates as times. kInvalidArgument with line and key otherwise:
// `toml: line 2 (last key "a"): Key 'a' has already been defined.`.
absl::StatusOr<gotmpl::Value> DecodeToml(absl::string_view text);

}  // namespace sluice::sprig
