// SPDX-License-Identifier: Apache-2.0
#include "common/git/local_wire.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/git/receive_pack.h"
#include "common/git/repository.h"
#include "common/git/upload_pack.h"

namespace sluice::git {
namespace {

class LocalWire : public Wire {
 public:
  LocalWire(std::string path, bool receives) : path_(std::move(path)), receives_(receives) {}

  absl::Status Advertise(const Context& ctx, AnswerSink& sink) override {
    RETURN_IF_ERROR(ctx.Check());
    absl::StatusOr<std::unique_ptr<Repository>> repository = Repository::Open(path_);
    if (!repository.ok()) return absl::NotFoundError("repository not found");
    repository_ = *std::move(repository);
    const auto take = [&](absl::string_view bytes) { return sink.Take(bytes); };
    return receives_ ? AdvertiseReceivePack(*repository_, take)
                     : git::Advertise(*repository_, 2, UploadPackOptions(), take);
  }

  absl::Status Ask(const Context& ctx, int version, absl::string_view request,
                   AnswerSink& sink) override {
    // A refusal reaches the sink as an "ERR" packet, which it reports itself.
    const auto take = [&](absl::string_view bytes) { return sink.Take(bytes); };
    return receives_
               ? AnswerReceivePack(ctx, *repository_, request, take)
               : AnswerUploadPack(ctx, *repository_, version, request, UploadPackOptions(), take);
  }

 private:
  const std::string path_;
  const bool receives_;
  std::unique_ptr<Repository> repository_;
};

}  // namespace

std::unique_ptr<Wire> CreateLocalWire(std::string path, std::string service) {
  return std::make_unique<LocalWire>(std::move(path), service == "git-receive-pack");
}

}  // namespace sluice::git
