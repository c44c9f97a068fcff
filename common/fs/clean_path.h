// Paths inside a Tree: relative, "/" between elements, nothing that could leave the root.
//
// All of it is lexical: no link is looked at, which is right for Trees, since they follow none. A
// backslash is an ordinary byte of a name here, as it is on Linux; what comes from an archive is
// held to stricter rules there (common/archive).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::fs {

// The longest path, in bytes; Linux's PATH_MAX without its final NUL.
inline constexpr size_t kMaxPathBytes = 4095;

// How deep directories may be nested in what we walk, unpack or write.
inline constexpr size_t kMaxDepth = 256;

// Whether `path` is in the form that Tree's functions take: "" or elements joined by "/", none of
// them empty, "." or "..", no NUL, at most kMaxPathBytes.
bool IsCleanPath(absl::string_view path);

// OK if IsCleanPath(path), otherwise kInvalidArgument saying what is wrong with it.
absl::Status CheckCleanPath(absl::string_view path);

// `path` with empty and "." elements dropped and ".." resolved: "./a//b/../c/" is "a/c", "." and ""
// are "". kInvalidArgument if it is absolute, holds a NUL, is too long or leads above the root.
absl::StatusOr<std::string> CleanPath(absl::string_view path);

// `path` as seen from the directory `base`: JoinPath("a/b", "../c") is "a/c". An error under the
// rules of CleanPath: "../.." from "a" leads above the root, and an absolute `path` is refused.
absl::StatusOr<std::string> JoinPath(absl::string_view base, absl::string_view path);

// Like JoinPath, but what would lead above `base` stops at it and an absolute path starts at it,
// as a chroot would have it: SecureJoin("a", "/../../etc") is "a/etc". These are the rules of
// securejoin (cyphar/filepath-securejoin 0.4), by which Flux resolves `spec.path`. Only a NUL or
// too long a path is an error.
absl::StatusOr<std::string> SecureJoin(absl::string_view base, absl::string_view path);

// The last element of a clean path, "" for the root; and what is above it, "" at the top.
absl::string_view BaseName(absl::string_view path ABSL_ATTRIBUTE_LIFETIME_BOUND);
absl::string_view ParentPath(absl::string_view path ABSL_ATTRIBUTE_LIFETIME_BOUND);

}  // namespace sluice::fs
