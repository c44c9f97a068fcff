// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_write.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/kustomize/node_value.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

using Tag = Node::Tag;

// Where libyaml's rules let a text stand without quotes.
struct PlainFit {
  bool block = true;
  bool flow = true;
};

bool IsBreakOrBlank(absl::string_view text, size_t i) {
  return i >= text.size() || text[i] == ' ' || text[i] == '\t' || text[i] == '\n';
}

PlainFit FitOf(absl::string_view text) {
  PlainFit fit;
  if (text.empty()) return {true, false};
  if (absl::StartsWith(text, "---") || absl::StartsWith(text, "...")) return {false, false};
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 0) {
      if (absl::StrContains("#,[]{}&*!|>'\"%@`", absl::string_view(&c, 1))) return {false, false};
      if (c == '?' || c == ':') {
        fit.flow = false;
        if (IsBreakOrBlank(text, 1)) fit.block = false;
      }
      if (c == '-' && IsBreakOrBlank(text, 1)) return {false, false};
    } else {
      if (absl::StrContains(",?[]{}", absl::string_view(&c, 1))) fit.flow = false;
      if (c == ':') {
        fit.flow = false;
        if (IsBreakOrBlank(text, i + 1)) fit.block = false;
      }
      if (c == '#' && IsBreakOrBlank(text, i - 1)) return {false, false};
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || byte < 0x20 || byte == 0x7f) return {false, false};
  }
  if (text.front() == ' ' || text.back() == ' ') return {false, false};
  return fit;
}

bool HasControls(absl::string_view text) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) return true;
  }
  return false;
}

