// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/handles.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "absl/strings/str_cat.h"

namespace sluice::crypto {

void HandleDeleter::operator()(bio_st* bio) const { BIO_free(bio); }
void HandleDeleter::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void HandleDeleter::operator()(x509_st* certificate) const { X509_free(certificate); }

absl::Status LibraryError(absl::StatusCode code, absl::string_view what) {
  char reason[256] = "unknown error";
  if (const unsigned long error = ERR_peek_last_error(); error != 0) {
    ERR_error_string_n(error, reason, sizeof(reason));
  }
  ERR_clear_error();
  return absl::Status(code, absl::StrCat(what, ": ", reason));
}

BioPtr ReadOnly(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Contents(bio_st* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace sluice::crypto
