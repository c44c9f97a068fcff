// The errors that every Tree reports, so that they read the same whatever holds the files. The
// wording is that of Go's *fs.PathError, which is what Flux and kustomize show.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::fs {

// `operation` is "stat", "open" or "readlink".

// kNotFound, "<operation> <path>: no such file or directory". Also for a path that goes through a
// file or a link, since nothing can be there.
absl::Status NoSuchEntry(absl::string_view operation, absl::string_view path);
// kFailedPrecondition.
absl::Status NotADirectory(absl::string_view operation, absl::string_view path);
absl::Status NotAFile(absl::string_view operation, absl::string_view path);
absl::Status NotALink(absl::string_view operation, absl::string_view path);
// kResourceExhausted: the file has more than `limit` bytes.
absl::Status FileTooLarge(absl::string_view path, size_t limit);

}  // namespace sluice::fs
