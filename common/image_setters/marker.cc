// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/marker.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/value/json.h"

namespace sluice::image_setters {
namespace {

constexpr absl::string_view kLongForm = "#/definitions/io.k8s.cli.setters.";

// Whether Go reads the object into a map of strings, which takes null for "".
bool IsMapOfStrings(const Value& object) {
  if (!object.is_object()) return false;
  for (const value::Member& member : object.members()) {
    if (!member.value.is_string() && !member.value.is_null()) return false;
  }
  return true;
}

}  // namespace

std::string ImageReference::Full() const {
  return digest.empty() ? absl::StrCat(name, ":", tag) : absl::StrCat(name, ":", tag, "@", digest);
}

void AddPolicy(absl::string_view ns, absl::string_view policy, const ImageReference& image,
               Setters& setters) {
  const std::string marker = absl::StrCat(ns, ":", policy);
  setters[marker] = image.Full();
  setters[absl::StrCat(marker, ":name")] = image.name;
  setters[absl::StrCat(marker, ":tag")] = image.tag;
  setters[absl::StrCat(marker, ":digest")] = image.digest;
}

std::string MarkerIn(absl::string_view comment) {
  while (absl::ConsumePrefix(&comment, "#")) {
  }
  const auto parsed = value::ParseJson(comment);
  if (!parsed.ok()) return "";
  if (IsMapOfStrings(*parsed)) {
    const absl::string_view marker = (*parsed)["$imagepolicy"].str();
    if (!marker.empty()) return std::string(marker);
  }
  absl::string_view reference = (*parsed)["$ref"].str();
  return absl::ConsumePrefix(&reference, kLongForm) ? std::string(reference) : "";
}

}  // namespace sluice::image_setters
