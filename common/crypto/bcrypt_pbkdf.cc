// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/bcrypt_pbkdf.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"

namespace sluice::crypto {
namespace {

constexpr size_t kSubkeys = 18;
constexpr size_t kBoxWords = 256;
constexpr size_t kWords = kSubkeys + 4 * kBoxWords;
constexpr size_t kMaxKey = 1024;
constexpr size_t kHashWords = 8;
constexpr size_t kHashBytes = 32;
constexpr int kRepetitions = 64;
constexpr char kPlaintext[] = "OxychromaticBlowfishSwatDynamite";

// A fixed-point number: the first word is whole, the others its fraction, most significant first.
using Fixed = std::vector<uint32_t>;

// Divides in place; whether anything is left.
bool Divide(Fixed& number, uint32_t divisor) {
  uint64_t rest = 0;
  bool any = false;
  for (uint32_t& word : number) {
    const uint64_t part = rest << 32 | word;
    word = static_cast<uint32_t>(part / divisor);
    rest = part % divisor;
    any = any || word != 0;
  }
  return any;
}

void Accumulate(Fixed& sum, const Fixed& term, bool subtract) {
  uint64_t carry = 0;
  for (size_t i = sum.size(); i-- > 0;) {
    if (subtract) {
      const uint64_t part = (uint64_t{1} << 32 | sum[i]) - term[i] - carry;
      sum[i] = static_cast<uint32_t>(part);
      carry = part >> 32 == 0 ? 1 : 0;
    } else {
      const uint64_t part = uint64_t{sum[i]} + term[i] + carry;
      sum[i] = static_cast<uint32_t>(part);
      carry = part >> 32;
    }
  }
}

// Adds factor * arctan(1 / inverse), or subtracts it.
void AddArctangent(Fixed& sum, uint32_t factor, uint32_t inverse, bool subtract) {
  Fixed power(sum.size(), 0);
  power[0] = factor;
  Divide(power, inverse);
  for (uint32_t odd = 1;; odd += 2) {
    Fixed term = power;
    Divide(term, odd);
    Accumulate(sum, term, subtract != (odd % 4 == 3));
    if (!Divide(power, inverse * inverse)) return;
  }
}

// Blowfish starts from the fraction of pi, here by Machin's formula.
const std::array<uint32_t, kWords>& PiFraction() {
  static const auto* const kDigits = [] {
    constexpr size_t kGuard = 4;
    Fixed pi(1 + kWords + kGuard, 0);
    AddArctangent(pi, 16, 5, /*subtract=*/false);
    AddArctangent(pi, 4, 239, /*subtract=*/true);
    auto* digits = new std::array<uint32_t, kWords>();
    std::copy_n(pi.begin() + 1, kWords, digits->begin());
    return digits;
  }();
  return *kDigits;
}

// The bytes of a text, taken round and round as words.
class WordStream {
 public:
  explicit WordStream(absl::string_view bytes) : bytes_(bytes) {}
  uint32_t Next() {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i) {
      word = word << 8 | static_cast<unsigned char>(bytes_[at_]);
      at_ = (at_ + 1) % bytes_.size();
    }
    return word;
  }

 private:
  absl::string_view bytes_;
  size_t at_ = 0;
};

class Blowfish {
 public:
  Blowfish() : state_(PiFraction()) {}

  void Encrypt(uint32_t& left, uint32_t& right) const {
    for (size_t i = 0; i < 16; i += 2) {
      left ^= state_[i];
      right ^= Mix(left);
      right ^= state_[i + 1];
      left ^= Mix(right);
    }
    left ^= state_[16];
    right ^= state_[17];
    std::swap(left, right);
  }

  // `salt` may be empty: then zeros go in.
  void Expand(absl::string_view salt, absl::string_view key) {
    WordStream keys(key);
    for (size_t i = 0; i < kSubkeys; ++i) state_[i] ^= keys.Next();
    WordStream salts(salt.empty() ? absl::string_view("\0", 1) : salt);
    uint32_t left = 0;
    uint32_t right = 0;
    for (size_t i = 0; i < kWords; i += 2) {
      left ^= salts.Next();
      right ^= salts.Next();
      Encrypt(left, right);
      state_[i] = left;
      state_[i + 1] = right;
    }
  }

 private:
  uint32_t Mix(uint32_t word) const {
    const uint32_t* const boxes = state_.data() + kSubkeys;
    return ((boxes[word >> 24] + boxes[kBoxWords + (word >> 16 & 0xFF)]) ^
            boxes[2 * kBoxWords + (word >> 8 & 0xFF)]) +
           boxes[3 * kBoxWords + (word & 0xFF)];
  }

  std::array<uint32_t, kWords> state_;
};

std::string Hash(absl::string_view password, absl::string_view salt) {
  Blowfish cipher;
  cipher.Expand(salt, password);
  for (int i = 0; i < kRepetitions; ++i) {
    cipher.Expand("", salt);
    cipher.Expand("", password);
  }
  std::array<uint32_t, kHashWords> words;
  WordStream plaintext(absl::string_view(kPlaintext, kHashBytes));
  for (uint32_t& word : words) word = plaintext.Next();
  for (int i = 0; i < kRepetitions; ++i) {
    for (size_t j = 0; j < kHashWords; j += 2) cipher.Encrypt(words[j], words[j + 1]);
  }
  std::string out;
  for (const uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(word >> shift));
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> BcryptPbkdf(absl::string_view password, absl::string_view salt,
                                        uint32_t rounds, size_t size) {
  if (password.empty() || salt.empty() || rounds == 0 || rounds > kMaxBcryptRounds || size == 0 ||
      size > kMaxKey) {
    return absl::InvalidArgumentError("bcrypt_pbkdf: bad parameters");
  }
  const std::string digest = Digest(Algorithm::kSha512, password);
  const size_t stride = (size + kHashBytes - 1) / kHashBytes;
  const size_t amount = (size + stride - 1) / stride;
  std::string key(size, '\0');
  for (uint32_t count = 1; count <= stride; ++count) {
    std::string counted(salt);
    for (int shift = 24; shift >= 0; shift -= 8)
      counted.push_back(static_cast<char>(count >> shift));
    std::string hash = Hash(digest, Digest(Algorithm::kSha512, counted));
    std::string out = hash;
    for (uint32_t round = 1; round < rounds; ++round) {
      hash = Hash(digest, Digest(Algorithm::kSha512, hash));
      for (size_t i = 0; i < kHashBytes; ++i) out[i] = static_cast<char>(out[i] ^ hash[i]);
    }
    // Blocks are spread over the key, so that half a key says nothing.
    for (size_t i = 0; i < amount; ++i) {
      const size_t place = i * stride + (count - 1);
      if (place < size) key[place] = out[i];
    }
  }
  return key;
}

}  // namespace sluice::crypto
