// The first document of a YAML text as events, without building values.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "common/helm_repository/index_event.h"
#include "common/value/yaml_parser.h"

namespace sluice::helm_repository {

// For the YAML that indexes are written in: what has anchors, aliases, tags, merge keys or keys
// that are no strings ends with kUnimplemented and must be read as a value instead. Other errors
// are those of the syntax.
class YamlEvents : public EventReader {
 public:
  // With kAll the text has to be one document, with kFirst what follows the first is not looked at.
  enum class Documents : uint8_t { kFirst, kAll };
  // `text` must outlive it.
  YamlEvents(absl::string_view text, Documents documents);

  bool Next(IndexEvent& event) override;
  absl::Status status() const override { return status_; }

 private:
  struct Collection {
    bool map;
    bool at_key;
  };
  bool Fail(absl::Status status);
  bool Scalar(IndexEvent& event);
  // A value inside the innermost collection is complete.
  void Completed();

  const Documents documents_;
  value::YamlParser parser_;
  value::YamlEvent event_;
  std::vector<Collection> open_;
  std::deque<std::string> kept_;
  bool started_ = false;
  bool ended_ = false;
  absl::Status status_;
};

}  // namespace sluice::helm_repository
