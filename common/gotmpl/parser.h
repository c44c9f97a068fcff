// From the text of a file to the templates in it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/ast.h"
#include "common/gotmpl/function.h"

namespace sluice::gotmpl {

struct ParseLimits {
  size_t parentheses = 500;  // nested in one expression
  size_t blocks = 500;       // nested if, with, range, block; each {{else if}} counts
};

// The templates that `text` defines, by name; the file itself is among them as `name`. Functions
// must be in the table.
//
// kInvalidArgument with text/template's message: `template: t.yaml:3: unexpected "}" in operand`.
absl::StatusOr<std::map<std::string, std::shared_ptr<const Template>>> ParseTemplates(
    absl::string_view name, absl::string_view text, const FunctionTable& functions,
    const ParseLimits& limits = {});

}  // namespace sluice::gotmpl
