// Why is this object as it is? The single root cause, found by walking from the object along what
// it depends on, to its source and to what it has applied, to the first thing that fails.
//
//   Cluster cluster = {find, pods};
//   const Explanation why = Explain(ObjectId of Kustomization/apps/web, cluster, now).value();
//   why.path:    Kustomization/apps/web -> dependsOn Kustomization/apps/db
//                -> sourceRef GitRepository/apps/repo
//   why.cause:   "source-authentication"
//
// It reads objects through functions only, so that the controllers' gRPC API, the command line and
// tests with files use the same reasoning.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"

namespace sluice::explain {

// How objects are found. Called from the thread that asks, one call at a time.
struct Cluster {
  // The live object, or nullptr if there is none. The version in the id may be empty for our own
  // kinds: they are known by their names. An error ends the explanation.
  std::function<absl::StatusOr<kube::ObjectPtr>(const ssa::ObjectId&)> find;
  // The pods of a namespace that have all of these labels ({"app": "web"}).
  std::function<absl::StatusOr<std::vector<kube::ObjectPtr>>(const std::string& ns,
                                                             const Value& labels)>
      pods;
};

enum class Verdict {
  kHealthy,      // nothing is wrong, from source to health
  kProgressing,  // nothing is wrong yet: the last step is under way
  kFailing,      // the last step is where the cause is
};

struct Step {
  ssa::ObjectId object;
  std::string relation;  // what led here: "dependsOn", "sourceRef", "chart", "inventory"…; "" first
  std::string state;     // what is to be seen of it, in one line
};

struct Explanation {
  Verdict verdict = Verdict::kHealthy;
  std::vector<Step> path;  // from the asked object on; never empty
  std::string cause;       // stable, for programs; docs/api.md lists them. "" if healthy
  std::string summary;     // for people, one sentence
  std::string fix;         // what to do about it; may be empty
};

// The most objects that one explanation reads; what is beyond is taken to be well.
inline constexpr int kMaxReads = 500;

// kNotFound if the asked object is not there; the errors of `cluster`.
absl::StatusOr<Explanation> Explain(const ssa::ObjectId& asked, const Cluster& cluster,
                                    absl::Time now);

}  // namespace sluice::explain
