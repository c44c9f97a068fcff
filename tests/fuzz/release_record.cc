// Releases as Helm stores them: the input is the record's JSON, packed here as Helm does it, and
// then the stored form itself. What is read is written as the same.

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/escaping.h"
#include "common/archive/gzip.h"
#include "common/helm_release/record.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

void Check(absl::string_view payload) {
  const auto record = helm_release::Decode(payload);
  if (!record.ok()) {
    Require(!record.status().message().empty(), "an error says something");
    return;
  }
  (void)record->chart_version();
  (void)helm_release::ObservationDigest(*record, "");
  const std::string encoded = helm_release::Encode(*record);
  const auto again = helm_release::Decode(encoded);
  Require(again.ok() && helm_release::Encode(*again) == encoded, "a record is read as written");
}

}  // namespace

FUZZ_TARGET(release_record, input) {
  Check(absl::Base64Escape(archive::Gzip(input, {.level = 1})));
  Check(input);
}

}  // namespace sluice::fuzz
