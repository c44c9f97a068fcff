// Answers to a fetch, in both versions: shallow lists, acknowledgements, bands. No more pack comes
// out than went in.

// SPDX-License-Identifier: Apache-2.0
#include "common/git/fetch_protocol.h"
#include "common/git/packet_sink.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(git_fetch_response, input) {
  for (const int version : {0, 2}) {
    for (const bool shallow : {false, true}) {
      size_t pack = 0;
      git::FetchResponseReader reader(version, shallow, [&pack](absl::string_view bytes) {
        pack += bytes.size();
        return absl::OkStatus();
      });
      git::PacketSink<git::FetchResponseReader> sink(reader, 1 << 20);
      const absl::Status status = sink.Take(input);
      Require(pack <= input.size(), "a pack is a part of the answer");
      Require(status.ok() || status.message().size() < 2'000, "messages are bounded",
              status.message());
    }
  }
}

}  // namespace sluice::fuzz
