// Whom to believe: certificate authorities and logs of a Sigstore deployment, as its
// trusted_root.json lists them (sigstore/protobuf-specs, TrustedRoot 0.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/certificate.h"
#include "common/crypto/public_key.h"

namespace sluice::sigstore {

// Both ends belong to it.
struct Period {
  bool Contains(absl::Time time) const { return time >= start && time <= end; }

  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
};

struct Authority {
  std::vector<crypto::Certificate> intermediates;
  crypto::Certificate root;
  Period period;
};

// A transparency log or a log of certificates.
struct Log {
  std::string id;  // bytes: the SHA-256 of the key
  crypto::PublicKey key;
  Period period;
};

struct TrustedRoot {
  // kInvalidArgument, saying where, for JSON that is not of this form. Keys of types that we do not
  // know are left out: what they signed is not believed.
  static absl::StatusOr<TrustedRoot> Parse(absl::string_view json);

  std::vector<Authority> authorities;
  std::vector<Log> transparency_logs;
  std::vector<Log> certificate_logs;
};

}  // namespace sluice::sigstore
