// Templates with sprig's functions, rendered for the tests of this folder.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/gotmpl/environment.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/template_set.h"
#include "common/gotmpl/value.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {

// 2024-03-09 17:05:09.5 UTC, bytes that count up, two time zones and one host.
class TestEnvironment : public gotmpl::Environment {
 public:
  absl::Time Now() override { return absl::FromUnixMillis(1'710'003'909'500); }
  std::string RandomBytes(size_t count) override {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(next_++);
    return bytes;
  }
  std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) override {
    if (name == "East") return absl::FixedTimeZone(2 * 60 * 60);
    if (name == "West") return absl::FixedTimeZone(-(3 * 60 + 30) * 60);
    return std::nullopt;
  }
  std::optional<std::vector<std::string>> FindAddresses(absl::string_view host) override {
    if (host == "off") return std::nullopt;
    if (host == "known") return std::vector<std::string>{"192.0.2.7"};
    return std::vector<std::string>();
  }

 private:
  unsigned char next_ = 0;
};

// The text, or of an error the message behind the function's name.
inline std::string Rendered(absl::string_view text, const gotmpl::Limits& limits = {},
                            Dialect dialect = Dialect::kHelm4) {
  static const auto make = [](Dialect of) {
    auto* table = new gotmpl::FunctionTable();
    AddFunctions(*table, of);
    return table;
  };
  static const gotmpl::FunctionTable& helm3 = *make(Dialect::kHelm3);
  static const gotmpl::FunctionTable& helm4 = *make(Dialect::kHelm4);
  gotmpl::TemplateSet set("root", dialect == Dialect::kHelm3 ? helm3 : helm4,
                          gotmpl::MissingKey::kZero);
  if (const absl::Status parsed = set.Parse("t", text); !parsed.ok()) {
    return std::string(parsed.message());
  }
  TestEnvironment environment;
  gotmpl::Session session(limits, &environment);
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
