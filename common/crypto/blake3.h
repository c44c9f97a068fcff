// BLAKE3 (the paper of 2020 by O'Connor, Aumasson, Neves, Wilcox-O'Hearn): the plain hash with its
// default output of 32 bytes. OpenSSL does not have it.
//
// Input is cut into chunks of 1,024 bytes, each a chain of blocks of 64; chunks are the leaves of a
// binary tree whose left subtrees are complete. Here without vector instructions: about as fast as
// SHA-256 without its own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::crypto {

// Takes bytes as they come. Not thread-safe.
class Blake3 {
 public:
  void Update(absl::string_view bytes);
  // The digest as raw bytes; call once, last.
  std::string Finish();

  using Words = std::array<uint32_t, 8>;

 private:
  static constexpr size_t kBlockBytes = 64;

  void CompressBlock(uint32_t flags);
  // Takes the value of a whole chunk in, and joins the subtrees that it completes.
  void AddChunk(Words chunk);

  Words chaining_ = kInitial;                          // of the present chunk
  std::array<unsigned char, kBlockBytes> block_ = {};  // its last bytes
  size_t block_size_ = 0;
  int blocks_ = 0;               // of the present chunk that are compressed
  uint64_t chunks_ = 0;          // that are complete
  std::vector<Words> subtrees_;  // complete, largest first

  static constexpr Words kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

}  // namespace sluice::crypto
