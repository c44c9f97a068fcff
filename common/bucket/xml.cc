// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/xml.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/text/utf8.h"

namespace sluice::bucket {
namespace {

constexpr size_t kMaxDepth = 32;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(std::string("malformed XML: ") + std::string(what));
}

absl::Status AppendText(absl::string_view raw, std::string& out) {
  while (true) {
    const size_t ampersand = raw.find('&');
    out.append(raw.data(), std::min(ampersand, raw.size()));
    if (ampersand == absl::string_view::npos) return absl::OkStatus();
    const size_t end = raw.find(';', ampersand);
    if (end == absl::string_view::npos) return Malformed("an entity without end");
    const absl::string_view name = raw.substr(ampersand + 1, end - ampersand - 1);
    raw.remove_prefix(end + 1);
    if (name == "amp") {
      out += '&';
    } else if (name == "lt") {
      out += '<';
    } else if (name == "gt") {
      out += '>';
    } else if (name == "quot") {
      out += '"';
    } else if (name == "apos") {
      out += '\'';
    } else {
      uint32_t character = 0;
      const bool hex = absl::StartsWith(name, "#x");
      const bool number =
          absl::StartsWith(name, "#") && (hex ? absl::SimpleHexAtoi(name.substr(2), &character)
                                              : absl::SimpleAtoi(name.substr(1), &character));
      if (!number || character == 0 || character > 0x10FFFF) return Malformed("unknown entity");
      text::AppendCharacter(character, out);
    }
  }
}

absl::string_view LocalName(absl::string_view tag) {
  tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
  const size_t colon = tag.find(':');
  return colon == absl::string_view::npos ? tag : tag.substr(colon + 1);
}

class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  absl::StatusOr<XmlElement> Document() {
    XmlElement outside;
    RETURN_IF_ERROR(Content(outside, 0));
    if (outside.children.size() != 1 || !absl::StripAsciiWhitespace(outside.text).empty()) {
      return Malformed("not one element");
    }
    return std::move(outside.children[0]);
  }

 private:
  bool Take(absl::string_view prefix) { return absl::ConsumePrefix(&rest_, prefix); }
  absl::StatusOr<absl::string_view> Until(absl::string_view end) {
    const size_t found = rest_.find(end);
    if (found == absl::string_view::npos) return Malformed("unexpected end");
    const absl::string_view before = rest_.substr(0, found);
    rest_.remove_prefix(found + end.size());
    return before;
  }
  // The inside of a tag up to its ">", which may stand in quotes, too.
  absl::StatusOr<absl::string_view> Tag() {
    char quote = 0;
    for (size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        const absl::string_view tag = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return tag;
      }
    }
    return Malformed("a tag without end");
  }

  // What is in `element`, up to its end tag.
  absl::Status Content(XmlElement& element, size_t depth) {
    if (depth > kMaxDepth) return Malformed("nested too deep");
    while (true) {
      const size_t open = std::min(rest_.find('<'), rest_.size());
      RETURN_IF_ERROR(AppendText(rest_.substr(0, open), element.text));
      rest_.remove_prefix(open);
      if (rest_.empty()) return depth == 0 ? absl::OkStatus() : Malformed("unexpected end");
      if (Take("<!--")) {
        RETURN_IF_ERROR(Until("-->").status());
      } else if (Take("<![CDATA[")) {
        ASSIGN_OR_RETURN(const absl::string_view raw, Until("]]>"));
        element.text.append(raw.data(), raw.size());
      } else if (Take("<?")) {
        RETURN_IF_ERROR(Until("?>").status());
      } else if (Take("<!")) {
        return Malformed("a document type");
      } else if (Take("</")) {
        ASSIGN_OR_RETURN(const absl::string_view tag, Tag());
        if (depth == 0 || LocalName(tag) != element.name) return Malformed("an end tag");
        return absl::OkStatus();
      } else {
        rest_.remove_prefix(1);
        ASSIGN_OR_RETURN(const absl::string_view tag, Tag());
        XmlElement child;
        child.name = std::string(LocalName(tag));
        if (child.name.empty()) return Malformed("a tag without name");
        if (!absl::EndsWith(tag, "/")) RETURN_IF_ERROR(Content(child, depth + 1));
        element.children.push_back(std::move(child));
      }
    }
  }

  absl::string_view rest_;
};

}  // namespace

const XmlElement* XmlElement::Find(absl::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) return &element;
  }
  return nullptr;
}

absl::string_view XmlElement::Text(absl::string_view child) const {
  const XmlElement* element = Find(child);
  return element == nullptr ? absl::string_view() : element->text;
}

absl::StatusOr<XmlElement> ParseXml(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");  // Azure begins with it
  return Reader(text).Document();
}

}  // namespace sluice::bucket
