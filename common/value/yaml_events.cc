// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_events.h"

#include <yaml.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::value {
namespace {

absl::string_view View(const yaml_char_t* text) {
  return text == nullptr ? absl::string_view() : reinterpret_cast<const char*>(text);
}

YamlEvent::Quoting QuotingOf(yaml_scalar_style_t style) {
  switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
      return YamlEvent::Quoting::kSingleQuoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      return YamlEvent::Quoting::kDoubleQuoted;
    case YAML_LITERAL_SCALAR_STYLE:
      return YamlEvent::Quoting::kLiteral;
    case YAML_FOLDED_SCALAR_STYLE:
      return YamlEvent::Quoting::kFolded;
    default:
      return YamlEvent::Quoting::kPlain;
  }
}

class Reader {
 public:
  explicit Reader(absl::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Reader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  absl::Status Document(YamlEventSink& sink) {
    RETURN_IF_ERROR(Next());  // stream start
    RETURN_IF_ERROR(Next());
    if (event_.type == YAML_STREAM_END_EVENT) return absl::OkStatus();
    size_t open = 0;
    do {
      RETURN_IF_ERROR(Next());
      YamlEvent event;
      event.line = static_cast<int>(event_.start_mark.line) + 1;
      if (!Fill(event)) break;
      if (event.kind == YamlEvent::Kind::kEnd) {
        --open;
      } else if (event.kind == YamlEvent::Kind::kListStart ||
                 event.kind == YamlEvent::Kind::kMapStart) {
        ++open;
      }
      RETURN_IF_ERROR(sink.On(event));
    } while (open > 0);
    // The document must end well: a root followed by more text is no document.
    return Next();
  }

 private:
  bool Fill(YamlEvent& event) const {
    switch (event_.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event_.data.scalar;
        event.text =
            absl::string_view(reinterpret_cast<const char*>(scalar.value), scalar.length);
        event.quoting = QuotingOf(scalar.style);
        event.tag = View(scalar.tag);
        event.anchor = View(scalar.anchor);
        return true;
      }
      case YAML_ALIAS_EVENT:
        event.kind = YamlEvent::Kind::kAlias;
        event.text = View(event_.data.alias.anchor);
        return true;
      case YAML_SEQUENCE_START_EVENT:
        event.kind = YamlEvent::Kind::kListStart;
        event.flow = event_.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        event.tag = View(event_.data.sequence_start.tag);
        event.anchor = View(event_.data.sequence_start.anchor);
        return true;
      case YAML_MAPPING_START_EVENT:
        event.kind = YamlEvent::Kind::kMapStart;
        event.flow = event_.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        event.tag = View(event_.data.mapping_start.tag);
        event.anchor = View(event_.data.mapping_start.anchor);
        return true;
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        event.kind = YamlEvent::Kind::kEnd;
        return true;
      default:
        return false;
    }
  }

  absl::Status Next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 0) return absl::OkStatus();
    // go-yaml names the line where the surrounding construct began, and counts scanner errors one
    // further.
    size_t line = parser_.context_mark.line != 0 ? parser_.context_mark.line
                                                 : parser_.problem_mark.line;
    if (line != 0 && parser_.error == YAML_SCANNER_ERROR) ++line;
    return absl::InvalidArgumentError(
        absl::StrCat("yaml: ", line != 0 ? absl::StrCat("line ", line, ": ") : "",
                     parser_.problem != nullptr ? parser_.problem : "unreadable"));
  }

  yaml_parser_t parser_;
  yaml_event_t event_ = {};
};

}  // namespace

absl::Status ReadYamlEvents(absl::string_view text, YamlEventSink& sink) {
  return Reader(text).Document(sink);
}

}  // namespace sluice::value
