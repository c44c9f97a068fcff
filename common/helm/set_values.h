// The language of --set and its kin: "a.b[0].c=value,d={x,y}".
//
// Commas separate, a backslash takes the special meaning from the character behind it. A path is
// made of names and indexes; what it leads through is created.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"
#include "common/value/value.h"

namespace sluice::helm {

inline constexpr int64_t kMaxSetIndex = 65536;
inline constexpr int kMaxSetNesting = 30;

// What stands right of "=".
enum class SetForm : uint8_t {
  kTyped,    // --set: true, false, null and whole numbers (int64) are such, the rest is text
  kString,   // --set-string
  kFile,     // --set-file: the name of a file whose content is meant
  kJson,     // --set-json: JSON, its numbers doubles; nothing is null
  kLiteral,  // --set-literal: all that follows is text, and no character is special
};

// For kFile.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& name)>;

// Puts what `text` says into `values`, an object. kInvalidArgument with the words of Helm's strvals
// package; what was set before the error stays. `read` is needed for kFile only.
absl::Status SetValues(absl::string_view text, SetForm form, Dialect dialect, Value& values,
                       const FileReader& read = nullptr);

}  // namespace sluice::helm
