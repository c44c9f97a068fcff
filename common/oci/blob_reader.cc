// SPDX-License-Identifier: Apache-2.0
#include "common/oci/blob_reader.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::oci {

absl::Status BlobReader::Wrong(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("blob ", blob_.digest.ToString(), ": ", what));
}

absl::Status BlobReader::Begin(const http::Response& head) {
  const bool rest = head.status == 206 && absl::StartsWith(head.headers.Get("Content-Range"),
                                                           absl::StrCat("bytes ", received_, "-"));
  if (head.status == 206 && !rest) return Wrong("the registry sends another part than asked for");
  skip_ = rest ? 0 : received_;
  int64_t length = 0;
  const absl::string_view said = head.headers.Get("Content-Length");
  const int64_t expected = rest ? blob_.size - received_ : blob_.size;
  if (absl::SimpleAtoi(said, &length) && length != expected) {
    return Wrong(absl::StrCat("the registry sends ", length, " bytes, not ", expected));
  }
  return absl::OkStatus();
}

absl::Status BlobReader::Take(absl::string_view bytes) {
  const auto skipped = std::min<int64_t>(skip_, static_cast<int64_t>(bytes.size()));
  skip_ -= skipped;
  bytes.remove_prefix(static_cast<size_t>(skipped));
  if (static_cast<int64_t>(bytes.size()) > blob_.size - received_) {
    return Wrong(absl::StrCat("it is longer than ", blob_.size, " bytes"));
  }
  digester_.Update(bytes);
  received_ += static_cast<int64_t>(bytes.size());
  return bytes.empty() ? absl::OkStatus() : sink_(bytes);
}

absl::Status BlobReader::Finish() {
  if (received_ != blob_.size) {
    return Wrong(absl::StrCat("got ", received_, " bytes, want ", blob_.size));
  }
  const std::string hex = absl::BytesToHexString(digester_.Finish());
  if (hex == blob_.digest.hex) return absl::OkStatus();
  return Wrong(
      absl::StrCat("its content has the digest ", Digest{blob_.digest.algorithm, hex}.ToString()));
}

}  // namespace sluice::oci
