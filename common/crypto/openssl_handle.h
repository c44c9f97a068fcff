// Owners of OpenSSL's handles, for this folder's sources: std::unique_ptr<BIO, Freed<BIO_free>>.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::crypto {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

}  // namespace sluice::crypto
