// SPDX-License-Identifier: Apache-2.0
#include "common/sigstore/transparency_log.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::sigstore {
namespace {

using crypto::Algorithm;

constexpr char kSignatureMark[] = "\xe2\x80\x94 ";  // an em dash and a blank
constexpr size_t kKeyHint = 4;                      // bytes before a note's signature

absl::Status Refused(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("transparency log entry: ", why));
}

std::string NodeHash(absl::string_view left, absl::string_view right) {
  return crypto::Digest(Algorithm::kSha256, absl::StrCat("\x01", left, right));
}

// OK if the note is the log's and is about the proof's tree.
absl::Status VerifyCheckpoint(const InclusionProof& proof, const Log& log) {
  const size_t end = proof.checkpoint.find("\n\n");
  if (end == std::string::npos) return Refused("the checkpoint is no signed note");
  const std::string text = proof.checkpoint.substr(0, end + 1);
  bool is_signed = false;
  for (absl::string_view line :
       absl::StrSplit(absl::string_view(proof.checkpoint).substr(end + 2), '\n')) {
    if (!absl::ConsumePrefix(&line, kSignatureMark)) continue;
    std::string bytes;
    if (!absl::Base64Unescape(line.substr(line.rfind(' ') + 1), &bytes) ||
        bytes.size() <= kKeyHint) {
      continue;
    }
    if (log.key.Verify(Algorithm::kSha256, text, absl::string_view(bytes).substr(kKeyHint))) {
      is_signed = true;
    }
  }
  if (!is_signed) return Refused("the checkpoint is not signed by the log");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  int64_t size = 0;
  std::string root;
  if (lines.size() < 3 || !absl::SimpleAtoi(lines[1], &size) ||
      !absl::Base64Unescape(lines[2], &root)) {
    return Refused("the checkpoint names no tree");
  }
  if (size != proof.tree_size || root != proof.root_hash) {
    return Refused("the checkpoint is about another tree than the inclusion proof");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyInclusion(const InclusionProof& proof, absl::string_view leaf) {
  if (proof.index < 0 || proof.index >= proof.tree_size) {
    return Refused("the inclusion proof is about an entry outside of its tree");
  }
  // RFC 9162, 2.1.3.2.
  auto position = static_cast<uint64_t>(proof.index);
  auto last = static_cast<uint64_t>(proof.tree_size - 1);
  std::string hash =
      crypto::Digest(Algorithm::kSha256, absl::StrCat(absl::string_view("\0", 1), leaf));
  for (const std::string& other : proof.hashes) {
    if (last == 0) return Refused("the inclusion proof is too long");
    if ((position & 1) == 1 || position == last) {
      hash = NodeHash(other, hash);
      while ((position & 1) == 0 && position != 0) {
        position >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, other);
    }
    position >>= 1;
    last >>= 1;
  }
  if (last != 0) return Refused("the inclusion proof is too short");
  if (hash != proof.root_hash) return Refused("the inclusion proof does not lead to its root");
  return absl::OkStatus();
}

absl::Status VerifyLogEntry(const LogEntry& entry, std::span<const Log> logs) {
  const Log* log = nullptr;
  for (const Log& one : logs) {
    if (one.id == entry.log_id && one.period.Contains(entry.integrated)) log = &one;
  }
  if (log == nullptr) {
    return Refused(absl::StrCat("no trusted log ", absl::BytesToHexString(entry.log_id),
                                " was in use at ", absl::FormatTime(entry.integrated)));
  }
  const std::string promised =
      absl::StrCat(R"({"body":")", absl::Base64Escape(entry.body), R"(","integratedTime":)",
                   absl::ToUnixSeconds(entry.integrated), R"(,"logID":")",
                   absl::BytesToHexString(entry.log_id), R"(","logIndex":)", entry.index, "}");
  if (!log->key.Verify(Algorithm::kSha256, promised, entry.promise)) {
    return Refused("the signed entry timestamp is not the log's");
  }
  if (!entry.proof.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(VerifyInclusion(*entry.proof, entry.body));
  return VerifyCheckpoint(*entry.proof, *log);
}

}  // namespace sluice::sigstore
