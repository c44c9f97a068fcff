// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/cel/parser.h"
#include "common/cel/program.h"
#include "common/testing/status_matchers.h"

namespace sluice::cel {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

std::string Repeated(absl::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&out, text);
  return out;
}

absl::Status ParseStatus(const std::string& text) { return Parse(text, Features::Flux()).status(); }

TEST_CASE("an expression is bounded in length and depth", "[cel][limits]") {
  CHECK_THAT(ParseStatus("'" + Repeated("a", kMaxExpressionCharacters - 2) + "'"), IsOk());
  CHECK_THAT(ParseStatus("'" + Repeated("a", kMaxExpressionCharacters - 1) + "'"),
             StatusIs(kInvalid, "expression code point size exceeds limit: size: 100001"));
  // Characters count, not bytes.
  CHECK_THAT(ParseStatus("'" + Repeated("\u00e9", kMaxExpressionCharacters - 2) + "'"), IsOk());

  struct Row {
    const char* before;
    const char* after;
  };
  for (const Row& row : {Row{"(", ")"}, Row{"[", "]"}, Row{"true ? 1 : ", ""}, Row{"", ".b"},
                         Row{"", "[0]"}, Row{"1 + ", ""}}) {
    CAPTURE(row.before, row.after);
    const auto nested = [&](size_t depth) {
      return Repeated(row.before, depth) + "a" + Repeated(row.after, depth);
    };
    CHECK_THAT(ParseStatus(nested(kMaxExpressionDepth - 2)), IsOk());
    CHECK_THAT(ParseStatus(nested(kMaxExpressionDepth + 1)),
               StatusIs(kInvalid, "recursion limit exceeded: 250"));
  }
  // A chain of && is no deeper than its operands.
  CHECK_THAT(ParseStatus(Repeated("a && ", 1000) + "a"), IsOk());
}

Outcome Run(const std::string& text, const Limits& limits) {
  const auto program = Program::Compile(text, {}, Features::KubernetesStored());
  REQUIRE(program.ok());
  return (*program)->Evaluate(Bindings(), limits);
}

TEST_CASE("an evaluation is bounded in cost, turns of loops and memory", "[cel][limits]") {
  const std::string loop = "[1, 2, 3, 4].all(x, x > 0)";
  const uint64_t cost = Run(loop, {}).cost;
  CHECK(Run(loop, {.cost = cost}).value.ok());
  CHECK_THAT(Run(loop, {.cost = cost - 1}).value.status(),
             StatusIs(kInvalid, "operation cancelled: actual cost limit exceeded"));

  CHECK(Run(loop, {.iterations = 4}).value.ok());
  CHECK_THAT(Run(loop, {.iterations = 3}).value.status(),
             StatusIs(kInvalid, "operation cancelled: iteration limit exceeded"));

  // Each doubles the text.
  const std::string text = "'xxxxxxxxxxxxxxxx'" + Repeated(".replace('x', 'xx')", 12);
  CHECK(Run(text, {.memory = 1 << 20}).value.ok());
  CHECK_THAT(Run(text, {.memory = 1 << 15}).value.status(),
             StatusIs(kInvalid, "operation cancelled: memory limit exceeded"));
}

TEST_CASE("the end of an evaluation is not absorbed", "[cel][limits]") {
  for (const char* text : {"[1, 2].all(x, x > 0) || true", "true && [1, 2].all(x, x > 0) || true",
                           "true || [1, 2].all(x, x > 0)", "[[1, 2]].exists(l, l.all(x, x > 0))"}) {
    CAPTURE(text);
    const absl::Status status = Run(text, {.iterations = 1}).value.status();
    const bool reached = absl::string_view(text).substr(0, 7) != "true ||";
    CHECK(status.ok() != reached);
  }
}

TEST_CASE("what would take long is not begun", "[cel][limits]") {
  for (const char* text : {"lists.range(1000000).distinct().size() > 0",
                           "sets.equivalent(lists.range(100000), lists.range(100000))",
                           "lists.range(2000000).size() > 0"}) {
    CAPTURE(text);
    CHECK_THAT(Run(text, {}).value.status(), StatusIs(kInvalid, "operation cancelled: "));
  }
  CHECK_THAT(Program::Compile("'%.2000f'.format([1.5])", {}, Features::Flux()).status(),
             StatusIs(kInvalid, "error while converting precision to integer"));
}

}  // namespace
}  // namespace sluice::cel
