// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/secret_key_ring.h"

#include <rnp/rnp_err.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pgp/handles.h"

namespace sluice::pgp {
namespace {

constexpr size_t kMaxKeys = size_t{8} << 20;
constexpr size_t kMaxMessage = size_t{1} << 20;
constexpr size_t kMaxText = size_t{1} << 20;

absl::Status Load(rnp_ffi_t ffi, const Secret& keys) {
  if (keys.Reveal().size() > kMaxKeys) {
    return absl::InvalidArgumentError("openpgp: the key ring is too large");
  }
  const absl::Status none = absl::InvalidArgumentError("openpgp: no private keys in the data");
  if (keys.empty()) return none;
  size_t before = 0;
  size_t after = 0;
  ASSIGN_OR_RETURN(const InputPtr input, InputOf(keys.Reveal()));
  const bool loaded = rnp_get_secret_key_count(ffi, &before) == RNP_SUCCESS &&
                      rnp_import_keys(ffi, input.get(),
                                      RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS |
                                          RNP_LOAD_SAVE_PERMISSIVE,
                                      nullptr) == RNP_SUCCESS &&
                      rnp_get_secret_key_count(ffi, &after) == RNP_SUCCESS;
  if (!loaded || after == 0 || after < before) {
    return none;
  }
  return absl::OkStatus();
}

absl::Status Failure(rnp_result_t result) {
  switch (result) {
    case RNP_ERROR_NO_SUITABLE_KEY:
    case RNP_ERROR_KEY_NOT_FOUND:
      return absl::PermissionDeniedError("decryption failed: No secret key");
    case RNP_ERROR_BAD_PASSWORD:
    case RNP_ERROR_DECRYPT_FAILED:
      return absl::PermissionDeniedError(
          "decryption failed: the secret key is another one or has a passphrase");
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("decryption failed: ", rnp_result_to_string(result)));
  }
}

}  // namespace

absl::Status SecretKeyRing::Import(const Secret& keys) {
  ASSIGN_OR_RETURN(const FfiPtr ffi, NewFfi());
  RETURN_IF_ERROR(Load(ffi.get(), keys));
  keys_.push_back(keys);
  return absl::OkStatus();
}

absl::StatusOr<Secret> SecretKeyRing::Decrypt(absl::string_view message) const {
  if (message.empty() || message.size() > kMaxMessage) {
    return absl::InvalidArgumentError("decryption failed: the message is empty or too large");
  }
  ASSIGN_OR_RETURN(const FfiPtr ffi, NewFfi());
  for (const Secret& keys : keys_) RETURN_IF_ERROR(Load(ffi.get(), keys));
  ASSIGN_OR_RETURN(const InputPtr input, InputOf(message));
  rnp_output_t handle = nullptr;
  if (rnp_output_to_memory(&handle, kMaxText) != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  const OutputPtr output(handle);
  if (const rnp_result_t result = rnp_decrypt(ffi.get(), input.get(), output.get());
      result != RNP_SUCCESS) {
    return Failure(result);
  }
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (rnp_output_memory_get_buf(output.get(), &bytes, &size, /*do_copy=*/false) != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  Secret text(std::string(reinterpret_cast<const char*>(bytes), size));
  volatile uint8_t* wipe = bytes;
  for (size_t i = 0; i < size; ++i) wipe[i] = 0;
  return text;
}

}  // namespace sluice::pgp
