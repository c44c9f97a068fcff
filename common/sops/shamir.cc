// SPDX-License-Identifier: Apache-2.0
#include "common/sops/shamir.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace sluice::sops {
namespace {

// In AES's field, without branches or tables that depend on the bytes.
uint8_t Multiply(uint8_t a, uint8_t b) {
  unsigned product = 0;
  for (int bit = 7; bit >= 0; --bit) {
    const unsigned carry = (0U - (product >> 7 & 1)) & 0x1B;
    product = (product << 1 & 0xFF) ^ carry;
    product ^= (0U - (b >> bit & 1U)) & a;
  }
  return static_cast<uint8_t>(product);
}

// a^254, which is 1/a.
uint8_t Inverse(uint8_t a) {
  uint8_t result = 1;
  for (int i = 0; i < 254; ++i) result = Multiply(result, a);
  return result;
}

uint8_t At(const Secret& share, size_t index) {
  return static_cast<uint8_t>(share.Reveal()[index]);
}

}  // namespace

absl::StatusOr<Secret> CombineShares(const std::vector<Secret>& shares) {
  if (shares.size() < 2) {
    return absl::InvalidArgumentError(
        "less than two parts cannot be used to reconstruct the secret");
  }
  const size_t size = shares[0].Reveal().size();
  if (size < 2) return absl::InvalidArgumentError("parts must be at least two bytes");
  std::vector<uint8_t> points;
  for (const Secret& share : shares) {
    if (share.Reveal().size() != size) {
      return absl::InvalidArgumentError("all parts must be the same length");
    }
    points.push_back(At(share, size - 1));
  }
  if (std::set<uint8_t>(points.begin(), points.end()).size() != points.size()) {
    return absl::InvalidArgumentError("duplicate part detected");
  }
  // Lagrange's factors at zero are the same for every byte.
  std::vector<uint8_t> factors(shares.size(), 1);
  for (size_t i = 0; i < shares.size(); ++i) {
    for (size_t j = 0; j < shares.size(); ++j) {
      if (i == j) continue;
      const auto distance = static_cast<uint8_t>(points[i] ^ points[j]);
      factors[i] = Multiply(factors[i], Multiply(points[j], Inverse(distance)));
    }
  }
  std::string secret(size - 1, '\0');
  for (size_t byte = 0; byte + 1 < size; ++byte) {
    uint8_t sum = 0;
    for (size_t i = 0; i < shares.size(); ++i) {
      sum = static_cast<uint8_t>(sum ^ Multiply(At(shares[i], byte), factors[i]));
    }
    secret[byte] = static_cast<char>(sum);
  }
  return Secret(std::move(secret));
}

}  // namespace sluice::sops
