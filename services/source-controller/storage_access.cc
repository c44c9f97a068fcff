// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/storage_access.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/artifact/bucket_store.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/s3.h"
#include "common/cloud_identity/aws.h"
#include "common/fs/clean_path.h"
#include "common/http/client.h"

namespace sluice::source_controller {
namespace {

// A hidden name, so that nothing of it is ever served as a file of the folder.
constexpr char kCache[] = ".bucket-cache";

absl::StatusOr<artifact::StorageOptions> StorageOptionsOf(const Options& options) {
  artifact::StorageOptions result;
  result.root = options.storage_path;
  result.retention_ttl = options.artifact_retention_ttl;
  result.retention_records = options.artifact_retention_records;
  ASSIGN_OR_RETURN(result.algorithm, crypto::ParseAlgorithm(options.artifact_digest_algorithm));
  result.advertised_host = options.storage_advertised_address.empty()
                               ? artifact::AdvertisedHost(options.storage_address)
                               : options.storage_advertised_address;
  return result;
}

absl::StatusOr<std::string> PrefixOf(const Options::StorageBucket& options) {
  std::string prefix = options.prefix;
  if (absl::EndsWith(prefix, "/")) prefix.pop_back();
  if (const absl::Status clean = fs::CheckCleanPath(prefix); !clean.ok()) {
    return Annotate(clean, "--storage-bucket-prefix");
  }
  return prefix.empty() ? prefix : absl::StrCat(prefix, "/");
}

}  // namespace

absl::StatusOr<std::unique_ptr<StorageAccess>> StorageAccess::Open(
    const Context& ctx, const Options& options, const cloud_identity::Services& services,
    cloud_identity::TokenCache& tokens) {
  ASSIGN_OR_RETURN(artifact::StorageOptions storage_options, StorageOptionsOf(options));
  auto access = std::unique_ptr<StorageAccess>(new StorageAccess());
  const Options::StorageBucket& flags = options.storage_bucket;
  if (flags.name.empty()) {
    ASSIGN_OR_RETURN(access->storage_,
                     artifact::Storage::Open(std::move(storage_options), services.clock));
    return access;
  }
  if (flags.max_cache_bytes < 0) {
    return absl::InvalidArgumentError("--storage-cache-max-size must not be negative");
  }
  http::ClientOptions client = {.user_agent = "source-controller"};
  if (!flags.ca_file.empty()) {
    ASSIGN_OR_RETURN(client.tls.ca_pem, services.environment.file(flags.ca_file));
    client.tls.and_system_authorities = true;
  }
  ASSIGN_OR_RETURN(access->transport_, http::CreateClient(std::move(client)));
  const std::string region =
      flags.region.empty() ? cloud_identity::AwsRegion(services.environment) : flags.region;
  bucket::S3Options s3 = {.endpoint = flags.endpoint, .insecure = flags.insecure, .region = region};
  s3.credentials = [&services, &tokens,
                    region](const Context& call) -> absl::StatusOr<bucket::AwsCredentials> {
    ASSIGN_OR_RETURN(cloud_identity::Credentials credentials,
                     tokens.Get(absl::StrCat("storage\n", region), [&] {
                       return cloud_identity::AwsCredentials(call, services, std::nullopt, region);
                     }));
    return bucket::AwsCredentials{std::move(credentials.access_key_id),
                                  std::move(credentials.secret),
                                  std::move(credentials.session_token), credentials.expires};
  };
  ASSIGN_OR_RETURN(auto objects,
                   bucket::CreateS3(std::move(s3), *access->transport_, services.clock));
  const auto exists = objects->BucketExists(ctx, flags.name);
  if (!exists.ok()) {
    return Annotate(exists.status(), absl::StrCat("unable to use --storage-bucket ", flags.name));
  }
  if (!*exists) {
    return absl::NotFoundError(absl::StrCat("there is no bucket ", flags.name, " at ",
                                            flags.endpoint, " (--storage-bucket)"));
  }
  ASSIGN_OR_RETURN(std::string prefix, PrefixOf(flags));
  auto files = artifact::BucketStore::Open(
      {.bucket = flags.name,
       .prefix = std::move(prefix),
       .cache_directory = absl::StrCat(options.storage_path, "/", kCache),
       .max_cache_bytes = static_cast<uint64_t>(flags.max_cache_bytes)},
      std::move(objects));
  if (!files.ok()) {
    return Annotate(files.status(),
                    absl::StrCat("unable to use --storage-path ", options.storage_path));
  }
  access->storage_ = std::make_unique<artifact::Storage>(std::move(storage_options),
                                                         *std::move(files), services.clock);
  return access;
}

}  // namespace sluice::source_controller
