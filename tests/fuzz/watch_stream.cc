// Watches: events, one a line. How the bytes come makes no difference.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/kube/watch_decoder.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(watch_stream, input) {
  const auto decode = [input](size_t piece, size_t& events) {
    kube::WatchDecoder decoder([&events](kube::WatchEvent) {
      ++events;
      return absl::OkStatus();
    });
    for (absl::string_view rest = input; !rest.empty();
         rest.remove_prefix(std::min(piece, rest.size()))) {
      if (absl::Status status = decoder.Feed(rest.substr(0, piece)); !status.ok()) return status;
    }
    return absl::OkStatus();
  };
  size_t whole = 0;
  size_t bytewise = 0;
  const absl::Status status = decode(input.size(), whole);
  Require(decode(1, bytewise) == status && bytewise == whole, "pieces make no difference");
}

}  // namespace sluice::fuzz
