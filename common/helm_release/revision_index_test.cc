// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/revision_index.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm_release {
namespace {

using ::sluice::testing::IsOk;

Record Make(int64_t version, Status status) {
  Record record;
  record.name = "app";
  record.ns = "default";
  record.version = version;
  record.info.status = status;
  return record;
}

// "v2 deployed, v1 superseded": as the index shows them.
std::string Shown(const RevisionIndex& index, const std::string& ns = "default") {
  const auto revisions = index.RevisionsOf({ns, "app"});
  if (!revisions.has_value()) return "unknown";
  std::vector<std::string> lines;
  for (const Revision& revision : *revisions) {
    lines.push_back(absl::StrCat("v", revision.version(), " ", ToText(revision.status())));
  }
  return absl::StrJoin(lines, ", ");
}

void Await(const kube_testing::ApiServer& api, const std::function<bool()>& condition) {
  while (!condition() && api.ctx().Check().ok()) {
    RealClock().Sleep(api.ctx(), absl::Milliseconds(5)).IgnoreError();
  }
  REQUIRE(condition());
}

TEST_CASE("an index follows the revisions of releases", "[unit]") {
  kube_testing::ApiServer api;
  Storage storage(api.client(), "default", RealClock());
  RevisionIndex index(api.client(), "default", RealClock());
  CHECK(Shown(index) == "unknown");
  REQUIRE_THAT(storage.Create(api.ctx(), Make(1, Status::kDeployed)), IsOk());
  index.Start(api.ctx());
  Await(api, [&] { return Shown(index) == "v1 deployed"; });
  CHECK(Shown(index, "other") == "unknown");

  REQUIRE_THAT(storage.Update(api.ctx(), Make(1, Status::kSuperseded)), IsOk());
  REQUIRE_THAT(storage.Create(api.ctx(), Make(2, Status::kDeployed)), IsOk());
  Await(api, [&] { return Shown(index) == "v2 deployed, v1 superseded"; });
  CHECK(VersionsOf(*index.RevisionsOf({"default", "app"})) ==
        VersionsOf(storage.List(api.ctx(), "app").value()));

  REQUIRE_THAT(storage.Delete(api.ctx(), "app", 1), IsOk());
  REQUIRE_THAT(storage.Delete(api.ctx(), "app", 2), IsOk());
  Await(api, [&] { return Shown(index) == ""; });
}

TEST_CASE("what an index shows spares a list, unless it is out of date", "[unit]") {
  kube_testing::ApiServer api;
  Storage writer(api.client(), "default", RealClock());
  for (int version = 1; version <= 3; ++version) {
    REQUIRE_THAT(
        writer.Create(api.ctx(), Make(version, version == 3 ? Status::kDeployed : Status::kFailed)),
        IsOk());
  }
  RevisionIndex index(api.client(), "", RealClock());
  index.Start(api.ctx());
  Await(api, [&] { return Shown(index) == "v3 deployed, v2 failed, v1 failed"; });
  const auto indexed = *index.RevisionsOf({"default", "app"});
  const auto requests = [&](Storage& storage) {
    api.client().Take();
    storage.Expect("app", indexed);
    const auto revisions = storage.List(api.ctx(), "app").value();
    CHECK(revisions.size() == 3);
    CHECK(LastOf(revisions).value().version == 3);
    size_t lists = 0;
    const std::vector<std::string> log = api.client().Take();
    for (const std::string& line : log) lists += absl::EndsWith(line, "/secrets") ? 1 : 0;
    return std::make_pair(log.size(), lists);
  };
  Storage fresh(api.client(), "default", RealClock());
  CHECK(requests(fresh) == std::pair<size_t, size_t>(1, 0));
  // A revision that was not read is read when it is asked for.
  CHECK(fresh.Get(api.ctx(), "app", 1).value().info.status == Status::kFailed);

  REQUIRE_THAT(writer.Update(api.ctx(), Make(3, Status::kSuperseded)), IsOk());
  Storage late(api.client(), "default", RealClock());
  CHECK(requests(late).second == 1);
}

}  // namespace
}  // namespace sluice::helm_release
