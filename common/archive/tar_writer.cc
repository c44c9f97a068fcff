// SPDX-License-Identifier: Apache-2.0
#include "common/archive/tar_writer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/archive/tar_format.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::archive {
namespace {

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

void Put(std::string& block, const Field& field, absl::string_view text) {
  const size_t count = std::min(field.size, text.size());
  std::copy_n(text.data(), count, block.begin() + static_cast<std::ptrdiff_t>(field.offset));
}

void PutNumber(std::string& block, const Field& field, uint64_t number) {
  // Octal digits up to a final NUL.
  Put(block, field, absl::StrFormat("%0*o", static_cast<int>(field.size - 1), number));
}

bool Fits(const Field& field, uint64_t number) { return number >> (3 * (field.size - 1)) == 0; }

struct SplitName {
  absl::string_view prefix, name;
};

// `name` as USTAR can hold it: whole, or cut at a slash that it then does without.
std::optional<SplitName> Split(absl::string_view name) {
  if (!IsAscii(name)) return std::nullopt;
  if (name.size() <= kName.size) return SplitName{"", name};
  // The last slash that leaves a prefix short enough, so that the name is short enough if any is.
  const size_t slash = name.rfind('/', kPrefix.size);
  if (slash == absl::string_view::npos || slash == 0 || slash + 1 == name.size() ||
      name.size() - slash - 1 > kName.size) {
    return std::nullopt;
  }
  return SplitName{name.substr(0, slash), name.substr(slash + 1)};
}

// A record of a PAX header; the length at its front counts itself.
std::string PaxRecord(absl::string_view key, absl::string_view value) {
  const size_t rest = key.size() + value.size() + 3;  // the blank, "=" and the line feed
  size_t length = rest + 1;
  while (rest + absl::StrCat(length).size() > length) ++length;
  return absl::StrCat(length, " ", key, "=", value, "\n");
}

std::string Header(const TarEntry& entry, const SplitName& name, char type) {
  std::string block(kBlockBytes, '\0');
  Put(block, kName, name.name);
  PutNumber(block, kMode, entry.mode & 07777);
  PutNumber(block, kUserId, 0);
  PutNumber(block, kGroupId, 0);
  PutNumber(block, kSize, Fits(kSize, entry.size) ? entry.size : 0);
  PutNumber(block, kTime, static_cast<uint64_t>(entry.mtime));
  Put(block, kType, absl::string_view(&type, 1));
  Put(block, kLink, entry.link_target);
  Put(block, kMagic, kUstarMagic);
  PutNumber(block, kDeviceMajor, 0);
  PutNumber(block, kDeviceMinor, 0);
  Put(block, kPrefix, name.prefix);
  Put(block, kChecksum, absl::StrFormat("%06o", ChecksumOf(block)) + std::string("\0 ", 2));
  return block;
}

// What stands in the fields where a PAX record says it in full.
std::string Shortened(absl::string_view text, size_t size) {
  std::string ascii(text.substr(0, size));
  std::replace_if(
      ascii.begin(), ascii.end(), [](char c) { return (c & 0x80) != 0; }, '_');
  return ascii;
}

char TypeFlag(TarEntry::Type type) {
  switch (type) {
    case TarEntry::Type::kFile:
      return '0';
    case TarEntry::Type::kHardLink:
      return '1';
    case TarEntry::Type::kSymlink:
      return '2';
    case TarEntry::Type::kDirectory:
      return '5';
    case TarEntry::Type::kOther:
      break;
  }
  return '\0';
}

}  // namespace

absl::Status TarWriter::Begin(const TarEntry& entry) {
  RETURN_IF_ERROR(Pad());
  const char type = TypeFlag(entry.type);
  if (type == '\0' || entry.name.empty() || entry.mtime < 0 ||
      !Fits(kTime, static_cast<uint64_t>(entry.mtime)) ||
      absl::StrContains(entry.name, absl::string_view("\0", 1)) ||
      absl::StrContains(entry.link_target, absl::string_view("\0", 1))) {
    return absl::InvalidArgumentError(
        absl::StrCat("tar cannot hold the entry ", text::Quote(entry.name)));
  }

  TarEntry fields = entry;
  if (entry.type != TarEntry::Type::kFile) fields.size = 0;
  std::string records;
  std::optional<SplitName> name = Split(entry.name);
  std::string short_name;
  if (!name.has_value()) {
    absl::StrAppend(&records, PaxRecord("path", entry.name));
    short_name = Shortened(entry.name, kName.size);
    name = SplitName{"", short_name};
  }
  if (entry.link_target.size() > kLink.size || !IsAscii(entry.link_target)) {
    absl::StrAppend(&records, PaxRecord("linkpath", entry.link_target));
    fields.link_target = Shortened(entry.link_target, kLink.size);
  }
  if (!Fits(kSize, fields.size)) {
    absl::StrAppend(&records, PaxRecord("size", absl::StrCat(fields.size)));
  }

  if (!records.empty()) {
    const TarEntry pax = {.name = "", .mode = 0, .size = records.size()};
    RETURN_IF_ERROR(sink_(Header(pax, {"", "PaxHeaders.0"}, 'x')));
    records.append(PaddingOf(records.size()), '\0');
    RETURN_IF_ERROR(sink_(records));
  }
  missing_ = fields.size;
  padding_ = PaddingOf(fields.size);
  return sink_(Header(fields, *name, type));
}

absl::Status TarWriter::Write(absl::string_view bytes) {
  if (bytes.size() > missing_) {
    return absl::FailedPreconditionError("tar entry has more content than was announced");
  }
  missing_ -= bytes.size();
  return bytes.empty() ? absl::OkStatus() : sink_(bytes);
}

absl::Status TarWriter::Pad() {
  if (missing_ > 0) {
    return absl::FailedPreconditionError("tar entry has less content than was announced");
  }
  const std::string zeros(padding_, '\0');
  padding_ = 0;
  return zeros.empty() ? absl::OkStatus() : sink_(zeros);
}

absl::Status TarWriter::Finish() {
  RETURN_IF_ERROR(Pad());
  return sink_(std::string(2 * kBlockBytes, '\0'));
}

}  // namespace sluice::archive
