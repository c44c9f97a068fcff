// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/handles.h"

#include <rnp/rnp_err.h>

namespace sluice::pgp {

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

}  // namespace sluice::pgp
