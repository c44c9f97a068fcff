// Target: an API server that the contract suite talks to over HTTP.
//
//   TEST_CASE("a configmap is created") {
//     Target& api = *GENERATE(from_range(Targets()));
//     Namespace ns(api);
//     const Answer created = api.Post(ns.Path("configmaps"), Value{...});
//     CHECK(created.code == 201);
//   }

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/http/message.h"
#include "common/http/transport.h"
#include "common/value/value.h"

namespace sluice::apiserver_contract {

inline constexpr char kJsonPatch[] = "application/json-patch+json";
inline constexpr char kMergePatch[] = "application/merge-patch+json";
inline constexpr char kStrategicPatch[] = "application/strategic-merge-patch+json";
inline constexpr char kApplyPatch[] = "application/apply-patch+yaml";

struct Answer {
  int code = 0;
  Value body;  // null if it is no JSON
  std::string text;
  http::Headers headers;

  std::string message() const { return std::string(body["message"].str()); }
  std::string reason() const { return std::string(body["reason"].str()); }
  const Value& meta(absl::string_view field) const { return body["metadata"][field]; }
  std::string version() const { return std::string(meta("resourceVersion").str()); }
};

// Thread-safe.
class Target {
 public:
  // A kubeconfig's current context: server, token, authority.
  static absl::StatusOr<std::unique_ptr<Target>> FromKubeconfig(std::string name,
                                                                absl::string_view text);

  const std::string& name() const { return name_; }
  // Whether it is a real kube-apiserver.
  bool real() const { return name_ == "cluster"; }
  // Whether somebody collects garbage and finishes namespaces.
  bool has_controllers();

  Answer Get(const std::string& path, http::Headers headers = {});
  Answer Post(const std::string& path, const Value& body, http::Headers headers = {});
  Answer Put(const std::string& path, const Value& body);
  Answer Patch(const std::string& path, const char* type, const Value& patch);
  Answer Delete(const std::string& path, const Value& options = nullptr);
  // Any request; `body` as it is to be sent.
  Answer Send(const std::string& method, const std::string& path, const std::string& body,
              http::Headers headers);

  // The events of a watch until `enough` says so, or for ten seconds.
  std::vector<Value> Watch(const std::string& path,
                           const std::function<bool(const std::vector<Value>&)>& enough,
                           http::Headers headers = {});
  // ... until there are `count`.
  std::vector<Value> Watch(const std::string& path, size_t count);

  // Sends a merge patch again until it is answered with `code`, or for ten seconds.
  Answer AwaitPatch(const std::string& path, const Value& patch, int code);
  // Asks again until `done`, or for ten seconds; the last answer.
  Answer Await(const std::string& path, const std::function<bool(const Answer&)>& done);

 private:
  Target() = default;

  std::string name_;
  std::string server_;
  std::string token_;
  std::unique_ptr<http::Transport> transport_;
};

// dev-apiserver in this process, and the cluster of SLUICE_TEST_KUBECONFIG.
std::vector<Target*> Targets();

// A namespace of the test's own.
class Namespace {
 public:
  explicit Namespace(Target& api);
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  const std::string& name() const { return name_; }
  // "/api/v1/namespaces/<name>/<rest>", or of the group version in `group`.
  std::string Path(const std::string& rest) const;
  std::string Path(const std::string& group_version, const std::string& rest) const;

 private:
  Target& api_;
  std::string name_;
};

// Short random text for names.
std::string Unique(const std::string& prefix);

// A document written in YAML; the text must be one.
Value Yaml(absl::string_view text);

// A merge patch of an object, and what the API server says to the object that comes of it.
struct Refusal {
  const char* change;
  const char* message;
};
// Posts `base`, which must be taken, and its changes, which must be refused, as dry runs to `path`.
void CheckRefusals(Target& api, const std::string& path, const Value& base,
                   std::span<const Refusal> rows, int code = 422);

// A patch, the code of the answer, and the value at a path in the answer ("spec.ports.0").
struct Change {
  const char* patch;
  int code;
  const char* path;
  const char* value;
};
// Sends the patches, of one content type, as dry runs.
void CheckChanges(Target& api, const std::string& path, const char* type,
                  std::span<const Change> rows);

// Objects that many tests use.
Value ConfigMap(const std::string& name, Value data = Value{{"k", "v"}});
Value Deployment(const std::string& name, int replicas = 1);

}  // namespace sluice::apiserver_contract
