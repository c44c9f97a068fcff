// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/handles.h"

#include <rnp/rnp_err.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::pgp {
namespace {

constexpr size_t kMaxKeys = size_t{8} << 20;

absl::Status NoKeys(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("openpgp: invalid argument: ", why));
}

}  // namespace

absl::StatusOr<FfiPtr> NewFfi() {
  rnp_ffi_t handle = nullptr;
  if (rnp_ffi_create(&handle, "GPG", "GPG") != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  return FfiPtr(handle);
}

absl::StatusOr<InputPtr> InputOf(absl::string_view text) {
  rnp_input_t input = nullptr;
  if (rnp_input_from_memory(&input, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                            /*do_copy=*/false) != RNP_SUCCESS) {
    return absl::InternalError("openpgp: no memory");
  }
  return InputPtr(input);
}

absl::StatusOr<FfiPtr> LoadKeys(absl::string_view armoured, uint32_t flags) {
  if (armoured.size() > kMaxKeys) return NoKeys("key ring too large");
  if (!absl::StrContains(armoured, "-----BEGIN PGP ")) return NoKeys("no armored data found");
  ASSIGN_OR_RETURN(FfiPtr ffi, NewFfi());
  ASSIGN_OR_RETURN(const InputPtr input, InputOf(armoured));
  const rnp_result_t imported =
      rnp_import_keys(ffi.get(), input.get(), flags | RNP_LOAD_SAVE_PERMISSIVE, nullptr);
  size_t count = 0;
  if (imported != RNP_SUCCESS || rnp_get_public_key_count(ffi.get(), &count) != RNP_SUCCESS ||
      count == 0) {
    return NoKeys("no keys in the armored data");
  }
  return ffi;
}

}  // namespace sluice::pgp
