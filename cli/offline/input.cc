// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/input.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <istream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace sluice::cli {
namespace {

constexpr size_t kLargestFile = 64 << 20;

absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name) {
  std::string text;
  char block[64 << 10];
  while (in.read(block, sizeof(block)) || in.gcount() > 0) {
    text.append(block, static_cast<size_t>(in.gcount()));
    if (text.size() > kLargestFile) {
      return absl::ResourceExhaustedError(absl::StrCat(name, ": larger than 64 MiB"));
    }
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadStandardInput() { return ReadAll(std::cin, "standard input"); }

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  errno = 0;
  std::ifstream in(name, std::ios::binary);
  if (!in) {
    std::string reason = std::strerror(errno == 0 ? ENOENT : errno);
    reason[0] = absl::ascii_tolower(static_cast<unsigned char>(reason[0]));
    return absl::NotFoundError(absl::StrCat("open ", name, ": ", reason));
  }
  return ReadAll(in, name);
}

}  // namespace sluice::cli
