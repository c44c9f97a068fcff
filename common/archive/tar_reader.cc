// SPDX-License-Identifier: Apache-2.0
#include "common/archive/tar_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/archive/tar_format.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::archive {
namespace {

absl::Status Damaged(absl::string_view cause) {
  return absl::InvalidArgumentError(absl::StrCat("tar error: ", cause));
}

absl::Status InvalidHeader() { return Damaged("invalid tar header"); }

absl::string_view UpToNul(absl::string_view text) { return text.substr(0, text.find('\0')); }

absl::string_view TextOf(const Field& field, absl::string_view block) {
  return UpToNul(field.In(block));
}

// Octal digits between blanks and NULs or, with the highest bit set, a big-endian number.
absl::StatusOr<int64_t> NumberOf(const Field& field, absl::string_view block) {
  absl::string_view text = field.In(block);
  if ((text[0] & 0x80) != 0) {
    if ((text[0] & 0x40) != 0) return InvalidHeader();  // negative
    uint64_t number = text[0] & 0x3F;
    for (const char c : text.substr(1)) {
      if (number >> 55 != 0) return InvalidHeader();
      number = number << 8 | static_cast<uint8_t>(c);
    }
    return static_cast<int64_t>(number);
  }
  const auto is_filler = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && is_filler(text.front())) text.remove_prefix(1);
  text = UpToNul(text);
  while (!text.empty() && is_filler(text.back())) text.remove_suffix(1);
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return InvalidHeader();
    number = number << 3 | (c - '0');  // at most 12 digits
  }
  return number;
}

bool IsZero(absl::string_view block) {
  return std::all_of(block.begin(), block.end(), [](char c) { return c == '\0'; });
}

TarEntry::Type TypeOf(char flag, int64_t mode, absl::string_view name) {
  switch (flag) {
    case '1':
      return TarEntry::Type::kHardLink;
    case '2':
      return TarEntry::Type::kSymlink;
    case '3':
    case '4':
    case '6':
      return TarEntry::Type::kOther;
    case '5':
      return TarEntry::Type::kDirectory;
    default:
      break;
  }
  // V7 had no directories but this, and some programs put a Unix file type into the mode.
  if (flag == '\0' && absl::EndsWith(name, "/")) return TarEntry::Type::kDirectory;
  switch (mode & 0170000) {
    case 0040000:
      return TarEntry::Type::kDirectory;
    case 0120000:
      return TarEntry::Type::kSymlink;
    case 0:
    case 0100000:
      return TarEntry::Type::kFile;
    default:
      return TarEntry::Type::kOther;
  }
}

bool HasContent(char flag) { return !absl::StrContains("123456", absl::string_view(&flag, 1)); }

// Calls `record` with each key and value; "<length> <key>=<value>\n".
template <typename Function>
absl::Status ForEachRecord(absl::string_view records, Function record) {
  while (!records.empty()) {
    const size_t blank = records.find(' ');
    size_t length = 0;
    if (blank == absl::string_view::npos || blank > 9 ||
        !absl::SimpleAtoi(records.substr(0, blank), &length) || length <= blank + 1 ||
        length > records.size() || records[length - 1] != '\n') {
      return InvalidHeader();
    }
    const absl::string_view text = records.substr(blank + 1, length - blank - 2);
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || equals == 0) return InvalidHeader();
    RETURN_IF_ERROR(record(text.substr(0, equals), text.substr(equals + 1)));
    records.remove_prefix(length);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> TarReader::ReadFully(std::span<char> buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer.subspan(filled)));
    if (count == 0 && filled == 0) return false;
    if (count == 0) return Damaged("unexpected EOF");
    filled += count;
  }
  if (buffer.size() > left_) {
    return absl::ResourceExhaustedError("tar is bigger than max archive size");
  }
  left_ -= buffer.size();
  return true;
}

