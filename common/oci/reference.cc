// SPDX-License-Identifier: Apache-2.0
#include "common/oci/reference.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::oci {
namespace {

constexpr absl::string_view kDockerHub = "index.docker.io";
constexpr absl::string_view kRepositoryCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
constexpr absl::string_view kTagCharacters =
    "abcdefghijklmnopqrstuvwxyz0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr absl::string_view kHexDigits = "0123456789abcdef";

absl::Status Refused(absl::string_view message) { return absl::InvalidArgumentError(message); }

absl::Status CheckElement(absl::string_view name, absl::string_view element,
                          absl::string_view allowed, size_t least, size_t most) {
  // Counted in characters; what is not ASCII is refused next.
  const auto size = static_cast<size_t>(
      std::count_if(element.begin(), element.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  if (size < least || size > most) {
    return Refused(absl::StrCat(name, " must be between ", least, " and ", most,
                                " characters in length: ", element));
  }
  if (element.find_first_not_of(allowed) != absl::string_view::npos) {
    return Refused(
        absl::StrCat(name, " can only contain the characters `", allowed, "`: ", element));
  }
  return absl::OkStatus();
}

// "host", "host:port", "[v6]:port"
bool IsAuthority(absl::string_view text) {
  absl::string_view port;
  if (absl::StartsWith(text, "[")) {
    const size_t close = text.find(']');
    if (close == absl::string_view::npos) return false;
    const std::string address(text.substr(1, close - 1));
    std::array<unsigned char, sizeof(in6_addr)> bytes;
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
    port = text.substr(close + 1);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    const absl::string_view host = text.substr(0, colon);
    port = text.substr(colon);
    for (const char c : host) {
      const auto byte = static_cast<unsigned char>(c);
      const bool named = absl::string_view("-._~!$&'()*+,;=").find(c) != absl::string_view::npos;
      if (byte < 0x80 && !absl::ascii_isalnum(byte) && !named) return false;
    }
  }
  return port.empty() ||
         (port[0] == ':' && port.find_first_not_of("0123456789", 1) == absl::string_view::npos);
}

bool IsPrivateAddress(absl::string_view host) {
  in_addr address;
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) != 1) return false;
  const uint32_t bits = ntohl(address.s_addr);
  return bits >> 24 == 10 || bits >> 20 == (172 << 4 | 1) || bits >> 16 == (192 << 8 | 168);
}

absl::StatusOr<Reference> ParseTagged(absl::string_view text) {
  Reference reference;
  absl::string_view base = text;
  const size_t colon = text.rfind(':');
  if (colon != absl::string_view::npos && !absl::StrContains(text.substr(colon), "/")) {
    base = text.substr(0, colon);
    reference.tag = std::string(text.substr(colon + 1));
    if (reference.tag.empty()) {
      return Refused(absl::StrCat(text, " must specify a tag name after the colon"));
    }
    RETURN_IF_ERROR(CheckElement("tag", reference.tag, kTagCharacters, 1, 128));
  }
  ASSIGN_OR_RETURN(reference.repository, ParseRepository(base));
  if (reference.tag.empty()) reference.tag = "latest";
  return reference;
}

absl::StatusOr<Reference> ParseWithDigest(absl::string_view text) {
  const size_t at = text.find('@');
  const absl::string_view digest = text.substr(at + 1);
  if (!absl::StartsWith(digest, "sha256:")) {
    return Refused(absl::StrCat("unsupported digest algorithm: ", digest));
  }
  ASSIGN_OR_RETURN(const Digest parsed, Digest::Parse(digest));
  ASSIGN_OR_RETURN(Reference reference, ParseTagged(text.substr(0, at)));
  reference.digest = parsed.ToString();
  return reference;
}

}  // namespace

absl::StatusOr<Digest> Digest::Parse(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const absl::StatusOr<crypto::Algorithm> algorithm = crypto::ParseAlgorithm(parts.first);
  if (!algorithm.ok() || *algorithm == crypto::Algorithm::kSha1 ||
      *algorithm == crypto::Algorithm::kBlake3) {
    return Refused(absl::StrCat("unsupported digest algorithm: ", text));
  }
  const size_t size = *algorithm == crypto::Algorithm::kSha256   ? 64
                      : *algorithm == crypto::Algorithm::kSha384 ? 96
                                                                 : 128;
  if (parts.second.size() != size) return Refused("invalid checksum digest length");
  if (parts.second.find_first_not_of(kHexDigits) != absl::string_view::npos) {
    return Refused("invalid checksum digest format");
  }
  return Digest{*algorithm, std::string(parts.second)};
}

Digest Digest::Of(absl::string_view bytes, crypto::Algorithm algorithm) {
  return Digest{algorithm, absl::BytesToHexString(crypto::Digest(algorithm, bytes))};
}

std::string Digest::ToString() const {
  return absl::StrCat(crypto::AlgorithmName(algorithm), ":", hex);
}

bool Repository::MayUseHttp() const {
  const absl::string_view name = registry;
  const absl::string_view host = name.substr(0, name.find(':'));
  return IsPrivateAddress(host) || absl::StartsWith(name, "localhost:") ||
         absl::EndsWith(host, ".local") || absl::EndsWith(host, ".localhost") ||
         absl::StrContains(name, "127.0.0.1") || absl::StrContains(name, "::1");
}

std::string Reference::Name() const {
  return absl::StrCat(repository.Name(), digest.empty() ? ":" : "@", Identifier());
}

absl::StatusOr<Repository> ParseRepository(absl::string_view text) {
  if (text.empty()) return Refused("a repository name must be specified");
  Repository repository;
  absl::string_view path = text;
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos &&
      text.substr(0, slash).find_first_of(".:") != absl::string_view::npos) {
    repository.registry = std::string(text.substr(0, slash));
    path = text.substr(slash + 1);
  }
  RETURN_IF_ERROR(CheckElement("repository", path, kRepositoryCharacters, 2, 255));
  if (!IsAuthority(repository.registry)) {
    return Refused(
        absl::StrCat("registries must be valid RFC 3986 URI authorities: ", repository.registry));
  }
  if (repository.registry.empty() || repository.registry == "docker.io") {
    repository.registry = std::string(kDockerHub);
  }
  const bool official = repository.registry == kDockerHub && !absl::StrContains(path, "/");
  repository.path = absl::StrCat(official ? "library/" : "", path);
  return repository;
}

absl::StatusOr<Reference> ParseReference(absl::string_view text) {
  const bool digest = std::count(text.begin(), text.end(), '@') == 1;
  absl::StatusOr<Reference> reference = digest ? ParseWithDigest(text) : ParseTagged(text);
  if (reference.ok()) return reference;
  return Refused(absl::StrCat("could not parse reference: ", text));
}

absl::StatusOr<Repository> ParseRepositoryUrl(absl::string_view url) {
  absl::string_view name = url;
  if (!absl::ConsumePrefix(&name, "oci://")) {
    return Refused("URL must be in format 'oci://<domain>/<org>/<repo>'");
  }
  ASSIGN_OR_RETURN(const Reference reference, ParseReference(name));
  const absl::string_view path = absl::StripPrefix(name, reference.repository.registry);
  const std::vector<absl::string_view> parts = absl::StrSplit(path, ':');
  if (parts.size() > 1) {
    return Refused(absl::StrCat("URL must not contain a tag; remove ':", parts[1], "'"));
  }
  return reference.repository;
}

}  // namespace sluice::oci
