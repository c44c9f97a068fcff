// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/storage/store.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::StatusIs;

constexpr char kThings[] = "things.example.com";

Value Thing(const std::string& ns, const std::string& name, int number = 0) {
  return Value{{"metadata", Value{{"namespace", ns}, {"name", name}}}, {"number", number}};
}

// Creates or replaces.
ObjectRef Put(Store& store, const std::string& ns, const std::string& name, int number = 0) {
  const ObjectKey key = {ns, name};
  const ObjectRef current = store.Find(kThings, key);
  return current == nullptr ? store.Create(kThings, key, Thing(ns, name, number)).value()
                            : store.Replace(kThings, key, current, Thing(ns, name, number)).value();
}

std::vector<std::string> Names(const Listing& listing) {
  std::vector<std::string> names;
  for (const ObjectRef& object : listing.objects) {
    names.push_back(
        absl::StrCat(object->ns(), "/", object->name(), "=", object->value()["number"].int_or(-1)));
  }
  return names;
}

using Strings = std::vector<std::string>;

TEST_CASE("versions rise over all storages and stand in the objects", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  CHECK(Put(store, "a", "x")->version() == 1);
  CHECK(store.Create("others", {"", "y"}, Thing("", "y")).value()->version() == 2);
  const ObjectRef replaced = Put(store, "a", "x", 1);
  CHECK(replaced->version() == 3);
  CHECK(replaced->value()["metadata"]["resourceVersion"].str() == "3");
  CHECK(store.version() == 3);
}

TEST_CASE("a write that does not know the newest version fails", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  const ObjectRef first = Put(store, "a", "x");
  Put(store, "a", "x", 1);
  CHECK_THAT(store.Replace(kThings, {"a", "x"}, first, Thing("a", "x")).status(),
             StatusIs(absl::StatusCode::kAborted));
  CHECK_THAT(store.Remove(kThings, {"a", "x"}, first).status(),
             StatusIs(absl::StatusCode::kAborted));
  CHECK_THAT(store.Create(kThings, {"a", "x"}, Thing("a", "x")).status(),
             StatusIs(absl::StatusCode::kAlreadyExists));
  CHECK(store.Find(kThings, {"a", "x"})->value()["number"].int_or(0) == 1);
}

TEST_CASE("a removed object's last state has a version of its own", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  const ObjectRef object = Put(store, "a", "x", 7);
  const ObjectRef removed = store.Remove(kThings, {"a", "x"}, object).value();
  CHECK(removed->version() == 2);
  CHECK(removed->value()["number"].int_or(0) == 7);
  CHECK(store.Find(kThings, {"a", "x"}) == nullptr);
}

TEST_CASE("lists are sorted, and cut to a namespace", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  Put(store, "b", "y");
  Put(store, "a", "z");
  Put(store, "a", "x");
  Put(store, "ab", "q");
  CHECK(Names(store.List(kThings, "")) == Strings{"a/x=0", "a/z=0", "ab/q=0", "b/y=0"});
  CHECK(Names(store.List(kThings, "a")) == Strings{"a/x=0", "a/z=0"});
  CHECK(Names(store.List("nothing", "")).empty());
}

