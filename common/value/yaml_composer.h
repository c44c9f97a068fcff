// YAML text to values by go-yaml v2's rules as sigs.k8s.io/yaml uses it. The work behind yaml.h's
// ParseYaml.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"
#include "common/value/yaml.h"
#include "common/value/yaml_format.h"
#include "common/value/yaml_limits.h"
#include "common/value/yaml_parser.h"

namespace sluice::value {

// go-yaml first reads a document, then decodes it, then turns it into JSON. Here all is done in one
// pass over the events; since a fault of an earlier step hides those of later ones, they are
// collected apart. An alias costs no copy: values share.
class YamlComposer {
 public:
  // With kAsTheyAre floats stay doubles, also those that JSON does not have.
  YamlComposer(absl::string_view text, const YamlOptions& options,
               YamlFloats floats = YamlFloats::kByJson);

  // The next document, nothing at the end of the stream. Must not be called after an error.
  absl::StatusOr<std::optional<YamlDocument>> Next();

 private:
  // A member as it was written, for messages about repeated keys.
  struct Written {
    std::string key;  // its kind (a digit) and Go's syntax: 1 and 1.0 differ
    std::string name;
    int32_t line;  // of the value
  };
  struct Node {
    enum class Type : uint8_t { kScalar, kSequence, kMapping };
    Type type = Type::kScalar;
    Value value;                                    // a float is still one
    size_t height = 0;                              // of collections, this one included
    std::shared_ptr<std::vector<Written>> written;  // of a mapping in strict documents
  };
  struct Anchor {
    Node node;
    size_t cost = 0;  // nodes decoded for it
    bool open = true;
  };
  using Keys = absl::flat_hash_set<std::string>;

  void Advance();
  void FailReading(absl::string_view message);
  void FailDecoding(absl::string_view message);
  void FailJson(absl::string_view message);
  void Count(size_t nodes, size_t expanded);

  // Each reads the node that begins at event_, inside `depth` collections, and leaves event_ after
  // it.
  void Compose(Node& node, size_t depth);
  void Alias(Node& node, size_t depth);
  void Scalar(Node& node);
  void Collection(Node& node, size_t depth);
  void Sequence(Node& node, size_t depth);
  void Mapping(Node& node, size_t depth);
  void Pair(Node& mapping, size_t depth, Keys& keys);
  void Merge(Node& mapping, size_t depth, Keys& keys);
  void MergeSources(size_t depth, std::vector<Node>& sources);

  void ScalarValue(Node& node);
  Value Finished(Value value);
  void CheckFinite(const Value& value);
  bool AtMergeKey() const;
  bool PlainKey(std::string& name);
  std::string KeyName(const Node& key, std::string& name);
  std::string KeyId(const Value& key) const;
  bool AddKey(Node& mapping, Keys& keys, Written member);

  YamlParser parser_;
  const YamlOptions options_;
  const YamlFloats floats_;
  YamlEvent event_;
  absl::flat_hash_map<absl::string_view, Anchor> anchors_;
  AliasExpansion expansion_;
  // The children of the collections that are open, so that each is allocated once.
  Value::Array items_;
  Value::Object members_;

  bool failed_ = false;         // reading has
  bool has_unlimited_ = false;  // an infinity or NaN was read
  absl::Status syntax_error_;
  absl::Status decode_error_;
  std::vector<std::string> repeated_keys_;
  absl::Status json_error_;
};

}  // namespace sluice::value
