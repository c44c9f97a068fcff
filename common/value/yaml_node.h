// YAML as it is written: a tree that keeps comments, styles, tags, anchors and positions, as
// go-yaml v3 and kyaml on top of it see it. For edits that must leave the rest of a file as it was
// (image setters) and for what kustomize prints. Where only the data counts, use yaml.h.
//
// Which comment belongs to which node, and where it is printed again, are go-yaml's decisions,
// faults included (a comment can move, a folded text gain an empty line).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

struct YamlNode {
  enum class Kind : uint8_t { kDocument, kSequence, kMapping, kScalar, kAlias };
  // Flags; at most one of the four scalar styles. No flag: plain scalar, block collection.
  enum Style : uint8_t {
    kTagged = 1,  // the tag is written out
    kDoubleQuoted = 2,
    kSingleQuoted = 4,
    kLiteral = 8,
    kFolded = 16,
    kFlow = 32,
  };
  static constexpr uint8_t kScalarStyles = kDoubleQuoted | kSingleQuoted | kLiteral | kFolded;

  Kind kind = Kind::kScalar;
  uint8_t style = 0;
  int line = 0;     // from 1; 0 if made by the program
  int column = 0;   // in characters, from 1
  std::string tag;  // short form, resolved also where none is written ("!!str"); empty: by content
  std::string value;  // of a scalar; the anchor's name of an alias
  std::string anchor;
  // With their "#", one comment a line; an empty line stays empty.
  std::string head_comment;   // lines before, without a gap
  std::string line_comment;   // same line
  std::string foot_comment;   // lines after, before a gap
  YamlNode* alias = nullptr;  // the node that a kAlias stands for, in the same document
  // Of a mapping: key, value, key, value; of a document: its one root.
  std::vector<std::unique_ptr<YamlNode>> content;

  // The tag in short form, by kind and content when `tag` is empty.
  std::string ShortTag() const;
  // Of a mapping: the value of the first key with this text, or nullptr.
  YamlNode* Find(absl::string_view key) const;
};

// All documents of a stream, or the first one only, which is nullptr if there is none.
// kInvalidArgument with the line otherwise.
absl::StatusOr<std::vector<std::unique_ptr<YamlNode>>> ParseYamlNodes(absl::string_view text);
absl::StatusOr<std::unique_ptr<YamlNode>> ParseYamlNode(absl::string_view text);

struct YamlNodeStyle {
  int indent = 2;
  // Lists stand at the column of their key, as kyaml prints them, else `indent` further in.
  bool compact_sequences = true;
};

// A document, or a node as one; ends with a newline. As kyaml's String by default.
std::string FormatYamlNode(const YamlNode& node, const YamlNodeStyle& style = {});

// Prints documents one after the other, with "---" between them.
class YamlNodeWriter {
 public:
  explicit YamlNodeWriter(int indent = 2);
  ~YamlNodeWriter();
  YamlNodeWriter(const YamlNodeWriter&) = delete;
  YamlNodeWriter& operator=(const YamlNodeWriter&) = delete;

  void Write(const YamlNode& node, bool compact_sequences = true);
  // What was written; the writer is done.
  std::string Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The node that prints as go-yaml v3 prints the data: keys in its natural order, strings quoted
// where YAML 1.1 or 1.2 would take them for something else. With indent 2 and lists indented this
// is Helm's toYamlPretty.
std::unique_ptr<YamlNode> YamlNodeFromValue(const Value& value);

}  // namespace sluice::value
