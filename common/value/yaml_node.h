// YAML as it is written: a tree that keeps comments, styles, tags, anchors and positions, as
// kyaml (go-yaml v3) sees it. For edits that must leave the rest of a file as it was (image
// setters) and for what kustomize prints. Where only the data counts, use yaml.h.
//
// Which comment belongs to which node is go-yaml's decision, faults included.

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
};

}  // namespace sluice::value
