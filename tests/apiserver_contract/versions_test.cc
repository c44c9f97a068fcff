// Resource versions: which one a read may ask for, and what watches make of them.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

constexpr char kFuture[] = "999999999999";

std::vector<std::string> Lines(const std::vector<Value>& events) {
  std::vector<std::string> lines;
  for (const Value& event : events) {
    lines.push_back(
        absl::StrCat(event["type"].str(), " ", event["object"]["metadata"]["name"].str()));
  }
  return lines;
}

Value Secret(const std::string& name, const char* tier = "front") {
  return Value{{"metadata", Value{{"name", name}, {"labels", Value{{"tier", tier}}}}}};
}

size_t Count(const Answer& answer) { return answer.body["items"].size(); }

TEST_CASE("one object is read at any version that is there", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Answer created = api.Post(ns.Path("secrets"), Secret("a"));

  CHECK(api.Get(ns.Path("secrets/a?resourceVersion=0")).code == 200);
  CHECK(api.Get(ns.Path("secrets/a?resourceVersion=") + created.version()).body == created.body);
  const Answer none = api.Get(ns.Path("secrets/a?resourceVersion=x"));
  CHECK(none.code == 500);
  CHECK(none.message() ==
        "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax");
}

TEST_CASE("a version that is yet to come is waited for in vain", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);

  for (const char* match : {"", "&resourceVersionMatch=NotOlderThan"}) {
    INFO(match);
    const Answer answer =
        api.Get(absl::StrCat(ns.Path("secrets?resourceVersion="), kFuture, match));
    CHECK(answer.code == 504);
    CHECK(answer.reason() == "Timeout");
    CHECK(absl::StartsWith(answer.message(),
                           "Timeout: Too large resource version: 999999999999, current: "));
    CHECK(answer.body["details"]["retryAfterSeconds"].int_or(0) == 1);
    CHECK(answer.body["details"]["causes"].at(0)["reason"].str() == "ResourceVersionTooLarge");
  }
}

TEST_CASE("any version will do for a list at version 0, which has no pages", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  for (const char* name : {"a", "b", "c"}) api.Post(ns.Path("secrets"), Secret(name));

  // Version 0 is answered from a cache, which may be a moment behind.
  const Answer all = api.Await(ns.Path("secrets?resourceVersion=0&limit=2"),
                               [](const Answer& answer) { return Count(answer) == 3; });

  CHECK(Count(all) == 3);
  CHECK(all.meta("continue").str().empty());
}

TEST_CASE("a paged list at a version is that version's", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  api.Post(ns.Path("secrets"), Secret("a"));
  api.Post(ns.Path("secrets"), Secret("b"));
  const std::string then = api.Get(ns.Path("secrets")).version();
  api.Post(ns.Path("secrets"), Secret("c"));

  const Answer page = api.Get(absl::StrCat(ns.Path("secrets?limit=5&resourceVersion="), then));

  CHECK(page.version() == then);
  CHECK(Count(page) == 2);
}

TEST_CASE("pages are not asked for by version", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  for (const char* name : {"a", "b", "c"}) api.Post(ns.Path("secrets"), Secret(name));
  const Answer first = api.Get(ns.Path("secrets?limit=1"));
  const std::string next =
      absl::StrCat(ns.Path("secrets?limit=1&continue="), first.meta("continue").str());

  const Answer answer = api.Get(next + "&resourceVersion=5");
  CHECK(answer.code == 400);
  CHECK(answer.message() == "specifying resource version is not allowed when using continue");
  CHECK(Count(api.Get(next)) == 1);
}

TEST_CASE("tokens that are none are refused", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  struct Row {
    const char* token;
    const char* message;
  };
  const Row rows[] = {
      {"x", "illegal base64 data at input byte 0"},
      {"e30", "server does not recognize this encoded version "},
  };
  for (const Row& row : rows) {
    INFO(row.token);
    const Answer answer = api.Get(absl::StrCat("/api/v1/secrets?limit=1&continue=", row.token));
    CHECK(answer.code == 400);
    CHECK(answer.message() ==
          absl::StrCat("invalid continue token: continue key is not valid: ", row.message));
  }
}

TEST_CASE("labels are selected by sets and by numbers", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  for (int i = 0; i < 6; ++i) {
    Value secret = Secret(absl::StrCat("s", i), i % 2 == 0 ? "even" : "odd");
    secret.Ensure("metadata").Ensure("labels").Set("i", absl::StrCat(i));
    REQUIRE(api.Post(ns.Path("secrets"), secret).code == 201);
  }
  struct Row {
    const char* selector;
    size_t count;
  };
  const Row rows[] = {
      {"tier%3Deven", 3},
      {"tier%3D%3Dodd", 3},
      {"tier%20in%20(even,odd),i!%3D3", 5},
      {"tier%20notin%20(even)", 3},
      {"!tier", 0},
      {"tier", 6},
      {"i%3E3", 2},
      {"i%3C1", 1},
      {"tier%3Deven,i%3E0", 2},
      {"none%20notin%20(x)", 6},
  };
  for (const Row& row : rows) {
    INFO(row.selector);
    CHECK(Count(api.Get(absl::StrCat(ns.Path("secrets?labelSelector="), row.selector))) ==
          row.count);
  }
}

