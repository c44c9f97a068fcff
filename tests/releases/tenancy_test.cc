// A HelmRelease of a tenant: what it may read and what it may bring about.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

// The namespace "default" belongs to the service account "tenant"; "other" is somebody else's.
class Tenancy : public World {
 public:
  Tenancy() {
    for (const char* manifest : {
             "{apiVersion: v1, kind: Namespace, metadata: {name: other}}",
             "{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: other}, "
             "stringData: {password: canary-of-others}}",
             "{apiVersion: v1, kind: ConfigMap, metadata: {name: values, namespace: other}, "
             "data: {values.yaml: 'seen: canary-of-others'}}",
             "{apiVersion: v1, kind: ServiceAccount, metadata: {name: tenant, namespace: default}}",
             "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: all, "
             "namespace: default}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}",
             "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: all, "
             "namespace: default}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, "
             "name: all}, subjects: [{kind: ServiceAccount, name: tenant, namespace: default}]}",
         }) {
      Apply(manifest);
    }
  }

  void PublishTemplate(const std::string& line) {
    PublishChart(
        "web", "1.0.0",
        {{"templates/m.yaml", absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ "
                                           ".Release.Name }}-m}\ndata: {k: '",
                                           line, "'}\n")}});
  }
};

TEST_CASE("templates look up with the release's rights", "[helm_release][advisory]") {
  Tenancy world;
  world.PublishTemplate("{{ lookup \"v1\" \"Secret\" \"other\" \"key\" | toJson }}");
  world.ApplyRelease("serviceAccountName: tenant");
  world.Reconcile().status().IgnoreError();
  CHECK_THAT(world.Condition("Ready"), Contains("forbidden"));
  CHECK(world.Get("v1", "ConfigMap", "r-m").is_null());
  // Its own namespace is open to it.
  world.PublishTemplate(
      "{{ (lookup \"v1\" \"ServiceAccount\" \"default\" \"tenant\").metadata.name }}");
  world.ApplyRelease("serviceAccountName: tenant, upgrade: {remediation: {retries: 3}}");
  world.Reconcile().status().IgnoreError();
  CHECK_THAT(world.Condition("Ready"), StartsWith("True"));
  CHECK(world.Get("v1", "ConfigMap", "r-m")["data"]["k"].str() == "tenant");
}

TEST_CASE("values come from the release's own namespace", "[helm_release][advisory]") {
  Tenancy world;
  world.PublishTemplate("{{ .Values.seen }}");
  for (const char* reference :
       {"{kind: ConfigMap, name: values}", "{kind: ConfigMap, name: ../other/values}",
        "{kind: ConfigMap, name: other/values}"}) {
    CAPTURE(reference);
    world.ApplyRelease(absl::StrCat("valuesFrom: [", reference, "]"));
    world.Reconcile().status().IgnoreError();
    CHECK_THAT(world.Condition("Ready"), StartsWith("False"));
    CHECK(world.Get("v1", "ConfigMap", "r-m").is_null());
  }
}

TEST_CASE("a namespace made for a release has no labels of the tenant's choice",
          "[helm_release][advisory]") {
  Tenancy world;
  world.PublishTemplate("x");
  world.ApplyRelease(
      "targetNamespace: fresh, install: {createNamespace: true}, commonMetadata: {labels: "
      "{pod-security.kubernetes.io/enforce: privileged}}");
  world.Reconcile().status().IgnoreError();
  const Value labels = world.Get("v1", "Namespace", "fresh")["metadata"]["labels"];
  REQUIRE(labels.is_object());
  for (const value::Member& label : labels.members()) {
    CAPTURE(label.key);
    CHECK((label.key == "name" || label.key == "kubernetes.io/metadata.name"));
  }
}

}  // namespace
}  // namespace sluice::releases
