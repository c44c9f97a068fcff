// For tests: an authority of their own, and what it says about a server and a user.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/crypto/x509.h"

namespace sluice::crypto_testing {

struct Certificates {
  crypto::KeyPair authority;
  crypto::KeyPair server;  // at 127.0.0.1, and at its names
  crypto::KeyPair client;
};

struct CertificateOptions {
  std::vector<std::string> server_names = {"localhost"};
  std::string user = "alice";
  std::vector<std::string> groups = {};
  absl::Time server_end = absl::Now() + absl::Hours(1);
};

// Two certificates of an authority that is made anew, all valid since two hours ago.
Certificates IssueCertificates(const CertificateOptions& options = {});

}  // namespace sluice::crypto_testing
