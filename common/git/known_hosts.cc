// SPDX-License-Identifier: Apache-2.0
#include "common/git/known_hosts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::git {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr int kDefaultPort = 22;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("knownhosts: ", what));
}

// Cuts the first blank-separated word off `line`.
absl::string_view TakeWord(absl::string_view& line) {
  const size_t end = line.find_first_of(" \t");
  const absl::string_view word = line.substr(0, end);
  line.remove_prefix(word.size());
  line = absl::StripAsciiWhitespace(line);
  return word;
}

// "*" and "?" as in OpenSSH, with no regard to dots. Linear in the product of the lengths.
bool WildcardMatch(absl::string_view pattern, absl::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = absl::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// How known_hosts names a host: plain at the default port, else "[host]:port".
std::string HostName(absl::string_view host, int port) {
  const std::string lower = absl::AsciiStrToLower(host);
  return port == kDefaultPort ? lower : absl::StrCat("[", lower, "]:", port);
}

// HMAC (RFC 2104) with SHA-1, which is what hashed names are made with.
std::string HmacSha1(absl::string_view key, absl::string_view message) {
  constexpr size_t kBlock = 64;
  std::string block =
      key.size() > kBlock ? crypto::Digest(crypto::Algorithm::kSha1, key) : std::string(key);
  block.resize(kBlock, '\0');
  std::string inner = block;
  std::string outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return crypto::Digest(
      crypto::Algorithm::kSha1,
      absl::StrCat(outer, crypto::Digest(crypto::Algorithm::kSha1, absl::StrCat(inner, message))));
}

// The type that a key in wire format starts with; "" if it is none.
absl::string_view KeyType(absl::string_view key) {
  if (key.size() < 4) return "";
  size_t length = 0;
  for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(key[i]);
  return length > 64 || length > key.size() - 4 ? "" : key.substr(4, length);
}

}  // namespace

bool KnownHosts::Entry::Matches(absl::string_view host, int port) const {
  const std::string name = HostName(host, port);
  if (!hash.empty()) return crypto::ConstantTimeEquals(hash, HmacSha1(salt, name));
  bool matched = false;
  for (absl::string_view pattern : patterns) {
    const bool negated = absl::ConsumePrefix(&pattern, "!");
    // "[host]:22" is the long way to write the default port.
    absl::string_view plain = pattern;
    if (port == kDefaultPort && absl::ConsumePrefix(&plain, "[") &&
        absl::ConsumeSuffix(&plain, "]:22")) {
      pattern = plain;
    }
    if (!WildcardMatch(absl::AsciiStrToLower(pattern), name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

absl::StatusOr<KnownHosts::Entry> KnownHosts::ParseLine(absl::string_view line) {
  Entry entry;
  if (absl::StartsWith(line, "@")) {
    const absl::string_view marker = TakeWord(line);
    entry.authority = marker == "@cert-authority";
    entry.revoked = marker == "@revoked";
    if (!entry.authority && !entry.revoked) return Malformed("unknown marker");
  }
  absl::string_view hosts = TakeWord(line);
  if (line.empty()) return Malformed("missing host pattern");
  TakeWord(line);  // the type, which the key itself tells
  if (line.empty()) return Malformed("missing key type pattern");
  if (!absl::Base64Unescape(TakeWord(line), &entry.key)) return Malformed("illegal base64 data");
  entry.type = std::string(KeyType(entry.key));
  if (entry.type.empty()) return Malformed("a key is malformed");
  if (absl::ConsumePrefix(&hosts, "|")) {
    const std::vector<absl::string_view> parts = absl::StrSplit(hosts, '|');
    if (parts.size() != 3 || parts[0] != "1") return Malformed("unsupported hash type");
    if (!absl::Base64Unescape(parts[1], &entry.salt) ||
        !absl::Base64Unescape(parts[2], &entry.hash) || entry.hash.empty()) {
      return Malformed("illegal base64 data");
    }
    return entry;
  }
  for (absl::string_view pattern : absl::StrSplit(hosts, ',', absl::SkipEmpty())) {
    if (pattern == "!") return Malformed("negation without following hostname");
    entry.patterns.emplace_back(pattern);
  }
  return entry;
}

absl::StatusOr<KnownHosts> KnownHosts::Parse(absl::string_view text) {
  if (text.size() > kMaxBytes) return Malformed("more than 1 MiB");
  KnownHosts result;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    ASSIGN_OR_RETURN(Entry entry, ParseLine(line));
    result.entries_.push_back(std::move(entry));
  }
  return result;
}

absl::Status KnownHosts::Check(absl::string_view host, int port, absl::string_view key) const {
  bool known_host = false;
  bool known_key = false;
  for (const Entry& entry : entries_) {
    if (entry.revoked) {
      if (entry.key == key) return absl::PermissionDeniedError("knownhosts: key is revoked");
      continue;
    }
    if (entry.authority || !entry.Matches(host, port)) continue;
    known_host = true;
    known_key |= entry.key == key;
  }
  if (known_key) return absl::OkStatus();
  return absl::PermissionDeniedError(known_host ? "knownhosts: key mismatch"
                                                : "knownhosts: key is unknown");
}

std::vector<std::string> KnownHosts::KeyTypes(absl::string_view host, int port) const {
  std::vector<std::string> types;
  for (const Entry& entry : entries_) {
    if (entry.revoked || entry.authority || !entry.Matches(host, port)) continue;
    if (std::find(types.begin(), types.end(), entry.type) == types.end()) {
      types.push_back(entry.type);
    }
  }
  return types;
}

}  // namespace sluice::git
