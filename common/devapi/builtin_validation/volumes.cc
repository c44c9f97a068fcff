// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/volumes.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/devapi/schema/quantity.h"

namespace sluice::devapi {
namespace {

constexpr int64_t kMinTokenSeconds = 600;

bool GoesUp(absl::string_view path) {
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return true;
  }
  return false;
}

// Keys and the files that they become.
void ValidateItems(const Field& items, FieldErrors& errors) {
  for (size_t i = 0; i < items.value.size(); ++i) {
    const Field item = items.At(i);
    MustBePresent(item["key"], errors);
    const Field path = item["path"];
    if (!MustBePresent(path, errors)) continue;
    if (absl::StartsWith(path.str(), "/")) Add(path, {"must be a relative path"}, errors);
    if (GoesUp(path.str())) {
      Add(path, {"must not contain '..'"}, errors);
    } else if (absl::StartsWith(path.str(), "..")) {
      Add(path, {"must not start with '..'"}, errors);
    }
  }
}

void ValidateProjected(const Field& sources, FieldErrors& errors) {
  for (size_t i = 0; i < sources.value.size(); ++i) {
    const Field source = sources.At(i);
    for (const char* kind : {"secret", "configMap"}) {
      const Field one = source[kind];
      if (one.absent()) continue;
      MustBePresent(one["name"], errors);
      ValidateItems(one["items"], errors);
    }
    const Field token = source["serviceAccountToken"];
    if (token.absent()) continue;
    const Field seconds = token["expirationSeconds"];
    if (seconds.value.int_or(kMinTokenSeconds) < kMinTokenSeconds) {
      Add(seconds, {"may not specify a duration less than 10 minutes"}, errors);
    }
    MustBePresent(token["path"], errors);
  }
}

void ValidateSource(const Field& volume, FieldErrors& errors) {
  const Field empty = volume["emptyDir"];
  const Field limit = empty["sizeLimit"];
  if (!limit.absent() && CompareQuantities(limit.str(), "0") < 0) {
    errors.push_back(
        ForbiddenField(limit.path, "SizeLimit field must be a valid resource quantity"));
  }
  const Field host = volume["hostPath"];
  if (!host.absent() && MustBePresent(host["path"], errors)) {
    const Field path = host["path"];
    if (GoesUp(path.str())) Add(path, {"must not contain '..'"}, errors);
  }
  const Field secret = volume["secret"];
  if (!secret.absent()) {
    MustBePresent(secret["secretName"], errors);
    ValidateItems(secret["items"], errors);
  }
  const Field claim = volume["persistentVolumeClaim"];
  if (!claim.absent()) MustBePresent(claim["claimName"], errors);
  const Field map = volume["configMap"];
  if (!map.absent()) {
    MustBePresent(map["name"], errors);
    ValidateItems(map["items"], errors);
  }
  const Field projected = volume["projected"];
  ValidateProjected(projected["sources"], errors);
}

}  // namespace

std::set<std::string> ValidateVolumes(const Field& volumes, FieldErrors& errors) {
  std::set<std::string> names;
  for (size_t i = 0; i < volumes.value.size(); ++i) {
    const Field volume = volumes.At(i);
    const size_t before = errors.size();
    // The reference looks at the sources in the order of its struct; emptyDir comes first.
    int sources = 0;
    for (const char* first : {"emptyDir", "hostPath"}) sources += volume.value.Has(first) ? 1 : 0;
    if (sources > 1) {
      const Field second = volume["hostPath"];
      errors.push_back(ForbiddenField(second.path, "may not specify more than 1 volume type"));
    }
    for (const value::Member& member : volume.value.members()) {
      if (member.key == "name" || member.key == "emptyDir" || member.key == "hostPath") continue;
      if (++sources > 1) {
        const FieldPath path = volume.path.Child(member.key);
        errors.push_back(ForbiddenField(path, "may not specify more than 1 volume type"));
      }
    }
    ValidateSource(volume, errors);
    if (sources == 0) errors.push_back(Required(volume.path, "must specify a volume type"));
    const Field name = volume["name"];
    if (!MustBePresent(name, errors)) continue;
    Add(name, CheckDnsLabel(name.str()), errors);
    if (names.count(std::string(name.str())) > 0) {
      errors.push_back(Duplicate(name.path, name.value));
    } else if (errors.size() == before) {
      names.emplace(name.str());
    }
  }
  return names;
}

}  // namespace sluice::devapi
