// SPDX-License-Identifier: Apache-2.0
#include "tests/secrets/places.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/kinds.h"
#include "common/http/client.h"
#include "common/kube/object.h"
#include "common/rpc/channel.h"
#include "common/value/json.h"
#include "sluice/common/v1/sync_status.pb.h"
#include "tests/grpc_api/named_call.h"

namespace sluice::secrets {
namespace {

const std::vector<std::string> kControllers = {"source-controller", "kustomize-controller",
                                               "helm-controller", "image-controller"};
constexpr absl::Duration kCallLimit = absl::Seconds(20);
constexpr char kStatusService[] = "/sluice.common.v1.SyncStatusService/";

Context Call() { return Context::Background().WithTimeout(kCallLimit); }

std::string Fetched(const std::string& url) {
  const auto client = http::CreateClient({});
  REQUIRE(client.ok());
  http::Request request;
  request.url = url;
  const auto answer = (*client)->Send(Call(), request);
  INFO(url << ": " << answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  return answer->body;
}

// Names and contents of all files. Artifacts are compressed: they hold what stands in their source.
std::string FilesIn(const std::string& folder) {
  std::string text = folder + "\n";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    absl::StrAppend(&text, entry.path().string(), "\n");
    if (entry.is_regular_file()) absl::StrAppend(&text, e2e::ReadFile(entry.path()), "\n");
  }
  return text;
}

std::string Joined(const grpc_api::Answer& answer) {
  std::string text = answer.status.ToString();
  for (const std::string& message : answer.messages) absl::StrAppend(&text, "\n", message);
  return text;
}

}  // namespace

Watched::Watched(const std::string& temporary) : temporary_(temporary) {
  e2e::ClusterOptions options;
  options.controllers = kControllers;
  options.environment = {{"TMPDIR", temporary}};
  for (const std::string& name : kControllers) {
    metrics_[name] = absl::StrCat("127.0.0.1:", e2e::ReservePort());
    if (name != "source-controller") grpc_[name] = absl::StrCat("127.0.0.1:", e2e::ReservePort());
    options.flags[name] = {"--log-level=trace", "--metrics-addr", metrics_[name]};
  }
  grpc_["source-controller"] = absl::StrCat("127.0.0.1:", e2e::ReservePort());
  options.source_grpc_address = grpc_["source-controller"];
  for (const auto& [name, address] : grpc_) {
    options.flags[name].push_back(absl::StrCat("--grpc-addr=", address));
  }
  auto started = e2e::Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  cluster_ = *std::move(started);
}

void Watched::AddObjects(std::map<std::string, std::string>& told) {
  const auto list = [&](const kube::Resource& kind) {
    const auto objects = cluster_->client().List(Call(), kind, cluster_->ns());
    INFO(kind.kind << ": " << objects.status());
    REQUIRE(objects.ok());
    return objects->items;
  };
  for (Value& event : list({"", "v1", "events", "Event", true})) {
    absl::StrAppend(&told["events"], value::FormatJson(event), "\n");
  }
  for (const kube::Resource& kind : api::AllKinds()) {
    for (Value& object : list(kind)) {
      object.Erase("spec");
      absl::StrAppend(&told["objects"], value::FormatJson(object), "\n");
    }
  }
}

void Watched::AddGrpc(std::map<std::string, std::string>& told) {
  for (const auto& [name, address] : grpc_) {
    const auto channel = rpc::CreateChannel({.target = address});
    REQUIRE(channel.ok());
    std::string& text = told["gRPC of " + name];
    const auto call = [&](const std::string& method, const std::string& request) {
      const grpc_api::Answer answer = grpc_api::CallByName(*channel, method, request, Secret());
      absl::StrAppend(&text, method, ": ", Joined(answer), "\n");
      return answer;
    };
    const grpc_api::Answer all = call(absl::StrCat(kStatusService, "List"), "");
    REQUIRE(all.messages.size() == 1);
    call(absl::StrCat(kStatusService, "Watch"), "");
    if (name == "source-controller") call("/sluice.source.v1.ArtifactService/Subscribe", "");
    common::v1::ListResponse list;
    REQUIRE(list.ParseFromString(all.messages[0]));
    for (const common::v1::SyncStatus& item : list.items()) {
      // Requests about one object have it in the same field.
      common::v1::GetRequest request;
      *request.mutable_object() = item.object();
      for (const char* method : {"Get", "GetInventory", "GetTree", "GetHistory", "Explain"}) {
        call(absl::StrCat(kStatusService, method), request.SerializeAsString());
      }
    }
  }
}

void Watched::AddCommands(std::map<std::string, std::string>& told) {
  const auto run = [&](const std::string& line) {
    std::vector<std::string> words = {e2e::Program("sluice")};
    for (const absl::string_view word : absl::StrSplit(line, ' ')) words.emplace_back(word);
    for (const std::string& word :
         {std::string("--kubeconfig"), cluster_->kubeconfig(), std::string("-n"), cluster_->ns()}) {
      words.push_back(word);
    }
    // Also of commands that say that something is wrong.
    const auto output = e2e::Run(words);
    absl::StrAppend(&told["sluice " + line.substr(0, line.find(' '))], line, ":\n",
                    output.ok() ? *output : std::string(output.status().message()), "\n");
  };
  for (const char* line : {"get all -o wide", "tree", "events", "stats", "check"}) run(line);
  for (const char* kind : {"Kustomization", "HelmRelease"}) {
    const auto objects = cluster_->client().List(Call(), api::KindOrDie(kind), cluster_->ns());
    REQUIRE(objects.ok());
    for (const Value& object : objects->items) {
      run(absl::StrCat("why ", kind, "/", kube::Name(object)));
      run(absl::StrCat("tree ", kind, "/", kube::Name(object)));
      if (kind != std::string("Kustomization")) continue;
      run(absl::StrCat("diff kustomization ", kube::Name(object), " --path ", cluster_->git_root(),
                       "/repo/", object["spec"]["path"].str()));
    }
  }
}

std::map<std::string, std::string> Watched::Told() {
  std::map<std::string, std::string> told;
  AddObjects(told);
  AddGrpc(told);
  AddCommands(told);
  told["storage"] = FilesIn(cluster_->storage());
  told["temporary files"] = FilesIn(temporary_);
  for (const std::string& name : kControllers) {
    told["metrics of " + name] = Fetched(absl::StrCat("http://", metrics_[name], "/metrics"));
    told["log of " + name] = cluster_->process(name).Output();
    told["environment of " + name] = absl::StrCat(cluster_->process(name).Proc("cmdline"),
                                                  cluster_->process(name).Proc("environ"));
  }
  return told;
}

}  // namespace sluice::secrets
