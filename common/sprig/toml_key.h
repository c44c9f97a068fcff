// What the writer and the reader of TOML share: keys, quoted texts and the forms of times.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "common/sprig/moment.h"

namespace sluice::sprig {

// In double quotes, what TOML does not allow there escaped.
std::string TomlQuoted(absl::string_view text);
// One part of a key, in quotes unless it has only letters, digits, "_" and "-".
std::string TomlKeyPart(absl::string_view part);
// The parts with points between.
std::string TomlKeyText(std::span<const std::string> key);

// How a time may be written, and the location that says so afterwards.
struct TomlTimeForm {
  absl::string_view layout;
  LocationPointer location;
};
// In the order in which they are tried.
std::span<const TomlTimeForm> TomlTimeForms();

}  // namespace sluice::sprig
