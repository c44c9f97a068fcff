// Text to tree, by the grammar of CEL as cel-go 0.26 has it, macros and optional syntax included.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cel/ast.h"
#include "common/cel/features.h"

namespace sluice::cel {

// cel-go's bounds.
inline constexpr size_t kMaxExpressionCharacters = 100'000;
inline constexpr uint32_t kMaxExpressionDepth = 250;

// kInvalidArgument with every fault that was found in the form of FormatIssues (source.h): the
// first syntax error the parser cannot pass, and all before it.
absl::StatusOr<std::unique_ptr<Ast>> Parse(absl::string_view text, const Features& features);

}  // namespace sluice::cel
