// The server as its clients see it, where the contract suite has no real server to compare with:
// faults on request, the audit log, client certificates, bookmarks and compaction.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/server.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/devapi/storage/snapshot.h"
#include "common/http/client.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

struct Answer {
  int code = 0;
  Value body;
  http::Headers headers;
};

class Client {
 public:
  explicit Client(const Access& access, http::TlsOptions tls = {}, bool with_token = true)
      : url_(access.url) {
    tls.ca_pem = access.ca_pem;
    transport_ = http::CreateClient({.tls = std::move(tls), .user_agent = "test/1"}).value();
    if (with_token) token_ = std::string(access.token.Reveal());
  }

  Answer Send(const std::string& method, const std::string& path, const Value& body = nullptr) {
    http::Request request = Make(method, path);
    if (!body.is_null()) {
      request.headers.Set("Content-Type", "application/json");
      request.body = value::FormatJson(body);
    }
    const http::Response response = transport_->Send(Limit(), request).value();
    return {response.status, value::ParseJson(response.body).value_or(Value()), response.headers};
  }

  std::vector<Value> Watch(const std::string& path, size_t count) {
    std::vector<Value> events;
    std::string pending;
    (void)transport_->Stream(
        Limit(), Make("GET", path), [](const http::Response&) { return absl::OkStatus(); },
        [&](absl::string_view bytes) -> absl::Status {
          pending.append(bytes.data(), bytes.size());
          for (size_t end; (end = pending.find('\n')) != std::string::npos;) {
            events.push_back(value::ParseJson(pending.substr(0, end)).value());
            pending.erase(0, end + 1);
            if (events.size() == count) return absl::CancelledError("enough");
          }
          return absl::OkStatus();
        });
    return events;
  }

 private:
  static Context Limit() { return Context::Background().WithTimeout(absl::Seconds(20)); }
  http::Request Make(const std::string& method, const std::string& path) {
    http::Request request;
    request.method = method;
    request.url = url_ + path;
    if (!token_.empty()) request.headers.Set("Authorization", absl::StrCat("Bearer ", token_));
    return request;
  }

  std::string url_;
  std::string token_;
  std::unique_ptr<http::Transport> transport_;
};

std::unique_ptr<DevApiServer> Start() {
  DevApiServerOptions options;
  options.workloads.enabled = false;
  return DevApiServer::Start(std::move(options)).value();
}

constexpr char kSecrets[] = "/api/v1/namespaces/default/secrets";

Value Secret(const char* name) { return Value{{"metadata", Value{{"name", name}}}}; }

TEST_CASE("the kubeconfig leads to the server", "[devapi]") {
  const auto server = Start();
  const Value config = value::ParseYaml(server->Kubeconfig()).value();
  CHECK(config["kind"].str() == "Config");
  CHECK(config["clusters"].at(0)["cluster"]["server"].str() == server->access().url);
  CHECK(config["users"].at(0)["user"]["token"].str() == server->access().token.Reveal());
  Client client(server->access());
  CHECK(client.Send("GET", "/api/v1/namespaces").body["items"].size() == 4);
}

TEST_CASE("client certificates are taken for users", "[devapi]") {
  const auto server = Start();
  auto [certificate, key] = server->ClientCertificate("jane", {"system:masters"}).value();
  http::TlsOptions tls;
  tls.certificate_pem = certificate;
  tls.private_key_pem = key;
  Client jane(server->access(), tls, /*with_token=*/false);
  CHECK(jane.Send("GET", kSecrets).code == 200);
  auto [other, other_key] = server->ClientCertificate("joe", {}).value();
  tls.certificate_pem = other;
  tls.private_key_pem = other_key;
  Client joe(server->access(), tls, /*with_token=*/false);
  const Answer refused = joe.Send("GET", kSecrets);
  CHECK(refused.code == 403);
  Client nobody(server->access(), {}, /*with_token=*/false);
  CHECK(nobody.Send("GET", kSecrets).code == 403);
  CHECK(nobody.Send("GET", "/readyz").code == 200);
  CHECK(nobody.Send("POST", "/sluice-dev/faults", Value{{"status", 500}}).code == 403);
}