std::string DoubleQuoted(absl::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          absl::StrAppend(&out, absl::StrFormat("\\x%02X", static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

class Writer {
 public:
  absl::StatusOr<std::string> Document(const Node* node) {
    if (node == nullptr) return std::string("null\n");
    Value(*node, 0, /*in_map=*/false, 0);
    if (too_deep_) return absl::ResourceExhaustedError("document nests too deep");
    return std::move(out_);
  }

 private:
  void Indent(size_t depth) { out_.append(2 * depth, ' '); }

  static std::string TagPrefix(const Node& node, bool& force_quotes) {
    if (node.tag == Tag::kNone) return "";
    const absl::string_view name = node.tag == Tag::kOther ? node.other_tag : TagName(node.tag);
    if ((node.style & Node::kTagged) != 0) return absl::StrCat(name, " ");
    if (node.is_map() || node.is_list()) {
      const bool implied = node.tag == (node.is_map() ? Tag::kMap : Tag::kList);
      return implied ? "" : absl::StrCat(name, " ");
    }
    if (node.tag == Tag::kString && (node.style & Node::kAnyQuoting) != 0) return "";
    const Tag resolved = ResolvedTag(node.text);
    if (resolved == node.tag) return "";
    if (node.tag == Tag::kString) {
      force_quotes = true;
      return "";
    }
    return absl::StrCat(name, " ");
  }

  // `simple`: a key, or anything inside brackets, where blocks of text cannot stand.
  std::string Scalar(const Node& node, bool flow, bool simple, size_t depth) {
    bool force_quotes = false;
    const std::string tag = TagPrefix(node, force_quotes);
    const absl::string_view text = node.text;
    const bool lines = text.find('\n') != absl::string_view::npos;
    if (HasControls(text) || (node.style & Node::kDoubleQuoted) != 0) {
      return tag + DoubleQuoted(text);
    }
    const bool block =
        (node.style & (Node::kLiteral | Node::kFolded)) != 0 || (lines && (node.style & Node::kSingleQuoted) == 0);
    if (block && !simple && !flow && !absl::StrContains(text, " \n") && !text.empty()) {
      return tag + Literal(text, (node.style & Node::kFolded) != 0, depth);
    }
    if (lines || block) return tag + DoubleQuoted(text);
    const PlainFit fit = FitOf(text);
    const bool single = (node.style & Node::kSingleQuoted) != 0 ||
                        !(flow ? fit.flow : fit.block) || (text.empty() && simple);
    if (single) return absl::StrCat(tag, "'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
    if (force_quotes) return tag + DoubleQuoted(text);
    return absl::StrCat(tag, text);
  }

  static std::string Literal(absl::string_view text, bool folded, size_t depth) {
    std::string out = folded ? ">" : "|";
    if (text.front() == ' ' || text.front() == '\n') out += "2";
    if (!absl::EndsWith(text, "\n")) {
      out += "-";
    } else if (text.size() == 1 || text[text.size() - 2] == '\n') {
      out += "+";
    }
    absl::string_view body = text;
    if (absl::EndsWith(body, "\n")) body.remove_suffix(1);
    for (absl::string_view line : absl::StrSplit(body, '\n')) {
      out += '\n';
      if (!line.empty()) {
        out.append(2 * (depth == 0 ? 1 : depth), ' ');
        absl::StrAppend(&out, line);
      }
      if (folded) out += '\n';
    }
    if (folded) out.pop_back();
    return out;
  }

  void Flow(const Node& node, size_t nesting) {
    if (nesting > value::kMaxDepth) {
      too_deep_ = true;
      return;
    }
    if (node.is_scalar()) {
      out_ += Scalar(node, /*flow=*/true, /*simple=*/true, 0);
      return;
    }
    out_ += node.is_map() ? '{' : '[';
    for (size_t i = 0; i < node.content.size(); ++i) {
      if (i > 0) out_ += node.is_map() && i % 2 == 1 ? ": " : ", ";
      Flow(*node.content[i], nesting + 1);
    }
    out_ += node.is_map() ? '}' : ']';
  }

  // Writes `node` after a key, a dash or at the start of the document, up to the line's end.
  void Value(const Node& node, size_t depth, bool in_map, size_t nesting) {
    if (nesting > value::kMaxDepth) {
      too_deep_ = true;
      return;
    }
    if (node.kind == Node::Kind::kNone) {
      Space();
      out_ += "null\n";
      return;
    }
    if (node.is_scalar()) {
      const std::string text = Scalar(node, false, false, in_map || !out_.empty() ? depth : 0);
      if (!text.empty()) Space();
      absl::StrAppend(&out_, text, "\n");
      return;
    }
    bool unused = false;
    const std::string tag = TagPrefix(node, unused);
    if (!tag.empty()) {
      Space();
      out_ += tag;
      out_.pop_back();
    }
    if (node.content.empty() || (node.style & Node::kFlow) != 0) {
      Space();
      Flow(node, nesting);
      out_ += '\n';
      return;
    }
    if (node.is_map()) {
      Map(node, depth, in_map || !tag.empty(), nesting);
    } else {
      List(node, in_map && depth > 0 ? depth - 1 : depth, in_map || !tag.empty(), nesting);
    }
  }

  void Space() {
    if (!out_.empty() && out_.back() != '\n' && out_.back() != ' ') out_ += ' ';
  }

  // `on_new_line`: the first member starts a line of its own; else it follows a dash.
  void Map(const Node& map, size_t depth, bool on_new_line, size_t nesting) {
    if (on_new_line) out_ += '\n';
    for (size_t i = 0; i + 1 < map.content.size(); i += 2) {
      if (i > 0 || on_new_line) {
        Indent(depth);
      } else {
        Space();
      }
      out_ += Scalar(*map.content[i], false, /*simple=*/true, 0);
      out_ += ':';
      Value(*map.content[i + 1], depth + 1, /*in_map=*/true, nesting + 1);
    }
  }

  void List(const Node& list, size_t depth, bool on_new_line, size_t nesting) {
    if (on_new_line) out_ += '\n';
    for (size_t i = 0; i < list.content.size(); ++i) {
      if (i > 0 || on_new_line) {
        Indent(depth);
      } else {
        Space();
      }
      out_ += '-';
      Value(*list.content[i], depth + 1, /*in_map=*/false, nesting + 1);
    }
  }

  std::string out_;
  bool too_deep_ = false;
};

}  // namespace

absl::StatusOr<std::string> WriteYaml(const Node* node) { return Writer().Document(node); }

}  // namespace sluice::kustomize
