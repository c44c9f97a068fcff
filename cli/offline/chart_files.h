// Charts and values files on disk, for `sluice template`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"

namespace sluice::cli {

// The chart in the folder or archive `path`. kNotFound, kInvalidArgument and others with Helm's
// words; kUnimplemented for names of charts in repositories, which are not fetched.
absl::StatusOr<std::shared_ptr<const helm::Chart>> LoadChart(const std::string& path,
                                                             helm::Dialect dialect);

// The content of a file; standard input for "-". kUnimplemented for URLs. Files of more than 64 MiB
// are kResourceExhausted.
absl::StatusOr<std::string> ReadValuesFile(const std::string& name);

// What a file seems to hold, as Go's http.DetectContentType says of its first 512 bytes, where
// Helm has zeros behind the end of shorter ones.
std::string ContentType(absl::string_view content);

}  // namespace sluice::cli
