// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/tag_list.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/testing/status_matchers.h"
#include "services/image-controller/image_repository/image_name.h"

namespace sluice::image_controller {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

using Tags = std::vector<std::string>;

TEST_CASE("tags are sorted by bytes, each once, without the excluded ones", "[image_repository]") {
  struct Row {
    Tags tags;
    Tags exclusions;
    Tags wanted;
  };
  const Row rows[] = {
      {{"100", "15", "-88", "73", "72", "-91", "29", "16", "101"},
       {},
       {"73", "72", "29", "16", "15", "101", "100", "-91", "-88"}},
      {{"b", "a", "b"}, {}, {"b", "a"}},
      {{"1.0", "sha256-00.sig", "2.0.sig.x"}, {"^.*\\.sig$"}, {"2.0.sig.x", "1.0"}},
      {{"1", "dev-1", "rc-2", "3-dev"}, {"^dev", "rc|x"}, {"3-dev", "1"}},
      {{"1"}, {""}, {}},
      {{}, {"x"}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.wanted);
    const auto wanted = Wanted(row.tags, row.exclusions);
    CHECK_THAT(wanted.status(), IsOk());
    CHECK(wanted.value_or(Tags{"?"}) == row.wanted);
  }
  CHECK_THAT(Wanted({"1"}, Tags{"a", "("}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "failed to compile regex (: "));
}

TEST_CASE("a scan is due for the first reason that there is", "[image_repository]") {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  api::ImageRepositorySpec spec{.image = "reg.example/app", .interval = absl::Minutes(5)};
  spec.exclusion_list = {"a", "b"};
  api::ImageRepositoryStatus scanned;
  scanned.canonical_image_name = "reg.example/app";
  scanned.observed_exclusion_list = {"b", "a"};
  scanned.last_scan_result = api::ScanResult{"sha256:1", 3, now - absl::Minutes(2), {}};
  const ScanState calm = {false, false, "reg.example/app", "sha256:1", now};

  struct Row {
    const char* reason;
    absl::Duration next;
    std::function<void(api::ImageRepositorySpec&, api::ImageRepositoryStatus&, ScanState&)> change;
  };
  using Spec = api::ImageRepositorySpec;
  using Status = api::ImageRepositoryStatus;
  const Row rows[] = {
      {"", absl::Minutes(3), [](Spec&, Status&, ScanState&) {}},
      {"first scan", absl::Minutes(5),
       [](Spec&, Status& status, ScanState&) { status.last_scan_result.reset(); }},
      {"reconcile requested", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.requested = true; }},
      {"last run failed", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.failed = true; }},
      {"new image name", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.canonical_name = "reg.example/new"; }},
      {"updated exclusion list", absl::Minutes(5),
       [](Spec& spec, Status&, ScanState&) { spec.exclusion_list.push_back("c"); }},
      {"no tags in database", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.stored_revision = ""; }},
      {"tags in database are not those of the last scan", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.stored_revision = "sha256:2"; }},
      {"triggered by interval", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) {
         state.now += absl::Minutes(3) - absl::Milliseconds(900);
       }},
      {"triggered by interval", absl::Minutes(5),
       [](Spec&, Status&, ScanState& state) { state.now -= absl::Hours(1); }},
      {"", absl::Minutes(1),
       [](Spec& spec, Status&, ScanState&) { spec.interval = absl::Minutes(3); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reason);
    Spec one = spec;
    Status status = scanned;
    ScanState state = calm;
    row.change(one, status, state);
    const ScanDecision decision = DecideScan(one, status, state);
    CHECK(std::string(decision.reason) == row.reason);
    CHECK(decision.next == row.next);
  }
}

TEST_CASE("an image is a name without scheme and tag", "[image_repository]") {
  struct Row {
    const char* image;
    const char* canonical;
  };
  const Row rows[] = {{"alpine", "index.docker.io/library/alpine"},
                      {"docker.io/org/app", "index.docker.io/org/app"},
                      {"reg.example/a/b", "reg.example/a/b"},
                      {"host:5000/repo", "host:5000/repo"}};
  for (const Row& row : rows) {
    CAPTURE(row.image);
    const auto repository = ParseImage(row.image);
    REQUIRE_THAT(repository.status(), IsOk());
    CHECK(repository->Name() == row.canonical);
  }
  struct Refusal {
    const char* image;
    const char* message;
  };
  const Refusal refusals[] = {
      {"http://x/app", "image 'http://x/app' should not include URL scheme; remove 'http://'"},
      {"127.0.0.1:1/app:1.0",
       "image '127.0.0.1:1/app:1.0' should not include a tag; remove ':1.0'"},
      {"alpine:3", "should not include a tag; remove ':3'"},
      {"Upper/case", "could not parse reference: Upper/case"},
      {"", "could not parse reference: "}};
  for (const Refusal& row : refusals) {
    CAPTURE(row.image);
    CHECK_THAT(ParseImage(row.image).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

}  // namespace
}  // namespace sluice::image_controller
