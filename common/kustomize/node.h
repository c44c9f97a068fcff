// Node: one element of a document under edit, with scalars kept as they were written.
//
// kustomize edits YAML trees, not JSON values, and users see the difference: an unquoted version
// `1.10` copied into an annotation stays "1.10", a number patched over a quoted string stays a
// string, a label value put into several places at once is later replaced in all of them. So the
// engine works on a mutable graph that keeps text, tag and quoting, keys in order, and turns it
// into Values (node_value.h) only at the end.
//
// Nodes belong to a NodeArena and live as long as it does; a Node* may be null ("no such node") and
// may be reached from several parents. Rules of this file: kyaml 0.21.1.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/build.h"

namespace sluice::kustomize {

// Texts of documents, which stay as long as their arena.
using Texts = std::vector<absl::string_view>;

// The comments of a node, each with its "#".
struct NodeComments {
  std::string head;
  std::string line;
  std::string foot;
};

struct Node {
  enum class Kind : uint8_t { kNone, kScalar, kList, kMap };
  // kNone: not decided yet, read the text. kOther: an application's tag (`!foo`), in other_tag.
  enum class Tag : uint8_t {
    kNone,
    kString,
    kInt,
    kFloat,
    kBool,
    kNull,
    kTimestamp,
    kBinary,
    kMerge,
    kMap,
    kList,
    kOther
  };
  // Styles are a set of bits: an explicit tag and quoting can meet.
  using Style = uint8_t;
  static constexpr Style kTagged = 1;
  static constexpr Style kDoubleQuoted = 2;
  static constexpr Style kSingleQuoted = 4;
  static constexpr Style kLiteral = 8;
  static constexpr Style kFolded = 16;
  static constexpr Style kFlow = 32;
  static constexpr Style kAnyQuoting = kDoubleQuoted | kSingleQuoted | kLiteral | kFolded;

  Kind kind = Kind::kNone;
  Tag tag = Tag::kNone;
  Style style = 0;
  // A null that a merge must write out instead of dropping its field.
  bool keep_null = false;
  int line = 0;                 // 1-based in its file, 0 if made by the engine
  absl::string_view text = "";  // scalars
  absl::string_view other_tag;
  // Only kept where a document is written back as YAML, or where one may hold a merge schema.
  const NodeComments* comments = nullptr;
  // Lists: the elements. Maps: key, value, key, value, in the order written.
  std::vector<Node*> content;

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
};

// Owns nodes and their texts; everything is freed at once. Not thread-safe.
class NodeArena {
 public:
  // A bound is needed because aliases can make a short text huge, and because a patch is copied for
  // each of its targets.
  explicit NodeArena(size_t max_nodes = BuildLimits().max_nodes) : max_nodes_(max_nodes) {}
  NodeArena(const NodeArena&) = delete;
  NodeArena& operator=(const NodeArena&) = delete;

  Node* New() {
    if (used_ == kBlock) {
      blocks_.push_back(std::make_unique<Node[]>(kBlock));
      used_ = 0;
    }
    ++count_;
    return &blocks_.back()[used_++];
  }
  // The bytes of `text`, kept.
  absl::string_view Keep(absl::string_view text);
  const NodeComments* KeepComments(NodeComments comments);

  bool has_comments() const { return !comments_.empty(); }

  // A scalar without a tag: what it means follows from its text.
  Node* Scalar(absl::string_view text);
  // A scalar that is a string whatever its text looks like.
  Node* String(absl::string_view text);
  Node* Map();
  Node* List();
  // A copy that shares no node with `node`.
  Node* Copy(const Node* node);

  // Whether there are more nodes than there may be. New() goes on regardless: those who make nodes
  // by the number ask, and give up with the status of TooLarge().
  bool full() const { return count_ > max_nodes_; }
  // kResourceExhausted.
  absl::Status TooLarge() const;

 private:
  static constexpr size_t kBlock = 128;
  static constexpr size_t kTextBlock = 16 * 1024;

  std::vector<std::unique_ptr<Node[]>> blocks_;
  const size_t max_nodes_;
  size_t used_ = kBlock;
  size_t count_ = 0;
  std::vector<std::unique_ptr<char[]>> text_blocks_;
  size_t text_used_ = kTextBlock;
  std::vector<std::unique_ptr<char[]>> large_texts_;
  std::vector<std::unique_ptr<NodeComments>> comments_;
};

inline bool IsMissingOrNull(const Node* node) {
  return node == nullptr || node->tag == Node::Tag::kNull;
}
inline bool IsTaggedNull(const Node* node) {
  return node != nullptr && node->tag == Node::Tag::kNull;
}
inline bool IsEmptyMap(const Node* node) {
  return IsMissingOrNull(node) || (node->is_map() && node->content.empty());
}
// Missing, null, an empty map or list, or a node nothing was put into.
bool IsNilOrEmpty(const Node* node);
// A scalar string, or one whose kind is still open.
bool IsStringNode(const Node* node);
// The text of a scalar; "" for anything else.
inline absl::string_view TextOf(const Node* node) {
  return IsMissingOrNull(node) ? absl::string_view("") : node->text;
}

// The value of the first member `key`, or null; also null if `map` is no map.
Node* FieldOf(const Node* map, absl::string_view key);
// Its place among the keys in content (an even index), or -1.
int FieldIndex(const Node* map, absl::string_view key);
// The keys, in order, repeated ones repeated.
Texts FieldNames(const Node* map);
// The value through maps only, or null.
Node* Dig(Node* node, std::initializer_list<absl::string_view> path);

// kInvalidArgument ("wrong node kind: expected ... but got ...") unless `node` is missing, null or
// of `kind`.
absl::Status ExpectKind(const Node* node, Node::Kind kind);

// As kyaml's FieldSetter: `value` becomes the member `key` of `map`; null, or a null that need not
// be kept, removes it. A member that exists keeps its node and its quoting, so whether `value`
// still reads as a number or a string is decided by what stood there. `value` itself is linked in
// only if the member is new; then its key is written in `key_style`.
absl::Status SetField(NodeArena& arena, Node* map, absl::string_view key, Node* value,
                      Node::Style key_style = 0);
// The same for a scalar in place.
absl::Status SetScalar(Node* scalar, Node* value);
// Removes the first member `key`; false if there is none.
bool ClearField(Node* map, absl::string_view key);
void AppendField(NodeArena& arena, Node* map, absl::string_view key, Node* value);

// Whether YAML 1.1 would read `text`, unquoted, as something other than a string.
bool IsYaml11NonString(absl::string_view text);

}  // namespace sluice::kustomize
