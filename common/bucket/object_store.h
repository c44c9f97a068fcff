// ObjectStore: what Buckets need of an object store, whichever it is (spec/source.md §5.1), and
// WritableStore: what keeping files in one needs besides.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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

struct ObjectInfo {
  std::string key;
  std::string etag;
  uint64_t size = 0;    // bytes
  absl::Time modified;  // by the store's clock
};

// An object that is being written: there as a whole after Commit(), else not at all. Not
// thread-safe.
class Upload {
 public:
  // Gives up what was not committed.
  virtual ~Upload() = default;
  virtual absl::Status Write(const Context& ctx, absl::string_view bytes) = 0;
  // The ETag of the object. Call once, last.
  virtual absl::StatusOr<std::string> Commit(const Context& ctx) = 0;
};

// Thread-safe.
class WritableStore : public ObjectStore {
 public:
  // kNotFound if there is no such object.
  virtual absl::StatusOr<ObjectInfo> Find(const Context& ctx, const std::string& bucket,
                                          const std::string& key) = 0;
  // As List(), with more about each object. What time it is by the store's clock.
  using FoundObject = absl::FunctionRef<absl::Status(ObjectInfo object)>;
  virtual absl::StatusOr<absl::Time> ListObjects(const Context& ctx, const std::string& bucket,
                                                 const std::string& prefix, FoundObject found) = 0;
  // Begins to write the object `key`, over one that is there. The store must outlive the result.
  virtual std::unique_ptr<Upload> Create(const std::string& bucket, const std::string& key) = 0;
  // One that is not there is no error.
  virtual absl::Status Delete(const Context& ctx, const std::string& bucket,
                              const std::string& key) = 0;
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
