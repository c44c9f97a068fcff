// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/ml_kem.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

constexpr size_t kDegree = 256;
constexpr uint32_t kModulus = 3329;
constexpr size_t kRank = 3;
constexpr size_t kHalf = 32;  // bytes of a seed's half, of a message, of a secret
constexpr int kBitsU = 10;
constexpr int kBitsV = 4;

// Integers modulo kModulus, always reduced.
using Polynomial = std::array<uint16_t, kDegree>;
using Vector = std::array<Polynomial, kRank>;
using Matrix = std::array<Vector, kRank>;

// Wiped when it goes.
template <typename T>
struct Wiped {
  Wiped() : value() {}
  Wiped(const Wiped&) = default;
  Wiped& operator=(const Wiped&) = default;
  ~Wiped() { OPENSSL_cleanse(&value, sizeof(value)); }
  T value;
};

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hash(const EVP_MD* algorithm, absl::string_view bytes, size_t size) {
  const ContextPtr context(EVP_MD_CTX_new());
  std::string out(size, '\0');
  auto* const digest = reinterpret_cast<unsigned char*>(out.data());
  const bool extendable = (EVP_MD_get_flags(algorithm) & EVP_MD_FLAG_XOF) != 0;
  if (context == nullptr || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), Bytes(bytes), bytes.size()) != 1 ||
      (extendable ? EVP_DigestFinalXOF(context.get(), digest, size)
                  : EVP_DigestFinal_ex(context.get(), digest, nullptr)) != 1) {
    std::abort();  // out of memory
  }
  return out;
}

// 64 bytes.
std::string Sha3Wide(absl::string_view bytes) { return Hash(EVP_sha3_512(), bytes, 2 * kHalf); }

uint16_t Reduce(uint32_t number) { return static_cast<uint16_t>(number % kModulus); }
uint16_t Sum(uint16_t a, uint16_t b) { return Reduce(uint32_t{a} + b); }
uint16_t Difference(uint16_t a, uint16_t b) { return Reduce(uint32_t{a} + kModulus - b); }
uint16_t Product(uint16_t a, uint16_t b) { return Reduce(uint32_t{a} * b); }

// 17^i for i with its seven bits reversed, and 17^(2i+1) likewise.
struct Roots {
  std::array<uint16_t, 128> single;
  std::array<uint16_t, 128> doubled;
};

constexpr Roots MakeRoots() {
  Roots roots = {};
  for (uint32_t i = 0; i < 128; ++i) {
    uint32_t reversed = 0;
    for (int bit = 0; bit < 7; ++bit) reversed |= (i >> bit & 1) << (6 - bit);
    uint32_t power = 1;
    for (uint32_t n = 0; n < reversed; ++n) power = power * 17 % kModulus;
    roots.single[i] = static_cast<uint16_t>(power);
    roots.doubled[i] = static_cast<uint16_t>(power * power % kModulus * 17 % kModulus);
  }
  return roots;
}
constexpr Roots kRoots = MakeRoots();

void Add(Polynomial& a, const Polynomial& b) {
  for (size_t i = 0; i < kDegree; ++i) a[i] = Sum(a[i], b[i]);
}

// The number-theoretic transform (FIPS 203 algorithm 9), in place, and its inverse (10).
void Transform(Polynomial& f) {
  size_t root = 1;
  for (size_t length = 128; length >= 2; length /= 2) {
    for (size_t start = 0; start < kDegree; start += 2 * length) {
      const uint16_t zeta = kRoots.single[root++];
      for (size_t j = start; j < start + length; ++j) {
        const uint16_t t = Product(zeta, f[j + length]);
        f[j + length] = Difference(f[j], t);
        f[j] = Sum(f[j], t);
      }
    }
  }
}

void InverseTransform(Polynomial& f) {
  size_t root = 127;
  for (size_t length = 2; length <= 128; length *= 2) {
    for (size_t start = 0; start < kDegree; start += 2 * length) {
      const uint16_t zeta = kRoots.single[root--];
      for (size_t j = start; j < start + length; ++j) {
        const uint16_t t = f[j];
        f[j] = Sum(t, f[j + length]);
        f[j + length] = Product(zeta, Difference(f[j + length], t));
      }
    }
  }
  constexpr uint16_t kInverse = 3303;  // of 128
  for (uint16_t& coefficient : f) coefficient = Product(coefficient, kInverse);
}

// The product of transformed polynomials (algorithm 11), added to `sum`.
void AddProduct(const Polynomial& f, const Polynomial& g, Polynomial& sum) {
  for (size_t i = 0; i < kDegree / 2; ++i) {
    const uint16_t a0 = f[2 * i], a1 = f[2 * i + 1], b0 = g[2 * i], b1 = g[2 * i + 1];
    const uint16_t even = Sum(Product(a0, b0), Product(Product(a1, b1), kRoots.doubled[i]));
    const uint16_t odd = Sum(Product(a0, b1), Product(a1, b0));
    sum[2 * i] = Sum(sum[2 * i], even);
    sum[2 * i + 1] = Sum(sum[2 * i + 1], odd);
  }
}

