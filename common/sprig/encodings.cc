// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/sprig/base_encoding.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

// Adler-32 of RFC 1950: two sums modulo the largest prime below 2^16.
uint32_t Adler32(absl::string_view bytes) {
  constexpr uint32_t kModulus = 65521;
  uint32_t low = 1;
  uint32_t high = 0;
  for (const char byte : bytes) {
    low = (low + static_cast<unsigned char>(byte)) % kModulus;
    high = (high + low) % kModulus;
  }
  return high << 16 | low;
}

template <crypto::Algorithm kAlgorithm>
std::string HexDigest(absl::string_view text) {
  return absl::BytesToHexString(crypto::Digest(kAlgorithm, text));
}

Function Mapping(absl::string_view name, absl::string_view doc,
                 std::string (*code)(absl::string_view)) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &types::kString,
          .doc = doc,
          .code = [code](Call& call) -> Result { return Value::String(code(call.text(0))); }};
}

// What cannot be decoded gives the text of the error, not an error.
std::string DecodedOrError(const absl::StatusOr<std::string>& decoded) {
  return decoded.ok() ? *decoded : std::string(decoded.status().message());
}

}  // namespace

std::vector<Function> EncodingFunctions() {
  return {
      Mapping("b64enc", "The text in base64.", EncodeBase64),
      Mapping("b64dec", "What the base64 text stands for, or an error as text.",
              [](absl::string_view text) { return DecodedOrError(DecodeBase64(text)); }),
      Mapping("b32enc", "The text in base32.", EncodeBase32),
      Mapping("b32dec", "What the base32 text stands for, or an error as text.",
              [](absl::string_view text) { return DecodedOrError(DecodeBase32(text)); }),
      Mapping("sha1sum", "The SHA-1 digest of the text in hexadecimal.",
              HexDigest<crypto::Algorithm::kSha1>),
      Mapping("sha256sum", "The SHA-256 digest of the text in hexadecimal.",
              HexDigest<crypto::Algorithm::kSha256>),
      Mapping("sha512sum", "The SHA-512 digest of the text in hexadecimal.",
              HexDigest<crypto::Algorithm::kSha512>),
      Mapping("adler32sum", "The Adler-32 checksum of the text in decimal.",
              [](absl::string_view text) { return absl::StrCat(Adler32(text)); }),
  };
}

}  // namespace sluice::sprig
