// SPDX-License-Identifier: Apache-2.0
#include "common/log/log.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/base/duration.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::log {
namespace {

using ::sluice::testing::StatusIs;

std::vector<std::string>* captured = nullptr;

// Collects what is logged while it lives.
class Capture {
 public:
  Capture(Level level, Encoding encoding) {
    captured = &lines_;
    Configure(level, encoding);
    SetSink([](absl::string_view line) { captured->push_back(std::string(line)); });
  }
  ~Capture() {
    SetSink(nullptr);
    Configure(Level::kInfo, Encoding::kJson);
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

// The line without its time, which is the one part that a test cannot know.
std::string WithoutTime(const std::string& line) {
  const Value parsed = value::ParseJson(line).value();
  const std::string time(parsed["ts"].str());
  CHECK(time.size() == 24);
  CHECK(ParseRfc3339(time).ok());
  std::string text = line;
  text.replace(text.find(time), time.size(), "T");
  return text;
}

TEST_CASE("a JSON line has Flux's keys in Flux's order", "[log]") {
  const Capture capture(Level::kInfo, Encoding::kJson);
  const Context ctx = Context::Background()
                          .WithField("logger", "setup")
                          .WithField("controllerKind", "GitRepository")
                          .WithField("name", "first")
                          .WithField("name", "podinfo");
  Info(ctx, "stored \"artifact\" <1>\n",
       {{"size", 42}, {"ok", true}, {"list", Value::EmptyArray()}});
  REQUIRE(capture.lines().size() == 1);
  CHECK(WithoutTime(capture.lines()[0]) ==
        "{\"level\":\"info\",\"ts\":\"T\",\"logger\":\"setup\","
        "\"msg\":\"stored \\\"artifact\\\" <1>\\n\",\"controllerKind\":\"GitRepository\","
        "\"name\":\"podinfo\",\"size\":42,\"ok\":true,\"list\":[]}\n");
}

TEST_CASE("a pair hides the context's field of the same name", "[log]") {
  const Capture capture(Level::kInfo, Encoding::kJson);
  Info(Context::Background().WithField("name", "field"), "m", {{"name", "pair"}});
  CHECK(WithoutTime(capture.lines().at(0)) ==
        "{\"level\":\"info\",\"ts\":\"T\",\"msg\":\"m\",\"name\":\"pair\"}\n");
}

TEST_CASE("an error line carries the error's message", "[log]") {
  const Capture capture(Level::kError, Encoding::kJson);
  Info(Context::Background(), "below the level");
  Error(Context::Background(), absl::NotFoundError("no such ref"), "checkout failed");
  REQUIRE(capture.lines().size() == 1);
  CHECK(WithoutTime(capture.lines()[0]) ==
        "{\"level\":\"error\",\"ts\":\"T\",\"msg\":\"checkout failed\",\"error\":\"no such "
        "ref\"}\n");
}

TEST_CASE("each level lets itself and the graver ones through", "[log]") {
  struct Row {
    const char* level;
    size_t lines;
  };
  for (const Row& row : {Row{"trace", 4}, Row{"debug", 3}, Row{"info", 2}, Row{"error", 1}}) {
    CAPTURE(row.level);
    const Capture capture(ParseLevel(row.level).value(), Encoding::kJson);
    const Context ctx = Context::Background();
    Trace(ctx, "t");
    Debug(ctx, "d");
    Info(ctx, "i");
    Error(ctx, absl::OkStatus(), "e");
    CHECK(capture.lines().size() == row.lines);
  }
}

TEST_CASE("a console line is tab separated and stays one line", "[log]") {
  const Capture capture(Level::kInfo, Encoding::kConsole);
  Info(Context::Background(), "first\nsecond");
  Error(Context::Background().WithField("name", "a"), absl::AbortedError("why"), "failed");
  REQUIRE(capture.lines().size() == 2);
  CHECK(capture.lines()[0].substr(24) == "\tINFO\tfirst\\nsecond\n");
  CHECK(capture.lines()[1].substr(24) == "\tERROR\tfailed\t{\"name\":\"a\",\"error\":\"why\"}\n");
}

TEST_CASE("lines of several threads do not mix", "[log]") {
  const Capture capture(Level::kInfo, Encoding::kJson);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < 50; ++n) Info(Context::Background(), std::string(200, 'x'));
      });
    }
  }
  CHECK(capture.lines().size() == 200);
  for (const std::string& line : capture.lines()) CHECK(value::ParseJson(line).ok());
}

TEST_CASE("names of levels and encodings that do not exist are refused", "[log]") {
  CHECK_THAT(ParseLevel("warn").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "log level \"warn\""));
  CHECK(ParseEncoding("console").value() == Encoding::kConsole);
  CHECK(ParseEncoding("json").value() == Encoding::kJson);
  CHECK_THAT(ParseEncoding("xml").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "log encoding \"xml\""));
}

}  // namespace
}  // namespace sluice::log
