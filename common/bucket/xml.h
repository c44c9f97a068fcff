// XML as object stores answer in: elements and text. No document types, so no entities but the
// five of XML itself.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::bucket {

struct XmlElement {
  std::string name;  // without a namespace prefix
  std::string text;  // that which is directly in it
  std::vector<XmlElement> children;

  // The first child of that name, or nullptr.
  const XmlElement* Find(absl::string_view child) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // Its text, or "".
  absl::string_view Text(absl::string_view child) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
};

// The document's element. kInvalidArgument for what is not well-formed, has a document type, or
// nests deeper than 32 elements.
absl::StatusOr<XmlElement> ParseXml(absl::string_view text);

}  // namespace sluice::bucket
