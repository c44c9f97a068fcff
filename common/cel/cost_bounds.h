// Arithmetic with estimated sizes and costs, which stays at the largest number rather than go over
// it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sluice::cel {

inline constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max();

inline uint64_t Plus(uint64_t a, uint64_t b) { return a > kUnbounded - b ? kUnbounded : a + b; }
inline uint64_t Times(uint64_t a, uint64_t b) {
  return b != 0 && a > kUnbounded / b ? kUnbounded : a * b;
}
inline uint64_t Scaled(uint64_t a, double factor) {
  const double product = std::ceil(static_cast<double>(a) * factor);
  return product >= 18446744073709551616.0 ? kUnbounded : static_cast<uint64_t>(product);
}

// From the least to the most: of a size or a cost.
struct Bounds {
  uint64_t min = 0;
  uint64_t max = 0;

  static Bounds Fixed(uint64_t n) { return {n, n}; }
  static Bounds Unknown() { return {0, kUnbounded}; }
  Bounds operator+(const Bounds& o) const { return {Plus(min, o.min), Plus(max, o.max)}; }
  Bounds operator*(const Bounds& o) const { return {Times(min, o.min), Times(max, o.max)}; }
  Bounds operator*(double factor) const { return {Scaled(min, factor), Scaled(max, factor)}; }
  Bounds Union(const Bounds& o) const { return {std::min(min, o.min), std::max(max, o.max)}; }
};

}  // namespace sluice::cel
