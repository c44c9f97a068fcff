// Post-build variable substitution: "${name}" and its operators in the text of a manifest, as
// fluxcd/pkg/envsubst (July 2026) has them, quirks included. It is not a shell.
//
//   ${v}               the value              ${v^} ${v^^}    first / all in capitals
//   ${#v}              its length in bytes    ${v,} ${v,,}    first / all in small letters
//   ${v:p} ${v:p:l}    bytes from p, at most l
//   ${v#g} ${v##g}     without the shortest / longest prefix that the glob g matches
//   ${v%g} ${v%%g}     likewise the suffix
//   ${v/a/b} ${v//a/b} the first / every a replaced by b, as plain text
//   ${v/#a/b} ${v/%a/b}  a replaced at the start / end
//   ${v:-d} ${v:=d} ${v=d} ${v:?d} ${v:+d}   d if the value is empty or absent: all the same
//
// Arguments may hold substitutions. "$$" is one "$" and what follows it is plain text. "$name",
// "$(name)" and a lone "$" are plain text. A NUL ends the text.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::envsubst {

struct Options {
  // An absent variable is an error, but for the operators that give a default. Else it is empty.
  bool strict = false;
  size_t max_bytes = size_t{32} << 20;  // of the result, and of each argument
  uint64_t max_work = 500'000'000;      // bytes looked at, all in all; some seconds
};

// How deep substitutions may stand inside one another.
inline constexpr int kMaxNesting = 100;

// The value of a variable, or nullptr if there is none. What it points to must stay until Expand()
// returns.
using Lookup = absl::FunctionRef<const std::string*(absl::string_view name)>;

// `text` with all substitutions made.
//
// kInvalidArgument for a substitution that cannot be read ("bad substitution", "missing closing
// brace", "unable to parse variable name", "unable to parse substitution within function") or made,
// and for an absent variable in strict mode; kResourceExhausted where a limit is passed.
absl::StatusOr<std::string> Expand(absl::string_view text, Lookup lookup,
                                   const Options& options = {});

// OK if `name` may name a variable: ASCII letters, digits and "_", no digit first. Otherwise
// kInvalidArgument in Flux's words.
absl::Status CheckName(absl::string_view name);

}  // namespace sluice::envsubst
