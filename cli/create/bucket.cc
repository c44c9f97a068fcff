// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/source_flags.h"

namespace sluice::cli {
namespace {

struct Options : SourceOptions {
  std::string bucket, endpoint, region, access_key, secret_key;
  std::string provider = "generic";
  bool insecure = false;
};

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.bucket.empty()) return UsageError("bucket-name is required");
  if (options.endpoint.empty()) return UsageError("endpoint is required");
  Creation creation;
  Value& spec = creation.spec;
  SetSourceFields(options, spec);
  SetText(spec, "bucketName", options.bucket);
  SetText(spec, "endpoint", options.endpoint);
  SetText(spec, "region", options.region);
  SetText(spec, "provider", options.provider);
  SetTrue(spec, "insecure", options.insecure);
  if (options.secret_ref.empty() && !options.access_key.empty() && !options.secret_key.empty()) {
    creation.secret_name = absl::StrCat("bucket-", options.name);
    creation.secret = {{"accesskey", options.access_key}, {"secretkey", options.secret_key}};
  }
  return creation;
}

}  // namespace

void AddCreateBucket(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& bucket =
      AddCreation(create, "bucket", "Bucket", options, [options] { return Create(*options); });
  bucket.Text("--bucket-name", options->bucket, "name of the bucket");
  bucket.Text("--endpoint", options->endpoint, "host of the object store");
  bucket.Text("--region", options->region, "of the bucket");
  bucket.Choice("--provider", options->provider, {"generic", "aws", "azure", "gcp"},
                "which kind of object store");
  bucket.Text("--access-key", options->access_key, "to be kept in a Secret");
  bucket.Text("--secret-key", options->secret_key, "to be kept in a Secret");
  bucket.Bool("--insecure", options->insecure, "plain HTTP");
  AddSourceFlags(bucket, *options);
  AddFilesFlags(bucket, *options);
}

}  // namespace sluice::cli
