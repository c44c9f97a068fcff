// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applier.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/kube/object.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

using kube_testing::ApiServer;
using ::sluice::testing::StatusIs;

std::string ConfigMap(const std::string& name, const std::string& data,
                      const std::string& annotations = "") {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
         ", namespace: default, annotations: {" + annotations + "}}, data: {" + data + "}}";
}

struct Fixture : ApiServer {
  ApplyOptions options;

  ApplyResult Apply(const std::vector<std::string>& yamls) {
    std::vector<Value> objects;
    for (const std::string& yaml : yamls) objects.push_back(value::ParseYaml(yaml).value());
    client().Take();
    return Applier(client(), discovery(), options, RealClock()).Apply(ctx(), std::move(objects));
  }
  // The one change that applying `yaml` makes.
  std::string ApplyOne(const std::string& yaml) {
    const ApplyResult result = Apply({yaml});
    if (!result.status.ok()) return std::string(result.status.message());
    REQUIRE(result.changes.size() == 1);
    return std::string(ActionName(result.changes[0].action));
  }
};

TEST_CASE("objects are created, changed, and left alone", "[ssa]") {
  Fixture cluster;
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v")) == "created");
  const Value live = cluster.Live(ConfigMap("a", ""));
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v")) == "unchanged");
  CHECK(cluster.Live(ConfigMap("a", "")) == live);  // not even touched
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: w")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"]["k"].str() == "w");
}

TEST_CASE("what others changed in our fields is put back", "[ssa]") {
  Fixture cluster;
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "created");
  cluster.Write(ConfigMap("a", "k: edited, more: x"), "kubectl-edit");
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"] == Value{{"k", "v"}});

  cluster.Write(ConfigMap("a", "more: x"), "some-operator");
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v")) == "unchanged");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"].Has("more"));
}

TEST_CASE("annotations say how an object is handled", "[ssa]") {
  const std::string group = "kustomize.toolkit.fluxcd.io/";
  Fixture cluster;
  CHECK(cluster.ApplyOne(ConfigMap("ignored", "k: v", group + "ssa: Ignore")) == "skipped");
  CHECK(cluster.Live(ConfigMap("ignored", "")).is_null());
  CHECK(cluster.ApplyOne(ConfigMap("off", "k: v", group + "reconcile: disabled")) == "skipped");

  const std::string once = group + "ssa: IfNotPresent";
  CHECK(cluster.ApplyOne(ConfigMap("once", "k: v", once)) == "created");
  CHECK(cluster.ApplyOne(ConfigMap("once", "k: w", once)) == "skipped");
  CHECK(cluster.Live(ConfigMap("once", ""))["data"]["k"].str() == "v");

  const std::string merge = group + "ssa: Merge";
  REQUIRE(cluster.ApplyOne(ConfigMap("merged", "k: v", merge)) == "created");
  cluster.Write(ConfigMap("merged", "more: x"), "kubectl-edit");
  CHECK(cluster.ApplyOne(ConfigMap("merged", "k: v", merge)) == "unchanged");
  CHECK(cluster.Live(ConfigMap("merged", ""))["data"].Has("more"));
}

TEST_CASE("a refused object leaves its stage alone, not the stages before", "[ssa]") {
  Fixture cluster;
  const ApplyResult result = cluster.Apply({
      "{apiVersion: v1, kind: Namespace, metadata: {name: fresh}}",
      ConfigMap("good", "k: v"),
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: NotAName, namespace: default}}",
  });
  CHECK_THAT(result.status, StatusIs(absl::StatusCode::kInvalidArgument,
                                     "ConfigMap/default/NotAName dry-run failed (Invalid)"));
  REQUIRE(result.changes.size() == 1);
  CHECK(result.changes[0].ToString() == "Namespace/fresh created");
  CHECK(cluster.Live(ConfigMap("good", "")).is_null());
}

