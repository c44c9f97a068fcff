// RNP's objects with an owner, for the sources of this folder. Not for use elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rnp/rnp.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::pgp {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using FfiPtr = std::unique_ptr<rnp_ffi_st, Freed<rnp_ffi_destroy>>;
using InputPtr = std::unique_ptr<rnp_input_st, Freed<rnp_input_destroy>>;
using OutputPtr = std::unique_ptr<rnp_output_st, Freed<rnp_output_destroy>>;
using VerifyPtr = std::unique_ptr<rnp_op_verify_st, Freed<rnp_op_verify_destroy>>;
using SignPtr = std::unique_ptr<rnp_op_sign_st, Freed<rnp_op_sign_destroy>>;
using KeyPtr = std::unique_ptr<rnp_key_handle_st, Freed<rnp_key_handle_destroy>>;
using IdentifiersPtr =
    std::unique_ptr<rnp_identifier_iterator_st, Freed<rnp_identifier_iterator_destroy>>;
using TextPtr = std::unique_ptr<char, Freed<rnp_buffer_destroy>>;

absl::StatusOr<FfiPtr> NewFfi();
// Reads from `text`, which must outlive it.
absl::StatusOr<InputPtr> InputOf(absl::string_view text);

// A ring with the keys of `armoured`, public or secret as `flags` (RNP_LOAD_SAVE_…) say.
// kInvalidArgument, worded as Go's openpgp does, for what holds none.
absl::StatusOr<FfiPtr> LoadKeys(absl::string_view armoured, uint32_t flags);

}  // namespace sluice::pgp
