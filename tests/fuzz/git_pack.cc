// Packs: the input is one without its checksum, which is put right here so that the rest of it is
// read at all, and then without.

// SPDX-License-Identifier: Apache-2.0
#include "common/base/context.h"
#include "common/crypto/digest.h"
#include "common/git/object_store.h"
#include "common/git/repository.h"
#include "common/git_testing/scratch_directory.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

void Receive(git::ObjectStore& store, const std::string& pack) {
  const Context ctx = Context::Background();
  const auto writer = store.ReceivePack();
  Require(writer.ok(), "a pack can be received", writer.status().message());
  for (size_t at = 0; at < pack.size(); at += 100) {
    if (!(*writer)->Append(ctx, absl::string_view(pack).substr(at, 100)).ok()) return;
  }
  (void)(*writer)->Finish(ctx);
}

}  // namespace

FUZZ_TARGET(git_pack, input) {
  const git_testing::ScratchDirectory directory;
  const auto repository = git::Repository::Init(directory / "r", /*bare=*/true, "main");
  Require(repository.ok(), "there is a repository", repository.status().message());
  const auto store = git::ObjectStore::Open(directory / "r/objects");
  Require(store.ok(), "there is a store", store.status().message());
  const std::string pack(input);
  Receive(**store, pack + crypto::Digest(crypto::Algorithm::kSha1, pack));
  Receive(**store, pack);
}

}  // namespace sluice::fuzz
