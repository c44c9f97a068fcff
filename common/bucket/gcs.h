// Google Cloud Storage over its JSON API.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"

namespace sluice::bucket {

inline constexpr char kGoogleStorage[] = "https://storage.googleapis.com";

struct GcsOptions {
  std::string url = kGoogleStorage;  // without a slash at its end
  TokenSource token;                 // null: anonymous
};

// `transport` must outlive the result.
std::unique_ptr<ObjectStore> CreateGcs(GcsOptions options, http::Transport& transport);

inline constexpr char kGoogleStorageScope[] =
    "https://www.googleapis.com/auth/devstorage.read_only";

// Tokens of the service account whose JSON key file is `key`, asked for at the key's own token_uri.
// kInvalidArgument, without the key, for what is none. `transport` and `clock` must outlive the
// result.
absl::StatusOr<TokenSource> ServiceAccountTokens(const Secret& key, http::Transport& transport,
                                                 Clock& clock,
                                                 std::string scope = kGoogleStorageScope);

}  // namespace sluice::bucket
