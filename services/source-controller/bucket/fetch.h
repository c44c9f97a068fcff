// The objects of a bucket: which there are, and their content (spec/source.md §5.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/source/bucket.h"
#include "common/base/context.h"
#include "common/bucket/object_store.h"
#include "common/crypto/digest.h"
#include "common/disk/rooted_path.h"

namespace sluice::source_controller {

// The most objects that are downloaded at a time.
inline constexpr int kParallelDownloads = 100;

// Keys to ETags.
using ObjectIndex = std::map<std::string, std::string>;

// "sha256:…" over the keys and ETags, in the order of the keys.
std::string IndexRevision(const ObjectIndex& index, crypto::Algorithm algorithm);

// Whether `revision`, of whatever algorithm, is that of `index`.
bool IsRevisionOf(const ObjectIndex& index, const std::string& revision);

// Lists the bucket's objects but those that its .sourceignore, which is put into `directory`, and
// the spec leave out. Ends with the spec's timeout.
absl::StatusOr<ObjectIndex> ListObjects(const Context& ctx, bucket::ObjectStore& store,
                                        const api::BucketSpec& spec,
                                        const disk::RootedPath& directory);

// Downloads the objects of `index` into `directory`, several at a time, in the spec's timeout.
// Those that are gone leave the index, those that have changed get their new ETag in it.
absl::Status DownloadObjects(const Context& ctx, bucket::ObjectStore& store,
                             const api::BucketSpec& spec, const disk::RootedPath& directory,
                             ObjectIndex& index);

}  // namespace sluice::source_controller
