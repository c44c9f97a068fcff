// For tests: objects as Flux's own command line prints them (`flux create source … --export`,
// `flux create secret … --export`, Flux 2.9), word for word: they reconcile here unchanged.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/clock.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {

inline std::unique_ptr<http::Server> Start(http::Handler handler,
                                           http::ServerOptions options = {}) {
  options.address = "127.0.0.1:0";
  return http::Server::Start(std::move(options), std::move(handler)).value();
}

inline std::string UrlOf(const http::Server& server, const char* scheme = "http") {
  return absl::StrCat(scheme, "://127.0.0.1:", server.port());
}

// One cluster that only fetches, and what is printed for it.
class FluxObjects {
 public:
  explicit FluxObjects(ClusterOptions options = {}) {
    options.controllers = {"source-controller"};
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
  }
  Cluster& cluster() { return *cluster_; }

  // Documents as printed, with words in capitals replaced.
  void Apply(const std::string& text, const std::map<std::string, std::string>& words = {}) {
    std::string filled = absl::StrReplaceAll(text, {{"NAMESPACE", cluster_->ns()}});
    for (const auto& [word, value] : words) {
      filled = absl::StrReplaceAll(filled, {{word, value}});
    }
    auto documents = value::ParseYamlStream(filled);
    INFO(filled);
    REQUIRE(documents.ok());
    for (value::YamlDocument& parsed : *documents) {
      Value& document = parsed.value;
      if (!document["spec"].is_null()) {
        applied_[absl::StrCat(document["kind"].str(), "/", document["metadata"]["name"].str())] =
            document;
      }
      REQUIRE_THAT(cluster_->Apply(std::move(document)), testing::IsOk());
    }
  }

  // Ready, and its spec is what was applied.
  void ExpectReady(const std::string& kind, const std::string& name) {
    CAPTURE(kind, name);
    std::optional<Value> object;
    const bool ready = Eventually(absl::Seconds(30), [&] {
      object = cluster_->Get(kSourceApi, kind, name);
      return ReadyMessage(object, "True").has_value();
    });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(ready);
    for (const auto& [field, value] :
         applied_.at(absl::StrCat(kind, "/", name))["spec"].members()) {
      CAPTURE(field);
      CHECK((*object)["spec"][field] == value);
    }
    CHECK(absl::StartsWith((*object)["status"]["artifact"]["url"].str(), "http://"));
  }
  void ExpectRefused(const std::string& kind, const std::string& name, const std::string& text) {
    CAPTURE(kind, name, text);
    std::string last;
    const bool refused = Eventually(absl::Seconds(30), [&] {
      last = ReadyMessage(cluster_->Get(kSourceApi, kind, name), "False").value_or("");
      return absl::StrContains(last, text) && !last.empty();
    });
    CAPTURE(last);
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::map<std::string, Value> applied_;
};

}  // namespace sluice::e2e
