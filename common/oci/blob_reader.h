// A blob as it arrives, in one transfer or several, held against its digest and size.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"
#include "common/http/message.h"
#include "common/oci/client.h"

namespace sluice::oci {

class BlobReader {
 public:
  // Both outlive this.
  BlobReader(const Descriptor& blob, const BlobSink& sink)
      : blob_(blob), sink_(sink), digester_(blob.digest.algorithm) {}

  // A transfer begins: of all, or of what is missing. kDataLoss if it says another size.
  absl::Status Begin(const http::Response& head);
  // kDataLoss beyond the blob's size, or the sink's error.
  absl::Status Take(absl::string_view bytes);
  // kDataLoss unless all came and is what the digest names. Call once, last.
  absl::Status Finish();

  // Bytes that the sink has.
  int64_t received() const { return received_; }

 private:
  absl::Status Wrong(absl::string_view what) const;

  const Descriptor& blob_;
  const BlobSink& sink_;
  crypto::Digester digester_;
  int64_t received_ = 0;
  int64_t skip_ = 0;  // of this transfer, which the sink has already
};

}  // namespace sluice::oci
