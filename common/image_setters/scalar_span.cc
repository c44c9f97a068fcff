// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/scalar_span.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/yaml_chars.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_scalar_traits.h"

namespace sluice::image_setters {
namespace {

using value::YamlNode;

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Whether `value` unquoted is the string `value`, also between flow indicators.
bool PlainIsString(absl::string_view value) {
  return !value.empty() && !value::LooksTypedInYaml(value) && !value::IsBase60Float(value) &&
         value.find_first_of(",[]{}") == absl::string_view::npos &&
         value::AnalyzeYamlScalar(value, value::YamlDialect::kV3).block_plain;
}

}  // namespace

Layout::Layout(absl::string_view text) : text_(text) {
  lines_.push_back(0);
  for (size_t i = 0; i < text_.size();) {
    const size_t width = LineBreakAt(i);
    i += std::max<size_t>(width, 1);
    if (width > 0) lines_.push_back(i);
  }
}

size_t Layout::LineBreakAt(size_t offset) const {
  const char* const at = text_.data() + offset;
  const char* const end = text_.data() + text_.size();
  if (offset >= text_.size() || !value::IsYamlBreak(at, end)) return 0;
  if (*at == '\r' && offset + 1 < text_.size() && at[1] == '\n') return 2;
  return static_cast<size_t>(value::YamlWidth(at));
}

size_t Layout::LineEnd(size_t offset) const {
  while (offset < text_.size() && LineBreakAt(offset) == 0) ++offset;
  return offset;
}

size_t Layout::OffsetOf(int line, int column) const {
  if (line < 1 || static_cast<size_t>(line) > lines_.size()) return text_.size();
  size_t offset = lines_[static_cast<size_t>(line) - 1];
  for (int i = 1; i < column && offset < text_.size(); ++i) {
    offset += static_cast<size_t>(value::YamlWidth(text_.data() + offset));
  }
  return std::min(offset, text_.size());
}

size_t Layout::SkipProperties(size_t offset) const {
  while (offset < text_.size()) {
    const char c = text_[offset];
    if (c == '&' || c == '!') {
      while (offset < text_.size() && !IsBlank(text_[offset]) && LineBreakAt(offset) == 0) ++offset;
    } else if (IsBlank(c)) {
      ++offset;
    } else if (const size_t width = LineBreakAt(offset); width > 0) {
      offset += width;
    } else if (c == '#') {
      offset = LineEnd(offset);
    } else {
      break;
    }
  }
  return offset;
}

std::optional<size_t> Layout::QuotedEnd(size_t begin, char quote) const {
  if (begin >= text_.size() || text_[begin] != quote) return std::nullopt;
  for (size_t i = begin + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote) return i + 1;
      ++i;  // two are one in single quotes
    }
  }
  return std::nullopt;
}

std::optional<size_t> Layout::PlainEnd(size_t begin, absl::string_view value) const {
  size_t at = begin;
  for (size_t i = 0; i < value.size();) {
    size_t next = at;
    size_t breaks = 0;
    while (next < text_.size()) {
      const size_t width = LineBreakAt(next);
      if (width == 0 && !IsBlank(text_[next])) break;
      breaks += width > 0 ? 1 : 0;
      next += std::max<size_t>(width, 1);
    }
    if (breaks == 0) {
      if (at >= text_.size() || text_[at] != value[i]) return std::nullopt;
      ++at;
      ++i;
      continue;
    }
    // One break reads as a blank, more as one break less.
    const std::string folded = breaks == 1 ? " " : std::string(breaks - 1, '\n');
    if (!absl::StartsWith(value.substr(i), folded)) return std::nullopt;
    i += folded.size();
    at = next;
  }
  return at;
}

std::optional<std::vector<Splice>> Layout::RewriteBlock(size_t begin, int indent,
                                                        absl::string_view value) const {
  // The header: the indicator, then an indentation and a chomping indicator in either order.
  size_t header_end = begin + 1;
  size_t explicit_indent = 0;
  std::string header(1, text_[begin]);
  while (header_end < text_.size() && (absl::ascii_isdigit(text_[header_end]) ||
                                       text_[header_end] == '+' || text_[header_end] == '-')) {
    const char c = text_[header_end++];
    if (!absl::ascii_isdigit(c)) continue;
    explicit_indent = static_cast<size_t>(c - '0');
    header.push_back(c);
  }
  header.push_back('-');  // the value has no line break at its end

  const size_t header_line_end = LineEnd(header_end);
  const size_t header_break = LineBreakAt(header_line_end);
  const std::string line_break(header_break == 0 ? absl::string_view("\n")
                                                 : text_.substr(header_line_end, header_break));
  const size_t content = header_line_end + header_break;
  const size_t outer = static_cast<size_t>(std::max(indent, 0));
  const size_t least = static_cast<size_t>(std::max(indent + 1, 0));
  size_t content_indent = explicit_indent > 0 ? outer + explicit_indent : 0;
  size_t content_end = content;
  for (size_t line = content; line < text_.size();) {
    const size_t end = LineEnd(line);
    size_t first = line;
    while (first < end && text_[first] == ' ') ++first;
    if (first < end) {
      const absl::string_view rest = text_.substr(line, 3);
      const bool document_ends = first == line && (rest == "---" || rest == "...");
      if (content_indent == 0) content_indent = std::max(first - line, least);
      if (first - line < content_indent || document_ends) break;
      content_end = end;
    } else if (content_indent > 0 && first - line > content_indent) {
      content_end = end;  // blanks beyond the indentation are content
    }
    const size_t width = LineBreakAt(end);
    if (width == 0) break;
    line = end + width;
  }
  std::vector<Splice> splices;
  if (text_.substr(begin, header_end - begin) != header) {
    splices.push_back({begin, header_end, header});
  }
  const bool is_empty = content_end == content;
  if (is_empty) content_indent = explicit_indent > 0 ? outer + explicit_indent : least + 1;
  std::string line = absl::StrCat(std::string(content_indent, ' '), value);
  if (header_break == 0) line = line_break + line;
  if (is_empty && header_break > 0) line += line_break;
  splices.push_back({content, content_end, std::move(line)});
  return splices;
}

std::optional<std::vector<Splice>> Layout::Rewrite(const YamlNode& node, int indent,
                                                   absl::string_view value) const {
  const size_t begin = SkipProperties(OffsetOf(node.line, node.column));
  if (begin >= text_.size()) return std::nullopt;
  if ((node.style & (YamlNode::kLiteral | YamlNode::kFolded)) != 0) {
    const char indicator = (node.style & YamlNode::kLiteral) != 0 ? '|' : '>';
    if (text_[begin] != indicator) return std::nullopt;
    return RewriteBlock(begin, indent, value);
  }
  const bool is_double = (node.style & YamlNode::kDoubleQuoted) != 0;
  if (is_double || (node.style & YamlNode::kSingleQuoted) != 0) {
    const char quote = is_double ? '"' : '\'';
    const auto end = QuotedEnd(begin, quote);
    if (!end.has_value()) return std::nullopt;
    const std::string mark(1, quote);
    return std::vector<Splice>{{begin, *end, absl::StrCat(mark, value, mark)}};
  }
  const auto end = PlainEnd(begin, node.value);
  if (!end.has_value() || *end == begin) return std::nullopt;
  // A tag that is written out says what the text is.
  const bool as_it_is = (node.style & YamlNode::kTagged) != 0 && !value.empty();
  return std::vector<Splice>{
      {begin, *end,
       as_it_is || PlainIsString(value) ? std::string(value) : absl::StrCat("\"", value, "\"")}};
}

}  // namespace sluice::image_setters
