// A short cut for plain manifests: nearly every file that kustomize reads.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

struct PlainYaml {
  int line = 1;  // of the root
  Value value;   // null: the document is empty or null
};

// What kyaml makes of the first document of `text` (read by go-yaml v3, printed, read again), if
// that is certain without the printing: the one document, a map or list of strings, numbers,
// booleans and nulls under keys that are strings and come once, without anchors, tags, folded
// texts, texts that end with empty lines, comments inside flow collections, and what flow style
// would have to quote. Nothing otherwise, also for text that cannot be read.
std::optional<PlainYaml> ReadPlainYaml(absl::string_view text);

}  // namespace sluice::value
