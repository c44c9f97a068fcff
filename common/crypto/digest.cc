// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/blake3.h"

namespace sluice::crypto {
namespace {

struct Known {
  Algorithm algorithm;
  const char* name;
  const EVP_MD* (*implementation)();
};

constexpr Known kKnown[] = {
    {Algorithm::kSha1, "sha1", EVP_sha1},       {Algorithm::kSha256, "sha256", EVP_sha256},
    {Algorithm::kSha384, "sha384", EVP_sha384}, {Algorithm::kSha512, "sha512", EVP_sha512},
    {Algorithm::kBlake3, "blake3", nullptr},  // blake3.h
};

const Known& Find(Algorithm algorithm) {
  for (const Known& known : kKnown) {
    if (known.algorithm == algorithm) return known;
  }
  std::abort();  // the enum and the table disagree
}

// OpenSSL refuses these calls only when memory is exhausted or the library is set up without the
// algorithm. A wrong digest must never come out of that.
void Require(int result) {
  if (result != 1) std::abort();
}

}  // namespace

struct Digester::State {
  std::optional<Blake3> blake3;  // else OpenSSL's
  EVP_MD_CTX* context = nullptr;
  ~State() { EVP_MD_CTX_free(context); }
};

absl::StatusOr<Algorithm> ParseAlgorithm(absl::string_view name) {
  for (const Known& known : kKnown) {
    if (name == known.name) return known.algorithm;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unsupported digest algorithm \"", absl::CHexEscape(name.substr(0, 64)),
                   "\": must be one of sha1, sha256, sha384, sha512, blake3"));
}

absl::string_view AlgorithmName(Algorithm algorithm) { return Find(algorithm).name; }

Digester::Digester(Algorithm algorithm) : state_(std::make_unique<State>()) {
  if (algorithm == Algorithm::kBlake3) {
    state_->blake3.emplace();
    return;
  }
  state_->context = EVP_MD_CTX_new();
  Require(EVP_DigestInit_ex(state_->context, Find(algorithm).implementation(), nullptr));
}

Digester::~Digester() = default;

void Digester::Update(absl::string_view bytes) {
  if (state_->blake3.has_value()) return state_->blake3->Update(bytes);
  Require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

std::string Digester::Finish() {
  if (state_->blake3.has_value()) return state_->blake3->Finish();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Require(EVP_DigestFinal_ex(state_->context, digest, &size));
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string Digest(Algorithm algorithm, absl::string_view bytes) {
  Digester digester(algorithm);
  digester.Update(bytes);
  return digester.Finish();
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sluice::crypto
