// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/key_ring.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pgp/handles.h"

namespace sluice::pgp {
namespace {

constexpr size_t kMaxSignature = size_t{1} << 20;
constexpr size_t kKeyIdDigits = 16;

// Whether the key may be relied on now; the library only asks whether it could at the signing.
bool Usable(rnp_key_handle_t key, absl::Time now) {
  bool revoked = true;
  uint64_t until = 0;
  return rnp_key_is_revoked(key, &revoked) == RNP_SUCCESS && !revoked &&
         rnp_key_valid_till64(key, &until) == RNP_SUCCESS &&
         until > static_cast<uint64_t>(absl::ToUnixSeconds(now));
}

// The id of the primary key of `key`, or "" if that is not to be relied on.
std::string PrimaryKeyId(rnp_ffi_t ffi, rnp_key_handle_t key, absl::Time now) {
  if (!Usable(key, now)) return "";
  char* text = nullptr;
  bool primary = false;
  if (rnp_key_is_primary(key, &primary) != RNP_SUCCESS) return "";
  if ((primary ? rnp_key_get_fprint(key, &text) : rnp_key_get_primary_fprint(key, &text)) !=
      RNP_SUCCESS) {
    return "";
  }
  const TextPtr fingerprint(text);
  rnp_key_handle_t handle = nullptr;
  if (rnp_locate_key(ffi, "fingerprint", fingerprint.get(), &handle) != RNP_SUCCESS ||
      handle == nullptr) {
    return "";
  }
  const KeyPtr owner(handle);
  if (!Usable(owner.get(), now) || rnp_key_get_keyid(owner.get(), &text) != RNP_SUCCESS) return "";
  const TextPtr id(text);
  const std::string digits = absl::AsciiStrToUpper(id.get());
  return digits.size() == kKeyIdDigits ? digits : "";
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Parse(absl::string_view armoured) {
  RETURN_IF_ERROR(LoadKeys(armoured, RNP_LOAD_SAVE_PUBLIC_KEYS).status());
  return KeyRing(std::string(armoured));
}

absl::StatusOr<std::string> KeyRing::Verify(absl::string_view payload, absl::string_view signature,
                                            absl::Time now) const {
  if (signature.size() > kMaxSignature) {
    return absl::InvalidArgumentError("openpgp: invalid argument: signature too large");
  }
  ASSIGN_OR_RETURN(const FfiPtr ffi, LoadKeys(armoured_, RNP_LOAD_SAVE_PUBLIC_KEYS));
  rnp_set_timestamp(ffi.get(), static_cast<uint64_t>(absl::ToUnixSeconds(now)));
  ASSIGN_OR_RETURN(const InputPtr data, InputOf(payload));
  ASSIGN_OR_RETURN(const InputPtr detached, InputOf(signature));
  rnp_op_verify_t handle = nullptr;
  if (rnp_op_verify_detached_create(&handle, ffi.get(), data.get(), detached.get()) !=
      RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  const VerifyPtr operation(handle);
  // Its result speaks of all signatures together; each is looked at below. What it does not like it
  // also says on stderr: Debian builds it with its debug messages on.
  const rnp_result_t executed = rnp_op_verify_execute(operation.get());
  size_t count = 0;
  if (rnp_op_verify_get_signature_count(operation.get(), &count) != RNP_SUCCESS || count == 0) {
    return absl::InvalidArgumentError(absl::StrCat("openpgp: invalid data: no signature found: ",
                                                   rnp_result_to_string(executed)));
  }
  for (size_t i = 0; i < count; ++i) {
    rnp_op_verify_signature_t one = nullptr;
    rnp_key_handle_t key = nullptr;
    if (rnp_op_verify_get_signature_at(operation.get(), i, &one) != RNP_SUCCESS ||
        rnp_op_verify_signature_get_status(one) != RNP_SUCCESS ||
        rnp_op_verify_signature_get_key(one, &key) != RNP_SUCCESS) {
      continue;
    }
    const KeyPtr owner(key);
    std::string id = PrimaryKeyId(ffi.get(), owner.get(), now);
    if (!id.empty()) return id;
  }
  return absl::PermissionDeniedError("openpgp: signature made by unknown entity");
}

}  // namespace sluice::pgp
