// Image setters: what is edited is YAML still, as long as what did not have to change, and has
// nothing left to edit.

// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/setters.h"

#include "common/value/yaml_node.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(image_setters, input) {
  image_setters::Setters setters;
  image_setters::AddPolicy("ns", "app", {"reg.example:5000/app", "1.2.3", ""}, setters);
  image_setters::AddPolicy("ns", "date", {"reg.example/date", "20240101", "sha256:00"}, setters);
  const auto edited = image_setters::ApplySetters(input, setters);
  if (!edited.ok() || !edited->has_value()) return;
  const std::string& content = (*edited)->content;
  Require(!(*edited)->changes.empty(), "what is edited has changes", content);
  Require(content != input, "what is edited differs", content);
  const auto again = image_setters::ApplySetters(content, setters);
  Require(again.ok(), "what was edited can be read", content);
  Require(!again->has_value(), "editing twice changes nothing", content);
}

}  // namespace sluice::fuzz
