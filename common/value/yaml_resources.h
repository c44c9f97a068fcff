// Files of Kubernetes resources read and written so that only what was edited changes: kyaml's
// kio.ByteReader and kio.ByteWriter.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"
#include "common/value/yaml_node.h"

namespace sluice::value {

struct YamlPart {
  int line;  // of its first line in the file, from 1
  std::string text;
};

// The documents of a file, cut at each line that starts with "---" but the first line. After it may
// stand blanks or a comment, which are dropped; kInvalidArgument for anything else. CRLF becomes
// LF.
absl::StatusOr<std::vector<YamlPart>> SplitYamlResources(absl::string_view text);

struct ResourceOptions {
  // Whether a file that is one List stands for its items.
  bool unwrap_lists = true;
  // Whether lists are printed as the file indents the first of them, else at their key's column.
  bool keep_sequence_indent = false;
};

struct YamlResource {
  std::unique_ptr<YamlNode> node;  // a document, or an item of a List; its root is a mapping
  bool wide_sequences = false;     // lists are printed indented
};

// The resources of a file. Empty documents are left out; a root that is no mapping is an error.
absl::StatusOr<std::vector<YamlResource>> ReadYamlResources(absl::string_view text,
                                                            const ResourceOptions& options = {});

// The file again. Drops empty metadata.annotations, as kyaml does.
std::string WriteYamlResources(std::vector<YamlResource> resources);

// What kyaml's MarshalJSON makes of a document or node. It prints the node and reads that again, so
// that the printer's faults show; a root that is neither map nor list is an error.
absl::StatusOr<Value> KyamlNodeToValue(const YamlNode& node);

}  // namespace sluice::value
