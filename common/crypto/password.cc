// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/password.h"

#include <crypt.h>
#include <openssl/evp.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

// bcrypt's own base64: another alphabet, no padding.
std::string BcryptBase64(absl::string_view bytes) {
  constexpr absl::string_view kDigits =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  uint32_t pending = 0;
  size_t bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8 | static_cast<unsigned char>(byte)) & 0xFFFF;
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[pending >> (bits - 6) & 63];
  }
  if (bits > 0) text += kDigits[pending << (6 - bits) & 63];
  return text;
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<std::string> Bcrypt(absl::string_view password, int cost, absl::string_view salt) {
  if (password.size() > kMaxBcryptPasswordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("bcrypt: password length exceeds ", kMaxBcryptPasswordBytes, " bytes"));
  }
  if (absl::StrContains(password, absl::string_view("\0", 1))) {
    return absl::InvalidArgumentError("bcrypt: the password has a NUL in it");
  }
  if (cost < 4 || cost > 31 || salt.size() != kBcryptSaltBytes) {
    return absl::InvalidArgumentError("bcrypt: the cost or the salt is out of range");
  }
  const std::string setting = absl::StrFormat("$2a$%02d$%s", cost, BcryptBase64(salt));
  const auto data = std::make_unique<crypt_data>();
  const std::string phrase(password);
  // Not crypt_r, which clang's address sanitizer replaces by a call to nowhere.
  const char* const digest =
      crypt_rn(phrase.c_str(), setting.c_str(), data.get(), sizeof(crypt_data));
  if (digest == nullptr) {
    return absl::InternalError("bcrypt: the system's crypt library refused");
  }
  return std::string(digest);
}

absl::StatusOr<std::string> Scrypt(absl::string_view password, absl::string_view salt,
                                   const ScryptCost& cost, size_t size, uint64_t max_memory) {
  std::string key(size, '\0');
  if (EVP_PBE_scrypt(password.data(), password.size(), Bytes(salt), salt.size(), cost.n, cost.r,
                     cost.p, max_memory, reinterpret_cast<unsigned char*>(key.data()), size) != 1) {
    return LibraryError(absl::StatusCode::kInvalidArgument, "scrypt");
  }
  return key;
}

}  // namespace sluice::crypto
