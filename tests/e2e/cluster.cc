// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/cluster.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"

namespace sluice::e2e {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(20);
constexpr absl::Duration kCallLimit = absl::Seconds(20);
constexpr size_t kLogTail = 4000;

Context Call() { return Context::Background().WithTimeout(kCallLimit); }

std::string Tail(const std::string& text) {
  return text.size() <= kLogTail ? text : absl::StrCat("…", text.substr(text.size() - kLogTail));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(const ClusterOptions& options) {
  std::unique_ptr<Cluster> cluster(new Cluster());
  RETURN_IF_ERROR(cluster->StartApiServer(options));
  RETURN_IF_ERROR(cluster->ApplyDefinitions());
  cluster->ns_ = absl::StrCat("e2e-", crypto::RandomHex(4));
  RETURN_IF_ERROR(cluster->Apply(
      {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", cluster->ns_}}}}));
  RETURN_IF_ERROR(cluster->StartGitServer(options));
  cluster->environment_ = options.environment;
  cluster->source_grpc_ = absl::StrCat("127.0.0.1:", ReservePort());
  for (const std::string& name : options.controllers) {
    cluster->PlanController(name, options);
    RETURN_IF_ERROR(cluster->Launch(name));
  }
  for (const std::string& name : options.later) cluster->PlanController(name, options);
  return cluster;
}

absl::Status Cluster::StartApiServer(const ClusterOptions& options) {
  if (const char* real = std::getenv("SLUICE_TEST_KUBECONFIG"); real != nullptr) {
    kubeconfig_ = real;
  } else {
    kubeconfig_ = dir_ / "kubeconfig";
    commands_["dev-apiserver"] = {Program("dev-apiserver"), "--listen", "127.0.0.1:0",
                                  "--write-kubeconfig", kubeconfig_};
    AddFlags("dev-apiserver", options);
    RETURN_IF_ERROR(Launch("dev-apiserver"));
    RETURN_IF_ERROR(AwaitFile(kubeconfig_, process("dev-apiserver"), kStartLimit).status());
  }
  ASSIGN_OR_RETURN(const kube::ClusterConfig config, kube::LoadClusterConfig(kubeconfig_));
  ASSIGN_OR_RETURN(client_, kube::CreateHttpClient(config));
  discovery_ = std::make_unique<kube::Discovery>(*client_);
  return absl::OkStatus();
}

absl::Status Cluster::ApplyDefinitions() {
  return Run({Program("sluice"), "apply", "--kubeconfig", kubeconfig_, "--force-conflicts", "-f",
              absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice/crds")})
      .status();
}

absl::Status Cluster::StartGitServer(const ClusterOptions& options) {
  std::filesystem::create_directories(git_root());
  // A port of its own choice would be another one after a restart.
  const std::string address = absl::StrCat("127.0.0.1:", ReservePort());
  git_url_ = absl::StrCat("http://", address);
  commands_["git-server"] = {Program("git-server"), "--listen",      address, "--root", git_root(),
                             "--write-url",         dir_ / "git.url"};
  AddFlags("git-server", options);
  RETURN_IF_ERROR(Launch("git-server"));
  return AwaitFile(dir_ / "git.url", process("git-server"), kStartLimit).status();
}

void Cluster::PlanController(const std::string& name, const ClusterOptions& options) {
  const std::string program = name.substr(0, name.find('#'));
  const bool flux = !options.flux_bin.empty();
  std::vector<std::string> command = {flux ? absl::StrCat(options.flux_bin, "/", program)
                                           : Program(program)};
  const auto add = [&](std::initializer_list<std::string> words) {
    command.insert(command.end(), words);
  };
  add({"--metrics-addr", "127.0.0.1:0", "--health-addr", "127.0.0.1:0"});
  if (program == "source-controller") {
    const std::string storage = dir_ / absl::StrCat("storage", name.substr(program.size()));
    std::filesystem::create_directories(storage);
    add({"--storage-path", storage, "--storage-addr", absl::StrCat("127.0.0.1:", ReservePort())});
    if (!flux) {
      add({"--grpc-addr",
           name == program ? source_grpc_ : absl::StrCat("127.0.0.1:", ReservePort())});
    }
  } else if (!flux) {
    add({"--grpc-addr", absl::StrCat("127.0.0.1:", ReservePort()), "--source-grpc-addr",
         options.source_grpc_address.empty() ? source_grpc_ : options.source_grpc_address});
  }
  if (program == "image-controller") add({"--storage-path", dir_ / "tags"});
  // On a shared real API server, only what is ours.
  if (!options.watch_all_namespaces) add({"--watch-all-namespaces=false"});
  commands_[name] = std::move(command);
  AddFlags(name, options);
}

void Cluster::AddFlags(const std::string& name, const ClusterOptions& options) {
  const auto more = options.flags.find(name);
  if (more == options.flags.end()) return;
  std::vector<std::string>& command = commands_[name];
  command.insert(command.end(), more->second.begin(), more->second.end());
}

absl::Status Cluster::Launch(const std::string& name) {
  std::vector<std::pair<std::string, std::string>> environment = environment_;
  environment.emplace_back("RUNTIME_NAMESPACE", ns_);
  environment.emplace_back("KUBECONFIG", kubeconfig_);
  ASSIGN_OR_RETURN(
      processes_[name],
      Process::Start(commands_.at(name), dir_ / absl::StrCat(name, ".log"), environment));
  return absl::OkStatus();
}

void Cluster::Kill(const std::string& name) {
  process(name).End(SIGKILL, absl::Seconds(10)).IgnoreError();
  killed_.push_back(name);
}

absl::Status Cluster::Restart(const std::string& name) {
  std::erase(killed_, name);
  return Launch(name);
}

std::string Cluster::Casualties() {
  std::string report;
  for (const auto& [name, process] : processes_) {
    if (process->running() || std::count(killed_.begin(), killed_.end(), name) > 0) continue;
    absl::StrAppend(&report, name, " has ended:\n", Tail(process->Output()));
  }
  return report;
}

absl::StatusOr<kube::Resource> Cluster::Resolve(absl::string_view api_version,
                                                absl::string_view kind) {
  return discovery_->Resolve(Call(), kube::ParseGvk(api_version, kind));
}

absl::Status Cluster::Apply(Value object) {
  ASSIGN_OR_RETURN(const kube::Resource resource,
                   Resolve(object["apiVersion"].str(), object["kind"].str()));
  if (resource.namespaced && kube::Namespace(object).empty()) {
    object.Ensure("metadata").Set("namespace", ns_);
  }
  return client_->Apply(Call(), resource, object, {.field_manager = "kubectl", .force = true})
      .status();
}

std::optional<Value> Cluster::Get(absl::string_view api_version, absl::string_view kind,
                                  absl::string_view name) {
  const auto resource = Resolve(api_version, kind);
  if (!resource.ok()) return std::nullopt;
  auto object =
      client_->Get(Call(), *resource, {resource->namespaced ? ns_ : "", std::string(name)});
  if (!object.ok()) return std::nullopt;
  return *std::move(object);
}

absl::Status Cluster::Delete(absl::string_view api_version, absl::string_view kind,
                             absl::string_view name) {
  ASSIGN_OR_RETURN(const kube::Resource resource, Resolve(api_version, kind));
  return client_->Delete(Call(), resource, {resource.namespaced ? ns_ : "", std::string(name)});
}

absl::Status Cluster::Edit(absl::string_view api_version, absl::string_view kind,
                           absl::string_view name, const Value& patch) {
  ASSIGN_OR_RETURN(const kube::Resource resource, Resolve(api_version, kind));
  return client_
      ->Patch(Call(), resource, {ns_, std::string(name)}, kube::PatchType::kMerge, patch,
              {.field_manager = "kubectl-edit"})
      .status();
}

absl::Status Cluster::Trigger(absl::string_view api_version, absl::string_view kind,
                              absl::string_view name) {
  return Edit(api_version, kind, name,
              {{"metadata",
                {{"annotations",
                  {{"reconcile.fluxcd.io/requestedAt", FormatRfc3339Nano(RealClock().Now())}}}}}});
}

std::vector<std::string> Cluster::Events(absl::string_view kind, absl::string_view name) {
  std::vector<std::string> lines;
  const auto resource = Resolve("v1", "Event");
  if (!resource.ok()) return lines;
  const auto events = client_->List(Call(), *resource, ns_);
  if (!events.ok()) return lines;
  for (const Value& event : events->items) {
    const Value& about = event["involvedObject"];
    if (about["kind"].str() != kind || about["name"].str() != name) continue;
    lines.push_back(
        absl::StrCat(event["type"].str(), " ", event["reason"].str(), " ", event["message"].str()));
  }
  return lines;
}

absl::Status Cluster::AddFault(const Value& rule) {
  kube::ApiRequest request;
  request.method = "POST";
  request.path = "/sluice-dev/faults";
  request.content_type = "application/json";
  request.body = rule;
  return client_->Do(Call(), request).status();
}

absl::Status Cluster::ClearFaults() {
  kube::ApiRequest request;
  request.method = "DELETE";
  request.path = "/sluice-dev/faults";
  return client_->Do(Call(), request).status();
}

std::string Cluster::Describe() {
  std::string out = Run({Program("sluice"), "get", "all", "--kubeconfig", kubeconfig_, "-n", ns_})
                        .value_or("sluice get all failed\n");
  for (const auto& [name, process] : processes_) {
    absl::StrAppend(&out, "--- ", name, "\n", Tail(process->Output()), "\n");
  }
  return out;
}

Value GitRepositoryManifest(absl::string_view name, absl::string_view url,
                            absl::string_view interval) {
  return {{"apiVersion", kSourceApi},
          {"kind", "GitRepository"},
          {"metadata", {{"name", name}}},
          {"spec", {{"interval", interval}, {"url", url}, {"ref", {{"branch", "main"}}}}}};
}

Value KustomizationManifest(absl::string_view name, absl::string_view source,
                            absl::string_view path, absl::string_view interval) {
  return {{"apiVersion", kKustomizeApi},
          {"kind", "Kustomization"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"interval", interval},
            {"retryInterval", "1s"},
            {"path", path},
            {"prune", true},
            {"sourceRef", {{"kind", "GitRepository"}, {"name", source}}}}}};
}

std::string ConfigMapYaml(absl::string_view ns, absl::string_view name, absl::string_view key,
                          absl::string_view value) {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\n  namespace: ", ns, "\ndata:\n  ", key, ": \"", value, "\"\n");
}

std::optional<std::string> ReadyMessage(const std::optional<Value>& object,
                                        absl::string_view status) {
  if (!object.has_value()) return std::nullopt;
  for (const Value& condition : (*object)["status"]["conditions"].items()) {
    if (condition["type"].str() != "Ready" || condition["status"].str() != status) continue;
    if (condition["observedGeneration"].int_or(0) != kube::Generation(*object)) continue;
    return std::string(condition["message"].str());
  }
  return std::nullopt;
}

}  // namespace sluice::e2e
