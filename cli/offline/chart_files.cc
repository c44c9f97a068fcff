// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/chart_files.h"

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/offline/input.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/helm/loader.h"
#include "common/text/quote.h"

namespace sluice::cli {
namespace {

using ChartPointer = std::shared_ptr<const helm::Chart>;

constexpr absl::string_view kGzip = "\x1F\x8B\x08";

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
  if (absl::StripAsciiWhitespace(name) == "-") return ReadStandardInput();
  if (absl::StrContains(name, "://")) {
    return absl::UnimplementedError(
        absl::StrCat(name, ": values are not fetched from elsewhere: download the file first"));
  }
  return ReadFile(name);
}

}  // namespace sluice::cli
