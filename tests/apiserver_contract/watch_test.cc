// Watching.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

// "ADDED a", "MODIFIED a", ...
std::vector<std::string> Lines(const std::vector<Value>& events) {
  std::vector<std::string> lines;
  for (const Value& event : events) {
    lines.push_back(
        absl::StrCat(event["type"].str(), " ", event["object"]["metadata"]["name"].str()));
  }
  return lines;
}

Value Secret(const std::string& name, Value labels = Value::EmptyObject()) {
  return Value{{"metadata", Value{{"name", name}, {"labels", std::move(labels)}}}};
}

TEST_CASE("a watch tells what happened since a version", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string since = api.Get(ns.Path("secrets")).version();
  const Answer created = api.Post(ns.Path("secrets"), Secret("a"));
  api.Patch(ns.Path("secrets/a"), kMergePatch,
            Value{{"metadata", Value{{"labels", Value{{"x", "1"}}}}}});
  api.Delete(ns.Path("secrets/a"));

  const std::vector<Value> events =
      api.Watch(ns.Path("secrets?watch=true&resourceVersion=") + since, 3);

  CHECK(Lines(events) == std::vector<std::string>{"ADDED a", "MODIFIED a", "DELETED a"});
  REQUIRE(events.size() == 3);
  CHECK(events[0]["object"] == created.body);
  CHECK(events[0]["object"]["kind"].str() == "Secret");
  // A deletion has a version of its own.
  CHECK(events[2]["object"]["metadata"]["resourceVersion"] !=
        events[1]["object"]["metadata"]["resourceVersion"]);
}

TEST_CASE("a watch without a version starts with what is there", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  api.Post(ns.Path("secrets"), Secret("b"));
  api.Post(ns.Path("secrets"), Secret("a"));

  const std::vector<Value> events = api.Watch(ns.Path("secrets?watch=true&timeoutSeconds=2"), 2);

  std::vector<std::string> lines = Lines(events);
  std::sort(lines.begin(), lines.end());
  CHECK(lines == std::vector<std::string>{"ADDED a", "ADDED b"});
}

TEST_CASE("a watch with a selector sees objects come and go", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string since = api.Get(ns.Path("secrets")).version();
  const auto label = [&](const char* name, const char* text) {
    api.Patch(ns.Path("secrets/") + name, kMergePatch,
              Value{{"metadata", Value{{"labels", Value{{"x", text}}}}}});
  };
  api.Post(ns.Path("secrets"), Secret("a"));
  api.Post(ns.Path("secrets"), Secret("b", {{"x", "1"}}));
  label("a", "1");
  label("b", "2");
  label("a", "2");
  api.Post(ns.Path("secrets"), Secret("c", {{"x", "1"}}));

  const std::vector<Value> events =
      api.Watch(ns.Path("secrets?watch=true&labelSelector=x%3D1&resourceVersion=") + since, 5);

  CHECK(Lines(events) ==
        std::vector<std::string>{"ADDED b", "ADDED a", "DELETED b", "DELETED a", "ADDED c"});
}

TEST_CASE("a single object is watched by its name", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string since = api.Get(ns.Path("secrets")).version();
  api.Post(ns.Path("secrets"), Secret("a"));
  api.Post(ns.Path("secrets"), Secret("b"));
  const std::string query = "watch=true&resourceVersion=" + since;

  CHECK(Lines(api.Watch(ns.Path("secrets?fieldSelector=metadata.name%3Db&") + query, 1)) ==
        std::vector<std::string>{"ADDED b"});
  // The object's own path is not watched: it is read.
  CHECK(api.Get(ns.Path("secrets/b?") + query).body["kind"].str() == "Secret");
}

TEST_CASE("a watch follows what happens while it runs", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string since = api.Get(ns.Path("secrets")).version();
  constexpr int kObjects = 50;
  std::thread writer([&] {
    for (int i = 0; i < kObjects; ++i) api.Post(ns.Path("secrets"), Secret(absl::StrCat("s", i)));
  });

  const std::vector<Value> events =
      api.Watch(ns.Path("secrets?watch=true&resourceVersion=") + since, kObjects);
  writer.join();

  REQUIRE(events.size() == kObjects);
  for (int i = 0; i < kObjects; ++i) {
    CHECK(events[static_cast<size_t>(i)]["object"]["metadata"]["name"].str() ==
          absl::StrCat("s", i));
  }
}

TEST_CASE("a watch ends at its timeout", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  const std::vector<Value> events =
      api.Watch(ns.Path("secrets?watch=true&timeoutSeconds=1&resourceVersion=") +
                    api.Get(ns.Path("secrets")).version(),
                1);

  CHECK(events.empty());
}

TEST_CASE("watches come as metadata and as tables", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const std::string since = api.Get(ns.Path("secrets")).version();
  api.Post(ns.Path("secrets"), Secret("a"));
  api.Post(ns.Path("secrets"), Secret("b"));
  const std::string path = ns.Path("secrets?watch=true&resourceVersion=") + since;
  const auto two = [](const std::vector<Value>& events) { return events.size() == 2; };

  const std::vector<Value> partial = api.Watch(
      path, two, {{"Accept", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}});
  REQUIRE(partial.size() == 2);
  CHECK(partial[0]["object"]["kind"].str() == "PartialObjectMetadata");

  const std::vector<Value> table =
      api.Watch(path, two, {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  REQUIRE(table.size() == 2);
  CHECK(table[0]["object"]["kind"].str() == "Table");
  CHECK(table[0]["object"]["columnDefinitions"].size() == 4);
  CHECK(table[0]["object"]["rows"].at(0)["cells"].at(0).str() == "a");
  CHECK(table[1]["object"]["columnDefinitions"].empty());
}

TEST_CASE("what a watch may not ask for is refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Answer initial = api.Get("/api/v1/secrets?watch=1&sendInitialEvents=true");
  CHECK(initial.code == 422);
  CHECK(
      initial.message() ==
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents "
      "requires setting resourceVersionMatch to NotOlderThan");
}

}  // namespace
}  // namespace sluice::apiserver_contract
