// OpenSSL's objects with an owner, for the sources of this folder. Not for use elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct bio_st;
struct evp_pkey_st;
struct x509_st;

namespace sluice::crypto {

// The owner of any other of them: std::unique_ptr<BIGNUM, Freed<BN_free>>.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

struct HandleDeleter {
  void operator()(bio_st* bio) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(x509_st* certificate) const;
};
using BioPtr = std::unique_ptr<bio_st, HandleDeleter>;
using KeyPtr = std::unique_ptr<evp_pkey_st, HandleDeleter>;
using CertificatePtr = std::unique_ptr<x509_st, HandleDeleter>;

// What OpenSSL refused last, as an error of ours; empties its queue.
absl::Status LibraryError(absl::StatusCode code, absl::string_view what);

// Reads from `text`, which must outlive it.
BioPtr ReadOnly(absl::string_view text);
std::string Contents(bio_st* bio);

}  // namespace sluice::crypto