absl::Status TarReader::Skip(uint64_t count) {
  std::array<char, 16 * 1024> buffer;
  while (count > 0) {
    const size_t piece = static_cast<size_t>(std::min<uint64_t>(count, buffer.size()));
    ASSIGN_OR_RETURN(const bool any, ReadFully({buffer.data(), piece}));
    if (!any) return Damaged("unexpected EOF");
    count -= piece;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TarReader::ReadText(uint64_t size) {
  if (size > kMaxTarHeaderBytes) return Damaged("extended header is too large");
  std::string text(static_cast<size_t>(size), '\0');
  ASSIGN_OR_RETURN(const bool any, ReadFully(std::span<char>(text.data(), text.size())));
  if (!any && size > 0) return Damaged("unexpected EOF");
  RETURN_IF_ERROR(Skip(PaddingOf(size)));
  return text;
}

absl::StatusOr<std::optional<std::string>> TarReader::ReadBlock() {
  std::string block(kBlockBytes, '\0');
  ASSIGN_OR_RETURN(bool any, ReadFully(std::span<char>(block.data(), block.size())));
  if (!any) return std::nullopt;  // many programs leave the final blocks out
  if (IsZero(block)) {
    ASSIGN_OR_RETURN(any, ReadFully(std::span<char>(block.data(), block.size())));
    if (any && !IsZero(block)) return InvalidHeader();
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const int64_t checksum, NumberOf(kChecksum, block));
  if (checksum != static_cast<int64_t>(ChecksumOf(block)) && checksum != SignedChecksumOf(block)) {
    return InvalidHeader();
  }
  return block;
}

absl::StatusOr<TarEntry> TarReader::Decode(absl::string_view block,
                                           const Overrides& overrides) const {
  TarEntry entry;
  entry.name = std::string(TextOf(kName, block));
  // GNU's own format has other things in the place of the prefix.
  const absl::string_view prefix = TextOf(kPrefix, block);
  if (absl::StartsWith(kMagic.In(block), absl::string_view("ustar\0", 6)) && !prefix.empty()) {
    entry.name = absl::StrCat(prefix, "/", entry.name);
  }
  entry.link_target = std::string(TextOf(kLink, block));
  if (overrides.name.has_value()) entry.name = *overrides.name;
  if (overrides.link_target.has_value()) entry.link_target = *overrides.link_target;

  ASSIGN_OR_RETURN(const int64_t mode, NumberOf(kMode, block));
  entry.mode = static_cast<uint32_t>(mode & 07777);
  // No reader here depends on the time, so an odd one is no error.
  entry.mtime = NumberOf(kTime, block).value_or(0);
  const char flag = kType.In(block)[0];
  entry.type = TypeOf(flag, mode, entry.name);
  if (flag == 'S') return Damaged(absl::StrCat(text::Quote(entry.name), " is a sparse file"));
  if (HasContent(flag)) {
    ASSIGN_OR_RETURN(const int64_t size, NumberOf(kSize, block));
    entry.size = overrides.size.value_or(static_cast<uint64_t>(size));
  }
  return entry;
}

absl::StatusOr<std::optional<TarEntry>> TarReader::Next() {
  RETURN_IF_ERROR(Skip(content_ + padding_));
  content_ = 0;
  padding_ = 0;
  Overrides overrides;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<std::string> block, ReadBlock());
    if (!block.has_value()) return std::nullopt;
    const char flag = kType.In(*block)[0];
    if (!absl::StrContains("xgLK", absl::string_view(&flag, 1))) {
      ASSIGN_OR_RETURN(TarEntry entry, Decode(*block, overrides));
      if (entry.size > left_) {
        return absl::ResourceExhaustedError(
            absl::StrCat("tar ", text::Quote(entry.name), " is bigger than max archive size"));
      }
      content_ = entry.size;
      padding_ = PaddingOf(entry.size);
      return entry;
    }
    ASSIGN_OR_RETURN(const int64_t size, NumberOf(kSize, *block));
    ASSIGN_OR_RETURN(const std::string text, ReadText(static_cast<uint64_t>(size)));
    if (flag == 'L') {
      overrides.name = std::string(UpToNul(text));
    } else if (flag == 'K') {
      overrides.link_target = std::string(UpToNul(text));
    } else if (flag == 'x') {
      RETURN_IF_ERROR(
          ForEachRecord(text, [&](absl::string_view key, absl::string_view value) -> absl::Status {
            if (absl::StartsWith(key, "GNU.sparse.")) return Damaged("sparse files are refused");
            if (absl::StrContains(value, absl::string_view("\0", 1)) &&
                (key == "path" || key == "linkpath")) {
              return InvalidHeader();
            }
            if (key == "path") overrides.name = std::string(value);
            if (key == "linkpath") overrides.link_target = std::string(value);
            if (key == "size") {
              uint64_t number = 0;
              if (!absl::SimpleAtoi(value, &number) || number >> 62 != 0) return InvalidHeader();
              overrides.size = number;
            }
            return absl::OkStatus();
          }));
    }
  }
}

absl::StatusOr<size_t> TarReader::Read(std::span<char> buffer) {
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), content_));
  if (wanted == 0) return 0;
  ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer.first(wanted)));
  if (count == 0) return Damaged("unexpected EOF");
  content_ -= count;
  left_ -= count;  // Next() made sure that the content fits
  return count;
}

}  // namespace sluice::archive