TEST_CASE("faults strike on request", "[devapi]") {
  const auto server = Start();
  Client client(server->access());
  const Value fault = {{"match", Value{{"verb", "create"}, {"resource", "secrets"}}},
                       {"status", 429},
                       {"retryAfterSeconds", 2},
                       {"count", 1}};
  REQUIRE(client.Send("POST", "/sluice-dev/faults", fault).code == 201);
  const Answer struck = client.Send("POST", kSecrets, Secret("a"));
  CHECK(struck.code == 429);
  CHECK(struck.headers.Get("Retry-After") == "2");
  CHECK(struck.body["reason"].str() == "TooManyRequests");
  CHECK(client.Send("POST", kSecrets, Secret("a")).code == 201);
  CHECK(client.Send("GET", "/sluice-dev/faults").body.at(0)["hits"].int_or(0) == 1);
  CHECK(client.Send("POST", "/sluice-dev/faults", Value{{"status", 7}}).code == 400);
  CHECK(client.Send("DELETE", "/sluice-dev/faults").code == 200);
  CHECK(client.Send("GET", "/sluice-dev/faults").body.empty());
}

TEST_CASE("the audit log tells who did what", "[devapi]") {
  const auto server = Start();
  Client client(server->access());
  client.Send("DELETE", "/sluice-dev/audit");
  client.Send("POST", kSecrets, Secret("a"));
  const Value entries = client.Send("GET", "/sluice-dev/audit").body;
  const Value* create = nullptr;
  for (const Value& entry : entries.items()) {
    if (entry["verb"].str() == "create") create = &entry;
  }
  REQUIRE(create != nullptr);
  CHECK((*create)["objectRef"]["resource"].str() == "secrets");
  CHECK((*create)["user"]["username"].str() == "kubernetes-admin");
  CHECK((*create)["responseStatus"]["code"].int_or(0) == 201);
  CHECK(client.Send("GET", "/sluice-dev/audit/counts").body["verbs"]["create"].int_or(0) == 1);
  CHECK(client.Send("GET", "/sluice-dev/memory").body["residentKiB"].int_or(0) > 0);
}

TEST_CASE("a watch list announces the end of what was there", "[devapi]") {
  const auto server = Start();
  Client client(server->access());
  client.Send("POST", kSecrets, Secret("a"));
  client.Send("POST", kSecrets, Secret("b"));
  const std::vector<Value> events =
      client.Watch(absl::StrCat(kSecrets,
                                "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&"
                                "resourceVersionMatch=NotOlderThan"),
                   3);
  REQUIRE(events.size() == 3);
  CHECK(events[0]["type"].str() == "ADDED");
  CHECK(events[2]["type"].str() == "BOOKMARK");
  const Value& metadata = events[2]["object"]["metadata"];
  CHECK(metadata["annotations"]["k8s.io/initial-events-end"].str() == "true");
  CHECK(metadata["resourceVersion"].str() == absl::StrCat(server->cluster().store().version()));
  CHECK(events[2]["object"]["kind"].str() == "Secret");
}

