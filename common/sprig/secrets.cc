// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/cipher.h"
#include "common/crypto/password.h"
#include "common/crypto/signing.h"
#include "common/sprig/base_encoding.h"
#include "common/sprig/convert.h"
#include "common/sprig/random.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

// About what these take, measured in evaluation steps of a tenth of a microsecond.
constexpr uint64_t kBcryptSteps = 500'000;
constexpr uint64_t kScryptSteps = 1'000'000;

constexpr int kBcryptCost = 10;

// An error of bcrypt is the text that comes out.
absl::StatusOr<std::string> BcryptText(Call& call, absl::string_view password) {
  RETURN_IF_ERROR(call.session().ChargeSteps(kBcryptSteps));
  ASSIGN_OR_RETURN(gotmpl::Environment* const environment, EnvironmentOf(call));
  const absl::StatusOr<std::string> digest =
      crypto::Bcrypt(password, kBcryptCost, environment->RandomBytes(crypto::kBcryptSaltBytes));
  if (digest.ok()) return *digest;
  return absl::StrCat("failed to encrypt string with bcrypt: ", digest.status().message());
}

Result Htpasswd(Call& call) {
  const absl::string_view user = call.text(0);
  if (absl::StrContains(user, ':')) return Value::String(absl::StrCat("invalid username: ", user));
  ASSIGN_OR_RETURN(const std::string digest, BcryptText(call, call.text(1)));
  return Value::String(absl::StrCat(user, ":", digest));
}

// The Master Password scheme: each letter of a pattern is a class of characters.
struct PasswordType {
  absl::string_view name;
  std::vector<absl::string_view> patterns;
};

const std::vector<PasswordType>& PasswordTypes() {
  static const auto& password_types = *new std::vector<PasswordType>{
      {"maximum", {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"}},
      {"long",
       {"CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
        "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
        "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
        "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
        "CvccCvcvCvccno"}},
      {"medium", {"CvcnoCvc", "CvcCvcno"}},
      {"short", {"Cvcn"}},
      {"basic", {"aaanaaan", "aannaaan", "aaannaaa"}},
      {"pin", {"nnnn"}},
  };
  return password_types;
}

absl::string_view CharactersOf(char pattern) {
  switch (pattern) {
    case 'V':
      return "AEIOU";
    case 'C':
      return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
      return "aeiou";
    case 'c':
      return "bcdfghjklmnpqrstvwxyz";
    case 'a':
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n':
      return "0123456789";
    case 'o':
      return "@&%?,=[]_:-+*$#!'^~;()/.";
    default:  // 'x'
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

std::string BigEndian(uint64_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

Result DerivePassword(Call& call) {
  constexpr absl::string_view kScope = "com.lyndir.masterpassword";
  const absl::string_view user = call.text(3);
  const absl::string_view site = call.text(4);
  const PasswordType* chosen = nullptr;
  for (const PasswordType& type : PasswordTypes()) {
    if (type.name == call.text(1)) chosen = &type;
  }
  if (chosen == nullptr) {
    return Value::String(absl::StrCat("cannot find password template ", call.text(1)));
  }
  RETURN_IF_ERROR(call.session().ChargeSteps(kScryptSteps));
  const std::string salt = absl::StrCat(kScope, BigEndian(user.size()), user);
  ASSIGN_OR_RETURN(const std::string key,
                   crypto::Scrypt(call.text(2), salt, {.n = 32768, .r = 8, .p = 2}, 64));
  const std::string seed = crypto::HmacSha256(
      key,
      absl::StrCat(kScope, BigEndian(site.size()), site, BigEndian(call[0].unsigned_integer())));
  const auto at = [&seed](size_t index) { return static_cast<unsigned char>(seed[index]); };
  std::string password;
  for (const char pattern : chosen->patterns[at(0) % chosen->patterns.size()]) {
    const absl::string_view characters = CharactersOf(pattern);
    password += characters[at(password.size() + 1) % characters.size()];
  }
  return Value::String(password);
}

// The password cut or filled up with zeros.
std::string AesKey(absl::string_view password) {
  std::string key(password.substr(0, crypto::kAes256KeyBytes));
  key.resize(crypto::kAes256KeyBytes, '\0');
  return key;
}

Result EncryptAes(Call& call) {
  const absl::string_view text = call.text(1);
  if (text.empty()) return Value::String("");
  RETURN_IF_ERROR(call.session().CheckFunction(text.size()));
  const size_t padding = crypto::kAesBlockBytes - text.size() % crypto::kAesBlockBytes;
  std::string blocks(text);
  blocks.append(padding, static_cast<char>(padding));
  ASSIGN_OR_RETURN(gotmpl::Environment* const environment, EnvironmentOf(call));
  const std::string vector = environment->RandomBytes(crypto::kAesBlockBytes);
  ASSIGN_OR_RETURN(
      const std::string encrypted,
      crypto::Aes256Cbc(crypto::Direction::kEncrypt, AesKey(call.text(0)), vector, blocks));
  return Value::String(EncodeBase64(absl::StrCat(vector, encrypted)));
}

Result DecryptAes(Call& call) {
  if (call.text(1).empty()) return Value::String("");
  ASSIGN_OR_RETURN(const std::string encrypted, DecodeBase64(call.text(1)));
  const absl::string_view all = encrypted;
  constexpr absl::string_view kOutside = "runtime error: slice bounds out of range [:";
  if (all.size() < crypto::kAesBlockBytes) {
    return Failure(absl::StrCat(kOutside, crypto::kAesBlockBytes, "] with capacity ",
                                (call.text(1).size() / 4) * 3));
  }
  const absl::string_view blocks = all.substr(crypto::kAesBlockBytes);
  if (blocks.empty()) return Failure("runtime error: index out of range [-1]");
  if (blocks.size() % crypto::kAesBlockBytes != 0) {
    return Failure("crypto/cipher: input not full blocks");
  }
  ASSIGN_OR_RETURN(const std::string text,
                   crypto::Aes256Cbc(crypto::Direction::kDecrypt, AesKey(call.text(0)),
                                     all.substr(0, crypto::kAesBlockBytes), blocks));
  const size_t padding = static_cast<unsigned char>(text.back());
  if (padding > text.size()) {
    return Failure(absl::StrCat(kOutside, "-", padding - text.size(), "]"));
  }
  return Value::String(absl::string_view(text).substr(0, text.size() - padding));
}

}  // namespace

std::vector<gotmpl::Function> SecretFunctions() {
  const gotmpl::Type* string = &types::kString;
  return {
      {.name = "bcrypt",
       .parameters = {string},
       .result = string,
       .doc = "The bcrypt digest of the password.",
       .code = [](Call& call) -> Result {
         ASSIGN_OR_RETURN(const std::string digest, BcryptText(call, call.text(0)));
         return Value::String(digest);
       }},
      {.name = "htpasswd",
       .parameters = {string, string},
       .result = string,
       .doc = "The line of an htpasswd file for the user and the password.",
       .code = Htpasswd},
      {.name = "derivePassword",
       .parameters = {&types::kUint32, string, string, string, string},
       .result = string,
       .doc = "A password for a site: counter, type, master password, user, site.",
       .code = DerivePassword},
      {.name = "encryptAES",
       .parameters = {string, string},
       .result = string,
       .doc = "The second text encrypted with the password in the first, in base64.",
       .code = EncryptAes},
      {.name = "decryptAES",
       .parameters = {string, string},
       .result = string,
       .doc = "What encryptAES encrypted with the same password.",
       .code = DecryptAes},
  };
}

}  // namespace sluice::sprig
