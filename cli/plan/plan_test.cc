// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/plan.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/plan/output.h"
#include "cli/plan/testing.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

using ::sluice::testing::StatusIs;

std::string ConfigMap(const std::string& name, const std::string& data = "{a: b}") {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\n  namespace: web\ndata: ", data, "\n");
}

std::string Deployment(const std::string& more, const std::string& label = "web") {
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec:\n"
      "  selector: {matchLabels: {app: ",
      label, "}}\n  template:\n    metadata: {labels: {app: ", label,
      "}}\n    spec: {containers: [{name: main, image: 'example.org/web:1'}]}\n", more);
}

TEST_CASE("a plan tells what becomes of every object that a commit touches", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("web");
  repo.WriteUnit("other");
  repo.Write("apps/other/c.yaml", ConfigMap("untouched"));
  repo.Write("apps/web/a.yaml", ConfigMap("changed"));
  repo.Write("apps/web/b.yaml", ConfigMap("gone"));
  repo.Commit();
  repo.Write("apps/web/a.yaml", ConfigMap("changed", "{a: c}"));
  repo.Delete("apps/web/b.yaml");
  repo.Write("apps/web/c.yaml", ConfigMap("new"));
  repo.Commit();
  const Report report = repo.PlanLast();
  CHECK(ChangesOf(report) ==
        "change ConfigMap/web/changed\ncreate ConfigMap/web/new\ndelete ConfigMap/web/gone");
  REQUIRE(report.changes[0].fields.size() == 1);
  CHECK(report.changes[0].fields[0] == FieldChange{"data.a", "b", "c"});
  CHECK(Summary(report) ==
        "1 to create, 1 to change, 1 to delete in 1 of 3 units; no danger, no error");
  CHECK_FALSE(report.Bad());

  // The same out of the memo, and nothing from a revision to itself.
  CHECK(FormatJson(repo.PlanLast()) == FormatJson(report));
  repo.options.from = "main";
  CHECK(RunPlan(Context::Background(), repo.options)->changes.empty());
}

TEST_CASE("what loses data or service is a danger with an id of its own", "[plan]") {
  struct Row {
    const char* file;
    std::string before;
    std::string after;  // "" deletes the file
    const char* findings;
  };
  const std::string claim =
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: web}\nspec: "
      "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
  const std::string binding =
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
      "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ";
  const std::string subjects = "}\nsubjects: [{kind: ServiceAccount, name: x, namespace: web}]\n";
  const std::string definition =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: "
      "things.example.org}\nspec: {group: example.org, scope: Namespaced, names: {plural: things, "
      "singular: thing, kind: Thing, listKind: ThingList}, versions: [";
  const std::string v1 =
      "{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}";
  const std::string v2 =
      ", {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}";
  const Row rows[] = {
      {"apps/web/x.yaml", claim, "", "SLP001 PersistentVolumeClaim/web/data"},
      {"apps/web/x.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n", "",
       "SLP002 Namespace/web"},
      {"apps/web/x.yaml", definition + v1 + "]}\n", "",
       "SLP003 CustomResourceDefinition/things.example.org"},
      {"apps/web/x.yaml", Deployment(""), Deployment("", "other"), "SLP004 Deployment/web/web"},
      {"apps/web/x.yaml", Deployment("  replicas: 2\n"), Deployment("  replicas: 0\n"),
       "SLP008 Deployment/web/web"},
      {"apps/web/x.yaml", binding + "view" + subjects, "", ""},
      {"apps/web/x.yaml", ConfigMap("c"), binding + "cluster-admin" + subjects,
       "SLP009 ClusterRoleBinding/b"},
      {"apps/web/x.yaml", definition + v1 + v2 + "]}\n", definition + v1 + "]}\n",
       "SLP010 CustomResourceDefinition/things.example.org"},
      {"apps/web/x.yaml", ConfigMap("kept"), "", ""},
      // Kustomize-controller leaves it alone.
      {"apps/web/x.yaml", absl::StrCat(claim, "---\n"),
       "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: web}\nspec: "
       "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}\n",
       "SLP004 PersistentVolumeClaim/web/data"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before, row.after);
    TestRepository repo;
    repo.WriteUnit("web");
    repo.Write("apps/web/keep.yaml", ConfigMap("keep"));
    repo.Write(row.file, row.before);
    repo.Commit();
    if (row.after.empty()) {
      repo.Delete(row.file);
    } else {
      repo.Write(row.file, row.after);
    }
    repo.Commit();
    CHECK(FindingsOf(repo.PlanLast(), Level::kDanger) == row.findings);
  }
}