TEST_CASE("selectors of labels are read strictly", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  struct Row {
    const char* selector;
    const char* message;
  };
  const Row rows[] = {
      {"%3D", "found '=', expected: !, identifier, or 'end of string'"},
      {"a%20b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"i%3C%3D3", "unable to parse requirement: found '=', expected: identifier"},
      {"a%3D-b",
       "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be an "
       "empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
       "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
       "used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
  };
  for (const Row& row : rows) {
    INFO(row.selector);
    const Answer answer = api.Get(absl::StrCat("/api/v1/secrets?labelSelector=", row.selector));
    CHECK(answer.code == 400);
    CHECK(answer.message() == row.message);
  }
}

TEST_CASE("each kind has fields to be selected by", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  REQUIRE(api.Post(ns.Path("secrets"), Yaml("{metadata: {name: s}, type: my/type}")).code == 201);
  REQUIRE(api.Post(ns.Path("services"),
                   Yaml("{metadata: {name: s}, spec: {clusterIP: None, ports: [{port: 1}]}}"))
              .code == 201);
  REQUIRE(api.Post(ns.Path("events"),
                   Value{{"metadata", Value{{"name", "e"}}},
                         {"involvedObject",
                          Value{{"kind", "Pod"}, {"name", "p"}, {"namespace", ns.name()}}},
                         {"reason", "R"},
                         {"type", "Normal"}})
              .code == 201);
  struct Row {
    std::string path;
    const char* selector;
    size_t count;
  };
  const std::string events = ns.Path("events.k8s.io/v1", "events");
  const Row rows[] = {
      {ns.Path("secrets"), "type%3Dmy/type", 1},
      {ns.Path("secrets"), "type%3DOpaque", 0},
      {ns.Path("secrets"), "metadata.name!%3Ds", 0},
      {ns.Path("services"), "spec.clusterIP%3DNone", 1},
      {ns.Path("services"), "spec.type%3DNodePort", 0},
      {ns.Path("events"), "involvedObject.name%3Dp,reason%3DR", 1},
      {ns.Path("events"), "type!%3DNormal", 0},
      {events, "regarding.name%3Dp", 1},
      {events, "regarding.kind%3DNode", 0},
      {"/api/v1/nodes", "spec.unschedulable%3Dtrue", 0},
      {"/api/v1/namespaces", "status.phase%3DNone", 0},
  };
  for (const Row& row : rows) {
    INFO(row.path << " " << row.selector);
    const Answer answer = api.Get(absl::StrCat(row.path, "?fieldSelector=", row.selector));
    CHECK(answer.code == 200);
    CHECK(Count(answer) == row.count);
  }
}

TEST_CASE("a watch may start with all there is, and say when that is done", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  api.Post(ns.Path("secrets"), Secret("a"));
  const std::string version = api.Post(ns.Path("secrets"), Secret("b")).version();

  const std::vector<Value> events = api.Watch(
      absl::StrCat(ns.Path("secrets?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
                           "&resourceVersionMatch=NotOlderThan&resourceVersion="),
                   version),
      3);

  // A real server needs an etcd that tells it how far it is (3.4.25, 3.5.8).
  if (events.size() == 1 && absl::StrContains(events[0]["object"]["message"].str(),
                                              "feature RequestWatchProgress is disabled")) {
    WARN(api.name() << " has no watch lists: its etcd is too old");
    return;
  }
  REQUIRE(events.size() == 3);
  CHECK(events[0]["type"].str() == "ADDED");
  CHECK(events[1]["type"].str() == "ADDED");
  CHECK(events[2]["type"].str() == "BOOKMARK");
  const Value& bookmark = events[2]["object"];
  CHECK(bookmark["kind"].str() == "Secret");
  CHECK(bookmark["metadata"]["annotations"]["k8s.io/initial-events-end"].str() == "true");

  // From there the watch goes on where it stopped.
  api.Post(ns.Path("secrets"), Secret("c"));
  const std::vector<Value> later =
      api.Watch(absl::StrCat(ns.Path("secrets?watch=true&resourceVersion="),
                             bookmark["metadata"]["resourceVersion"].str()),
                1);
  CHECK(Lines(later) == std::vector<std::string>{"ADDED c"});
}

TEST_CASE("a watch from version 0 starts with what is there", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  api.Post(ns.Path("secrets"), Secret("a"));

  CHECK(Lines(api.Watch(ns.Path("secrets?watch=true&resourceVersion=0"), 1)) ==
        std::vector<std::string>{"ADDED a"});
}

TEST_CASE("a watch that ended is resumed without a gap", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  std::string since = api.Get(ns.Path("secrets")).version();
  std::vector<std::string> seen;
  for (const char* name : {"a", "b", "c"}) {
    api.Post(ns.Path("secrets"), Secret(name));
    for (const Value& event :
         api.Watch(absl::StrCat(ns.Path("secrets?watch=true&resourceVersion="), since), 1)) {
      seen.emplace_back(event["object"]["metadata"]["name"].str());
      since = std::string(event["object"]["metadata"]["resourceVersion"].str());
    }
  }
  CHECK(seen == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a watch's start is asked for in one of the ways there are", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  struct Row {
    const char* query;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {"sendInitialEvents=true", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
       "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"},
      {"resourceVersionMatch=NotOlderThan", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
       "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"},
      {"resourceVersion=x", 500,
       "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax"},
      {"fieldSelector=x%3Dy", 400,
       "\"x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
  };
  for (const Row& row : rows) {
    INFO(row.query);
    const Answer answer = api.Get(absl::StrCat("/api/v1/configmaps?watch=true&", row.query));
    CHECK(answer.code == row.code);
    CHECK(answer.message() == row.message);
  }
}

TEST_CASE("initial events are for watches", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  const Answer answer = api.Get("/api/v1/configmaps?sendInitialEvents=true");
  CHECK(answer.code == 422);
  CHECK(answer.message() ==
        "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents "
        "is forbidden for list");
}

}  // namespace
}  // namespace sluice::apiserver_contract
