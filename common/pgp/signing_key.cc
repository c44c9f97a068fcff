// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/signing_key.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/pgp/handles.h"

namespace sluice::pgp {
namespace {

constexpr char kDigest[] = "SHA512";

// The one primary key that `ffi` has the secret of.
absl::StatusOr<KeyPtr> SecretPrimary(rnp_ffi_t ffi) {
  rnp_identifier_iterator_t handle = nullptr;
  if (rnp_identifier_iterator_create(ffi, &handle, "fingerprint") != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  const IdentifiersPtr identifiers(handle);
  KeyPtr found;
  const char* fingerprint = nullptr;
  while (rnp_identifier_iterator_next(identifiers.get(), &fingerprint) == RNP_SUCCESS &&
         fingerprint != nullptr) {
    rnp_key_handle_t key = nullptr;
    if (rnp_locate_key(ffi, "fingerprint", fingerprint, &key) != RNP_SUCCESS || key == nullptr) {
      continue;
    }
    KeyPtr owned(key);
    bool primary = false;
    if (rnp_key_is_primary(key, &primary) != RNP_SUCCESS || !primary) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError("openpgp: multiple entities read from key file");
    }
    found = std::move(owned);
  }
  if (found == nullptr) return absl::InvalidArgumentError("openpgp: no key in the key file");
  return found;
}

// The key, or its subkey, that signs; unlocked.
absl::StatusOr<KeyPtr> UnlockedSigner(rnp_key_handle_t primary, const Secret& passphrase) {
  rnp_key_handle_t handle = nullptr;
  if (rnp_key_get_default_key(primary, "sign", 0, &handle) != RNP_SUCCESS || handle == nullptr) {
    return absl::InvalidArgumentError("openpgp: the key cannot sign");
  }
  KeyPtr signer(handle);
  bool has_secret = false;
  if (rnp_key_have_secret(signer.get(), &has_secret) != RNP_SUCCESS || !has_secret) {
    return absl::InvalidArgumentError("openpgp: no secret key in the key file");
  }
  bool locked = false;
  if (rnp_key_is_locked(signer.get(), &locked) != RNP_SUCCESS) {
    return absl::InternalError("openpgp: cannot look at the key");
  }
  if (!locked) return signer;
  if (passphrase.empty()) {
    return absl::PermissionDeniedError("openpgp: the private key is encrypted");
  }
  const std::string text(passphrase.Reveal());
  if (rnp_key_unlock(signer.get(), text.c_str()) != RNP_SUCCESS) {
    return absl::PermissionDeniedError("openpgp: the passphrase of the private key is wrong");
  }
  return signer;
}

struct Signer {
  FfiPtr ffi;
  KeyPtr key;
};

absl::StatusOr<Signer> Load(const Secret& armoured, const Secret& passphrase) {
  Signer signer;
  ASSIGN_OR_RETURN(signer.ffi, LoadKeys(armoured.Reveal(),
                                        RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS));
  ASSIGN_OR_RETURN(const KeyPtr primary, SecretPrimary(signer.ffi.get()));
  ASSIGN_OR_RETURN(signer.key, UnlockedSigner(primary.get(), passphrase));
  return signer;
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::Parse(const Secret& armoured, const Secret& passphrase) {
  RETURN_IF_ERROR(Load(armoured, passphrase).status());
  return SigningKey(armoured, passphrase);
}

absl::StatusOr<std::string> SigningKey::Sign(absl::string_view payload, absl::Time now) const {
  ASSIGN_OR_RETURN(const Signer signer, Load(armoured_, passphrase_));
  ASSIGN_OR_RETURN(const InputPtr input, InputOf(payload));
  rnp_output_t output_handle = nullptr;
  if (rnp_output_to_memory(&output_handle, 0) != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  const OutputPtr output(output_handle);
  rnp_op_sign_t operation = nullptr;
  if (rnp_op_sign_detached_create(&operation, signer.ffi.get(), input.get(), output.get()) !=
      RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  const SignPtr owned(operation);
  rnp_result_t result = rnp_op_sign_set_armor(operation, true);
  if (result == RNP_SUCCESS) result = rnp_op_sign_set_hash(operation, kDigest);
  if (result == RNP_SUCCESS) {
    result =
        rnp_op_sign_set_creation_time(operation, static_cast<uint32_t>(absl::ToUnixSeconds(now)));
  }
  if (result == RNP_SUCCESS) {
    result = rnp_op_sign_add_signature(operation, signer.key.get(), nullptr);
  }
  if (result == RNP_SUCCESS) result = rnp_op_sign_execute(operation);
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (result == RNP_SUCCESS) {
    result = rnp_output_memory_get_buf(output.get(), &bytes, &size, /*do_copy=*/false);
  }
  if (result != RNP_SUCCESS) {
    return absl::InternalError(
        absl::StrCat("openpgp: cannot sign: ", rnp_result_to_string(result)));
  }
  // The library ends lines as mail does; a commit's header does not.
  return absl::StrReplaceAll(absl::string_view(reinterpret_cast<const char*>(bytes), size),
                             {{"\r", ""}});
}

}  // namespace sluice::pgp
