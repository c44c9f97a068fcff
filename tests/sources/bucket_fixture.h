// For tests: Buckets of a store in the process.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/credentials/identity.h"
#include "services/source-controller/bucket/reconciliation.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/object_store_fake.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

// Reconciles the Bucket "b".
class Buckets : public TestController {
 public:
  Buckets()
      : TestController({"buckets"}),
        reconciler_(source_controller::kBucket, store(), with(), [this](Value object) {
          return std::make_unique<source_controller::BucketReconciliation>(with(), cloud(),
                                                                           std::move(object));
        }) {
    options().process.feature_gates =
        runtime::FeatureGates({{credentials::kObjectLevelWorkloadIdentity, false}});
  }

  absl::StatusOr<runtime::Action> Run() { return Reconcile(reconciler_, "Bucket", "b"); }
  Value Live() { return TestController::Live("Bucket", "b"); }
  std::map<std::string, std::string> Files() { return FilesOf(Live()); }

 private:
  source_controller::SourceReconciler reconciler_;
};

inline std::string BucketManifest(const std::string& spec) {
  return absl::StrCat(
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\n"
      "metadata: {name: b, namespace: default}\n"
      "spec: {interval: 10m, timeout: 5s, bucketName: data, ",
      spec, "}\n");
}

inline std::string S3Manifest(const ObjectStoreFake& store, const std::string& more = "") {
  return BucketManifest(absl::StrCat("endpoint: '", store.host(), "', insecure: true", more));
}

}  // namespace sluice::sources
