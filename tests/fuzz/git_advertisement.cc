// What Git servers list: references with capabilities (version 0 or 2), or an answer to ls-refs.
// How the bytes come makes no difference.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "common/git/advertisement.h"
#include "common/git/packet_sink.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

template <typename Reader>
absl::Status Feed(Reader& reader, absl::string_view input, size_t piece) {
  git::PacketSink<Reader> sink(reader, 1 << 20);
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    if (absl::Status status = sink.Take(input.substr(0, piece)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void CheckRefs(const std::vector<git::RemoteRef>& refs) {
  Require(refs.size() <= 100, "no more references than the limit");
  for (const git::RemoteRef& ref : refs) {
    Require(git::IsValidRefName(ref.name), "a reference has a good name", ref.name);
  }
}

template <typename Reader>
Reader Check(absl::string_view input) {
  Reader whole(100), bytewise(100);
  const absl::Status status = Feed(whole, input, input.size());
  // Messages quote what was there.
  Require(Feed(bytewise, input, 1).code() == status.code(), "pieces make no difference",
          status.message());
  return whole;
}

}  // namespace

FUZZ_TARGET(git_advertisement, input) {
  if (input.empty()) return;
  CheckRefs(Check<git::AdvertisementReader>(input).result().refs);
  CheckRefs(Check<git::RefListReader>(input).result());
}

}  // namespace sluice::fuzz