TEST_CASE("suspending, removing and emptying an owner are dangers", "[plan]") {
  TestRepository repo;
  repo.options.prune_budget = 2;
  for (const char* name : {"flips", "goes", "shrinks", "stays"}) repo.WriteUnit(name);
  repo.Write("apps/flips/a.yaml", ConfigMap("flips"));
  repo.Write("apps/goes/a.yaml", ConfigMap("goes"));
  repo.Write("apps/stays/a.yaml", ConfigMap("stays"));
  repo.Write("apps/shrinks/a.yaml", ConfigMap("left"));
  for (const char* name : {"s1", "s2", "s3"}) {
    repo.Write(absl::StrCat("apps/shrinks/", name, ".yaml"), ConfigMap(name));
  }
  repo.Commit();
  repo.WriteUnit("flips", "{suspend: true}");
  repo.Delete("clusters/prod/goes.yaml");
  repo.WriteUnit("stays", "{prune: false}");
  repo.Delete("apps/stays/a.yaml");
  repo.Write("apps/stays/b.yaml", ConfigMap("another"));
  for (const char* name : {"s1", "s2", "s3"}) {
    repo.Delete(absl::StrCat("apps/shrinks/", name, ".yaml"));
  }
  repo.Commit();
  const Report report = repo.PlanLast();
  CHECK(FindingsOf(report, Level::kDanger) ==
        "SLP005 Kustomization/flux-system/flips\nSLP007 Kustomization/flux-system/goes\n"
        "SLP006 Kustomization/flux-system/shrinks");
  CHECK(absl::StrContains(ChangesOf(report), "leave ConfigMap/web/stays"));
  CHECK(absl::StrContains(ChangesOf(report), "delete ConfigMap/web/goes"));
}

TEST_CASE("nothing is dangerous in what a suspended Kustomization does not apply", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("web", "{suspend: true}");
  repo.Write("apps/web/keep.yaml", ConfigMap("keep"));
  repo.Write("apps/web/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n");
  repo.Commit();
  repo.Delete("apps/web/ns.yaml");
  repo.Commit();
  const Report report = repo.PlanLast();
  CHECK(FindingsOf(report, Level::kDanger).empty());
  REQUIRE(report.changes.size() == 1);
  CHECK(report.changes[0].suspended);
}

TEST_CASE("an object that moves to another Kustomization is no deletion", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("a");
  repo.WriteUnit("b");
  repo.Write("apps/a/keep.yaml", ConfigMap("a"));
  repo.Write("apps/b/keep.yaml", ConfigMap("b"));
  repo.Write("apps/a/x.yaml", ConfigMap("x"));
  repo.Commit();
  repo.Delete("apps/a/x.yaml");
  repo.Write("apps/b/x.yaml", ConfigMap("x"));
  repo.Commit();
  const Report report = repo.PlanLast();
  CHECK(ChangesOf(report) == "change ConfigMap/web/x");
  CHECK(report.changes[0].moved_from == "Kustomization/flux-system/a");
}

TEST_CASE("a test lists every object, and says why one fails", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("web");
  repo.WriteUnit("broken");
  repo.Write("apps/broken/kustomization.yaml", "resources: [missing.yaml]\n");
  repo.Write("apps/web/a.yaml", ConfigMap("good"));
  repo.Write("apps/web/b.yaml", Deployment("  replicas: -1\n  replica: 2\n"));
  repo.Write("apps/web/c.yaml",
             "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: x, namespace: web}\n");
  repo.Commit();
  const Report report = repo.TestLast();
  const std::string text = FormatText(report, {});
  for (const char* line :
       {"PASS Kustomization/flux-system/web ConfigMap/web/good\n",
        "FAIL Kustomization/flux-system/web Deployment/web/web: SLP103 spec.replicas: Invalid "
        "value",
        "SKIP Kustomization/flux-system/web Thing/web/x: SLP204",
        "FAIL Kustomization/flux-system/broken: SLP101 kustomize build failed",
        "SLP207 warning Deployment/web/web: \"spec.replica\"", "5 passed, 2 failed, 1 skipped"}) {
    CAPTURE(text);
    CHECK(absl::StrContains(text, line));
  }
  CHECK(report.Bad());
}

