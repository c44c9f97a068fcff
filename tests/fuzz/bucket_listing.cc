// Object stores: the sections are what the store answers to one request after the other, the last
// to all that follow. Listings end within a bound.

// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.h"
#include "common/bucket/azure_blob.h"
#include "common/bucket/gcs.h"
#include "common/bucket/s3.h"
#include "common/bucket/xml.h"
#include "tests/fuzz/canned_transport.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(bucket_listing, input) {
  (void)bucket::ParseXml(input);
  const auto run = [input](auto create) {
    CannedTransport store(input);
    const auto listed = create(store);
    int found = 0;
    const absl::Status status =
        listed->List(Context::Background(), "bucket", "", [&found](std::string, std::string) {
          return ++found < 1000 ? absl::OkStatus() : absl::ResourceExhaustedError("enough");
        });
    Require(status.ok() || !status.message().empty(), "an error says something");
    (void)listed->BucketExists(Context::Background(), "bucket");
  };
  run([](http::Transport& store) {
    return bucket::CreateS3({.endpoint = "s3.example.com", .region = "eu"}, store, RealClock())
        .value();
  });
  run([](http::Transport& store) { return bucket::CreateGcs({}, store); });
  run([](http::Transport& store) {
    return bucket::CreateAzureBlob({.endpoint = "https://account.blob.example.com"}, store,
                                   RealClock())
        .value();
  });
}

}  // namespace sluice::fuzz
