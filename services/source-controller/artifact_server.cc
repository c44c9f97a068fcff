// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_server.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/disk/rooted_path.h"
#include "common/fs/clean_path.h"

namespace sluice::source_controller {
namespace {

constexpr char kHttpTime[] = "%a, %d %b %Y %H:%M:%S GMT";
// For what a file has to be fetched from.
constexpr absl::Duration kLongestRead = absl::Minutes(5);
constexpr size_t kChunk = 256 * 1024;

std::string HttpTime(absl::Time time) {
  return absl::FormatTime(kHttpTime, time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseHttpTime(absl::string_view text) {
  absl::Time time;
  if (text.empty() || !absl::ParseTime(kHttpTime, text, absl::UTCTimeZone(), &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

http::ServerResponse Text(int status, absl::string_view text) {
  http::ServerResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(text);
  return response;
}

http::ServerResponse NotFound() { return Text(404, "404 page not found\n"); }

absl::string_view ContentType(absl::string_view name) {
  if (absl::EndsWith(name, ".gz") || absl::EndsWith(name, ".tgz")) return "application/gzip";
  if (absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml")) return "application/yaml";
  return "application/octet-stream";
}

// A byte range of a file of `size` bytes.
struct Range {
  int64_t first = 0;
  int64_t last = 0;  // inclusive
};

enum class RangeKind { kWhole, kPart, kUnsatisfiable };

// One "bytes=a-b" range; several are answered with the whole file, which RFC 9110 allows.
RangeKind ParseRange(absl::string_view header, int64_t size, Range& range) {
  if (!absl::ConsumePrefix(&header, "bytes=") || absl::StrContains(header, ',')) {
    return RangeKind::kWhole;
  }
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(header, absl::MaxSplits('-', 1));
  int64_t first = 0;
  int64_t last = size - 1;
  if (ends.first.empty()) {
    int64_t suffix = 0;
    if (!absl::SimpleAtoi(ends.second, &suffix) || suffix <= 0) return RangeKind::kUnsatisfiable;
    first = std::max<int64_t>(0, size - suffix);
  } else {
    if (!absl::SimpleAtoi(ends.first, &first) || first < 0) return RangeKind::kWhole;
    if (!ends.second.empty() && !absl::SimpleAtoi(ends.second, &last)) return RangeKind::kWhole;
  }
  last = std::min(last, size - 1);
  if (first >= size || last < first) return RangeKind::kUnsatisfiable;
  range = {first, last};
  return RangeKind::kPart;
}

http::ServerResponse Listing(const disk::RootedPath& root, const std::string& path) {
  const auto entries = root.List(path);
  if (!entries.ok()) return NotFound();
  http::ServerResponse response;
  response.headers.Set("Content-Type", "text/html; charset=utf-8");
  response.body = "<pre>\n";
  for (const disk::DiskEntry& entry : *entries) {
    // What is hidden is ours: the mirrors of Git repositories, for one.
    if (absl::StartsWith(entry.name, ".")) continue;
    const char* slash = entry.type == disk::DiskEntry::Type::kDirectory ? "/" : "";
    const std::string href = http::EscapePathSegment(entry.name);
    absl::StrAppend(&response.body, "<a href=\"", href, slash, "\">", href, slash, "</a>\n");
  }
  response.body += "</pre>\n";
  return response;
}

http::ServerResponse ServeFile(artifact::StoredFile stored, const http::ServerRequest& request) {
  // HTTP's times have whole seconds.
  const absl::Time modified = absl::FromUnixSeconds(absl::ToUnixSeconds(stored.modified));
  const auto size = static_cast<int64_t>(stored.size);
  const auto file = std::make_shared<const disk::Handle>(std::move(stored.handle));
  http::ServerResponse response;
  response.headers.Set("Last-Modified", HttpTime(modified));
  response.headers.Set("Accept-Ranges", "bytes");
  if (const auto since = ParseHttpTime(request.headers.Get("If-Unmodified-Since"));
      since.has_value() && modified > *since) {
    response.status = 412;
    return response;
  }
  if (const auto since = ParseHttpTime(request.headers.Get("If-Modified-Since"));
      since.has_value() && modified <= *since) {
    response.status = 304;
    return response;
  }
  response.headers.Set("Content-Type", ContentType(stored.name));
  Range range = {0, size - 1};
  const RangeKind kind = ParseRange(request.headers.Get("Range"), size, range);
  if (kind == RangeKind::kUnsatisfiable) {
    response = Text(416, "invalid range: failed to overlap\n");
    response.headers.Set("Content-Range", absl::StrCat("bytes */", size));
    return response;
  }
  if (kind == RangeKind::kPart) {
    response.status = 206;
    response.headers.Set("Content-Range",
                         absl::StrCat("bytes ", range.first, "-", range.last, "/", size));
  }
  response.headers.Set("Content-Length", absl::StrCat(range.last - range.first + 1));
  response.stream = [file, range](const Context&, const http::Sink& sink) {
    std::string buffer(kChunk, '\0');
    int64_t offset = range.first;
    while (offset <= range.last) {
      const size_t wanted = std::min<size_t>(kChunk, static_cast<size_t>(range.last - offset + 1));
      const ssize_t count = pread(file->fd(), buffer.data(), wanted, offset);
      if (count <= 0) return;
      if (!sink(absl::string_view(buffer.data(), static_cast<size_t>(count)))) return;
      offset += count;
    }
  };
  return response;
}

// The file beside the link `path` that it leads to: the stable links of storage do. Of a target
// that names a directory, as Flux writes them, only the last element counts, so no link leads out.
std::string LinkedFile(const disk::RootedPath& root, const std::string& path) {
  const auto target = root.ReadLink(path);
  if (!target.ok()) return path;
  return absl::StrCat(fs::ParentPath(path), "/", fs::BaseName(*target));
}

http::ServerResponse Redirect(const std::string& location) {
  http::ServerResponse response;
  response.status = 301;
  response.headers.Set("Location", location);
  return response;
}

}  // namespace

absl::StatusOr<http::Handler> FileHandler(const std::string& directory) {
  ASSIGN_OR_RETURN(disk::RootedPath opened, disk::RootedPath::Open(directory));
  auto root = std::make_shared<const disk::RootedPath>(std::move(opened));
  return [root](const Context&, const http::ServerRequest& request) {
    const auto clean = fs::SecureJoin("", request.path);
    if (!clean.ok()) return Text(400, "invalid URL path\n");
    const bool asks_for_directory = absl::EndsWith(request.path, "/");
    if (absl::StrCat("/", *clean, asks_for_directory && !clean->empty() ? "/" : "") !=
        request.path) {
      return Redirect(absl::StrCat("/", *clean));
    }
    if (absl::StrContains(absl::StrCat("/", *clean), "/.")) return NotFound();
    std::string path = *clean;
    auto entry = root->Stat(path);
    if (entry.ok() && entry->type == disk::DiskEntry::Type::kSymlink) {
      path = LinkedFile(*root, path);
      entry = root->Stat(path);
    }
    if (!entry.ok()) return NotFound();
    if (entry->type == disk::DiskEntry::Type::kDirectory) {
      if (!asks_for_directory) return Redirect(absl::StrCat("/", *clean, "/"));
      return Listing(*root, path);
    }
    auto file = root->OpenForReading(path);
    if (!file.ok() || asks_for_directory) return NotFound();
    return ServeFile({entry->name, std::move(file).value(), entry->size, entry->modified}, request);
  };
}

http::Handler FileHandler(artifact::FileStore& files) {
  return [&files](const Context& ctx, const http::ServerRequest& request) {
    const auto clean = fs::SecureJoin("", request.path);
    if (!clean.ok()) return Text(400, "invalid URL path\n");
    if (absl::StrCat("/", *clean) != request.path) return Redirect(absl::StrCat("/", *clean));
    if (clean->empty()) {
      http::ServerResponse response;
      response.headers.Set("Content-Type", "text/html; charset=utf-8");
      response.body = "<pre>\n</pre>\n";
      return response;
    }
    if (absl::StrContains(request.path, "/.")) return NotFound();
    auto file = files.Open(ctx.WithTimeout(kLongestRead), *clean);
    if (absl::IsNotFound(file.status())) return NotFound();
    if (!file.ok()) return Text(503, "the file cannot be read now\n");
    return ServeFile(*std::move(file), request);
  };
}

}  // namespace sluice::source_controller