TEST_CASE("objects are checked by the definitions that the repository brings", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("crds");
  repo.WriteUnit("things", "{dependsOn: [{name: crds}]}");
  repo.WriteUnit("early");
  repo.Write(
      "apps/crds/crd.yaml",
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: "
      "{name: things.example.org}\nspec:\n  group: example.org\n  scope: Namespaced\n  "
      "names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}\n  "
      "versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n   "
      "     openAPIV3Schema:\n          type: object\n          properties:\n            "
      "spec:\n              type: object\n              properties: {size: {type: integer, "
      "x-kubernetes-validations: [{rule: self == oldSelf, message: size is fixed}]}}\n      "
      "        x-kubernetes-validations: [{rule: self.size < 10, message: too large}]\n");
  const auto thing = [](const std::string& name, int size) {
    return absl::StrCat("apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: ", name,
                        ", namespace: web}\nspec: {size: ", size, "}\n");
  };
  repo.Write("apps/things/x.yaml", thing("x", 1));
  repo.Write("apps/early/y.yaml", thing("y", 1));
  repo.Commit();
  const Report test = repo.TestLast();
  CHECK(FindingsOf(test, Level::kWarning) == "SLP206 Thing/web/y");
  repo.Write("apps/things/x.yaml", thing("x", 2));
  repo.Write("apps/early/y.yaml", thing("y", 11));
  repo.Commit();
  CHECK(FindingsOf(repo.PlanLast(), Level::kDanger) == "SLP103 Thing/web/y\nSLP004 Thing/web/x");
}

TEST_CASE("variables come from the repository's own ConfigMaps; one without value fails",
          "[plan]") {
  TestRepository repo;
  repo.Write("clusters/prod/vars.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n"
             "data: {region: north}\n");
  repo.WriteUnit("web", "{postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}}");
  repo.Write("apps/web/a.yaml", ConfigMap("a", "{region: '${region}'}"));
  repo.WriteUnit("wrong", "{postBuild: {substitute: {known: x}}}");
  repo.Write("apps/wrong/a.yaml", ConfigMap("wrong", "{a: '${unknown}'}"));
  repo.WriteUnit("elsewhere",
                 "{postBuild: {substitute: {x: z}, substituteFrom: [{kind: Secret, name: s}]}}");
  repo.Write("apps/elsewhere/a.yaml", ConfigMap("elsewhere", "{a: '${unknown}'}"));
  repo.Commit();
  const Report first = repo.TestLast();
  CHECK(FindingsOf(first, Level::kNote) ==
        "SLP102 Kustomization/flux-system/wrong\nSLP202 Kustomization/flux-system/elsewhere");
  // A variable changes what another Kustomization applies.
  repo.Write("clusters/prod/vars.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n"
             "data: {region: south}\n");
  repo.Commit();
  CHECK(ChangesOf(repo.PlanLast()) == "change ConfigMap/flux-system/vars\nchange ConfigMap/web/a");
}

TEST_CASE("artifacts that an ArtifactGenerator composes are followed", "[plan]") {
  TestRepository repo;
  repo.Write("clusters/prod/generator.yaml",
             "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: "
             "{name: g, namespace: flux-system}\nspec:\n  sources: [{alias: repo, kind: "
             "GitRepository, name: flux-system}]\n  artifacts:\n    - name: web\n      copy: "
             "[{from: '@repo/parts/**', to: '@artifact/here/'}]\n");
  repo.WriteUnit("web", "{path: ./here, sourceRef: {kind: ExternalArtifact, name: web}}");
  repo.WriteUnit("lost", "{sourceRef: {kind: ExternalArtifact, name: nobody-makes-it}}");
  repo.Write("parts/a.yaml", ConfigMap("composed"));
  repo.Commit();
  const Report test = repo.TestLast();
  CHECK(absl::StrContains(FormatText(test, {}),
                          "PASS Kustomization/flux-system/web ConfigMap/web/composed"));
  CHECK(FindingsOf(test, Level::kError) == "SLP101 Kustomization/flux-system/lost");
}

TEST_CASE("revisions and folders that are not there are errors", "[plan]") {
  TestRepository repo;
  repo.Commit();
  repo.options.from = "nowhere";
  repo.options.to = "main";
  CHECK_THAT(RunPlan(Context::Background(), repo.options).status(),
             StatusIs(absl::StatusCode::kNotFound, "no revision \"nowhere\""));
  repo.options.repository = repo.Scratch("none");
  CHECK_FALSE(RunPlan(Context::Background(), repo.options).ok());
  repo.options.local_sources = {"GitRepository/x"};
  CHECK_THAT(RunPlan(Context::Background(), repo.options).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "not of the form"));
}

}  // namespace
}  // namespace sluice::plan
