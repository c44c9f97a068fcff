// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/informer.h"

#include <catch2/catch.hpp>
#include <deque>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/kube/api_error.h"

namespace sluice::runtime {
namespace {

Value Object(const std::string& name, int version) {
  return {{"metadata",
           {{"name", name}, {"namespace", "x"}, {"resourceVersion", std::to_string(version)}}}};
}

absl::Status Gone() {
  return kube::ErrorFromStatusObject(
      {{"kind", "Status"}, {"code", 410}, {"reason", "Expired"}, {"message", "too old"}});
}

// An API server that follows a script: what each list gives, and what each watch says and how it
// ends. A watch beyond the script stays open until the client leaves.
class ScriptedClient : public kube::Client {
 public:
  // What a list beyond the script gives.
  absl::Status without_list = absl::UnavailableError("the script has no further list");

  struct WatchScript {
    std::vector<kube::WatchEvent> events;
    absl::Status end;
  };

  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest&) override {
    absl::MutexLock lock(&mutex_);
    if (lists_.empty()) return without_list;
    Value list = {{"metadata", {{"resourceVersion", "100"}}}, {"items", lists_.front()}};
    lists_.pop_front();
    return list;
  }

  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override {
    // Before the lock: with a context that has ended the callback runs here and now.
    const auto registration = ctx.OnCancel([this] {
      absl::MutexLock lock(&mutex_);
      left_ = true;
    });
    WatchScript script;
    {
      absl::MutexLock lock(&mutex_);
      if (watches_.empty()) {
        mutex_.Await(absl::Condition(&left_));
        return absl::CancelledError("left");
      }
      script = watches_.front();
      watches_.pop_front();
    }
    for (kube::WatchEvent& event : script.events) {
      if (absl::Status status = on_event(std::move(event)); !status.ok()) return status;
    }
    return script.end;
  }

  void AddList(Value::Array items) { lists_.push_back(Value(std::move(items))); }
  void AddWatch(std::vector<kube::WatchEvent> events, absl::Status end) {
    watches_.push_back({std::move(events), std::move(end)});
  }
  size_t watches_left() {
    absl::MutexLock lock(&mutex_);
    return watches_.size();
  }

 private:
  absl::Mutex mutex_;
  bool left_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Value> lists_;
  std::deque<WatchScript> watches_;
};

// Time passes only while somebody sleeps, and then at once.
class SleepersClock : public Clock {
 public:
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void WaitUntil(absl::CondVar&, absl::Mutex&, absl::Time when) override {
    absl::MutexLock lock(&mutex_);
    now_ = std::max(now_, when);
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::UnixEpoch();
};

// What an informer tells, as "+a1 ~a2 -a2": added, modified, deleted, with versions.
class Journal {
 public:
  void Attach(Informer& informer) {
    informer.AddHandler([this](const Change& change) {
      const char* sign = change.before == nullptr ? "+" : change.after == nullptr ? "-" : "~";
      absl::MutexLock lock(&mutex_);
      absl::StrAppend(&text_, text_.empty() ? "" : " ", sign, kube::Name(change.object()),
                      kube::ResourceVersion(change.object()));
    });
  }

  // The journal once it is `expected`, or whatever it is after ten seconds.
  std::string Await(const std::string& expected) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return text_ == expected; };
    mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Seconds(10));
    return text_;
  }

 private:
  absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

using enum kube::WatchEventType;

TEST_CASE("a list fills the store, a watch keeps it", "[runtime]") {
  ScriptedClient client;
  client.AddList({Object("a", 1)});
  client.AddWatch({{kAdded, Object("b", 101)},
                   {kModified, Object("a", 102)},
                   {kBookmark, Object("", 103)},
                   {kDeleted, Object("b", 104)}},
                  absl::OkStatus());
  Informer informer(client, api::KindOrDie("Kustomization"), {}, RealClock());
  Journal journal;
  journal.Attach(informer);
  informer.Start(Context::Background());
  REQUIRE(informer.WaitForSync(Context::Background().WithTimeout(absl::Seconds(10))).ok());
  CHECK(journal.Await("+a1 +b101 ~a102 -b104") == "+a1 +b101 ~a102 -b104");
  CHECK(informer.store().size() == 1);
  CHECK(kube::ResourceVersion(*informer.store().Find({"x", "a"})) == "102");
  CHECK((*informer.store().Find({"x", "a"}))["metadata"]["name"].str() == "a");
}

