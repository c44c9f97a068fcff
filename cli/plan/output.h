// A report as text: for people, for reviews, for other programs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/plan/report.h"

namespace sluice::plan {

// For a terminal. Without `verbose`, units that nothing happens to and checks that pass are only
// counted; so are notes.
struct TextStyle {
  bool colours = false;
  bool verbose = false;
};
std::string FormatText(const Report& report, const TextStyle& style);

// docs/plan.md describes the members.
std::string FormatJson(const Report& report);
// For a comment on a pull request.
std::string FormatMarkdown(const Report& report);
// One page, without anything from elsewhere.
std::string FormatHtml(const Report& report);
// JUnit's XML: a test case for each check or change, failed where something is wrong.
std::string FormatJunit(const Report& report);
// SARIF 2.1.0: the findings, with their rules.
std::string FormatSarif(const Report& report);

// What all forms share.

// "3 to create, 2 to change, 1 to delete in 2 of 78 units; 1 danger, no error", or the totals of a
// test.
std::string Summary(const Report& report);
// A field's value on one line, cut after some 80 characters; "" for null.
std::string ShortValue(const Value& value);
// "+", "~", "-", "·".
absl::string_view Sign(ChangeType type);
// Text in XML or HTML.
std::string EscapeXml(absl::string_view text);

}  // namespace sluice::plan
