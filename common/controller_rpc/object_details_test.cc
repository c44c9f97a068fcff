// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/object_details.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/value/yaml.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;

constexpr char kOwner[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system, uid: "1", generation: 1}
status:
  observedGeneration: 1
  lastAppliedRevision: main@sha1:aa
  conditions: [{type: Ready, status: "True", reason: S, message: applied}]
  inventory:
    entries:
    - {id: flux-system_child_kustomize.toolkit.fluxcd.io_Kustomization, v: v1}
    - {id: flux-system_gone_kustomize.toolkit.fluxcd.io_Kustomization, v: v1}
    - {id: secret_hidden_kustomize.toolkit.fluxcd.io_Kustomization, v: v1}
  history:
  - {digest: "sha256:a", firstReconciled: "2026-01-01T00:00:00Z", totalReconciliations: 3,
     lastReconciled: "2026-01-02T00:00:00Z", lastReconciledStatus: ReconciliationSucceeded,
     metadata: {revision: main@sha1:aa}}
)";
constexpr char kChild[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: child, namespace: flux-system, generation: 1}
status:
  observedGeneration: 1
  conditions: [{type: Ready, status: "False", reason: F, message: no such path},
               {type: Stalled, status: "True", reason: F, message: no such path}]
)";

// Has one object; others are not found.
class OneObject : public kube::Client {
 public:
  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest& request) override {
    if (absl::EndsWith(request.path, "/child")) return value::ParseYaml(kChild).value();
    return absl::NotFoundError("not found");
  }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("nobody watches here");
  }
};

TEST_CASE("a tree has the health of what may be seen", "[controller_rpc]") {
  OneObject client;
  kube::Discovery discovery(client);
  const Context ctx = Context::Background();
  const explain::LiveCluster view(
      ctx, client, discovery,
      [](absl::string_view, const kube::Resource&,
         const kube::ObjectKey& key) -> absl::StatusOr<bool> { return key.ns != "secret"; });
  const v1::GetTreeResponse tree =
      TreeOf(value::ParseYaml(kOwner).value(), view, absl::UnixEpoch()).value();
  CHECK_FALSE(tree.truncated());
  CHECK(tree.root().object().name() == "apps");
  CHECK(tree.root().health() == v1::HEALTH_CURRENT);
  CHECK(tree.root().revision() == "main@sha1:aa");
  REQUIRE(tree.root().children_size() == 3);
  CHECK(tree.root().children(0).health() == v1::HEALTH_FAILED);
  CHECK(tree.root().children(0).message() == "no such path");
  CHECK(tree.root().children(1).health() == v1::HEALTH_NOT_FOUND);
  CHECK(tree.root().children(2).object().name() == "hidden");
  CHECK(tree.root().children(2).health() == v1::HEALTH_UNSPECIFIED);
}

TEST_CASE("histories of both kinds have one form", "[controller_rpc]") {
  const v1::GetHistoryResponse applied = HistoryOf(value::ParseYaml(kOwner).value());
  REQUIRE(applied.entries_size() == 1);
  CHECK(applied.entries(0).revision() == "main@sha1:aa");
  CHECK(applied.entries(0).status() == "ReconciliationSucceeded");
  CHECK(applied.entries(0).count() == 3);
  CHECK(applied.entries(0).last_applied().seconds() -
            applied.entries(0).first_applied().seconds() ==
        86400);
  const v1::GetHistoryResponse released = HistoryOf(value::ParseYaml(R"(
status:
  history:
  - {chartName: web, chartVersion: 1.1.0, version: 2, status: deployed, digest: "sha256:b",
     firstDeployed: "2026-01-01T00:00:00Z", lastDeployed: "2026-01-01T00:00:00Z"}
)")
                                                        .value());
  REQUIRE(released.entries_size() == 1);
  CHECK(released.entries(0).revision() == "web@1.1.0");
  CHECK(released.entries(0).status() == "deployed");
  CHECK(released.entries(0).count() == 2);
}

}  // namespace
}  // namespace sluice::controller_rpc