TEST_CASE("what the API server quotes of a secret is not told", "[ssa]") {
  Fixture cluster;
  cluster.options.secrets.Add("no label!");
  const std::string refused = cluster.ApplyOne(
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default, labels: {a: no "
      "label!}}}");
  CHECK(absl::StartsWith(refused, "ConfigMap/default/a dry-run failed"));
  CHECK(absl::StrContains(refused, "Invalid value: \"***\""));
  // Of a Secret nothing has to be known before.
  const std::string number = cluster.ApplyOne(
      "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: default}, data: {pin: "
      "12345}}");
  CHECK(absl::StartsWith(number, "Secret/default/a dry-run failed"));
  CHECK_FALSE(absl::StrContains(number, "12345"));
}

TEST_CASE("a custom kind is applied together with its definition", "[ssa]") {
  Fixture cluster;
  const ApplyResult result = cluster.Apply({
      "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, namespace: default}, spec: "
      "{size: 1}}",
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
      "widgets.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: Widget, "
      "plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: "
      "{openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}",
  });
  INFO(result.status);
  REQUIRE(result.status.ok());
  REQUIRE(result.changes.size() == 2);
  CHECK(result.changes[1].ToString() == "Widget/default/w created");
}

TEST_CASE("a field that cannot change needs permission to recreate", "[ssa]") {
  const std::string head =
      "{apiVersion: v1, kind: ConfigMap, immutable: true, metadata: {name: fixed, namespace: "
      "default}, data: {k: ";
  Fixture cluster;
  REQUIRE(cluster.ApplyOne(head + "v}}") == "created");
  CHECK(cluster.ApplyOne(head + "w}}").find("dry-run failed (Invalid)") != std::string::npos);
  const std::string uid(kube::Uid(cluster.Live(head + "v}}")));
  cluster.options.force = true;
  CHECK(cluster.ApplyOne(head + "w}}") == "created");
  CHECK(kube::Uid(cluster.Live(head + "v}}")) != uid);
}

TEST_CASE("the inventory hears of a stage before it is written", "[ssa]") {
  Fixture cluster;
  std::vector<std::string> told;
  bool was_there = false;
  cluster.options.before_writes = [&](const Inventory& stage) {
    for (const ObjectId& id : stage) told.push_back(id.Subject());
    was_there = !cluster.Live(ConfigMap("a", "")).is_null();
    return absl::OkStatus();
  };
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "created");
  CHECK(told == std::vector<std::string>{"ConfigMap/default/a"});
  CHECK_FALSE(was_there);
  told.clear();
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "unchanged");
  CHECK(told.empty());

  cluster.options.before_writes = [](const Inventory&) {
    return absl::UnavailableError("no inventory");
  };
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: w")) == "no inventory");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"]["k"].str() == "v");
}

TEST_CASE("an object that is known to be right costs one read", "[ssa]") {
  Fixture cluster;
  AppliedMemo memo;
  cluster.options.memo = &memo;
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "created");
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "unchanged");
  CHECK(cluster.client().Take() ==
        std::vector<std::string>{"GET /api/v1/namespaces/default/configmaps/a"});

  // Somebody writes: looked at closely again, and then known again.
  cluster.Write(ConfigMap("a", "k: edited"), "kubectl-edit");
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"]["k"].str() == "v");
  REQUIRE(cluster.ApplyOne(ConfigMap("a", "k: v")) == "unchanged");
  CHECK(cluster.client().Take().size() == 1);
}

TEST_CASE("fields that the API server does not know are left out of built-in kinds", "[ssa]") {
  Fixture cluster;
  const ApplyResult result = cluster.Apply(
      {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {k: v}, "
       "daata: {x: y}}",
       "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: default}, spec: {porst: 1, "
       "ports: [{port: 80, name: http, tragetPort: 1}]}}"});
  INFO(result.status);
  REQUIRE(result.status.ok());
  CHECK(result.dropped == std::vector<std::string>{"ConfigMap/default/a: .daata",
                                                   "Service/default/s: .spec.porst",
                                                   "Service/default/s: "
                                                   ".spec.ports[port=80,protocol=\"TCP\"]."
                                                   "tragetPort"});
  CHECK(cluster.Live(ConfigMap("a", ""))["data"]["k"].str() == "v");
}

