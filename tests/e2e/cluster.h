// A cluster with our controllers, as processes: what a user runs, only smaller.
//
// The API server is the development one, or a real one: the kubeconfig that SLUICE_TEST_KUBECONFIG
// names. Every Cluster has a namespace of its own, so that one real server serves all tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/value/value.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {

struct ClusterOptions {
  // Where the consumers look for source-controller's gRPC; empty: where it is.
  std::string source_grpc_address;
  // More flags, by program: a controller, dev-apiserver or git-server.
  std::map<std::string, std::vector<std::string>> flags;
  // More variables in the controllers' environment.
  std::vector<std::pair<std::string, std::string>> environment;
  // Not only ns(): on a shared real API server, what others have there is worked on too.
  bool watch_all_namespaces = false;
  // The controllers to start: "source-controller", and "source-controller#2" for one more of it…
  std::vector<std::string> controllers = {"source-controller", "kustomize-controller"};
  // A folder with Flux's own controllers, to be started in place of ours.
  std::string flux_bin;
  // Of the controllers those that only Restart() starts.
  std::vector<std::string> later;
};

// Names of processes: "dev-apiserver", "git-server", "source-controller", …
class Cluster {
 public:
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const ClusterOptions& options = {});

  kube::Client& client() { return *client_; }
  const std::string& ns() const { return ns_; }
  // The file with which programs reach the API server.
  const std::string& kubeconfig() const { return kubeconfig_; }
  // Whether the API server is the development one, which can be told to fail.
  bool has_faults() const { return processes_.contains("dev-apiserver"); }
  // The folder whose Git repositories are served, and the base of their URLs.
  std::string git_root() const { return dir_ / "git"; }
  const std::string& git_url() const { return git_url_; }
  // source-controller's folder.
  std::string storage() const { return dir_ / "storage"; }

  Process& process(const std::string& name) { return *processes_.at(name); }
  // kill -9, and a new start with the same command line.
  void Kill(const std::string& name);
  absl::Status Restart(const std::string& name);
  // The processes that have ended though nobody ended them, with what they printed; empty if all is
  // well.
  std::string Casualties();

  // A namespaced object without a namespace is put into ns().
  absl::Status Apply(Value object);
  // nullopt if there is none, and after any error: a test asks again.
  std::optional<Value> Get(absl::string_view api_version, absl::string_view kind,
                           absl::string_view name);
  absl::Status Delete(absl::string_view api_version, absl::string_view kind,
                      absl::string_view name);
  // A merge patch as field manager "kubectl-edit".
  absl::Status Edit(absl::string_view api_version, absl::string_view kind, absl::string_view name,
                    const Value& patch);
  // Sets the annotation that asks for a reconciliation now.
  absl::Status Trigger(absl::string_view api_version, absl::string_view kind,
                       absl::string_view name);
  // The messages of the events about an object, with their type and reason: "Warning Reason text".
  std::vector<std::string> Events(absl::string_view kind, absl::string_view name);

  // A rule of the development API server (devapi/requests/faults.h), and the end of all rules.
  absl::Status AddFault(const Value& rule);
  absl::Status ClearFaults();

  // What to print when a test has failed: conditions of our objects, ends of the logs.
  std::string Describe();

 private:
  Cluster() = default;
  absl::Status StartApiServer(const ClusterOptions& options);
  absl::Status StartGitServer(const ClusterOptions& options);
  void PlanController(const std::string& name, const ClusterOptions& options);
  void AddFlags(const std::string& name, const ClusterOptions& options);
  absl::Status ApplyDefinitions();
  absl::Status Launch(const std::string& name);
  absl::StatusOr<kube::Resource> Resolve(absl::string_view api_version, absl::string_view kind);

  TempDir dir_;
  std::string kubeconfig_;
  std::string ns_;
  std::string git_url_;
  std::string source_grpc_;
  std::map<std::string, std::vector<std::string>> commands_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Discovery> discovery_;
  std::map<std::string, std::unique_ptr<Process>> processes_;
  std::vector<std::string> killed_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

// Manifests that the tests share; in the cluster's namespace, named after their argument.
Value GitRepositoryManifest(absl::string_view name, absl::string_view url,
                            absl::string_view interval = "1m");
Value KustomizationManifest(absl::string_view name, absl::string_view source,
                            absl::string_view path, absl::string_view interval = "1m");
// A ConfigMap as YAML text with one entry.
std::string ConfigMapYaml(absl::string_view ns, absl::string_view name, absl::string_view key,
                          absl::string_view value);

// The message of the Ready condition for the object's present generation, if its status is
// `status`.
std::optional<std::string> ReadyMessage(const std::optional<Value>& object,
                                        absl::string_view status);

inline constexpr char kSourceApi[] = "source.toolkit.fluxcd.io/v1";
inline constexpr char kKustomizeApi[] = "kustomize.toolkit.fluxcd.io/v1";

}  // namespace sluice::e2e
