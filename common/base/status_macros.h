// Early returns for absl::Status. These two and no cleverer ones.
//
//   RETURN_IF_ERROR(store.Put(object));
//   ASSIGN_OR_RETURN(const Chart chart, LoadChart(tree));
//
// To add what was being attempted, use Annotate() from common/base/status.h on the status first.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                                                 \
  do {                                                                              \
    if (absl::Status status_macro_value = (expression); !status_macro_value.ok()) { \
      return status_macro_value;                                                    \
    }                                                                               \
  } while (false)

#define SLUICE_MACRO_JOIN_INNER(a, b) a##b
#define SLUICE_MACRO_JOIN(a, b) SLUICE_MACRO_JOIN_INNER(a, b)

#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(SLUICE_MACRO_JOIN(status_or_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(variable, declaration, expression) \
  auto variable = (expression);                                   \
  if (!variable.ok()) return std::move(variable).status();        \
  declaration = std::move(variable).value()
