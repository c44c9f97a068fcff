// Image policies written into YAML: the scalars that a marker (marker.h) points at get the policy's
// image, and not one other byte of the file changes.
//
// Which comment belongs to which scalar is go-yaml's decision (common/value/yaml_node.h), as in
// Flux. How the file is written is ours: Flux prints the parsed document again, here the scalar's
// bytes are exchanged, so that indentation, quotes, line ends, blank lines, anchors and everything
// else stay (docs/compat.md).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image_setters/marker.h"

namespace sluice::image_setters {

// What identifies the document that a change is in; parts that it does not have are "".
struct ObjectId {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string ns;

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

struct Change {
  std::string old_value;
  std::string new_value;
  std::string setter;  // the marker, "ns:policy:tag"

  friend bool operator==(const Change&, const Change&) = default;
};

using ObjectChanges = std::map<ObjectId, std::vector<Change>>;

// A file that is larger is not looked at.
inline constexpr size_t kMaxFile = size_t{16} << 20;

struct EditedFile {
  std::string content;
  ObjectChanges changes;  // not empty
};

// Nothing if no marked scalar differs from its setter's text. kInvalidArgument for text with
// markers that is no YAML; kFailedPrecondition for a scalar that cannot be exchanged without a
// change elsewhere. The texts of `setters` are printable ASCII without blanks, quotes and
// backslashes.
absl::StatusOr<std::optional<EditedFile>> ApplySetters(absl::string_view text,
                                                       const Setters& setters);

}  // namespace sluice::image_setters
