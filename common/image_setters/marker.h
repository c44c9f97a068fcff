// The comments that mark a field as set by an image policy.
//
//   image: registry.example/app:1.2.3  # {"$imagepolicy": "ns:policy"}
//   tag: 1.2.3                         # {"$imagepolicy": "ns:policy:tag"}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::image_setters {

// A file without these bytes has no marker that counts.
inline constexpr absl::string_view kScreen = "\"$imagepolicy\"";

// What a policy picked.
struct ImageReference {
  std::string name;    // "registry.example/app", as the ImageRepository has it
  std::string tag;     // "1.2.3"
  std::string digest;  // "sha256:…", "" if the policy reflects none

  // "name:tag" or "name:tag@digest".
  std::string Full() const;
  friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

// The text of each marker that means something: "ns:policy", and with ":name", ":tag", ":digest".
using Setters = std::map<std::string, std::string, std::less<>>;

// Adds the four markers of a policy.
void AddPolicy(absl::string_view ns, absl::string_view policy, const ImageReference& image,
               Setters& setters);

// The marker ("ns:policy:tag") in a comment, "#" included; "" if it is none. The comment must be
// nothing but a JSON object of strings with the member "$imagepolicy", or "$ref" in kyaml's long
// form (kyaml 0.20, fieldmeta).
std::string MarkerIn(absl::string_view comment);

}  // namespace sluice::image_setters
