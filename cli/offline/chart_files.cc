// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/chart_files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/helm/loader.h"
#include "common/text/quote.h"

namespace sluice::cli {
namespace {

using ChartPointer = std::shared_ptr<const helm::Chart>;

constexpr size_t kLargestFile = 64 << 20;
constexpr absl::string_view kGzip = "\x1F\x8B\x08";

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

absl::StatusOr<ChartPointer> LoadArchiveFile(const std::string& path, helm::Dialect dialect) {
  ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  if (!absl::StartsWith(content, kGzip)) {
    if (absl::EndsWith(path, ".yml") || absl::EndsWith(path, ".yaml")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "file '", path, "' seems to be a YAML file, but expected a gzipped archive"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("file '", path, "' does not appear to be a gzipped archive; got '",
                     ContentType(content), "'"));
  }
  return helm::LoadArchive(content, {.dialect = dialect});
}

}  // namespace

std::string ContentType(absl::string_view content) {
  constexpr size_t kLooked = 512;
  if (absl::StartsWith(content, "PK\x03\x04")) return "application/zip";
  if (content.size() < kLooked) return "application/octet-stream";
  for (const char c : content.substr(0, kLooked)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool text =
        byte >= 0x20 || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B) || byte == 0x1B;
    if (!text) return "application/octet-stream";
  }
  return "text/plain; charset=utf-8";
}

absl::StatusOr<ChartPointer> LoadChart(const std::string& path, helm::Dialect dialect) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    if (absl::StartsWith(path, "/") || absl::StartsWith(path, ".")) {
      return absl::NotFoundError(absl::StrCat("path ", text::Quote(path), " not found"));
    }
    return absl::UnimplementedError(
        absl::StrCat(text::Quote(path),
                     " is no folder or archive here, and charts of repositories and registries are "
                     "not fetched: pull it first"));
  }
  // As Helm names it in messages.
  const std::string absolute = std::filesystem::absolute(path, error).lexically_normal().string();
  if (!std::filesystem::is_directory(status)) return LoadArchiveFile(absolute, dialect);
  ASSIGN_OR_RETURN(const auto tree, disk::DiskTree::Open(absolute));
  return helm::LoadTree(*tree, {.dialect = dialect});
}

absl::StatusOr<std::string> ReadValuesFile(const std::string& name) {
  if (absl::StripAsciiWhitespace(name) == "-") return ReadAll(std::cin, "standard input");
  if (absl::StrContains(name, "://")) {
    return absl::UnimplementedError(
        absl::StrCat(name, ": values are not fetched from elsewhere: download the file first"));
  }
  return ReadFile(name);
}

}  // namespace sluice::cli
