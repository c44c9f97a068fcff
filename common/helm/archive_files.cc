// SPDX-License-Identifier: Apache-2.0
#include "common/helm/archive_files.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/archive/byte_stream.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_reader.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::helm {
namespace {

constexpr size_t kGzipHeaderBytes = 10;

absl::Status Invalid(absl::string_view message) { return absl::InvalidArgumentError(message); }

// The shortest form of a path, as Go's path.Clean has it.
std::string Clean(absl::string_view path) {
  std::vector<absl::string_view> elements;
  for (const absl::string_view element : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (element == ".") continue;
    if (element == ".." && !elements.empty() && elements.back() != "..") {
      elements.pop_back();
    } else {
      elements.push_back(element);
    }
  }
  return elements.empty() ? "." : absl::StrJoin(elements, "/");
}

// The path in the chart of an entry of the archive.
absl::StatusOr<std::string> PathInChart(const std::string& name) {
  const bool windows = absl::StrContains(name, '\\');
  const absl::string_view delimiter = windows ? "\\" : "/";
  const size_t first = name.find(delimiter[0]);
  const absl::string_view top = absl::string_view(name).substr(0, first);
  std::string path = first == std::string::npos ? "" : name.substr(first + 1);
  if (windows) path = absl::StrReplaceAll(path, {{"\\", "/"}});
  if (absl::StartsWith(path, "/")) return Invalid("chart illegally contains absolute paths");
  path = Clean(path);
  if (path == ".") {
    return Invalid(absl::StrCat("chart illegally contains content outside the base directory: ",
                                text::Quote(name)));
  }
  if (absl::StartsWith(path, "..")) {
    return Invalid("chart illegally references parent directory");
  }
  if (path.size() > 2 && absl::ascii_isalpha(path[0]) && path[1] == ':' && path[2] == '/') {
    return Invalid("chart contains illegally named files");
  }
  if (top == "Chart.yaml") return Invalid("chart yaml not in base directory");
  return path;
}

absl::Status CheckSize(const archive::TarEntry& entry, uint64_t left, const LoadOptions& options) {
  if (entry.size > left) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "decompressed chart is larger than the maximum ",
        options.dialect == Dialect::kHelm3 ? "file " : "", "size ", options.limits.chart_bytes));
  }
  if (entry.size > options.limits.file_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("decompressed chart file ", text::Quote(entry.name),
                     " is larger than the maximum file size ", options.limits.file_bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadContent(archive::TarReader& reader, uint64_t size) {
  std::string content(size, '\0');
  size_t filled = 0;
  while (filled < content.size()) {
    ASSIGN_OR_RETURN(const size_t read, reader.Read(std::span(content).subspan(filled)));
    if (read == 0) return Invalid("unexpected EOF");
    filled += read;
  }
  return content;
}

}  // namespace

absl::Status LoadBudget::TakeFile(uint64_t size) {
  if (files == 0) return absl::ResourceExhaustedError("the chart has too many files");
  if (size > bytes) return absl::ResourceExhaustedError("the chart and its archives are too large");
  --files;
  bytes -= size;
  return absl::OkStatus();
}

absl::Status LoadBudget::TakeChart() {
  if (charts == 0) return absl::ResourceExhaustedError("the chart has too many dependencies");
  --charts;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ChartFile>> ReadArchiveFiles(absl::string_view bytes,
                                                        const LoadOptions& options,
                                                        LoadBudget& budget) {
  if (bytes.empty()) return Invalid("EOF");
  if (bytes.size() < kGzipHeaderBytes) return Invalid("unexpected EOF");
  if (!absl::StartsWith(bytes, "\x1F\x8B\x08")) return Invalid("gzip: invalid header");
  archive::MemorySource compressed(bytes);
  archive::GunzipSource unpacked(compressed);
  // Tar adds headers and padding to each file.
  constexpr uint64_t kOverhead = 4096;
  archive::TarReader reader(
      unpacked, options.limits.chart_bytes + kOverhead * (uint64_t{options.limits.files} + 1));
  std::vector<ChartFile> files;
  uint64_t left = options.limits.chart_bytes;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<archive::TarEntry> entry, reader.Next());
    if (!entry.has_value()) break;
    if (entry->type == archive::TarEntry::Type::kDirectory) continue;
    ASSIGN_OR_RETURN(std::string path, PathInChart(entry->name));
    RETURN_IF_ERROR(CheckSize(*entry, left, options));
    RETURN_IF_ERROR(budget.TakeFile(entry->size));
    ASSIGN_OR_RETURN(std::string content, ReadContent(reader, entry->size));
    left -= entry->size;
    files.push_back({std::move(path), std::string(absl::StripPrefix(content, "\xEF\xBB\xBF"))});
  }
  if (files.empty()) return Invalid("no files in chart archive");
  return files;
}

}  // namespace sluice::helm
