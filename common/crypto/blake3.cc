// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/blake3.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sluice::crypto {
namespace {

constexpr int kBlocksPerChunk = 16;
constexpr int kRounds = 7;

// What a compression is for.
constexpr uint32_t kChunkStart = 1;
constexpr uint32_t kChunkEnd = 2;
constexpr uint32_t kParent = 4;
constexpr uint32_t kRoot = 8;

using Message = std::array<uint32_t, 16>;

// Where each word of a round's message comes from in the next one's.
constexpr std::array<int, 16> kPermutation = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

void Mix(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d, uint32_t x, uint32_t y) {
  a = a + b + x;
  d = std::rotr(d ^ a, 16);
  c = c + d;
  b = std::rotr(b ^ c, 12);
  a = a + b + y;
  d = std::rotr(d ^ a, 8);
  c = c + d;
  b = std::rotr(b ^ c, 7);
}

// The first half of the compression's output: a chaining value, or the digest of the root.
Blake3::Words Compress(const Blake3::Words& chaining, const Blake3::Words& initial, Message message,
                       uint64_t counter, uint32_t size, uint32_t flags) {
  std::array<uint32_t, 16> s = {chaining[0],
                                chaining[1],
                                chaining[2],
                                chaining[3],
                                chaining[4],
                                chaining[5],
                                chaining[6],
                                chaining[7],
                                initial[0],
                                initial[1],
                                initial[2],
                                initial[3],
                                static_cast<uint32_t>(counter),
                                static_cast<uint32_t>(counter >> 32),
                                size,
                                flags};
  for (int round = 0;; ++round) {
    for (size_t i = 0; i < 4; ++i) {  // columns
      Mix(s[i], s[4 + i], s[8 + i], s[12 + i], message[2 * i], message[2 * i + 1]);
    }
    for (size_t i = 0; i < 4; ++i) {  // diagonals
      Mix(s[i], s[4 + (i + 1) % 4], s[8 + (i + 2) % 4], s[12 + (i + 3) % 4], message[8 + 2 * i],
          message[9 + 2 * i]);
    }
    if (round + 1 == kRounds) break;
    Message next;
    for (size_t i = 0; i < next.size(); ++i) {
      next[i] = message[static_cast<size_t>(kPermutation[i])];
    }
    message = next;
  }
  Blake3::Words result;
  for (size_t i = 0; i < result.size(); ++i) result[i] = s[i] ^ s[i + 8];
  return result;
}

Message WordsOf(const unsigned char* block) {
  Message message;
  for (size_t i = 0; i < message.size(); ++i) {
    const unsigned char* byte = block + 4 * i;
    message[i] = static_cast<uint32_t>(byte[0]) | static_cast<uint32_t>(byte[1]) << 8 |
                 static_cast<uint32_t>(byte[2]) << 16 | static_cast<uint32_t>(byte[3]) << 24;
  }
  return message;
}

Blake3::Words Join(const Blake3::Words& left, const Blake3::Words& right,
                   const Blake3::Words& initial, uint32_t flags) {
  Message message;
  std::copy(left.begin(), left.end(), message.begin());
  std::copy(right.begin(), right.end(), message.begin() + 8);
  return Compress(initial, initial, message, 0, 64, kParent | flags);
}

}  // namespace

void Blake3::CompressBlock(uint32_t flags) {
  if (blocks_ == 0) flags |= kChunkStart;
  std::fill(block_.begin() + static_cast<std::ptrdiff_t>(block_size_), block_.end(), 0);
  chaining_ = Compress(chaining_, kInitial, WordsOf(block_.data()), chunks_,
                       static_cast<uint32_t>(block_size_), flags);
  ++blocks_;
  block_size_ = 0;
}

void Blake3::AddChunk(Words chunk) {
  ++chunks_;
  // As many subtrees are completed as the number of chunks ends in zero bits.
  for (uint64_t count = chunks_; (count & 1) == 0; count >>= 1) {
    chunk = Join(subtrees_.back(), chunk, kInitial, 0);
    subtrees_.pop_back();
  }
  subtrees_.push_back(chunk);
}

void Blake3::Update(absl::string_view bytes) {
  while (!bytes.empty()) {
    // A full block waits for the next byte: the last one is compressed with other flags.
    if (block_size_ == kBlockBytes) {
      const bool ends_chunk = blocks_ + 1 == kBlocksPerChunk;
      CompressBlock(ends_chunk ? kChunkEnd : 0);
      if (ends_chunk) {
        AddChunk(chaining_);
        chaining_ = kInitial;
        blocks_ = 0;
      }
    }
    const size_t taken = std::min(kBlockBytes - block_size_, bytes.size());
    std::memcpy(block_.data() + block_size_, bytes.data(), taken);
    block_size_ += taken;
    bytes.remove_prefix(taken);
  }
}

std::string Blake3::Finish() {
  CompressBlock(kChunkEnd | (subtrees_.empty() ? kRoot : 0));
  Words value = chaining_;
  for (; !subtrees_.empty(); subtrees_.pop_back()) {
    value = Join(subtrees_.back(), value, kInitial, subtrees_.size() == 1 ? kRoot : 0);
  }
  std::string digest;
  for (const uint32_t word : value) {
    for (int shift = 0; shift < 32; shift += 8) {
      digest.push_back(static_cast<char>(word >> shift & 0xff));
    }
  }
  return digest;
}

}  // namespace sluice::crypto
