// Storage: artifacts as files (spec/source.md §2), in a folder or a shared bucket (file_store.h).
//
//   <kind>/<namespace>/<name>/<file>
//
// Guarantees. A file is there whole or not at all. Its digest is over the bytes as stored. All of
// it is a cache: everything can be fetched again, so losing it is repaired by the next
// reconciliation.
//
// Where files are shared, another replica may have gone on with an object while this one still
// works on what it read of it: so nothing is deleted that is newer than the artifact which the
// object's status names, or younger than the retention time, and a file that is not what the status
// says is left for its next writer.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/meta/artifact.h"
#include "common/api/meta/reference.h"
#include "common/archive/pack.h"
#include "common/artifact/file_store.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/crypto/digest.h"
#include "common/fs/tree.h"

namespace sluice::artifact {

struct StorageOptions {
  std::string root;             // --storage-path
  std::string advertised_host;  // --storage-adv-addr, or what is made of --storage-addr
  crypto::Algorithm algorithm = crypto::Algorithm::kSha256;  // --artifact-digest-algo
  absl::Duration retention_ttl = absl::Seconds(60);          // --artifact-retention-ttl
  int retention_records = 2;                                 // --artifact-retention-records
};

// Thread-safe for different sources; one source is worked on by one thread at a time. `clock` must
// outlive it.
class Storage {
 public:
  // In the folder options.root. kFailedPrecondition naming the folder if it is none.
  static absl::StatusOr<std::unique_ptr<Storage>> Open(StorageOptions options, Clock& clock);
  // In `files`.
  Storage(StorageOptions options, std::unique_ptr<FileStore> files, Clock& clock);

  // An artifact of `source` that is to be stored: path and URL are set, digest and size not yet.
  api::Artifact NewArtifact(const api::SourceReference& source, absl::string_view revision,
                            absl::string_view file_name) const;

  // Packs `tree`, without what `leave_out` names, as the file of `artifact` and sets its digest,
  // size and time. On an error the file that was there stays.
  absl::Status Archive(const Context& ctx, const fs::Tree& tree, archive::LeaveOut leave_out,
                       api::Artifact& artifact);
  // The same with bytes as they are: what `next` returns until it returns "".
  using NextPiece = absl::FunctionRef<absl::StatusOr<absl::string_view>()>;
  absl::Status Store(const Context& ctx, NextPiece next, api::Artifact& artifact);

  // Makes `name`, beside the artifact's file, a link to it, and gives the link's URL: one that
  // stays the same from revision to revision.
  absl::StatusOr<std::string> Link(const Context& ctx, const api::Artifact& artifact,
                                   absl::string_view name) const;

  // The stored bytes. Errors as those of Verify(), but for kDataLoss: nothing is compared.
  absl::StatusOr<disk::Handle> Open(const Context& ctx, const api::Artifact& artifact) const;
  // The tar.gz of `artifact`, unpacked into a private directory that goes away with the tree. A
  // link in it is an error: none of our archives has one.
  absl::StatusOr<std::shared_ptr<const fs::Tree>> Unpack(const Context& ctx,
                                                         const api::Artifact& artifact) const;

  // OK if the file is there and has the artifact's digest. kNotFound if it is missing, kDataLoss if
  // its bytes are others (the file is removed then, unless it is shared). Other errors say nothing
  // about the file.
  absl::Status Verify(const Context& ctx, const api::Artifact& artifact) const;

  // Deletes files of `source` that nobody needs any more: all but `current` that are older than the
  // retention time, then the oldest beyond the number of records; and what a process that was
  // killed left half written, which is not counted. How many were deleted.
  absl::StatusOr<int> CollectGarbage(const Context& ctx, const api::SourceReference& source,
                                     const std::optional<api::Artifact>& current);
  // Deletes everything of `source`; whether there was anything.
  absl::StatusOr<bool> RemoveAll(const Context& ctx, const api::SourceReference& source);

  // Makes the URL that of the current advertised host.
  void SetUrl(api::Artifact& artifact) const;
  // The URL of a link with the current advertised host in place of the one in `url`.
  std::string UrlOnThisHost(absl::string_view url) const;

  const std::string& root() const { return options_.root; }
  // Where the files are, for serving them.
  FileStore& files() const { return *files_; }

 private:
  std::string UrlOf(absl::string_view path) const;
  // Writes what `produce` gives to its sink, and fills in what is known of the file then.
  using Sink = absl::FunctionRef<absl::Status(absl::string_view bytes)>;
  absl::Status Write(const Context& ctx, absl::FunctionRef<absl::Status(Sink)> produce,
                     api::Artifact& artifact);

  const StorageOptions options_;
  const std::unique_ptr<FileStore> files_;
  Clock& clock_;
};

// The host that goes into URLs when --storage-adv-addr is not given: that of `listen_address`, with
// "localhost" for an empty one and $HOSTNAME for 0.0.0.0 (spec/source.md §2.10).
std::string AdvertisedHost(absl::string_view listen_address);

}  // namespace sluice::artifact
