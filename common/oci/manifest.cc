// SPDX-License-Identifier: Apache-2.0
#include "common/oci/manifest.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

constexpr size_t kMaxEntries = 10'000;

Annotations ParseAnnotations(const Value& value) {
  Annotations annotations;
  for (const value::Member& member : value.members()) {
    if (member.value.is_string()) annotations[member.key] = std::string(member.value.str());
  }
  return annotations;
}

absl::StatusOr<Descriptor> ParseDescriptor(const Value& value) {
  Descriptor descriptor;
  descriptor.media_type = std::string(value["mediaType"].str());
  ASSIGN_OR_RETURN(descriptor.digest, Digest::Parse(value["digest"].str()));
  const Value& size = value["size"];
  descriptor.size = size.int_or(-1);
  if (descriptor.size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("size of ", descriptor.digest.ToString(), " is no number of bytes"));
  }
  descriptor.annotations = ParseAnnotations(value["annotations"]);
  descriptor.artifact_type = std::string(value["artifactType"].str());
  if (const Value& platform = value["platform"]; platform.is_object()) {
    descriptor.platform =
        Platform{std::string(platform["os"].str()), std::string(platform["architecture"].str()),
                 std::string(platform["variant"].str())};
  }
  return descriptor;
}

absl::StatusOr<std::vector<Descriptor>> ParseDescriptors(const Value& list,
                                                         absl::string_view what) {
  if (list.items().size() > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxEntries, " ", what));
  }
  std::vector<Descriptor> descriptors;
  for (size_t i = 0; i < list.items().size(); ++i) {
    absl::StatusOr<Descriptor> descriptor = ParseDescriptor(list.at(i));
    if (!descriptor.ok()) {
      return Annotate(descriptor.status(), absl::StrCat(what, "[", i, "]"));
    }
    descriptors.push_back(*std::move(descriptor));
  }
  return descriptors;
}

absl::StatusOr<Value> ParseObject(absl::string_view json, absl::string_view what) {
  ASSIGN_OR_RETURN(Value value, value::ParseJson(json));
  if (!value.is_object()) return absl::InvalidArgumentError(absl::StrCat(what, " is no object"));
  return value;
}

}  // namespace

bool IsIndex(absl::string_view media_type) {
  return media_type == kOciIndex || media_type == kDockerList;
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value value, ParseObject(json, "manifest"));
  Manifest manifest;
  manifest.media_type = std::string(value["mediaType"].str());
  manifest.artifact_type = std::string(value["artifactType"].str());
  absl::StatusOr<Descriptor> config = ParseDescriptor(value["config"]);
  if (!config.ok()) return Annotate(config.status(), "config");
  manifest.config = *std::move(config);
  ASSIGN_OR_RETURN(manifest.layers, ParseDescriptors(value["layers"], "layers"));
  if (value["subject"].is_object()) {
    absl::StatusOr<Descriptor> subject = ParseDescriptor(value["subject"]);
    if (!subject.ok()) return Annotate(subject.status(), "subject");
    manifest.subject = *std::move(subject);
  }
  manifest.annotations = ParseAnnotations(value["annotations"]);
  return manifest;
}

absl::StatusOr<Index> ParseIndex(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value value, ParseObject(json, "index"));
  Index index;
  index.media_type = std::string(value["mediaType"].str());
  ASSIGN_OR_RETURN(index.manifests, ParseDescriptors(value["manifests"], "manifests"));
  index.annotations = ParseAnnotations(value["annotations"]);
  return index;
}

const Descriptor* ForPlatform(const Index& index, const Platform& platform) {
  for (const Descriptor& descriptor : index.manifests) {
    const Platform theirs = descriptor.platform.value_or(Platform());
    if (theirs.os == platform.os && theirs.architecture == platform.architecture &&
        (platform.variant.empty() || theirs.variant == platform.variant)) {
      return &descriptor;
    }
  }
  return nullptr;
}

}  // namespace sluice::oci
