// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/sops/stores.h"
#include "common/value/json.h"

namespace sluice::sops {
namespace {

// Reads a text that ParseJson() took, in the order that it is written in.
class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  Node Read() {
    SkipBlanks();
    switch (rest_[0]) {
      case '{':
        return Map();
      case '[':
        return List();
      case '"':
        return Node::Text(Node::Kind::kString, String());
      case 't':
        rest_.remove_prefix(4);
        return Node::Of(true);
      case 'f':
        rest_.remove_prefix(5);
        return Node::Of(false);
      case 'n':
        rest_.remove_prefix(4);
        return Node();
      default:
        return Number();
    }
  }

 private:
  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  // Whether `c` comes next, which is taken then.
  bool Take(char c) {
    SkipBlanks();
    if (rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string String() {
    size_t end = 1;
    while (rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    const absl::string_view literal = rest_.substr(0, end + 1);
    rest_.remove_prefix(literal.size());
    const auto text = value::ParseJson(literal);
    return text.ok() ? std::string(text->str()) : "";
  }

  Node Number() {
    const size_t end = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
    double number = 0;
    if (!absl::SimpleAtod(rest_.substr(0, end), &number)) number = 0;
    rest_.remove_prefix(end);
    return Node::Of(number);
  }

  Node List() {
    Node node;
    node.kind = Node::Kind::kList;
    rest_.remove_prefix(1);
    if (Take(']')) return node;
    do {
      node.items.push_back(Read());
    } while (Take(','));
    Take(']');
    return node;
  }

  Node Map() {
    Node node;
    node.kind = Node::Kind::kMap;
    rest_.remove_prefix(1);
    if (Take('}')) return node;
    do {
      SkipBlanks();
      Entry entry;
      entry.key = String();
      Take(':');
      entry.value = Read();
      node.entries.push_back(std::move(entry));
    } while (Take(','));
    Take('}');
    return node;
  }

  absl::string_view rest_;
};

void AppendLine(size_t depth, std::string& out) {
  out += '\n';
  out.append(depth, '\t');
}

absl::Status Append(const Node& node, size_t depth, std::string& out);

absl::Status AppendMap(const Document& entries, size_t depth, std::string& out) {
  out += '{';
  bool empty = true;
  for (const Entry& entry : entries) {
    if (entry.comment) continue;
    if (!empty) out += ',';
    empty = false;
    AppendLine(depth + 1, out);
    value::AppendJsonString(entry.key, /*escape_html=*/true, out);
    out += ": ";
    RETURN_IF_ERROR(Append(entry.value, depth + 1, out));
  }
  if (!empty) AppendLine(depth, out);
  out += '}';
  return absl::OkStatus();
}

absl::Status AppendList(const std::vector<Node>& items, size_t depth, std::string& out) {
  out += '[';
  bool empty = true;
  for (const Node& item : items) {
    if (item.kind == Node::Kind::kComment) continue;
    if (!empty) out += ',';
    empty = false;
    AppendLine(depth + 1, out);
    RETURN_IF_ERROR(Append(item, depth + 1, out));
  }
  if (!empty) AppendLine(depth, out);
  out += ']';
  return absl::OkStatus();
}

absl::Status Append(const Node& node, size_t depth, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kNull:
      out += "null";
      break;
    case Node::Kind::kBool:
      out += node.boolean ? "true" : "false";
      break;
    case Node::Kind::kInt:
    case Node::Kind::kUint:
      absl::StrAppend(&out, node.integer);
      break;
    case Node::Kind::kFloat:
      if (!std::isfinite(node.number)) {
        return absl::InvalidArgumentError(
            "Error marshaling to json: a number is infinite or no number");
      }
      out += value::FormatJsonDouble(node.number);
      break;
    case Node::Kind::kBytes:
      value::AppendJsonString(absl::Base64Escape(node.text), /*escape_html=*/true, out);
      break;
    case Node::Kind::kString:
    case Node::Kind::kTime:
    case Node::Kind::kComment:
      value::AppendJsonString(node.text, /*escape_html=*/true, out);
      break;
    case Node::Kind::kList:
      return AppendList(node.items, depth, out);
    case Node::Kind::kMap:
      return AppendMap(node.entries, depth, out);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EncryptedFile> LoadJson(absl::string_view text) {
  const auto whole = value::ParseJson(text);
  if (!whole.ok()) return Annotate(whole.status(), "Error unmarshalling input json");
  if (!whole->is_object()) {
    return absl::InvalidArgumentError("Error unmarshalling input json: the document is no object");
  }
  EncryptedFile file;
  ASSIGN_OR_RETURN(file.metadata, ParseMetadata((*whole)["sops"]));
  Node root = Reader(text).Read();
  std::erase_if(root.entries, [](const Entry& entry) { return entry.key == "sops"; });
  file.documents.push_back(std::move(root.entries));
  return file;
}

absl::StatusOr<std::string> EmitJson(const Document& document) {
  std::string out;
  RETURN_IF_ERROR(AppendMap(document, 0, out));
  out += '\n';
  return out;
}

}  // namespace sluice::sops
