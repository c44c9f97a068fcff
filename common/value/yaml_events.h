// A YAML document as a sequence of events, for readers that build a tree of their own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::value {

struct YamlEvent {
  enum class Kind : uint8_t { kScalar, kAlias, kListStart, kMapStart, kEnd };
  enum class Quoting : uint8_t { kPlain, kDoubleQuoted, kSingleQuoted, kLiteral, kFolded };

  Kind kind = Kind::kScalar;
  Quoting quoting = Quoting::kPlain;  // scalars
  bool flow = false;                  // lists and maps in brackets
  int line = 0;                       // from 1
  absl::string_view text;    // scalars; the anchor's name for an alias
  absl::string_view tag;     // as written, in long form; empty if none is
  absl::string_view anchor;  // empty if none
};

// Called for each event of a document, lists and maps closed by kEnd. The event's texts are valid
// during the call only. An error ends the reading and is returned.
class YamlEventSink {
 public:
  virtual ~YamlEventSink() = default;
  virtual absl::Status On(const YamlEvent& event) = 0;
};

// The first document of `text`; nothing is called if there is none. kInvalidArgument with the line
// in go-yaml's words ("yaml: line 3: did not find expected key") where the text is no YAML.
absl::Status ReadYamlEvents(absl::string_view text, YamlEventSink& sink);

}  // namespace sluice::value