// Uniform, in the transform's domain (algorithm 7).
Polynomial SampleUniform(absl::string_view seed) {
  for (size_t size = 840;; size *= 2) {
    const std::string stream = Hash(EVP_shake128(), seed, size);
    Polynomial f = {};
    size_t count = 0;
    for (size_t i = 0; i + 2 < stream.size() && count < kDegree; i += 3) {
      const uint32_t b0 = Bytes(stream)[i], b1 = Bytes(stream)[i + 1], b2 = Bytes(stream)[i + 2];
      const uint32_t first = b0 | (b1 & 15) << 8;
      const uint32_t second = b1 >> 4 | b2 << 4;
      if (first < kModulus) f[count++] = static_cast<uint16_t>(first);
      if (second < kModulus && count < kDegree) f[count++] = static_cast<uint16_t>(second);
    }
    if (count == kDegree) return f;
  }
}

// Small (algorithm 8, eta 2), from a seed and a counter.
Polynomial SampleSmall(absl::string_view seed, uint8_t counter) {
  const Secret input(absl::StrCat(seed, absl::string_view(reinterpret_cast<char*>(&counter), 1)));
  const Secret stream(Hash(EVP_shake256(), input.Reveal(), 128));
  Polynomial f = {};
  for (size_t i = 0; i < kDegree; ++i) {
    const uint32_t bits = Bytes(stream.Reveal())[i / 2] >> (4 * (i % 2));
    const uint32_t plus = (bits & 1) + (bits >> 1 & 1);
    const uint32_t minus = (bits >> 2 & 1) + (bits >> 3 & 1);
    f[i] = Reduce(plus + kModulus - minus);
  }
  return f;
}

// `bits` bits of each coefficient, the lowest first (algorithms 5 and 6).
void Encode(const Polynomial& f, int bits, std::string& out) {
  uint32_t pending = 0;
  int count = 0;
  for (const uint16_t coefficient : f) {
    pending |= uint32_t{coefficient} << count;
    for (count += bits; count >= 8; count -= 8, pending >>= 8) {
      out += static_cast<char>(pending & 0xFF);
    }
  }
}

Polynomial Decode(absl::string_view bytes, int bits) {
  Polynomial f = {};
  uint32_t pending = 0;
  int count = 0;
  size_t at = 0;
  for (uint16_t& coefficient : f) {
    for (; count < bits; count += 8) pending |= uint32_t{Bytes(bytes)[at++]} << count;
    coefficient = static_cast<uint16_t>(pending & ((1U << bits) - 1));
    pending >>= bits;
    count -= bits;
  }
  return f;
}

void Compress(Polynomial& f, int bits) {
  for (uint16_t& coefficient : f) {
    const uint32_t scaled = ((uint32_t{coefficient} << bits) + kModulus / 2) / kModulus;
    coefficient = static_cast<uint16_t>(scaled & ((1U << bits) - 1));
  }
}

void Decompress(Polynomial& f, int bits) {
  for (uint16_t& coefficient : f) {
    coefficient =
        static_cast<uint16_t>((uint32_t{coefficient} * kModulus + (1U << (bits - 1))) >> bits);
  }
}

Matrix ExpandMatrix(absl::string_view rho) {
  Matrix a;
  for (size_t i = 0; i < kRank; ++i) {
    for (size_t j = 0; j < kRank; ++j) {
      const char place[] = {static_cast<char>(j), static_cast<char>(i)};
      a[i][j] = SampleUniform(absl::StrCat(rho, absl::string_view(place, 2)));
    }
  }
  return a;
}

}  // namespace

struct MlKem768::Key {
  Matrix a;
  Vector t;             // transformed
  Wiped<Vector> s;      // transformed
  std::string encoded;  // the public key
  std::string digest;   // of the public key
  Secret rejection;     // z

  // K-PKE.Encrypt (algorithm 14).
  std::string Encrypt(absl::string_view message, absl::string_view randomness) const {
    Wiped<Vector> y;
    for (size_t i = 0; i < kRank; ++i) {
      y.value[i] = SampleSmall(randomness, static_cast<uint8_t>(i));
      Transform(y.value[i]);
    }
    std::string ciphertext;
    for (size_t i = 0; i < kRank; ++i) {
      Wiped<Polynomial> u;
      for (size_t j = 0; j < kRank; ++j) AddProduct(a[j][i], y.value[j], u.value);
      InverseTransform(u.value);
      Add(u.value, SampleSmall(randomness, static_cast<uint8_t>(kRank + i)));
      Compress(u.value, kBitsU);
      Encode(u.value, kBitsU, ciphertext);
    }
    Wiped<Polynomial> v;
    for (size_t i = 0; i < kRank; ++i) AddProduct(t[i], y.value[i], v.value);
    InverseTransform(v.value);
    Add(v.value, SampleSmall(randomness, static_cast<uint8_t>(2 * kRank)));
    Wiped<Polynomial> mu;
    mu.value = Decode(message, 1);
    Decompress(mu.value, 1);
    Add(v.value, mu.value);
    Compress(v.value, kBitsV);
    Encode(v.value, kBitsV, ciphertext);
    return ciphertext;
  }