TEST_CASE("after compaction old versions are gone", "[devapi]") {
  const auto server = Start();
  Client client(server->access());
  client.Send("POST", kSecrets, Secret("a"));
  const Answer page = client.Send("GET", "/api/v1/namespaces?limit=1");
  const std::string then(page.body["metadata"]["resourceVersion"].str());
  const std::string token(page.body["metadata"]["continue"].str());
  client.Send("POST", kSecrets, Secret("b"));
  CHECK(client.Watch(absl::StrCat(kSecrets, "?watch=true&resourceVersion=", then), 1)[0]["type"]
            .str() == "ADDED");
  REQUIRE(client.Send("POST", "/sluice-dev/compact").code == 200);

  const std::vector<Value> events =
      client.Watch(absl::StrCat(kSecrets, "?watch=true&resourceVersion=", then), 1);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["type"].str() == "ERROR");
  CHECK(events[0]["object"]["code"].int_or(0) == 410);
  CHECK(events[0]["object"]["reason"].str() == "Expired");
  const Answer exact = client.Send(
      "GET", absl::StrCat(kSecrets, "?resourceVersionMatch=Exact&resourceVersion=", then));
  CHECK(exact.code == 410);
  CHECK(exact.body["message"].str() == "The resourceVersion for the provided list is too old.");
  const Answer next =
      client.Send("GET", absl::StrCat("/api/v1/namespaces?limit=1&continue=", token));
  CHECK(next.code == 410);
}

TEST_CASE("watches can be dropped", "[devapi]") {
  const auto server = Start();
  Client client(server->access());
  std::jthread dropper([&server] {
    // As soon as the watch is there.
    while (server->cluster().store().Watchers("secrets") == 0) std::this_thread::yield();
    server->cluster().store().DropWatches("secrets");
  });
  CHECK(client.Watch(absl::StrCat(kSecrets, "?watch=true"), 1).empty());
}

TEST_CASE("a snapshot brings everything back", "[devapi]") {
  std::vector<Value> snapshot;
  std::string uid;
  {
    const auto server = Start();
    Client client(server->access());
    client.Send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                value::ParseYaml(R"(
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: things, kind: Thing}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object,
     x-kubernetes-preserve-unknown-fields: true}}}
)")
                    .value());
    const Value thing = {{"apiVersion", "example.com/v1"},
                         {"kind", "Thing"},
                         {"metadata", Value{{"name", "a"}}},
                         {"color", "red"}};
    uid = std::string(client.Send("POST", "/apis/example.com/v1/namespaces/default/things", thing)
                          .body["metadata"]["uid"]
                          .str());
    client.Send("POST", "/api/v1/namespaces", Value{{"metadata", Value{{"name", "team"}}}});
    for (const auto& [name, text] : TakeSnapshot(server->cluster())) {
      std::vector<value::YamlDocument> documents = value::ParseYamlStream(text).value();
      for (value::YamlDocument& document : documents) {
        snapshot.push_back(std::move(document.value));
      }
    }
  }
  DevApiServerOptions options;
  options.snapshot = std::move(snapshot);
  const auto server = DevApiServer::Start(std::move(options)).value();
  Client client(server->access());
  const Answer thing = client.Send("GET", "/apis/example.com/v1/namespaces/default/things/a");
  CHECK(thing.body["color"].str() == "red");
  CHECK(thing.body["metadata"]["uid"].str() == uid);
  CHECK(client.Send("GET", "/api/v1/namespaces/team").code == 200);
}

TEST_CASE("a server starts with objects, and refuses ones that are none", "[devapi]") {
  DevApiServerOptions options;
  options.objects = {value::ParseYaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: seeded}, "
                                      "data: {a: b}}")
                         .value()};
  const auto server = DevApiServer::Start(options).value();
  Client client(server->access());
  CHECK(
      client.Send("GET", "/api/v1/namespaces/default/configmaps/seeded").body["data"]["a"].str() ==
      "b");
  CHECK_THAT(server->Settle(Context::Background().WithTimeout(absl::Seconds(10))), IsOk());

  options.objects = {Value{{"apiVersion", "v1"}, {"kind", "Nonsense"}}};
  CHECK_THAT(DevApiServer::Start(options).status(),
             StatusIs(absl::StatusCode::kNotFound, "no matches for kind \"Nonsense\""));
  options.objects = {};
  options.address = "not an address";
  CHECK_FALSE(DevApiServer::Start(options).ok());
}

}  // namespace
}  // namespace sluice::devapi
