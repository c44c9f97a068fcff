// Image automation when something dies, moves or comes back old: no lost update, no duplicate.

// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/images/image_loop.h"

namespace sluice::images {

using e2e::ReadFile;
using e2e::ReadyMessage;
using e2e::WriteFile;
namespace {

using git_testing::Fault;

constexpr char kController[] = "image-controller";

// Calls `act` once, when a push is about to be answered (`done`), or about to begin.
Fault OnPush(bool done, std::function<void(http::ServerResponse&)> act) {
  const auto due = std::make_shared<std::atomic<bool>>(true);
  return [done, due, act = std::move(act)](const http::ServerRequest& request,
                                           http::ServerResponse& response) {
    const bool is_push = absl::EndsWith(request.path, "/git-receive-pack");
    const bool is_listing = absl::EndsWith(request.path, "/info/refs") &&
                            absl::StrContains(request.query, "git-receive-pack");
    if (!(done ? is_push : is_listing) || !due->exchange(false)) return;
    if (done && response.stream) {
      // The server works while it answers; nobody is to hear the answer.
      response.stream(Context::Background(), [](absl::string_view) { return true; });
      response.stream = {};
    }
    act(response);
  };
}

TEST_CASE("a controller killed around a push makes one commit", "[e2e]") {
  for (const bool pushed : {false, true}) {
    CAPTURE(pushed);
    ImageLoop loop;
    loop.AddTag("1.1.0");
    std::atomic<bool> killed = false;
    // The server has, or has not yet, taken the commit when the controller dies.
    loop.server().SetFault(OnPush(pushed, [&](http::ServerResponse& response) {
      loop.cluster().Kill(kController);
      response.status = 500;
      killed = true;
    }));
    const int before = loop.CommitsOn("main");
    loop.AddSource();
    loop.AddPolicy(loop.image());
    loop.AddAutomation("auto", ImageLoop::GitSpec());
    loop.Await("the controller is killed", [&] { return killed.load(); });
    CHECK(loop.CommitsOn("main") == before + (pushed ? 1 : 0));
    REQUIRE(loop.cluster().Restart(kController).ok());
    loop.AwaitImage("main", loop.image() + ":1.1.0");
    loop.Await("the automation is ready at the commit", [&] {
      return loop.IsReady("ImageUpdateAutomation", "auto") &&
             loop.StatusOf("ImageUpdateAutomation", "auto", "observedSourceRevision") ==
                 "main@sha1:" + loop.Git({"rev-parse", "main"});
    });
    CHECK(loop.CommitsOn("main") == before + 1);
  }
}

TEST_CASE("an answer that is lost after the push makes no second commit", "[e2e]") {
  ImageLoop loop;
  loop.AddTag("1.1.0");
  loop.server().SetFault(
      OnPush(true, [](http::ServerResponse& response) { response = {.status = 502}; }));
  const int before = loop.CommitsOn("main");
  loop.AddSource();
  loop.AddPolicy(loop.image());
  loop.AddAutomation("auto", ImageLoop::GitSpec());
  loop.AwaitImage("main", loop.image() + ":1.1.0");
  loop.Await("the automation is ready at the commit", [&] {
    return loop.IsReady("ImageUpdateAutomation", "auto") &&
           loop.StatusOf("ImageUpdateAutomation", "auto", "observedSourceRevision") ==
               "main@sha1:" + loop.Git({"rev-parse", "main"});
  });
  CHECK(loop.CommitsOn("main") == before + 1);
}

TEST_CASE("a branch that moves during a push keeps both changes", "[e2e]") {
  for (const char* branch : {"", "auto"}) {
    CAPTURE(branch);
    ImageLoop loop;
    loop.AddTag("1.1.0");
    if (*branch != '\0') loop.Git({"branch", branch, "main"});
    std::atomic<bool> moved = false;
    loop.server().SetFault(OnPush(false, [&](http::ServerResponse& response) {
      // What is advertised is from before; the server sees the other commit when the push comes.
      loop.CommitElsewhere("apps/other.txt", "theirs");
      if (*branch != '\0') loop.Git({"branch", "-f", branch, "main"});
      moved = true;
      static_cast<void>(response);
    }));
    loop.AddSource();
    loop.AddPolicy(loop.image());
    loop.AddAutomation("auto", ImageLoop::GitSpec(branch));
    const std::string target = *branch == '\0' ? "main" : branch;
    loop.Await("the branch has moved", [&] { return moved.load(); });
    loop.AwaitImage(target, loop.image() + ":1.1.0");
    CHECK(loop.FileAt(target, "apps/other.txt") == "theirs");
    CHECK(loop.CommitsOn(target) == 3);
  }
}

TEST_CASE("an older tag does not come back with an older disk", "[e2e]") {
  ImageLoop loop;
  loop.AddTag("1.1.0");
  loop.AddSource();
  loop.AddPolicy(loop.image());
  loop.AddAutomation("auto", ImageLoop::GitSpec());
  loop.AwaitImage("main", loop.image() + ":1.1.0");
  loop.Await("the automation is ready",
             [&] { return loop.IsReady("ImageUpdateAutomation", "auto"); });
  const int before = loop.CommitsOn("main");

  // The volume is restored from a snapshot, and the registry does not answer for a while.
  loop.cluster().Kill(kController);
  const std::string list =
      absl::StrCat(loop.tags() / "imagerepository/", loop.cluster().ns(), "/app/tags.txt");
  REQUIRE(ReadFile(list) == "1.1.0\n1.0.0\n");
  WriteFile(list, "1.0.0\n");
  loop.registry().SetFault(oci_testing::FailWith("/tags/list", 500, "", 1000));
  REQUIRE(loop.cluster().Restart(kController).ok());
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImagePolicy", "app").ok());
  loop.Await("the policy does without tags", [&] {
    const auto policy = loop.cluster().Get(kImageApi, "ImagePolicy", "app");
    return ReadyMessage(policy, "False").has_value() &&
           (*policy)["status"]["latestRef"]["tag"].str() == "1.1.0";
  });
  loop.registry().SetFault({});
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
  loop.Await("the policy is ready again", [&] { return loop.IsReady("ImagePolicy", "app"); });
  const auto policy = loop.cluster().Get(kImageApi, "ImagePolicy", "app");
  CHECK((*policy)["status"]["latestRef"]["tag"].str() == "1.1.0");
  CHECK(loop.CommitsOn("main") == before);
}

TEST_CASE("a branch made anew each time is one commit ahead", "[e2e]") {
  ImageLoop loop({.flags = {{kController, {"--feature-gates=GitAllBranchReferences=false"}}}});
  loop.AddTag("1.1.0");
  loop.AddSource();
  loop.AddPolicy(loop.image());
  loop.AddAutomation("auto", ImageLoop::GitSpec("auto"));
  loop.AwaitImage("auto", loop.image() + ":1.1.0");
  loop.AddTag("1.2.0");
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
  loop.AwaitImage("auto", loop.image() + ":1.2.0");
  CHECK(loop.Git({"rev-list", "--count", "main..auto"}) == "1");
  const std::string head = loop.Git({"rev-parse", "auto"});
  const std::string run = loop.StatusOf("ImageUpdateAutomation", "auto", "lastPushCommit");
  // Asked again, it finds its commit there and makes no other.
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageUpdateAutomation", "auto").ok());
  loop.Await("it ran once more", [&] {
    const auto object = loop.cluster().Get(kImageApi, "ImageUpdateAutomation", "auto");
    return object.has_value() &&
           (*object)["status"]["lastHandledReconcileAt"] ==
               (*object)["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"] &&
           loop.IsReady("ImageUpdateAutomation", "auto");
  });
  CHECK(loop.Git({"rev-parse", "auto"}) == head);
}

}  // namespace
}  // namespace sluice::images
