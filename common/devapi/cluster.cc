// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/cluster.h"

#include "common/base/duration.h"
#include "common/crypto/random.h"

namespace sluice::devapi {

Cluster::Cluster(Clock& clock, ClusterOptions options)
    : clock_(clock),
      options_(std::move(options)),
      registry_(GroupsOf(kinds_.kinds())),
      rules_(kinds_, registry_),
      proto_(kinds_),
      store_(clock, options_.watch_log),
      tokens_(crypto::RandomBytes(32)) {}

std::string Cluster::Timestamp() const { return FormatRfc3339(clock_.Now()); }

std::string NameSuffix() {
  // Kubernetes' alphabet: no vowels and no characters that look alike.
  constexpr absl::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (const char byte : crypto::RandomBytes(5)) {
    suffix.push_back(kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()]);
  }
  return suffix;
}

}  // namespace sluice::devapi
