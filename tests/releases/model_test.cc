// No release ever needs a human: random changes of the spec, failures, deaths of the controller and
// what people do with `helm` and `kubectl` in between. Now and then the spec becomes one that can
// work, and then the release must come to work by itself.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using helm_release::Record;
using helm_release::Status;

// Reconciliations that a release may take to come right.
constexpr int kPatience = 12;

class Model {
 public:
  explicit Model(uint32_t seed) : random_(seed) {
    world_.DoNotSettle();
    Publish();
  }

  // One random thing happens, and the controller is called; the log grows by what it was.
  void Step() {
    using Move = void (Model::*)();
    constexpr Move kMoves[] = {
        &Model::ChangeValue,     &Model::ChangeValue,  &Model::ToggleFault,
        &Model::ChangePolicy,    &Model::Publish,      &Model::Suspend,
        &Model::LeavePending,    &Model::DeleteRecord, &Model::RollBackByHand,
        &Model::UninstallByHand, &Model::EditObject,   &Model::DeleteRelease};
    (this->*kMoves[Pick(std::size(kMoves))])();
    world_.ApplyRelease(Fields());
    if (Pick(3) == 0) {
      const int nth = 1 + Pick(14);
      const bool written = Pick(2) == 0;
      Log(absl::StrCat("die at write ", nth, written ? ", written" : ""));
      world_.mortal().DieAt(nth, written);
      world_.Reconcile().status().IgnoreError();
      world_.StartController();
    }
    world_.Reconcile().status().IgnoreError();
  }

  // From here on the spec asks for nothing impossible.
  void RequireRecovery() {
    faults_.clear();
    suspended_ = false;
    ++value_;
    Log("recover");
    bool good = false;
    for (int i = 0; i < kPatience && !good; ++i) {
      world_.ApplyRelease(Fields());
      const absl::Status status = world_.Reconcile().status();
      Log(absl::StrCat("reconciled: ", status.ToString()));
      good = IsGood();
    }
    INFO(absl::StrJoin(log_, "\n"));
    INFO(world_.Condition("Ready"));
    INFO(world_.Condition("Stalled"));
    INFO(absl::StrJoin(world_.Stored(), ", "));
    INFO(absl::StrJoin(world_.History(), ", "));
    REQUIRE(good);
    log_.clear();
  }

 private:
  int Pick(size_t below) { return static_cast<int>(random_() % below); }
  void Log(std::string line) { log_.push_back(std::move(line)); }

  std::string Fields() const {
    return absl::StrCat("values: {value: v", value_,
                        faults_.empty() ? "" : absl::StrCat(", ", faults_, ": true"), "}",
                        policy_.empty() ? "" : absl::StrCat(", ", policy_),
                        ", suspend: ", suspended_ ? "true" : "false");
  }

  bool IsGood() {
    const std::vector<std::string> stored = world_.Stored();
    const Value config = world_.Get("v1", "ConfigMap", "r-config");
    return absl::StartsWith(world_.Condition("Ready"), "True ") && !stored.empty() &&
           absl::EndsWith(stored.front(), " deployed") &&
           config["data"]["value"].str() == absl::StrCat("v", value_);
  }

  void ChangeValue() {
    ++value_;
    Log(absl::StrCat("value v", value_));
  }
  void ToggleFault() {
    constexpr const char* kFaults[] = {"", "bad", "badTest", "badTemplate"};
    faults_ = kFaults[Pick(std::size(kFaults))];
    Log(absl::StrCat("fault ", faults_));
  }
  void ChangePolicy() {
    constexpr const char* kPolicies[] = {
        "",
        "install: {remediation: {retries: 1}}, upgrade: {remediation: {retries: 1}}",
        "upgrade: {remediation: {retries: 1, strategy: uninstall}}",
        "upgrade: {remediation: {remediateLastFailure: true}}, uninstall: {keepHistory: true}",
        "install: {remediation: {remediateLastFailure: true}}, uninstall: {keepHistory: true}",
        "install: {strategy: {name: RetryOnFailure}}, upgrade: {strategy: {name: RetryOnFailure}}",
        "test: {enable: true}, upgrade: {remediation: {retries: -1}}, maxHistory: 3",
        "test: {enable: true, ignoreFailures: true}, maxHistory: 1",
        "driftDetection: {mode: enabled}, upgrade: {serverSideApply: disabled}",
        "install: {serverSideApply: false}, driftDetection: {mode: warn}",
    };
    policy_ = kPolicies[Pick(std::size(kPolicies))];
    Log(absl::StrCat("policy ", policy_));
  }
  void Publish() {
    const std::string version = absl::StrCat("1.", ++chart_, ".0");
    world_.PublishChart("web", version, TroublesomeChart());
    Log(absl::StrCat("chart ", version));
  }
  void Suspend() {
    suspended_ = !suspended_;
    Log(suspended_ ? "suspend" : "resume");
  }

