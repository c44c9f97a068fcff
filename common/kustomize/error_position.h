// Where in a kustomization file an error comes from, for the end of its message:
// "... (/app/kustomization.yaml, line 7)". Looked up only when there is an error.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// `status` with a note of the field at fault, "images.newTag", and of what stands there instead;
// Kind::kNull if that does not matter.
absl::Status WithField(absl::Status status, absl::string_view field, Value::Kind found);

// A kustomization file as messages name it. All functions leave OK as it is, and errors that have
// a position already: that of a file further in.
class SourceFile {
 public:
  SourceFile() = default;
  SourceFile(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  // The file, and the line of the field that WithField() has noted.
  absl::Status AtField(const absl::Status& status) const;
  // The file, and the line where `text` stands as an element of a list.
  absl::Status AtText(const absl::Status& status, absl::string_view text) const;
  // The file, and the line of the list element `index` of the field `key`; of the field itself if
  // it has no such element.
  absl::Status AtItem(const absl::Status& status, absl::string_view key, size_t index) const;

 private:
  absl::Status At(const absl::Status& status, int line) const;

  std::string name_;
  std::string text_;
};

// The one of `known` that was probably meant by `text`, "" if none is near.
absl::string_view Nearest(absl::string_view text, const std::vector<absl::string_view>& known);

}  // namespace sluice::kustomize
