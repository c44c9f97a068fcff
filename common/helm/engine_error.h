// The words in which Helm tells that a template failed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// What `fail` and `required` say, marked so that ExecutionError() finds it in the text around it.
std::string MarkMessage(absl::string_view message);

// Of a template that cannot be parsed: "parse error at (c/templates/t.yaml:1): …".
absl::Status ParseError(absl::string_view file, const absl::Status& error);

// Of one that failed while it ran: "execution error at (…): …" with a marked message, else the
// levels of the error, in Helm 4 on lines of their own.
absl::Status ExecutionError(absl::string_view file, const absl::Status& error, Dialect dialect);

}  // namespace sluice::helm
