// SPDX-License-Identifier: Apache-2.0
#include "common/git/revision.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/git/object_id.h"

namespace sluice::git {

std::string HashDigest(absl::string_view hash) {
  if (hash.empty()) return "";
  return absl::StrCat(hash.size() == ObjectId::kHexDigits ? "sha1" : "<unknown>", ":", hash);
}

absl::string_view ShortRefName(absl::string_view ref) {
  const size_t first = ref.find('/');
  if (first == absl::string_view::npos) return "";
  const size_t second = ref.find('/', first + 1);
  return second == absl::string_view::npos ? "" : ref.substr(second + 1);
}

std::string ShortRevision(absl::string_view ref, absl::string_view hash) {
  return FullRevision(ShortRefName(ref), hash);
}

std::string FullRevision(absl::string_view ref, absl::string_view hash) {
  if (ref.empty()) return HashDigest(hash);
  return absl::StrCat(ref, "@", HashDigest(hash));
}

std::string NormalizeRevision(absl::string_view revision) {
  if (revision.empty() || absl::StrContains(revision, ':')) return std::string(revision);
  const size_t at = revision.rfind('@');
  const size_t slash = revision.rfind('/');
  absl::string_view pointer;
  if (at != absl::string_view::npos) {
    pointer = revision.substr(0, at);
  } else if (slash != absl::string_view::npos && revision.substr(0, slash) != "HEAD") {
    pointer = revision.substr(0, slash);
  }
  return FullRevision(pointer, RevisionHash(revision));
}

std::string RevisionHash(absl::string_view revision) {
  const size_t colon = revision.rfind(':');
  if (colon != absl::string_view::npos) return std::string(revision.substr(colon + 1));
  const size_t slash = revision.rfind('/');
  if (slash != absl::string_view::npos) return std::string(revision.substr(slash + 1));
  return std::string(revision);
}

}  // namespace sluice::git
