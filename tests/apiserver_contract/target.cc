// SPDX-License-Identifier: Apache-2.0
#include "tests/apiserver_contract/target.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/devapi/server.h"
#include "common/http/client.h"
#include "common/value/json.h"
#include "common/value/merge_patch.h"
#include "common/value/yaml.h"

namespace sluice::apiserver_contract {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

absl::StatusOr<std::unique_ptr<Target>> FromEnvironment(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return Target::FromKubeconfig("cluster", text.str());
}

// The server of this process. It ends before the libraries that its threads use: made after their
// first use, it goes before their own exit handlers run.
devapi::DevApiServer& DevServer() {
  static const std::unique_ptr<devapi::DevApiServer> kServer = [] {
    devapi::DevApiServerOptions options;
    // As a cluster without kubelets: there are pods, and none becomes ready.
    options.workloads.ready_after = absl::Hours(1);
    return devapi::DevApiServer::Start(std::move(options)).value();
  }();
  return *kServer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Target>> Target::FromKubeconfig(std::string name,
                                                               absl::string_view text) {
  ASSIGN_OR_RETURN(const Value config, value::ParseYaml(text));
  const Value& cluster = config["clusters"].at(0)["cluster"];
  const Value& user = config["users"].at(0)["user"];
  auto target = std::unique_ptr<Target>(new Target);
  target->name_ = std::move(name);
  target->server_ = std::string(cluster["server"].str());
  target->token_ = std::string(user["token"].str());
  if (target->server_.empty() || target->token_.empty()) {
    return absl::InvalidArgumentError("the kubeconfig needs a server and a token");
  }
  http::ClientOptions options;
  options.user_agent = "contract/1.0";
  options.tls.insecure_skip_verify = cluster["insecure-skip-tls-verify"].bool_or(false);
  absl::Base64Unescape(cluster["certificate-authority-data"].str(), &options.tls.ca_pem);
  ASSIGN_OR_RETURN(target->transport_, http::CreateClient(std::move(options)));
  return target;
}

bool Target::has_controllers() {
  // The root certificate is put into every namespace by a controller.
  static std::map<std::string, bool> known;
  if (const auto found = known.find(name_); found != known.end()) return found->second;
  const Answer answer = Get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
  if (answer.code != 200) {
    std::cerr << name_ << ": no controllers run, tests that need them are left out\n";
  }
  return known[name_] = answer.code == 200;
}

Answer Target::Send(const std::string& method, const std::string& path, const std::string& body,
                    http::Headers headers) {
  http::Request request;
  request.method = method;
  request.url = server_ + path;
  request.headers = std::move(headers);
  if (!request.headers.Has("Authorization")) {
    request.headers.Set("Authorization", absl::StrCat("Bearer ", token_));
  }
  if (!request.headers.Has("Accept")) request.headers.Set("Accept", "application/json");
  request.body = body;
  const Context ctx = Context::Background().WithTimeout(absl::Seconds(60));
  absl::StatusOr<http::Response> response = transport_->Send(ctx, request);
  Answer answer;
  if (!response.ok()) {
    answer.text = std::string(response.status().message());
    return answer;
  }
  answer.code = response->status;
  answer.text = std::move(response->body);
  answer.headers = std::move(response->headers);
  answer.body = value::ParseJson(answer.text).value_or(Value());
  return answer;
}

Answer Target::Get(const std::string& path, http::Headers headers) {
  return Send("GET", path, "", std::move(headers));
}

Answer Target::Post(const std::string& path, const Value& body, http::Headers headers) {
  if (!headers.Has("Content-Type")) headers.Set("Content-Type", "application/json");
  return Send("POST", path, value::FormatJson(body), std::move(headers));
}

Answer Target::Put(const std::string& path, const Value& body) {
  return Send("PUT", path, value::FormatJson(body), {{"Content-Type", "application/json"}});
}

Answer Target::Patch(const std::string& path, const char* type, const Value& patch) {
  return Send("PATCH", path, value::FormatJson(patch), {{"Content-Type", type}});
}

Answer Target::Delete(const std::string& path, const Value& options) {
  if (options.is_null()) return Send("DELETE", path, "", {});
  return Send("DELETE", path, value::FormatJson(options), {{"Content-Type", "application/json"}});
}

std::vector<Value> Target::Watch(const std::string& path,
                                 const std::function<bool(const std::vector<Value>&)>& enough,
                                 http::Headers headers) {
  http::Request request;
  request.url = server_ + path;
  request.headers = std::move(headers);
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token_));
  std::vector<Value> events;
  std::string pending;
  const auto on_data = [&](absl::string_view bytes) -> absl::Status {
    pending.append(bytes.data(), bytes.size());
    size_t end;
    while ((end = pending.find('\n')) != std::string::npos) {
      const std::string line = pending.substr(0, end);
      pending.erase(0, end + 1);
      if (line.empty()) continue;
      ASSIGN_OR_RETURN(Value event, value::ParseJson(line));
      events.push_back(std::move(event));
      if (enough(events)) return absl::CancelledError("enough");
    }
    return absl::OkStatus();
  };
  const Context ctx = Context::Background().WithTimeout(kPatience);
  (void)transport_->Stream(
      ctx, request, [](const http::Response&) { return absl::OkStatus(); }, on_data);
  return events;
}

