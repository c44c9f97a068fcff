// SPDX-License-Identifier: Apache-2.0
#include "common/fs/tree_errors.h"

#include "absl/strings/str_cat.h"

namespace sluice::fs {
namespace {

absl::string_view Shown(absl::string_view path) { return path.empty() ? "." : path; }

}  // namespace

absl::Status NoSuchEntry(absl::string_view operation, absl::string_view path) {
  return absl::NotFoundError(
      absl::StrCat(operation, " ", Shown(path), ": no such file or directory"));
}

absl::Status NotADirectory(absl::string_view operation, absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(operation, " ", Shown(path), ": not a directory"));
}

absl::Status NotAFile(absl::string_view operation, absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(operation, " ", Shown(path), ": not a regular file"));
}

absl::Status NotALink(absl::string_view operation, absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(operation, " ", Shown(path), ": not a symbolic link"));
}

absl::Status FileTooLarge(absl::string_view path, size_t limit) {
  return absl::ResourceExhaustedError(
      absl::StrCat("read ", Shown(path), ": file is larger than the limit of ", limit, " bytes"));
}

}  // namespace sluice::fs
