// ObjectStore: what Buckets need of an object store, whichever it is (spec/source.md §5.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/base/secret.h"

namespace sluice::bucket {

// Thread-safe. Errors carry the store's own words, and no query of a URL, which may hold a secret.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual absl::StatusOr<bool> BucketExists(const Context& ctx, const std::string& bucket) = 0;

  // Calls `found` with each object's key and ETag, in the form that Get() gives it too. Its error
  // ends the listing.
  using Found = absl::FunctionRef<absl::Status(std::string key, std::string etag)>;
  virtual absl::Status List(const Context& ctx, const std::string& bucket,
                            const std::string& prefix, Found found) = 0;

  // Hands the object's bytes to `write` and gives the ETag of what they are. kNotFound if there is
  // no such object (any more).
  using Write = absl::FunctionRef<absl::Status(absl::string_view bytes)>;
  virtual absl::StatusOr<std::string> Get(const Context& ctx, const std::string& bucket,
                                          const std::string& key, Write write) = 0;
};

// A token for "Authorization: Bearer", from wherever it comes. A source is thread-safe.
struct BearerToken {
  Secret token;
  absl::Time expires = absl::InfiniteFuture();
};
using TokenSource = std::function<absl::StatusOr<BearerToken>(const Context& ctx)>;

// `text` without the queries of the URLs in it.
std::string WithoutQueries(absl::string_view text);

}  // namespace sluice::bucket