std::vector<Value> Target::Watch(const std::string& path, size_t count) {
  return Watch(path, [count](const std::vector<Value>& events) { return events.size() >= count; });
}

Answer Target::Await(const std::string& path, const std::function<bool(const Answer&)>& done) {
  const absl::Time end = RealClock().Now() + kPatience;
  Answer answer = Get(path);
  while (!done(answer) && RealClock().Now() < end) {
    // Another process changes it: there is nothing to wait on but time.
    (void)RealClock().Sleep(Context::Background(), absl::Milliseconds(20));
    answer = Get(path);
  }
  return answer;
}

Answer Target::AwaitPatch(const std::string& path, const Value& patch, int code) {
  const absl::Time end = RealClock().Now() + kPatience;
  Answer answer = Patch(path, kMergePatch, patch);
  while (answer.code != code && RealClock().Now() < end) {
    (void)RealClock().Sleep(Context::Background(), absl::Milliseconds(20));
    answer = Patch(path, kMergePatch, patch);
  }
  return answer;
}

std::vector<Target*> Targets() {
  static const std::vector<Target*>* const kTargets = [] {
    auto* targets = new std::vector<Target*>;
    targets->push_back(
        Target::FromKubeconfig("dev-apiserver", DevServer().Kubeconfig()).value().release());
    if (const char* path = std::getenv("SLUICE_TEST_KUBECONFIG")) {
      targets->push_back(FromEnvironment(path).value().release());
    } else {
      std::cerr << "SLUICE_TEST_KUBECONFIG is not set: running against dev-apiserver only\n";
    }
    return targets;
  }();
  return *kTargets;
}

Namespace::Namespace(Target& api) : api_(api), name_(Unique("contract")) {
  api_.Post("/api/v1/namespaces", Value{{"metadata", Value{{"name", name_}}}});
}

Namespace::~Namespace() { api_.Delete(absl::StrCat("/api/v1/namespaces/", name_)); }

std::string Namespace::Path(const std::string& rest) const {
  return absl::StrCat("/api/v1/namespaces/", name_, "/", rest);
}

std::string Namespace::Path(const std::string& group_version, const std::string& rest) const {
  return absl::StrCat("/apis/", group_version, "/namespaces/", name_, "/", rest);
}

std::string Unique(const std::string& prefix) {
  return absl::StrCat(prefix, "-", crypto::RandomHex(4));
}

Value Yaml(absl::string_view text) { return value::ParseYaml(text).value(); }

void CheckRefusals(Target& api, const std::string& path, const Value& base,
                   std::span<const Refusal> rows, int code) {
  CHECK(api.Post(path + "?dryRun=All", base).code == 201);
  for (const Refusal& row : rows) {
    INFO(row.change);
    const Answer answer =
        api.Post(path + "?dryRun=All", value::ApplyMergePatch(base, Yaml(row.change)));
    CHECK(answer.code == code);
    CHECK(answer.message() == row.message);
  }
}

void CheckChanges(Target& api, const std::string& path, const char* type,
                  std::span<const Change> rows) {
  for (const Change& row : rows) {
    INFO(row.patch);
    INFO(row.path);
    const Answer answer = api.Patch(path + "?dryRun=All", type, Yaml(row.patch));
    CHECK(answer.code == row.code);
    const Value* at = &answer.body;
    for (absl::string_view step : absl::StrSplit(row.path, '.')) {
      size_t index = 0;
      at = at->is_array() && absl::SimpleAtoi(step, &index) ? &at->at(index) : &(*at)[step];
    }
    CHECK(*at == Yaml(row.value));
  }
}

Value ConfigMap(const std::string& name, Value data) {
  return Value{{"apiVersion", "v1"},
               {"kind", "ConfigMap"},
               {"metadata", Value{{"name", name}}},
               {"data", std::move(data)}};
}

Value Deployment(const std::string& name, int replicas) {
  const Value labels = {{"app", name}};
  const Value container = {{"name", "c"}, {"image", "nginx:1"}};
  return Value{
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", Value{{"name", name}}},
      {"spec", Value{{"replicas", replicas},
                     {"selector", Value{{"matchLabels", labels}}},
                     {"template",
                      Value{{"metadata", Value{{"labels", labels}}},
                            {"spec", Value{{"containers", Value(Value::Array{container})}}}}}}}};
}

}  // namespace sluice::apiserver_contract
