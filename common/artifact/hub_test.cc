// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/hub.h"

#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact {
namespace {

api::SourceReference Repo(const std::string& name) { return {"GitRepository", {"default", name}}; }

Publication At(const api::SourceReference& source, const std::string& revision) {
  Publication publication;
  publication.source = source;
  publication.uid = "1";
  publication.artifact.revision = revision;
  publication.artifact.digest = absl::StrCat("sha256:", revision);
  return publication;
}

// The next event as "<type> <name> <revision>".
std::string Read(Hub::Subscription& subscription) {
  static constexpr const char* kNames[] = {"snapshot", "synced", "updated", "deleted", "resync"};
  const Event event =
      subscription.Next(Context::Background().WithTimeout(absl::Seconds(10))).value();
  return absl::StrCat(kNames[static_cast<int>(event.type)], " ", event.publication.source.key.name,
                      " ", event.publication.artifact.revision);
}

TEST_CASE("a subscriber gets a snapshot, the marker, then live events", "[artifact]") {
  Hub hub("epoch");
  hub.Publish(At(Repo("a"), "r1"));
  hub.Publish(At(Repo("b"), "r1"));
  const auto subscription = hub.Subscribe({}, "");
  CHECK(Read(*subscription) == "snapshot a r1");
  CHECK(Read(*subscription) == "snapshot b r1");
  CHECK(Read(*subscription) == "synced  ");
  hub.Publish(At(Repo("a"), "r1"));  // known already
  hub.Publish(At(Repo("a"), "r2"));
  hub.Remove(Repo("b"));
  CHECK(Read(*subscription) == "updated a r2");
  CHECK(Read(*subscription) == "deleted b ");
}

TEST_CASE("resuming gives what was missed and no snapshot", "[artifact]") {
  Hub hub("epoch");
  hub.Publish(At(Repo("a"), "r1"));
  auto subscription = hub.Subscribe({}, "");
  REQUIRE(Read(*subscription) == "snapshot a r1");
  const std::string token =
      subscription->Next(Context::Background()).value().resume_token;  // synced
  hub.Publish(At(Repo("a"), "r2"));
  subscription = hub.Subscribe({}, token);
  CHECK(Read(*subscription) == "updated a r2");
  CHECK(Read(*subscription) == "synced  ");

  SECTION("a token of another process gives a snapshot") {
    const auto other = hub.Subscribe({}, "earlier/1");
    CHECK(Read(*other) == "snapshot a r2");
  }
}

TEST_CASE("a subscriber that is too far behind must start again", "[artifact]") {
  Hub hub("epoch", 4);
  const auto subscription = hub.Subscribe({}, "");
  REQUIRE(Read(*subscription) == "synced  ");
  for (int i = 0; i < 5; ++i) hub.Publish(At(Repo("a"), absl::StrCat("r", i)));
  CHECK(Read(*subscription) == "resync  ");
}

TEST_CASE("kinds and namespaces filter", "[artifact]") {
  Hub hub("epoch");
  hub.Publish(At({"Bucket", {"default", "x"}}, "r1"));
  hub.Publish(At({"GitRepository", {"other", "y"}}, "r1"));
  hub.Publish(At(Repo("z"), "r1"));
  const auto subscription =
      hub.Subscribe({.kinds = {"GitRepository"}, .namespaces = {"default"}}, "");
  CHECK(Read(*subscription) == "snapshot z r1");
  CHECK(Read(*subscription) == "synced  ");
}

TEST_CASE("waiting for an event ends with the context", "[artifact]") {
  Hub hub("epoch");
  const auto subscription = hub.Subscribe({}, "");
  REQUIRE(Read(*subscription) == "synced  ");
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  CHECK_THAT(subscription->Next(Context::Background().WithStopToken(stop.get_token())).status(),
             testing::StatusIs(absl::StatusCode::kCancelled, ""));
}

}  // namespace
}  // namespace sluice::artifact
