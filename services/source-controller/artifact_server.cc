// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/disk/disk_tree.h"
#include "common/fs/clean_path.h"

namespace sluice::source_controller {
namespace {

constexpr char kHttpTime[] = "%a, %d %b %Y %H:%M:%S GMT";
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

// An open file that closes itself; shared with the function that streams it.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile() { close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Opens the file at the clean path `path` below `root`, element by element, through no link but the
// last one, which is how the stable "latest" links work: they point at a file of the same folder.
int OpenBelow(const std::string& root, const std::string& path) {
  int directory = open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::vector<std::string> elements = absl::StrSplit(path, '/', absl::SkipEmpty());
  for (size_t i = 0; i < elements.size() && directory >= 0; ++i) {
    const bool last = i + 1 == elements.size();
    std::string name = elements[i];
    if (last) {
      char target[4096];
      const ssize_t length = readlinkat(directory, name.c_str(), target, sizeof(target));
      if (length > 0) {
        const absl::string_view text(target, static_cast<size_t>(length));
        name = std::string(text.substr(text.rfind('/') + 1));
      }
    }
    const int next = openat(directory, name.c_str(),
                            O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (last ? 0 : O_DIRECTORY));
    close(directory);
    directory = next;
  }
  return directory;
}

http::ServerResponse Listing(const std::string& root, const std::string& path) {
  auto tree = disk::DiskTree::Open(root);
  if (!tree.ok()) return Text(404, "404 page not found\n");
  const auto entries = (*tree)->List(path);
  if (!entries.ok()) return Text(404, "404 page not found\n");
  http::ServerResponse response;
  response.headers.Set("Content-Type", "text/html; charset=utf-8");
  response.body = "<pre>\n";
  for (const fs::Entry& entry : *entries) {
    const std::string name =
        absl::StrCat(entry.name, entry.type == fs::EntryType::kDirectory ? "/" : "");
    const std::string href = http::EscapePathSegment(name);
    absl::StrAppend(&response.body, "<a href=\"", href, "\">", href, "</a>\n");
  }
  response.body += "</pre>\n";
  return response;
}

http::ServerResponse ServeFile(std::shared_ptr<OpenFile> file, const struct stat& info,
                               absl::string_view name, const http::ServerRequest& request) {
  const absl::Time modified = absl::FromTimeT(info.st_mtime);
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
  response.headers.Set("Content-Type", ContentType(name));
  Range range = {0, info.st_size - 1};
  const RangeKind kind = ParseRange(request.headers.Get("Range"), info.st_size, range);
  if (kind == RangeKind::kUnsatisfiable) {
    response = Text(416, "invalid range: failed to overlap\n");
    response.headers.Set("Content-Range", absl::StrCat("bytes */", info.st_size));
    return response;
  }
  if (kind == RangeKind::kPart) {
    response.status = 206;
    response.headers.Set("Content-Range",
                         absl::StrCat("bytes ", range.first, "-", range.last, "/", info.st_size));
  }
  response.headers.Set("Content-Length", absl::StrCat(range.last - range.first + 1));
  response.stream = [file, range](const Context&, const http::Sink& sink) {
    std::string buffer(kChunk, '\0');
    int64_t offset = range.first;
    while (offset <= range.last) {
      const size_t wanted =
          std::min<size_t>(kChunk, static_cast<size_t>(range.last - offset + 1));
      const ssize_t count = pread(file->descriptor(), buffer.data(), wanted, offset);
      if (count <= 0) return;
      if (!sink(absl::string_view(buffer.data(), static_cast<size_t>(count)))) return;
      offset += count;
    }
  };
  return response;
}

http::ServerResponse Redirect(const std::string& location) {
  http::ServerResponse response;
  response.status = 301;
  response.headers.Set("Location", location);
  return response;
}

}  // namespace

http::Handler FileHandler(std::string root) {
  return [root = std::move(root)](const Context&, const http::ServerRequest& request) {
    if (absl::StrContains(request.path, '\0')) return Text(400, "invalid URL path\n");
    const std::string clean = fs::CleanJoin("", request.path);
    const bool asks_for_directory = absl::EndsWith(request.path, "/");
    if (absl::StrCat("/", clean, asks_for_directory && !clean.empty() ? "/" : "") !=
        request.path) {
      return Redirect(absl::StrCat("/", clean));
    }
    const int descriptor = OpenBelow(root, clean);
    if (descriptor < 0) return Text(404, "404 page not found\n");
    auto file = std::make_shared<OpenFile>(descriptor);
    struct stat info = {};
    if (fstat(descriptor, &info) != 0) return Text(404, "404 page not found\n");
    if (S_ISDIR(info.st_mode)) {
      if (!asks_for_directory) return Redirect(absl::StrCat("/", clean, "/"));
      return Listing(root, clean);
    }
    if (!S_ISREG(info.st_mode) || asks_for_directory) return Text(404, "404 page not found\n");
    return ServeFile(std::move(file), info, clean, request);
  };
}

}  // namespace sluice::source_controller