TEST_CASE("ignored fields are others' to set", "[ssa]") {
  Fixture cluster;
  AppliedMemo memo;
  cluster.options.memo = &memo;
  cluster.options.ignore =
      DriftIgnore::Compile(value::ParseYaml("[{paths: [/data/k]}]").value()).value();
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v, l: w")) == "created");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"]["k"].str() == "v");  // creation is complete
  cluster.Write(ConfigMap("a", "k: theirs"), "some-operator");
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v, l: w")) == "unchanged");
  // Other drift is put right, and the ignored field stays.
  CHECK(cluster.ApplyOne(ConfigMap("a", "k: v, l: new")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"] == Value{{"k", "theirs"}, {"l", "new"}});
}

// What a watch would show: the live objects that carry the label "ours".
struct View : LiveView {
  Fixture& cluster;
  explicit View(Fixture& c) : cluster(c) {}
  Sight Find(const kube::Resource&, const kube::ObjectKey& key) override {
    const Value live = cluster.Live(ConfigMap(key.name, ""));
    if (kube::Label(live, "ours").empty()) return {true, std::nullopt};
    return {true, LiveFacts::Of(live, cluster.options.identity, absl::Now())};
  }
};

std::string Labelled(const std::string& name, const std::string& data,
                     const std::string& annotations = "") {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
         ", namespace: default, labels: {ours: 'yes'}, annotations: {" + annotations +
         "}}, data: {" + data + "}}";
}

TEST_CASE("with a watch, objects are not read", "[ssa]") {
  Fixture cluster;
  AppliedMemo memo;
  View view(cluster);
  cluster.options.memo = &memo;
  cluster.options.live = &view;
  using Requests = std::vector<std::string>;
  const std::string path = "/api/v1/namespaces/default/configmaps/a";
  REQUIRE(cluster.ApplyOne(Labelled("first", "k: v")) == "created");  // and discovery is done

  CHECK(cluster.ApplyOne(Labelled("a", "k: v")) == "created");
  CHECK(cluster.client().Take() == Requests{"PATCH " + path + "?dryRun", "PATCH " + path});
  CHECK(cluster.ApplyOne(Labelled("a", "k: v")) == "unchanged");
  CHECK(cluster.client().Take().empty());
  CHECK(cluster.ApplyOne(Labelled("a", "k: w")) == "configured");
  CHECK(cluster.client().Take() == Requests{"PATCH " + path + "?dryRun", "PATCH " + path});

  // Somebody else edits, by other means than kubectl.
  cluster.Write(Labelled("a", "k: edited"), "some-operator");
  CHECK(cluster.ApplyOne(Labelled("a", "k: w")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"] == Value{{"k", "w"}});
  cluster.Write(Labelled("a", "more: x"), "some-operator");
  CHECK(cluster.ApplyOne(Labelled("a", "k: w")) == "unchanged");
  CHECK(cluster.client().Take() == Requests{"PATCH " + path + "?dryRun"});
  CHECK(cluster.ApplyOne(Labelled("a", "k: w")) == "unchanged");
  CHECK(cluster.client().Take().empty());
}

TEST_CASE("with a watch, objects that ask for more than a look are read", "[ssa]") {
  const std::string group = "kustomize.toolkit.fluxcd.io/";
  Fixture cluster;
  AppliedMemo memo;
  View view(cluster);
  cluster.options.memo = &memo;
  cluster.options.live = &view;

  // kubectl's fields are taken over, and removed.
  REQUIRE(cluster.ApplyOne(Labelled("a", "k: v")) == "created");
  cluster.Write(Labelled("a", "k: v, more: x"), "kubectl-edit");
  CHECK(cluster.ApplyOne(Labelled("a", "k: v")) == "configured");
  CHECK(cluster.Live(ConfigMap("a", ""))["data"] == Value{{"k", "v"}});

  // It is there, without our label.
  cluster.Write(ConfigMap("b", "k: theirs"), "somebody");
  CHECK(cluster.ApplyOne(Labelled("b", "k: v")) == "configured");

  // The live object says hands off.
  REQUIRE(cluster.ApplyOne(Labelled("c", "k: v")) == "created");
  cluster.Write(Labelled("c", "k: theirs", group + "reconcile: disabled"), "somebody");
  CHECK(cluster.ApplyOne(Labelled("c", "k: w")) == "skipped");

  // The desired one does.
  const std::string once = group + "ssa: IfNotPresent";
  CHECK(cluster.ApplyOne(Labelled("d", "k: v", once)) == "created");
  CHECK(cluster.ApplyOne(Labelled("d", "k: w", once)) == "skipped");

  // A refusal is the server's.
  CHECK(cluster.ApplyOne(Labelled("e", "k: {}")).find("ConfigMap/default/e dry-run failed") == 0);
}

}  // namespace
}  // namespace sluice::ssa
