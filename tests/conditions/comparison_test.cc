// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/comparison.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sluice::conditions {
namespace {

constexpr char kSha1[] = "290403c4f0afcee79380bf5dcf674ffc6487fe36";
constexpr char kSha256[] = "230a5bd26c4c5f249ef5b86c38c5cbec06d95ecf95dc6f6f4a6dd98e894c8579";

Value Condition(const char* type, const char* status, const char* reason, const char* message) {
  return {{"type", type},
          {"status", status},
          {"reason", reason},
          {"message", message},
          {"observedGeneration", 1},
          {"lastTransitionTime", "2026-01-01T00:00:00Z"}};
}

Value Object(Value status) {
  return {{"kind", "GitRepository"},
          {"metadata",
           {{"name", "g"},
            {"namespace", "rec-x"},
            {"generation", 1},
            {"finalizers", Value(Value::Array{Value("finalizers.fluxcd.io")})}}},
          {"status", std::move(status)}};
}

Value Event(const char* reason, Value annotations) {
  return {{"metadata", {{"annotations", std::move(annotations)}}},
          {"involvedObject", {{"kind", "GitRepository"}, {"name", "g"}, {"namespace", "rec-x"}}},
          {"type", "Normal"},
          {"reason", reason},
          {"message", "at http://127.0.0.1:4711/repo.git"}};
}

const Masks kMasks = {"rec-x", "http://127.0.0.1:4711"};

std::string Compared(const Value& recorded, const Value& observed) {
  return absl::StrJoin(Differences(recorded, observed), "\n");
}

TEST_CASE("what varies from run to run is masked as in the recording", "[conditions]") {
  const Value form =
      ObservedForm({Object({{"artifact",
                             {{"digest", absl::StrCat("sha256:", kSha256)},
                              {"revision", absl::StrCat("main@sha1:", kSha1)},
                              {"path", absl::StrCat("index-", kSha256, ".yaml")},
                              {"url", "http://127.0.0.1:9090/gitrepository/rec-x/g/a.tar.gz"},
                              {"lastUpdateTime", "2026-01-01T00:00:00Z"}}},
                            {"lastReconciledDuration", "1.5s"},
                            {"observedIgnore", "deadbeef 127.0.0.1:1 http://127.0.0.1:4711/x"}})},
                   {}, kMasks);
  const Value& status = form["objects"]["GitRepository/g"]["status"];
  CHECK(status["artifact"]["digest"].str() == "<digest>");
  CHECK(status["artifact"]["revision"].str() == "main@sha1:<sha1>");
  CHECK(status["artifact"]["path"].str() == "index-<sha256>.yaml");
  CHECK(status["artifact"]["url"].str() == "http://<addr>/gitrepository/<ns>/g/a.tar.gz");
  CHECK(status["artifact"]["lastUpdateTime"].str() == "<time>");
  CHECK(status["lastReconciledDuration"].str() == "<dur>");
  CHECK(status["observedIgnore"].str() == "deadbeef 127.0.0.1:1 <git>/x");
}

TEST_CASE("messages, sizes and counts of attempts may differ", "[conditions]") {
  const Value recorded = ObservedForm(
      {Object({{"conditions", Value(Value::Array{Condition("Ready", "False", "A", "x")})},
               {"artifact", {{"size", 1}}},
               {"failures", 8}})},
      {}, kMasks);
  const Value observed = ObservedForm(
      {Object({{"conditions", Value(Value::Array{Condition("Ready", "False", "A", "y")})},
               {"artifact", {{"size", 2}}},
               {"failures", 1}})},
      {}, kMasks);
  CHECK(Compared(recorded, observed) == "");
  CHECK(MessageDifferences(recorded, observed) ==
        std::vector<std::string>{"GitRepository/g Ready\n    recorded: x\n    here:     y"});
}

TEST_CASE("a difference of a condition, a field, an object or an event is told", "[conditions]") {
  const Value status = {
      {"conditions", Value(Value::Array{Condition("Ready", "True", "Succeeded", "x")})},
      {"observedGeneration", 1}};
  const Value recorded =
      ObservedForm({Object(status)}, {Event("NewArtifact", {{"a", "b"}})}, kMasks);
  struct Row {
    const char* name;
    Value observed;
    const char* told;
  };
  Value other_reason = status;
  other_reason.Set("conditions", Value(Value::Array{Condition("Ready", "True", "Failed", "x")}));
  Value other_generation = status;
  other_generation.Set("observedGeneration", -1);
  Value more = status;
  more.Set("url", "http://x");
  const Row rows[] = {
      {"same, twice",
       ObservedForm({Object(status)},
                    {Event("NewArtifact", {{"a", "c"}}), Event("NewArtifact", {{"a", "b"}})},
                    kMasks),
       ""},
      {"reason", ObservedForm({Object(other_reason)}, {Event("NewArtifact", {{"a", "b"}})}, kMasks),
       "Ready=True Failed, generation 1"},
      {"generation",
       ObservedForm({Object(other_generation)}, {Event("NewArtifact", {{"a", "b"}})}, kMasks),
       "GitRepository/g status.observedGeneration"},
      {"more", ObservedForm({Object(more)}, {Event("NewArtifact", {{"a", "b"}})}, kMasks),
       "GitRepository/g status.url"},
      {"no object", ObservedForm({}, {Event("NewArtifact", {{"a", "b"}})}, kMasks),
       "GitRepository/g is not there"},
      {"no event", ObservedForm({Object(status)}, {}, kMasks),
       "event missing: GitRepository/g: Normal NewArtifact with a"},
      {"others before it",
       ObservedForm({Object(status)},
                    {Event("NoArtifact", {}), Event("NewArtifact", {{"a", "b"}}),
                     Event("ArtifactUpToDate", {})},
                    kMasks),
       ""},
      {"another event",
       ObservedForm({Object(status)}, {Event("NewArtifact", {{"a", "b"}}), Event("Succeeded", {})},
                    kMasks),
       "event not recorded: GitRepository/g: Normal Succeeded"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string told = Compared(recorded, row.observed);
    if (std::string(row.told).empty()) {
      CHECK(told == "");
    } else {
      CHECK_THAT(told, Catch::Matchers::Contains(row.told));
    }
  }
}

}  // namespace
}  // namespace sluice::conditions
