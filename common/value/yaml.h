// YAML text to Value and back, as Kubernetes and Helm do it (sigs.k8s.io/yaml over go-yaml v2):
// YAML 1.1 scalars, the result is what JSON can hold.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

struct YamlOptions {
  bool strict = false;  // duplicate keys are errors (YAMLToJSONStrict); else the last wins
  // Alias expansion is bounded as in go-yaml: the ratio of expanded to written nodes.
};

// The first document; an empty one is null. kInvalidArgument with the line otherwise
// ("yaml: line 3: did not find expected key").
absl::StatusOr<Value> ParseYaml(absl::string_view text, const YamlOptions& options = {});

struct YamlDocument {
  int line = 1;  // of the document's first line in the stream
  Value value;
};

// All documents of a stream; empty and comment-only ones are left out.
absl::StatusOr<std::vector<YamlDocument>> ParseYamlStream(absl::string_view text,
                                                          const YamlOptions& options = {});

// As kustomize reads resources (kyaml over go-yaml v3, kio.FromBytes, then MarshalJSON): yes, no,
// on and off are strings, dates become RFC 3339 strings, duplicate keys are errors. Documents end
// at a line that starts with "---"; text after it other than a comment is an error. Empty documents
// and nulls are left out; a root that is neither map nor list is an error. A List is not unwrapped.
absl::StatusOr<std::vector<YamlDocument>> ParseKyaml(absl::string_view text);

// As sigs.k8s.io/yaml's Marshal prints (Helm's toYaml, kustomize's output): block style, keys in
// Go's natural order, two blanks, folded at 80 columns, trailing newline. Marshal prints JSON and
// reads that as YAML, so that whole numbers are integers, also those held as doubles; a NEL in a
// text reads as a line break, and a DEL or a key of more than 1,024 characters cannot be read:
// kInvalidArgument.
absl::StatusOr<std::string> MarshalYaml(const Value& value);

// The same for use where nothing may fail: what Marshal refuses is printed without loss.
std::string FormatYaml(const Value& value);

// JSONToYAML. It reads the text as YAML: what JSON allows and YAML does not ("\/", surrogate pairs
// in \u escapes) is an error, and 1e6 stays a float ("1e+06") where FormatYaml(ParseJson(...)) has
// 1000000.
absl::StatusOr<std::string> JsonToYaml(absl::string_view json);

}  // namespace sluice::value
