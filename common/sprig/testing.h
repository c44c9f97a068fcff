// Templates with sprig's functions, rendered for the tests of this folder.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/template_set.h"
#include "common/gotmpl/value.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {

// The text, or of an error the message behind the function's name.
inline std::string Rendered(absl::string_view text, const gotmpl::Limits& limits = {}) {
  static const gotmpl::FunctionTable& functions = *[] {
    auto* table = new gotmpl::FunctionTable();
    AddFunctions(*table);
    return table;
  }();
  gotmpl::TemplateSet set("root", functions, gotmpl::MissingKey::kZero);
  if (const absl::Status parsed = set.Parse("t", text); !parsed.ok()) {
    return std::string(parsed.message());
  }
  gotmpl::Session session(limits);
  std::string out;
  const absl::Status status = set.Execute("t", gotmpl::Value::NewMap(), session, out);
  if (status.ok()) return out;
  const std::string message(status.message());
  const size_t calling = message.find("error calling ");
  return calling == std::string::npos ? message : message.substr(calling + 14);
}

struct Row {
  const char* text;
  const char* expected;
};

inline void CheckRows(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Rendered(row.text) == row.expected);
  }
}

}  // namespace sluice::sprig
