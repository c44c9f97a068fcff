// Why a value is not valid: a tree of findings, and its text as the reference prints it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::jsonschema {

// How many findings are being held, over all trees of one evaluation. Branches of anyOf that fail
// before one matches come and go, so it counts down as well.
struct Ledger {
  size_t findings = 0;
  size_t bytes = 0;
};

struct Failure;
using FailurePtr = std::unique_ptr<Failure>;  // null: valid

struct Failure {
  enum class Kind : uint8_t {
    kFinding,
    kGroup,      // several findings of one schema
    kReference,  // those of a schema that was referred to; with a single cause only that is told
  };

  Failure() = default;
  Failure(Kind kind, std::string location, std::string message, Ledger* ledger);
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure();

  Kind kind = Kind::kFinding;
  // Beyond the limits: it counts, but there is nothing to tell.
  bool left_out = false;
  std::string location;  // of the value, as a JSON pointer
  std::string message;
  std::vector<FailurePtr> causes;

 private:
  Ledger* ledger_ = nullptr;
  size_t charged_ = 0;
};

// Adds a failure to others; of those that are left out one says it all.
void Keep(FailurePtr failure, std::vector<FailurePtr>& failures);

// The findings of a group, or `failure` alone.
std::vector<FailurePtr> Ungrouped(FailurePtr failure);

struct TextLimits {
  size_t findings;
  size_t bytes;
};

// One line a finding, joined with line feeds, causes two blanks further in. What exceeds the
// limits is replaced by a last line that says so.
std::string TextOf(std::span<const FailurePtr> failures, const TextLimits& limits);

// `text` in single quotes, as messages have it: 'it\'s "so"'.
std::string SingleQuoted(absl::string_view text);
// 'a', 'b'
std::string JoinQuoted(std::span<const std::string> texts);

}  // namespace sluice::jsonschema