TEST_CASE("a watch that is too old ends in a new list, which tells only differences", "[runtime]") {
  ScriptedClient client;
  client.AddList({Object("a", 1), Object("b", 2), Object("c", 3)});
  client.AddWatch({}, Gone());
  client.AddList({Object("b", 2), Object("c", 9)});
  Informer informer(client, api::KindOrDie("Kustomization"), {}, RealClock());
  Journal journal;
  informer.AddHandler([&](const Change&) {});
  informer.Start(Context::Background());
  REQUIRE(informer.WaitForSync(Context::Background().WithTimeout(absl::Seconds(10))).ok());
  const Context deadline = Context::Background().WithTimeout(absl::Seconds(10));
  while (informer.store().size() != 2 && deadline.Check().ok()) std::this_thread::yield();
  CHECK(informer.store().Find({"x", "a"}) == nullptr);
  CHECK(kube::ResourceVersion(*informer.store().Find({"x", "c"})) == "9");
}

TEST_CASE("a broken watch is made again without a new list", "[runtime]") {
  ScriptedClient client;
  client.AddList({Object("a", 1)});
  client.AddWatch({{kModified, Object("a", 101)}}, absl::UnavailableError("connection reset"));
  client.AddWatch({{kModified, Object("a", 102)}}, absl::OkStatus());
  Informer informer(client, api::KindOrDie("Kustomization"), {}, RealClock());
  Journal journal;
  journal.Attach(informer);
  informer.Start(Context::Background());
  CHECK(journal.Await("+a1 ~a101 ~a102") == "+a1 ~a101 ~a102");
}

TEST_CASE("a kind that is not served does not hold up the others", "[runtime]") {
  ScriptedClient client;
  client.without_list = absl::NotFoundError("the server could not find the requested resource");
  Informer informer(client, api::KindOrDie("ExternalArtifact"), {}, RealClock());
  informer.Start(Context::Background());
  CHECK(informer.WaitForSync(Context::Background().WithTimeout(absl::Seconds(10))).ok());
  CHECK(informer.store().size() == 0);
}

TEST_CASE("a server that ends every watch at once is not asked without a pause", "[runtime]") {
  for (const absl::Status& end : {absl::OkStatus(), Gone()}) {
    CAPTURE(end);
    ScriptedClient client;
    for (int i = 0; i < 7; ++i) {
      client.AddList({Object("a", 100 + i)});
      client.AddWatch({{kModified, Object("a", 200 + i)}}, end);
    }
    SleepersClock clock;
    Informer informer(client, api::KindOrDie("Kustomization"), {}, clock);
    informer.Start(Context::Background());
    const Context deadline = Context::Background().WithTimeout(absl::Seconds(10));
    while (client.watches_left() > 0 && deadline.Check().ok()) std::this_thread::yield();
    CHECK(client.watches_left() == 0);
    // Six waits: 0.2 s, 0.4 s, …, 6.4 s.
    CHECK(clock.Now() - absl::UnixEpoch() >= absl::Seconds(12));
  }
}

TEST_CASE("waiting for the first list ends with the context", "[runtime]") {
  ScriptedClient client;  // every list fails
  Informer informer(client, api::KindOrDie("Kustomization"), {}, RealClock());
  informer.Start(Context::Background());
  CHECK_FALSE(informer.WaitForSync(Context::Background().WithTimeout(absl::ZeroDuration())).ok());
}

}  // namespace
}  // namespace sluice::runtime
