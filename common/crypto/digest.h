// Digests of bytes, and the "algorithm:hex" form that artifacts and OCI use.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::crypto {

enum class Algorithm { kSha1, kSha256, kSha384, kSha512, kBlake3 };

// "sha256" and so on; kInvalidArgument for a name we do not know.
absl::StatusOr<Algorithm> ParseAlgorithm(absl::string_view name);
absl::string_view AlgorithmName(Algorithm algorithm);

// Takes bytes as they come. Not thread-safe.
class Digester {
 public:
  explicit Digester(Algorithm algorithm);
  ~Digester();
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;

  void Update(absl::string_view bytes);
  // The digest as raw bytes; call once, last.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Raw bytes of the digest of `bytes`.
std::string Digest(Algorithm algorithm, absl::string_view bytes);
// Lower-case hex of the SHA-256 of `bytes`.
std::string Sha256Hex(absl::string_view bytes);

// Compares without telling by its timing where two strings differ.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace sluice::crypto
