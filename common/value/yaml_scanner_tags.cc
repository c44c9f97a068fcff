// Tags and directives.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_chars.h"
#include "common/value/yaml_scanner.h"

namespace sluice::value {
namespace {

using internal::kDigit;
using internal::kHex;
using internal::kUri;
using internal::kWord;

constexpr int kMaxVersionDigits = 2;

int HexValue(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

absl::string_view Between(const char* from, const char* to) {
  return absl::string_view(from, static_cast<size_t>(to - from));
}

}  // namespace

bool YamlScanner::FetchTag() {
  if (!SaveSimpleKey()) return false;
  simple_key_allowed_ = false;
  const YamlMark start = mark();
  absl::string_view handle;
  absl::string_view suffix;
  if (p_[1] == '<') {
    p_ += 2;
    if (!ScanTagUri(start, {}, suffix)) return false;
    if (!At('>')) return Fail("did not find the expected '>'", start);
    ++p_;
  } else {
    if (!ScanTagHandle(start, /*directive=*/false, handle)) return false;
    if (handle.size() > 1 && handle.back() == '!') {
      if (!ScanTagUri(start, {}, suffix)) return false;
    } else {
      // "!suffix"; "!" alone has the suffix "!".
      if (!ScanTagUri(start, handle, suffix)) return false;
      handle = "!";
      if (suffix.empty()) std::swap(handle, suffix);
    }
  }
  if (!IsYamlBlankOrEnd(p_)) return Fail("did not find expected whitespace or line break", start);
  YamlToken& token = Append(Type::kTag, start);
  token.value = handle;
  token.suffix = suffix;
  return true;
}

bool YamlScanner::ScanTagHandle(const YamlMark& start, bool directive, absl::string_view& handle) {
  if (!At('!')) return Fail("did not find expected '!'", start);
  const char* const first = p_++;
  while (IsYamlClass(p_, kWord)) ++p_;
  if (At('!')) {
    ++p_;
  } else if (directive && p_ - first > 1) {
    return Fail("did not find expected '!'", start);
  }
  handle = Between(first, p_);
  return true;
}

// The URI that begins with what follows the "!" of `head`, where given.
bool YamlScanner::ScanTagUri(const YamlMark& start, absl::string_view head,
                             absl::string_view& uri) {
  const char* const first = p_ - (head.empty() ? 0 : head.size() - 1);
  const char* const rest = p_;
  while (IsYamlClass(p_, kUri) && !At('%')) ++p_;
  if (!At('%')) {
    if (head.empty() && p_ == rest) return Fail("did not find expected tag URI", start);
    uri = Between(first, p_);
    return true;
  }
  scratch_.assign(first, p_);
  while (IsYamlClass(p_, kUri)) {
    if (!At('%')) {
      scratch_ += *p_++;
    } else if (!ScanUriEscape(start)) {
      return false;
    }
  }
  uri = Keep();
  return true;
}

// One UTF-8 character as %XX octets.
bool YamlScanner::ScanUriEscape(const YamlMark& start) {
  int left = 0;
  do {
    if (!At('%') || !IsYamlClass(p_ + 1, kHex) || !IsYamlClass(p_ + 2, kHex)) {
      return Fail("did not find URI escaped octet", start);
    }
    const int octet = HexValue(p_[1]) << 4 | HexValue(p_[2]);
    if (left == 0) {
      left = octet < 0x80             ? 1
             : (octet & 0xE0) == 0xC0 ? 2
             : (octet & 0xF0) == 0xE0 ? 3
             : (octet & 0xF8) == 0xF0 ? 4
                                      : 0;
      if (left == 0) return Fail("found an incorrect leading UTF-8 octet", start);
    } else if ((octet & 0xC0) != 0x80) {
      return Fail("found an incorrect trailing UTF-8 octet", start);
    }
    scratch_ += static_cast<char>(octet);
    p_ += 3;
  } while (--left > 0);
  return true;
}

bool YamlScanner::FetchDirective() {
  const YamlMark start = mark();
  if (indent_ > -1) UnrollIndent(-1, start);
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = false;
  ++p_;
  newlines_ = 0;
  absl::string_view name;
  if (!ScanDirectiveName(start, name)) return false;
  YamlToken token;
  token.start = start;
  if (name == "YAML") {
    if (!ScanVersion(start, token)) return false;
  } else if (name == "TAG") {
    if (!ScanTagDirective(start, token)) return false;
  } else {
    return Fail("found unknown directive name", start);
  }
  SkipBlanks();
  if (At('#')) SkipComment();
  if (!IsYamlBreakOrEnd(p_)) return Fail("did not find expected comment or line break", start);
  if (!at_end()) TakeBreak();
  tokens_.push_back(token);
  return true;
}

bool YamlScanner::ScanDirectiveName(const YamlMark& start, absl::string_view& name) {
  const char* const first = p_;
  while (IsYamlClass(p_, kWord)) ++p_;
  if (p_ == first) return Fail("could not find expected directive name", start);
  if (!IsYamlBlankOrEnd(p_)) return Fail("found unexpected non-alphabetical character", start);
  name = Between(first, p_);
  return true;
}

// The value becomes "1.1" for that version, the only one that is read, and empty for others.
bool YamlScanner::ScanVersion(const YamlMark& start, YamlToken& token) {
  SkipBlanks();
  int major = 0;
  int minor = 0;
  if (!ScanVersionNumber(start, major)) return false;
  if (!At('.')) return Fail("did not find expected digit or '.' character", start);
  ++p_;
  if (!ScanVersionNumber(start, minor)) return false;
  token.type = Type::kVersionDirective;
  if (major == 1 && minor == 1) token.value = "1.1";
  return true;
}

bool YamlScanner::ScanVersionNumber(const YamlMark& start, int& number) {
  int length = 0;
  while (IsYamlClass(p_, kDigit)) {
    if (++length > kMaxVersionDigits) {
      return Fail("found extremely long version number", start);
    }
    number = number * 10 + (*p_++ - '0');
  }
  if (length == 0) return Fail("did not find expected version number", start);
  return true;
}

bool YamlScanner::ScanTagDirective(const YamlMark& start, YamlToken& token) {
  SkipBlanks();
  if (!ScanTagHandle(start, /*directive=*/true, token.value)) return false;
  if (!IsYamlBlank(p_)) return Fail("did not find expected whitespace", start);
  SkipBlanks();
  if (!ScanTagUri(start, {}, token.suffix)) return false;
  if (!IsYamlBlankOrEnd(p_)) return Fail("did not find expected whitespace or line break", start);
  token.type = Type::kTagDirective;
  return true;
}

}  // namespace sluice::value