  // K-PKE.Decrypt (algorithm 15).
  Secret Decrypt(absl::string_view ciphertext) const {
    constexpr size_t kPart = kDegree * kBitsU / 8;
    Wiped<Polynomial> product;
    for (size_t i = 0; i < kRank; ++i) {
      Polynomial u = Decode(ciphertext.substr(i * kPart, kPart), kBitsU);
      Decompress(u, kBitsU);
      Transform(u);
      AddProduct(s.value[i], u, product.value);
    }
    InverseTransform(product.value);
    Wiped<Polynomial> w;
    w.value = Decode(ciphertext.substr(kRank * kPart), kBitsV);
    Decompress(w.value, kBitsV);
    for (size_t i = 0; i < kDegree; ++i) {
      w.value[i] = Difference(w.value[i], product.value[i]);
    }
    Compress(w.value, 1);
    std::string message;
    message.reserve(kHalf);
    Encode(w.value, 1, message);
    return Secret(std::move(message));
  }
};

absl::StatusOr<MlKem768> MlKem768::FromSeed(const Secret& seed) {
  if (seed.Reveal().size() != kMlKemSeedBytes) {
    return absl::InvalidArgumentError("ML-KEM: the seed has a wrong length");
  }
  auto key = std::make_shared<Key>();
  const char rank = kRank;
  const Secret input(absl::StrCat(seed.Reveal().substr(0, kHalf), absl::string_view(&rank, 1)));
  const Secret seeds(Sha3Wide(input.Reveal()));
  const absl::string_view rho = seeds.Reveal().substr(0, kHalf);
  const absl::string_view sigma = seeds.Reveal().substr(kHalf);
  key->a = ExpandMatrix(rho);
  for (size_t i = 0; i < kRank; ++i) {
    key->s.value[i] = SampleSmall(sigma, static_cast<uint8_t>(i));
    Transform(key->s.value[i]);
  }
  for (size_t i = 0; i < kRank; ++i) {
    key->t[i] = SampleSmall(sigma, static_cast<uint8_t>(kRank + i));
    Transform(key->t[i]);
    for (size_t j = 0; j < kRank; ++j) AddProduct(key->a[i][j], key->s.value[j], key->t[i]);
    Encode(key->t[i], 12, key->encoded);
  }
  absl::StrAppend(&key->encoded, rho);
  key->digest = Sha3(key->encoded);
  key->rejection = Secret(std::string(seed.Reveal().substr(kHalf)));
  return MlKem768(std::move(key));
}

const std::string& MlKem768::public_key() const { return key_->encoded; }

absl::StatusOr<Secret> MlKem768::Decapsulate(absl::string_view ciphertext) const {
  if (ciphertext.size() != kMlKem768CiphertextBytes) {
    return absl::InvalidArgumentError("ML-KEM: the ciphertext has a wrong length");
  }
  const Secret message = key_->Decrypt(ciphertext);
  const Secret input(absl::StrCat(message.Reveal(), key_->digest));
  const Secret derived(Sha3Wide(input.Reveal()));
  const Secret rejected_input(absl::StrCat(key_->rejection.Reveal(), ciphertext));
  const Secret rejected(Shake256(rejected_input.Reveal(), kHalf));
  const Secret again(key_->Encrypt(message.Reveal(), derived.Reveal().substr(kHalf)));
  // Nothing may tell by its timing whether the ciphertext was good.
  const auto differs = static_cast<unsigned>(
      CRYPTO_memcmp(again.Reveal().data(), ciphertext.data(), ciphertext.size()));
  const auto mask = static_cast<unsigned char>(0U - ((differs | (0U - differs)) >> 31));
  std::string secret(kHalf, '\0');
  for (size_t i = 0; i < kHalf; ++i) {
    const unsigned good = Bytes(derived.Reveal())[i];
    const unsigned bad = Bytes(rejected.Reveal())[i];
    secret[i] = static_cast<char>((good & ~unsigned{mask} & 0xFF) | (bad & mask));
  }
  return Secret(std::move(secret));
}

absl::StatusOr<MlKem768::Encapsulated> MlKem768::Encapsulate(const Secret& randomness) const {
  if (randomness.Reveal().size() != kHalf) {
    return absl::InvalidArgumentError("ML-KEM: the randomness has a wrong length");
  }
  const Secret input(absl::StrCat(randomness.Reveal(), key_->digest));
  const Secret derived(Sha3Wide(input.Reveal()));
  return Encapsulated{key_->Encrypt(randomness.Reveal(), derived.Reveal().substr(kHalf)),
                      Secret(std::string(derived.Reveal().substr(0, kHalf)))};
}

std::string Shake256(absl::string_view bytes, size_t size) {
  return Hash(EVP_shake256(), bytes, size);
}

std::string Sha3(absl::string_view bytes) { return Hash(EVP_sha3_256(), bytes, kHalf); }

}  // namespace sluice::crypto