  // What `helm` writes has no intent.
  std::optional<Record> Last() {
    const auto revisions = storage_.List(world_.ctx(), "r").value();
    auto last = helm_release::LastOf(revisions);
    if (!last.ok()) return std::nullopt;
    last->intent = {};
    return *std::move(last);
  }
  // `helm upgrade`, killed.
  void LeavePending() {
    auto last = Last();
    if (!last.has_value()) return;
    last->info.status = Pick(2) == 0 ? Status::kPendingUpgrade : Status::kPendingRollback;
    ++last->version;
    storage_.Create(world_.ctx(), *last).IgnoreError();
    Log("helm leaves a revision pending");
  }
  void DeleteRecord() {
    const auto last = Last();
    if (!last.has_value()) return;
    storage_.Delete(world_.ctx(), "r", last->version).IgnoreError();
    Log("the last record is deleted");
  }
  void RollBackByHand() {
    auto last = Last();
    if (!last.has_value() || last->info.status != Status::kDeployed) return;
    Record rolled = *last;
    ++rolled.version;
    rolled.info.description = "Rollback to 1";
    last->info.status = Status::kSuperseded;
    storage_.Update(world_.ctx(), *last).IgnoreError();
    storage_.Create(world_.ctx(), rolled).IgnoreError();
    Log("helm rollback");
  }
  void UninstallByHand() {
    auto last = Last();
    if (!last.has_value()) return;
    last->info.status = Status::kUninstalled;
    storage_.Update(world_.ctx(), *last).IgnoreError();
    EditObject();
    Log("helm uninstall --keep-history");
  }
  void EditObject() {
    static const kube::Resource kConfigMaps = {"", "v1", "configmaps", "ConfigMap", true};
    world_.client().Delete(world_.ctx(), kConfigMaps, {"default", "r-config"}).IgnoreError();
    // Somebody deletes an object: nobody but drift detection has to put it back, so the value
    // changes, too.
    ++value_;
    Log("an object is deleted");
  }
  void DeleteRelease() {
    suspended_ = false;
    world_.client()
        .Delete(world_.ctx(), api::KindOrDie("HelmRelease"), {"default", "r"})
        .IgnoreError();
    // What is in the way of the deletion goes by itself, or with the next try.
    for (int i = 0; i < kPatience && !world_.Release().is_null(); ++i) {
      world_.Reconcile().status().IgnoreError();
    }
    INFO(absl::StrJoin(log_, "\n"));
    INFO(world_.Condition("Ready"));
    REQUIRE(world_.Release().is_null());
    Log("the HelmRelease is deleted");
  }

  World world_;
  testing::FakeClock past_;  // whoever used `helm` did so long ago
  helm_release::Storage storage_{world_.client(), "default", past_};
  std::mt19937 random_;
  std::vector<std::string> log_;
  std::string faults_;
  std::string policy_;
  int value_ = 0;
  int chart_ = 0;
  bool suspended_ = false;
};

// From the environment, for runs that take longer.
int FromEnvironment(const char* name, int fallback) {
  const char* const text = std::getenv(name);
  int number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : fallback;
}

TEST_CASE("whatever happens, a release comes to work by itself", "[helm_release]") {
  const int steps = FromEnvironment("SLUICE_MODEL_STEPS", 200);
  const int seed = FromEnvironment("SLUICE_MODEL_SEED", 1);
  CAPTURE(seed);
  Model model(static_cast<uint32_t>(seed));
  for (int step = 1; step <= steps; ++step) {
    model.Step();
    if (step % 8 == 0) model.RequireRecovery();
  }
  model.RequireRecovery();
}

TEST_CASE("a controller that dies at any write loses no history", "[helm_release]") {
  for (const bool written : {false, true}) {
    for (int nth = 1; nth <= 14; ++nth) {
      CAPTURE(nth, written);
      World world;
      world.PublishChart("web", "1.0.0", TroublesomeChart());
      world.ApplyRelease();
      REQUIRE_THAT(world.Reconcile().status(), testing::IsOk());
      world.ApplyRelease("values: {value: two}");
      world.mortal().DieAt(nth, written);
      world.Reconcile().status().IgnoreError();
      world.StartController();
      REQUIRE_THAT(world.Reconcile().status(), testing::IsOk());
      CHECK(absl::StartsWith(world.Condition("Ready"), "True "));
      const std::vector<std::string> history = world.History();
      REQUIRE(history.size() >= 2);
      CHECK(history.back() == "v1 superseded (install)");
      CHECK(world.Get("v1", "ConfigMap", "r-config")["data"]["value"].str() == "two");
    }
  }
}

TEST_CASE("a controller that is told to stop in an action counts no failure", "[helm_release]") {
  for (int nth = 1; nth <= 8; ++nth) {
    CAPTURE(nth);
    World world;
    world.PublishChart("web", "1.0.0", TroublesomeChart());
    world.ApplyRelease("test: {enable: true}");
    REQUIRE_THAT(world.Reconcile().status(), testing::IsOk());
    // One failure would stall it.
    world.ApplyRelease("test: {enable: true}, values: {value: two}");
    std::stop_source stop;
    world.mortal().StopAt(nth, stop);
    world.ReconcileOnce(world.ctx().WithStopToken(stop.get_token())).status().IgnoreError();
    CHECK(world.Condition("Stalled") == "");
    world.StartController();
    REQUIRE_THAT(world.Reconcile().status(), testing::IsOk());
    CHECK(absl::StartsWith(world.Condition("Ready"), "True "));
    CHECK(world.Get("v1", "ConfigMap", "r-config")["data"]["value"].str() == "two");
    CHECK(absl::EndsWith(world.Stored().front(), " deployed"));
  }
}

}  // namespace
}  // namespace sluice::releases
