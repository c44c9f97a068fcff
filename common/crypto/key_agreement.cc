// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/key_agreement.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/crypto/digest.h"
#include "common/crypto/handles.h"
#include "common/crypto/signing.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using NumbersPtr = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status Refused() {
  ERR_clear_error();
  return absl::InvalidArgumentError("no X25519 key");
}

KeyPtr PrivateKeyOf(const Secret& scalar) {
  return KeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, Bytes(scalar.Reveal()),
                                             scalar.Reveal().size()));
}

}  // namespace

absl::StatusOr<Secret> X25519(const Secret& scalar, absl::string_view point) {
  const KeyPtr ours = PrivateKeyOf(scalar);
  const KeyPtr theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, Bytes(point), point.size()));
  if (ours == nullptr || theirs == nullptr) return Refused();
  const ContextPtr context(EVP_PKEY_CTX_new(ours.get(), nullptr));
  std::string shared(kX25519Bytes, '\0');
  size_t size = shared.size();
  // OpenSSL refuses a product of zero.
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
      EVP_PKEY_derive(context.get(), Bytes(shared), &size) != 1 || size != kX25519Bytes) {
    return Refused();
  }
  return Secret(std::move(shared));
}

absl::StatusOr<std::string> X25519PublicKey(const Secret& scalar) {
  const KeyPtr key = PrivateKeyOf(scalar);
  std::string point(kX25519Bytes, '\0');
  size_t size = point.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), Bytes(point), &size) != 1) {
    return Refused();
  }
  return point;
}

absl::StatusOr<Secret> X25519ScalarOfEd25519(const Secret& seed) {
  if (seed.Reveal().size() != kX25519Bytes) return Refused();
  // The clamping is X25519's own.
  std::string digest = Digest(Algorithm::kSha512, seed.Reveal());
  const Secret whole(std::move(digest));
  return Secret(std::string(whole.Reveal().substr(0, kX25519Bytes)));
}

absl::StatusOr<std::string> X25519PointOfEd25519(absl::string_view public_key) {
  if (public_key.size() != kX25519Bytes) return Refused();
  // u = (1 + y) / (1 - y) modulo 2^255 - 19; y is little-endian below the sign bit.
  std::string bytes(public_key);
  bytes.back() = static_cast<char>(bytes.back() & 0x7F);
  std::reverse(bytes.begin(), bytes.end());
  const NumbersPtr numbers(BN_CTX_new());
  const NumberPtr y(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
  const NumberPtr prime(BN_new());
  const NumberPtr above(BN_new());
  const NumberPtr below(BN_new());
  const NumberPtr u(BN_new());
  if (numbers == nullptr || y == nullptr || prime == nullptr || above == nullptr ||
      below == nullptr || u == nullptr || BN_set_bit(prime.get(), 255) != 1 ||
      BN_sub_word(prime.get(), 19) != 1 ||
      BN_mod_add(above.get(), BN_value_one(), y.get(), prime.get(), numbers.get()) != 1 ||
      BN_mod_sub(below.get(), BN_value_one(), y.get(), prime.get(), numbers.get()) != 1 ||
      BN_mod_inverse(below.get(), below.get(), prime.get(), numbers.get()) == nullptr ||
      BN_mod_mul(u.get(), above.get(), below.get(), prime.get(), numbers.get()) != 1) {
    return Refused();
  }
  std::string point(kX25519Bytes, '\0');
  if (BN_bn2lebinpad(u.get(), Bytes(point), static_cast<int>(point.size())) < 0) return Refused();
  return point;
}

absl::StatusOr<Secret> HkdfSha256(const Secret& key, absl::string_view salt, absl::string_view info,
                                  size_t size) {
  // A key of HMAC is filled up with zeros, which is also what no salt stands for.
  return HkdfExpandSha256(Secret(HmacSha256(salt, key.Reveal())), info, size);
}

absl::StatusOr<Secret> HkdfExpandSha256(const Secret& key, absl::string_view info, size_t size) {
  constexpr size_t kDigestBytes = 32;
  if (size > 255 * kDigestBytes) return absl::InvalidArgumentError("HKDF: too many bytes");
  std::string out;
  out.reserve(size);
  Secret block;
  for (int count = 1; out.size() < size; ++count) {
    std::string message(block.Reveal());
    message.append(info.data(), info.size());
    message += static_cast<char>(count);
    block = Secret(HmacSha256(key.Reveal(), message));
    const Secret wiped(std::move(message));
    out.append(block.Reveal().data(), std::min(kDigestBytes, size - out.size()));
  }
  return Secret(std::move(out));
}

}  // namespace sluice::crypto
