// For tests: reconcilers of sources against an API server in the test's process.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/api/kinds.h"
#include "common/cloud_identity/token_cache.h"
#include "common/disk/temp_dir.h"
#include "common/fs/tree.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/kube/object.h"
#include "common/kube_testing/api_server.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/source-controller/source/cloud_access.h"
#include "services/source-controller/source/collaborators.h"

namespace sluice::sources {

// What the reconcilers of one test share. Objects are in the namespace "default".
class TestController {
 public:
  // `crds` are the plural names of the kinds that the test uses ("helmrepositories").
  explicit TestController(const std::vector<std::string>& crds)
      : directory_(disk::TempDir::Create("storage-").value()) {
    for (const std::string& plural : crds) {
      const bool extension = plural == "artifactgenerators";
      std::ifstream file(absl::StrCat("charts/sluice/crds/",
                                      extension ? api::kSourceExtensionsGroup : api::kSourceGroup,
                                      "_", plural, ".yaml"));
      std::stringstream text;
      text << file.rdbuf();
      api_.Write(text.str(), "test");
    }
    artifact::StorageOptions storage;
    storage.root = directory_.path();
    storage.advertised_host = "source";
    storage_ = artifact::Storage::Open(storage, RealClock()).value();
    events_.emplace(EventOptions(), api_.client(), nullptr, RealClock());
    with_ = std::make_unique<source_controller::Collaborators>(source_controller::Collaborators{
        api_.client(), *storage_, hub_, *events_, options_, RealClock(), transports_});
  }

  const source_controller::Collaborators& with() const { return *with_; }
  const runtime::Store& store() const { return store_; }
  artifact::Storage& storage() { return *storage_; }
  source_controller::Options& options() { return options_; }
  kube_testing::ApiServer& api() { return api_; }
  const source_controller::CloudAccess& cloud() const { return cloud_; }
  // Of the process that the controller is. Each file there is holds "token of <its path>".
  std::map<std::string, std::string> environment;

  void Apply(const std::string& manifest) { api_.Write(manifest, "kubectl"); }

  // The object as it is now, null if there is none.
  Value Live(absl::string_view kind, absl::string_view name) {
    return api_.client()
        .Get(api_.ctx(), api::KindOrDie(kind), {"default", std::string(name)})
        .value_or(Value());
  }

  // The files of an object's artifact, by path.
  std::map<std::string, std::string> FilesOf(const Value& object) {
    const auto artifact = api::Artifact::Decode(object["status"]["artifact"]);
    const auto tree = storage().Unpack(api().ctx(), *artifact).value();
    std::map<std::string, std::string> files;
    Collect(*tree, "", files);
    return files;
  }

  // Merges `status` into that of an object, as its controller would.
  void SetStatus(absl::string_view kind, absl::string_view name, Value status) {
    const auto patched = api_.client().Patch(
        api_.ctx(), api::KindOrDie(kind), {"default", std::string(name)}, kube::PatchType::kMerge,
        {{"status", std::move(status)}}, {.field_manager = "test", .subresource = "status"});
    INFO(patched.status());
    REQUIRE(patched.ok());
  }

  // One call of `reconciler` for the object as it is now.
  absl::StatusOr<runtime::Action> Reconcile(runtime::Reconciler& reconciler, absl::string_view kind,
                                            absl::string_view name) {
    const kube::ObjectKey key = {"default", std::string(name)};
    Value live = Live(kind, name);
    if (live.is_null()) {
      store_.Remove(key);
    } else {
      store_.Put(key, std::make_shared<const Value>(std::move(live)));
    }
    return reconciler.Reconcile(api_.ctx(), key);
  }

  // The types and reasons of the events that tell of an object so far: "Normal NewArtifact text".
  // Waits until they are written.
  std::vector<std::string> Events(absl::string_view name) {
    events_.emplace(EventOptions(), api_.client(), nullptr, RealClock());  // sends what is queued
    static const kube::Resource kEvents = {"", "v1", "events", "Event", true};
    std::vector<std::string> result;
    const auto list = api_.client().List(api_.ctx(), kEvents, "default").value();
    for (const Value& event : list.items) {
      if (event["involvedObject"]["name"].str() != name) continue;
      result.push_back(absl::StrCat(event["type"].str(), " ", event["reason"].str(), " ",
                                    event["message"].str()));
    }
    return result;
  }

 private:
  static void Collect(const fs::Tree& tree, const std::string& folder,
                      std::map<std::string, std::string>& files) {
    const auto entries = tree.List(folder).value();
    for (const fs::Entry& entry : entries) {
      const std::string path = folder.empty() ? entry.name : absl::StrCat(folder, "/", entry.name);
      if (entry.type == fs::EntryType::kDirectory) {
        Collect(tree, path, files);
      } else {
        files[path] = tree.Read(path).value();
      }
    }
  }
  static runtime::EventRecorderOptions EventOptions() {
    return {.controller = "source-controller", .instance = "test", .events_address = ""};
  }

  kube_testing::ApiServer api_;
  const disk::TempDir directory_;
  source_controller::Options options_;
  std::unique_ptr<artifact::Storage> storage_;
  artifact::Hub hub_{"test"};
  std::optional<runtime::EventRecorder> events_;
  std::unique_ptr<source_controller::Collaborators> with_;
  source_controller::Transports transports_;
  runtime::Store store_;
  const std::unique_ptr<http::Transport> transport_ = http::CreateClient({}).value();
  const cloud_identity::Environment surroundings_ = {
      [this](absl::string_view name) {
        const auto variable = environment.find(std::string(name));
        return variable == environment.end() ? "" : variable->second;
      },
      [](const std::string& path) -> absl::StatusOr<std::string> {
        return absl::StrCat("token of ", path);
      }};
  cloud_identity::TokenCache tokens_{{}, RealClock()};
  const source_controller::CloudAccess cloud_ = {
      {api_.client(), *transport_, surroundings_, RealClock()}, tokens_, options_, transports_};
};

// "Ready=True Succeeded: text", or "" if there is no such condition.
inline std::string ConditionText(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() != type) continue;
    return absl::StrCat(type, "=", condition["status"].str(), " ", condition["reason"].str(), ": ",
                        condition["message"].str());
  }
  return "";
}

// A Secret with this data, as YAML.
inline std::string SecretManifest(const std::string& name,
                                  const std::vector<std::pair<std::string, std::string>>& data) {
  std::string text = absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata: {name: ", name,
                                  ", namespace: default}\ndata:\n");
  for (const auto& [key, value] : data) {
    absl::StrAppend(&text, "  ", key, ": ", absl::Base64Escape(value), "\n");
  }
  return text;
}

// An HTTP server that notes what it is asked.
class NotingServer {
 public:
  using Answer = std::function<http::ServerResponse(const http::ServerRequest&)>;

  explicit NotingServer(Answer answer, http::ServerOptions options = {}) {
    options.address = "127.0.0.1:0";
    https_ = !options.certificate_pem.empty();
    server_ = http::Server::Start(options, [this, answer = std::move(answer)](
                                               const Context&, const http::ServerRequest& request) {
                absl::MutexLock lock(&mutex_);
                requests_.push_back(request);
                return answer(request);
              }).value();
  }

  std::string url() const {
    return absl::StrCat(https_ ? "https" : "http", "://127.0.0.1:", server_->port());
  }
  // Those since the last call.
  std::vector<http::ServerRequest> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(requests_, {});
  }

 private:
  bool https_ = false;
  absl::Mutex mutex_;
  std::vector<http::ServerRequest> requests_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace sluice::sources
