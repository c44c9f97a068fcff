// A value as events: for JSON, and for YAML that YamlEvents does not read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "common/helm_repository/index_event.h"

namespace sluice::helm_repository {

class ValueEvents : public EventReader {
 public:
  explicit ValueEvents(Value root) : root_(std::move(root)) {}

  bool Next(IndexEvent& event) override;
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  struct Open {
    const Value* collection;
    size_t next;   // member or item
    bool at_key;   // of an object: the key of `next` comes, else its value
  };
  void Emit(const Value& value, IndexEvent& event);

  const Value root_;
  std::vector<Open> open_;
  std::deque<std::string> kept_;
  bool started_ = false;
};

}  // namespace sluice::helm_repository
