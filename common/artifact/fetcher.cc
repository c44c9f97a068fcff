// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/fetcher.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/tar_tree.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"

namespace sluice::artifact {
namespace {

// Checks `bytes` against "algorithm:hex"; bare hex is SHA-256.
absl::Status Verify(absl::string_view bytes, const std::string& digest) {
  if (digest.empty()) return absl::InvalidArgumentError("failed to verify archive: empty digest");
  const size_t colon = digest.find(':');
  const std::string name = colon == std::string::npos ? "sha256" : digest.substr(0, colon);
  const std::string hex = colon == std::string::npos ? digest : digest.substr(colon + 1);
  const auto algorithm = crypto::ParseAlgorithm(name);
  if (!algorithm.ok()) return Annotate(algorithm.status(), "failed to verify archive");
  if (absl::BytesToHexString(crypto::Digest(*algorithm, bytes)) != hex) {
    return absl::DataLossError(absl::StrCat(
        "failed to verify archive: computed digest doesn't match provided '", digest, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

struct Fetcher::Slot {
  absl::Mutex mutex;  // held while fetching: others that want the same digest wait for it
  std::shared_ptr<const fs::Tree> tree ABSL_GUARDED_BY(mutex);
  size_t size = 0;  // guarded by Fetcher::mutex_; 0 until it counts for the cache
};

Fetcher::Fetcher(http::Transport& transport, FetcherOptions options, Clock& clock)
    : transport_(transport), options_(std::move(options)), clock_(clock) {}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Fetcher::Fetch(const Context& ctx,
                                                               const api::Artifact& artifact) {
  std::shared_ptr<Slot> slot;
  {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<Slot>& entry = slots_[artifact.digest];
    if (entry == nullptr) entry = std::make_shared<Slot>();
    slot = entry;
    by_use_.remove(artifact.digest);
    by_use_.push_back(artifact.digest);
  }
  absl::MutexLock slot_lock(&slot->mutex);
  if (slot->tree != nullptr) return slot->tree;
  size_t size = 0;
  auto tree = Load(ctx, artifact, size);
  absl::MutexLock lock(&mutex_);
  if (!tree.ok()) {
    slots_.erase(artifact.digest);
    by_use_.remove(artifact.digest);
    return tree;
  }
  slot->tree = *tree;
  slot->size = size;
  // A failed attempt of another caller may have taken the slot out while this one waited for it.
  if (slots_.emplace(artifact.digest, slot).second) by_use_.push_back(artifact.digest);
  cached_bytes_ += size;
  Evict();
  return tree;
}

bool Fetcher::Has(const std::string& digest) const {
  absl::MutexLock lock(&mutex_);
  return slots_.contains(digest);
}

void Fetcher::Evict() {
  while (cached_bytes_ > options_.cache_bytes && by_use_.size() > 1) {
    const auto it = slots_.find(by_use_.front());
    by_use_.pop_front();
    if (it == slots_.end()) continue;
    cached_bytes_ -= it->second->size;
    slots_.erase(it);  // who uses the tree keeps it
  }
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Fetcher::Load(const Context& ctx,
                                                              const api::Artifact& artifact,
                                                              size_t& size) {
  ASSIGN_OR_RETURN(const std::string bytes, FetchBytes(ctx, artifact));
  archive::UnpackOptions unpack;
  unpack.max_bytes = options_.max_unpacked;
  auto tree = archive::TarTree::Open(bytes, unpack);
  if (!tree.ok()) return Annotate(tree.status(), "failed to unpack archive");
  size = (*tree)->content_size();
  return std::shared_ptr<const fs::Tree>(std::move(tree).value());
}

absl::StatusOr<std::string> Fetcher::FetchBytes(const Context& ctx, const api::Artifact& artifact) {
  ASSIGN_OR_RETURN(std::string bytes, Download(ctx, artifact));
  RETURN_IF_ERROR(Verify(bytes, artifact.digest));
  return bytes;
}

absl::StatusOr<std::string> Fetcher::Download(const Context& ctx, const api::Artifact& artifact) {
  http::Request request;
  request.url = artifact.url;
  const bool of_watcher = absl::StrContains(artifact.url, "//source-watcher");
  const std::string& host = of_watcher ? options_.watcher_host_override : options_.host_override;
  if (!host.empty()) {
    ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(artifact.url));
    request.url = absl::StrCat(url.scheme, "://", host, url.path);
  }
  absl::Duration wait = options_.first_wait;
  absl::Status last;
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    if (attempt > 0) {
      log::Info(ctx, "trying to download an artifact again",
                {{"url", request.url}, {"in", FormatGoDuration(wait)}, {"error", last.message()}});
      RETURN_IF_ERROR(clock_.Sleep(ctx, wait));
      wait = std::min(wait * 2, options_.longest_wait);
    }
    std::string bytes;
    int code = 0;
    last = transport_.Stream(
        ctx.WithTimeout(options_.timeout), request,
        [&](const http::Response& head) {
          code = head.status;
          return absl::OkStatus();
        },
        [&](absl::string_view piece) {
          if (bytes.size() + piece.size() > options_.max_download) {
            return absl::ResourceExhaustedError(
                absl::StrCat("artifact is larger than ", options_.max_download, " bytes"));
          }
          bytes.append(piece.data(), piece.size());
          return absl::OkStatus();
        });
    if (absl::IsResourceExhausted(last)) return last;
    RETURN_IF_ERROR(ctx.Check());
    if (!last.ok()) {
      last = Annotate(last, absl::StrCat("failed to download archive from ", request.url));
      continue;
    }
    if (code == 200) return bytes;
    if (code == 404) return absl::NotFoundError("artifact not found");
    last = absl::UnavailableError(
        absl::StrCat("failed to download archive from ", request.url, " (status: ", code, ")"));
    if (code < 500) return last;
  }
  return last;
}

}  // namespace sluice::artifact