TEST_CASE("a list as of an earlier version shows that instant", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  Put(store, "a", "x", 1);
  Put(store, "a", "y", 1);
  const uint64_t then = store.version();
  Put(store, "a", "x", 2);
  Put(store, "a", "w", 1);
  (void)store.Remove(kThings, {"a", "y"}, store.Find(kThings, {"a", "y"}));
  Put(store, "a", "x", 3);
  CHECK(Names(store.ListAt(kThings, "a", then).value()) == Strings{"a/x=1", "a/y=1"});
  CHECK(Names(store.ListAt(kThings, "b", then).value()).empty());
  CHECK(Names(store.ListAt(kThings, "", store.version()).value()) == Strings{"a/w=1", "a/x=3"});
  CHECK_THAT(store.ListAt(kThings, "", store.version() + 1).status(),
             StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_CASE("a watch hands out the changes after its version, once each", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  Put(store, "a", "x");
  auto watch = store.WatchFrom(kThings, store.version()).value();
  Put(store, "a", "y");
  Put(store, "a", "x", 1);
  const auto batch = watch->Next(Context::Background(), absl::InfiniteFuture()).value();
  REQUIRE(batch.events.size() == 2);
  CHECK(batch.events[0].type == EventType::kAdded);
  CHECK(batch.events[1].type == EventType::kModified);
  CHECK(batch.events[1].previous->value()["number"].int_or(-1) == 0);
  CHECK(batch.version == store.version());
  CHECK(watch->Next(Context::Background(), clock.Now()).value().events.empty());
}

TEST_CASE("a watch waits for a change, for its time, or for its end", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  auto [listing, watch] = store.ListAndWatch(kThings, "");
  std::stop_source stop;
  const Context ctx = Context::Background().WithStopToken(stop.get_token());

  std::jthread writer([&store] { Put(store, "a", "x"); });
  CHECK(watch->Next(ctx, absl::InfiniteFuture()).value().events.size() == 1);
  std::jthread stopper([&stop] { stop.request_stop(); });
  CHECK_THAT(watch->Next(ctx, absl::InfiniteFuture()).status(),
             StatusIs(absl::StatusCode::kCancelled));
}

TEST_CASE("tests can drop watches and forget history", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  Put(store, "a", "x");
  const uint64_t then = store.version();
  auto current = store.WatchFrom(kThings, then).value();
  auto dropped = store.WatchFrom(kThings, then).value();
  store.DropWatches(kThings);
  CHECK_THAT(dropped->Next(Context::Background(), clock.Now()).status(),
             StatusIs(absl::StatusCode::kAborted));
  auto running = store.WatchFrom(kThings, then).value();
  store.Compact(kThings);
  CHECK_THAT(store.WatchFrom(kThings, then).status(),
             StatusIs(absl::StatusCode::kOutOfRange, "too old resource version: 1 (2)"));
  CHECK_THAT(store.ListAt(kThings, "", then).status(), StatusIs(absl::StatusCode::kOutOfRange));
  // Who was up to date goes on.
  Put(store, "a", "y");
  CHECK(running->Next(Context::Background(), clock.Now()).value().events.size() == 1);
}

TEST_CASE("a watch that falls behind a full log is told", "[devapi]") {
  FakeClock clock;
  Store store(clock, {.events = 4, .bytes = 1 << 20});
  auto watch = store.WatchFrom(kThings, 0).value();
  for (int i = 0; i < 5; ++i) Put(store, "a", absl::StrCat("x", i));
  CHECK_THAT(watch->Next(Context::Background(), clock.Now()).status(),
             StatusIs(absl::StatusCode::kOutOfRange));
  CHECK(store.WatchFrom(kThings, 1).ok());
}

TEST_CASE("the log is bounded in events and in bytes", "[devapi]") {
  WatchLog few({.events = 2, .bytes = 1 << 20});
  WatchLog small({.events = 100, .bytes = 100});
  for (uint64_t version = 1; version <= 4; ++version) {
    const auto object = std::make_shared<Object>(Thing("a", "name-of-some-length"), version);
    few.Append({EventType::kAdded, version, object, nullptr});
    small.Append({EventType::kAdded, version, object, nullptr});
  }
  CHECK(few.size() == 2);
  CHECK(few.compacted() == 2);
  CHECK(small.size() == 1);
  CHECK(few.Since(2, 1).value().size() == 1);
  CHECK_FALSE(few.Since(1, 1).ok());
}

TEST_CASE("the observer is told every change in order", "[devapi]") {
  FakeClock clock;
  Store store(clock);
  Strings seen;
  store.SetObserver([&seen](const Change& change) {
    seen.push_back(absl::StrCat(change.storage, " ", change.event.version));
  });
  const ObjectRef object = Put(store, "a", "x");
  (void)store.Remove(kThings, {"a", "x"}, object);
  CHECK(seen == Strings{"things.example.com 1", "things.example.com 2"});
}

TEST_CASE("an object is serialised once, without its type", "[devapi]") {
  const Object object(Value{{"apiVersion", "v1"}, {"kind", "Thing"}, {"a", 1}}, 1);
  CHECK(object.body() == R"({"a":1})");
  CHECK(&object.body() == &object.body());
  std::string typed;
  AppendTyped(typed, "v2", "Other", object.body());
  CHECK(typed == R"({"kind":"Other","apiVersion":"v2","a":1})");
  std::string empty;
  AppendTyped(empty, "v1", "Thing", "{}");
  CHECK(empty == R"({"kind":"Thing","apiVersion":"v1"})");
}

}  // namespace
}  // namespace sluice::devapi
