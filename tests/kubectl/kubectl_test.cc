// The real kubectl's own verbs against dev-apiserver: what a user does first.

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/e2e/process.h"

namespace sluice::kubectl {
namespace {

using ::sluice::testing::IsOk;

// The path of kubectl, "" if there is none; says so once.
std::string FindKubectl() {
  static const std::string* const kPath = [] {
    const char* path = std::getenv("PATH");
    for (absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
      const std::string candidate = absl::StrCat(folder, "/kubectl");
      if (access(candidate.c_str(), X_OK) == 0) return new std::string(candidate);
    }
    std::cerr << "kubectl is not on PATH: its tests are left out\n";
    return new std::string;
  }();
  return *kPath;
}

constexpr char kWeb[] = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx:1, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: red}
)";

// dev-apiserver and a kubectl that talks to it.
class Session {
 public:
  Session() {
    const char* folder = std::getenv("SLUICE_TEST_BIN");
    const std::string kubeconfig = dir_ / "kubeconfig";
    absl::StatusOr<std::unique_ptr<e2e::Process>> server = e2e::Process::Start(
        {absl::StrCat(folder != nullptr ? folder : SLUICE_TEST_BIN, "/dev-apiserver"), "--listen",
         "127.0.0.1:0", "--write-kubeconfig", kubeconfig, "--workload-ready-after", "50ms"},
        dir_ / "log");
    REQUIRE_THAT(server.status(), IsOk());
    server_ = *std::move(server);
    REQUIRE_THAT(e2e::AwaitFile(kubeconfig, *server_, absl::Seconds(20)).status(), IsOk());
    environment_ = {{"KUBECONFIG", kubeconfig}, {"HOME", dir_.path()},
                    {"KUBE_EDITOR", "sed -i s/nginx:1/nginx:3/"}};
    e2e::WriteFile(dir_ / "web.yaml", kWeb);
  }

  std::string File(const std::string& name) const { return dir_ / name; }
  void Write(const std::string& name, const std::string& text) {
    e2e::WriteFile(dir_ / name, text);
  }

  // Output of "kubectl <arguments>", which must succeed.
  std::string Do(std::vector<std::string> arguments) {
    const absl::StatusOr<std::string> output = Try(std::move(arguments));
    INFO(output.status());
    CHECK(output.ok());
    return output.value_or("");
  }
  // ... which must fail; its output.
  std::string Fail(std::vector<std::string> arguments) {
    const absl::StatusOr<std::string> output = Try(std::move(arguments));
    CHECK_FALSE(output.ok());
    return std::string(output.status().message());
  }
  Value Json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    return value::ParseJson(Do(std::move(arguments))).value_or(Value());
  }

 private:
  absl::StatusOr<std::string> Try(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FindKubectl());
    return e2e::Run(arguments, environment_);
  }

  e2e::TempDir dir_;
  std::unique_ptr<e2e::Process> server_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

bool Has(const std::string& text, absl::string_view part) {
  INFO(text);
  return absl::StrContains(text, part);
}

TEST_CASE("kubectl applies, shows and deletes", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;

  std::string output = kubectl.Do({"apply", "-f", kubectl.File("web.yaml")});
  CHECK(Has(output, "deployment.apps/web created"));
  CHECK(Has(output, "service/web created"));
  output = kubectl.Do({"apply", "-f", kubectl.File("web.yaml")});
  CHECK(Has(output, "deployment.apps/web unchanged"));
  CHECK(Has(output, "configmap/settings unchanged"));

  CHECK(Has(kubectl.Do({"rollout", "status", "deployment/web", "--timeout=30s"}),
            "successfully rolled out"));
  output = kubectl.Do({"get", "deploy,svc,cm", "-o", "wide"});
  CHECK(Has(output, "2/2"));
  CHECK(Has(output, "ClusterIP"));
  CHECK(Has(output, "nginx:1"));
  CHECK(Has(kubectl.Do({"get", "all"}), "replicaset.apps/web-"));
  CHECK(Has(kubectl.Do({"get", "pods", "-l", "app=web", "-o", "name"}), "pod/web-"));
  CHECK(kubectl.Do({"get", "cm", "settings", "-o", "jsonpath={.data.color}"}) == "red");
  output = kubectl.Do({"describe", "deployment", "web"});
  CHECK(Has(output, "NewReplicaSetAvailable"));
  CHECK(Has(kubectl.Do({"describe", "pod", "-l", "app=web"}), "sluice-dev"));
  CHECK(Has(kubectl.Do({"get", "nodes"}), "Ready"));

  CHECK(Has(kubectl.Do({"delete", "-f", kubectl.File("web.yaml")}), "\"web\" deleted"));
  CHECK(Has(kubectl.Fail({"get", "deployment", "web"}), "NotFound"));
}

TEST_CASE("kubectl sees differences and asks what would be", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  kubectl.Do({"apply", "-f", kubectl.File("web.yaml")});
  kubectl.Write(
      "other.yaml",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: blue}\n");

  const std::string difference = kubectl.Fail({"diff", "-f", kubectl.File("other.yaml")});
  CHECK(Has(difference, "-  color: red"));
  CHECK(Has(difference, "+  color: blue"));
  CHECK(Has(kubectl.Do({"apply", "--dry-run=server", "-f", kubectl.File("other.yaml")}),
            "configmap/settings configured (server dry run)"));
  CHECK(kubectl.Do({"get", "cm", "settings", "-o", "jsonpath={.data.color}"}) == "red");
  kubectl.Do({"diff", "-f", kubectl.File("web.yaml")});

  kubectl.Write("wrong.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nbogus: 1\n");
  CHECK(Has(kubectl.Fail({"apply", "-f", kubectl.File("wrong.yaml")}), "unknown field \"bogus\""));
  CHECK(Has(kubectl.Do({"apply", "--validate=warn", "-f", kubectl.File("wrong.yaml")}),
            "Warning: unknown field \"bogus\""));
}

TEST_CASE("kubectl applies on the server's side", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  CHECK(Has(kubectl.Do({"apply", "--server-side", "-f", kubectl.File("web.yaml")}),
            "deployment.apps/web serverside-applied"));
  kubectl.Do({"set", "image", "deployment/web", "c=nginx:2"});
  const std::string conflict =
      kubectl.Fail({"apply", "--server-side", "-f", kubectl.File("web.yaml")});
  CHECK(Has(conflict,
            "Apply failed with 1 conflict: conflict with \"kubectl-set\" using apps/v1: "
            ".spec.template.spec.containers[name=\"c\"].image"));
  kubectl.Do({"apply", "--server-side", "--force-conflicts", "-f", kubectl.File("web.yaml")});
  const Value web = kubectl.Json({"get", "deployment", "web", "--show-managed-fields"});
  CHECK(web["spec"]["template"]["spec"]["containers"].at(0)["image"].str() == "nginx:1");
  CHECK(web["metadata"]["managedFields"].at(0)["operation"].str() == "Apply");
}

TEST_CASE("kubectl patches, scales, labels, rolls out and back", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  kubectl.Do({"apply", "-f", kubectl.File("web.yaml")});
  const auto image = [&] {
    return kubectl.Do(
        {"get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"});
  };
  kubectl.Do({"rollout", "status", "deployment/web", "--timeout=30s"});

  kubectl.Do({"patch", "deployment", "web", "--type=json", "-p",
              R"([{"op":"replace","path":"/spec/replicas","value":3}])"});
  kubectl.Do({"patch", "deployment", "web", "--type=merge", "-p",
              R"({"metadata":{"annotations":{"a":"b"}}})"});
  kubectl.Do({"patch", "deployment", "web", "-p",
              R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"nginx:2"}]}}}})"});
  CHECK(image() == "nginx:2");
  kubectl.Do({"rollout", "status", "deployment/web", "--timeout=30s"});
  CHECK(Has(kubectl.Do({"rollout", "history", "deployment/web"}), "2 "));
  kubectl.Do({"rollout", "undo", "deployment/web"});
  CHECK(image() == "nginx:1");
  kubectl.Do({"rollout", "restart", "deployment/web"});
  kubectl.Do({"rollout", "status", "deployment/web", "--timeout=30s"});
  kubectl.Do({"scale", "deployment", "web", "--replicas=1"});
  kubectl.Do({"wait", "deployment/web", "--for=jsonpath={.status.replicas}=1", "--timeout=30s"});
  // kubectl edit sends a patch of what the editor changed.
  CHECK(Has(kubectl.Do({"edit", "deployment", "web"}), "deployment.apps/web edited"));
  CHECK(image() == "nginx:3");
  kubectl.Do({"label", "deployment", "web", "tier=front"});
  kubectl.Do({"annotate", "deployment", "web", "a-"});
  CHECK(Has(kubectl.Do({"get", "deployment", "-l", "tier=front"}), "web"));
  kubectl.Do({"autoscale", "deployment", "web", "--max=3", "--cpu-percent=50"});
  CHECK(Has(kubectl.Do({"get", "hpa"}), "Deployment/web"));
}

TEST_CASE("kubectl works with our custom kinds", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  const std::string crds = absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice/crds");
  CHECK(Has(kubectl.Do({"apply", "-f", crds}), "gitrepositories.source.toolkit.fluxcd.io created"));
  kubectl.Do({"wait", "--for=condition=established", "--timeout=30s", "crd", "--all"});
  CHECK(Has(kubectl.Do({"api-resources", "--api-group=source.toolkit.fluxcd.io"}),
            "gitrepositories"));
  CHECK(Has(kubectl.Do({"explain", "gitrepositories.spec.interval"}), "interval <string>"));
  CHECK(Has(kubectl.Do({"explain", "deployment.spec.replicas"}), "replicas <integer>"));

  kubectl.Write("repo.yaml", R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo}
spec: {url: https://example.com/x.git, interval: 1m}
)");
  kubectl.Do({"apply", "-f", kubectl.File("repo.yaml")});
  CHECK(Has(kubectl.Do({"get", "gitrepo"}), "https://example.com/x.git"));
  kubectl.Do({"patch", "gitrepo", "repo", "--subresource=status", "--type=merge", "-p",
              R"({"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True",)"
              R"("reason":"Succeeded","message":"stored")"
              R"(,"lastTransitionTime":"2026-01-01T00:00:00Z"}]}})"});
  kubectl.Do({"wait", "gitrepo/repo", "--for=condition=ready", "--timeout=10s"});
  CHECK(Has(kubectl.Do({"get", "gitrepo"}), "stored"));
  CHECK(Has(kubectl.Do({"describe", "gitrepo", "repo"}), "Succeeded"));
  CHECK(Has(kubectl.Fail(
                {"patch", "gitrepo", "repo", "--type=merge", "-p", R"({"spec":{"interval":5}})"}),
            "spec.interval"));
  kubectl.Do({"delete", "gitrepo", "repo"});
}

TEST_CASE("kubectl creates by its generators", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  // These send protobuf.
  kubectl.Do({"create", "namespace", "team"});
  kubectl.Do({"create", "configmap", "c", "--from-literal=a=b", "-n", "team"});
  kubectl.Do({"create", "secret", "generic", "s", "--from-literal=a=b", "-n", "team"});
  kubectl.Do({"create", "deployment", "d", "--image=nginx", "--replicas=2", "-n", "team"});
  kubectl.Do({"expose", "deployment", "d", "--port=80", "-n", "team"});
  kubectl.Do({"create", "job", "j", "--image=busybox", "-n", "team"});
  kubectl.Do(
      {"create", "cronjob", "cj", "--image=busybox", "--schedule=*/5 * * * *", "-n", "team"});
  kubectl.Do({"create", "ingress", "i", "--rule=example.com/x=d:80", "-n", "team"});
  kubectl.Do({"create", "quota", "q", "--hard=cpu=1", "-n", "team"});
  kubectl.Do({"create", "poddisruptionbudget", "p", "--selector=app=d", "--min-available=1", "-n",
              "team"});
  kubectl.Do({"create", "priorityclass", "high", "--value=100"});
  kubectl.Do({"run", "pod", "--image=nginx", "-n", "team"});
  CHECK(kubectl.Do({"get", "secret", "s", "-n", "team", "-o", "jsonpath={.data.a}"}) == "Yg==");
  kubectl.Do({"wait", "job/j", "-n", "team", "--for=condition=complete", "--timeout=30s"});
  kubectl.Do({"wait", "pod/pod", "-n", "team", "--for=condition=ready", "--timeout=30s"});
  CHECK(Has(kubectl.Fail({"logs", "pod", "-n", "team"}), "runs no containers"));
  kubectl.Do({"delete", "namespace", "team", "--timeout=30s"});
  CHECK(Has(kubectl.Fail({"get", "namespace", "team"}), "NotFound"));
}

TEST_CASE("kubectl lists what there is to know", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  const std::string resources = kubectl.Do({"api-resources", "-o", "wide"});
  CHECK(Has(resources, "deployments"));
  CHECK(Has(resources, "apps/v1"));
  CHECK(Has(resources, "NetworkPolicy"));
  CHECK(Has(kubectl.Do({"api-resources", "--namespaced=false", "-o", "name"}), "namespaces"));
  CHECK(Has(kubectl.Do({"api-versions"}), "batch/v1"));
  CHECK(Has(kubectl.Do({"explain", "pods.spec.containers.image"}), "image <string>"));
  CHECK(Has(kubectl.Do({"explain", "ingress.spec", "--recursive"}), "rules"));
  CHECK(Has(kubectl.Do({"version"}), "Server Version: v1.34"));
  CHECK(Has(kubectl.Do({"get", "--raw", "/readyz"}), "ok"));
  kubectl.Write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n");
  kubectl.Do({"create", "-f", kubectl.File("map.yaml")});
  CHECK(Has(kubectl.Do({"replace", "-f", kubectl.File("map.yaml")}), "configmap/m replaced"));
  CHECK(Has(kubectl.Fail({"create", "-f", kubectl.File("map.yaml")}), "AlreadyExists"));
  CHECK(Has(kubectl.Do({"get", "events", "--field-selector", "type=Warning"}), "No resources"));
}

TEST_CASE("kubectl asks who may do what", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  CHECK(Has(kubectl.Do({"auth", "whoami"}), "kubernetes-admin"));
  CHECK(Has(kubectl.Do({"auth", "can-i", "delete", "pods"}), "yes"));
  kubectl.Do({"create", "serviceaccount", "reader"});
  kubectl.Do({"create", "role", "reader", "--verb=get,list", "--resource=configmaps"});
  kubectl.Do(
      {"create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"});
  const std::string as = "--as=system:serviceaccount:default:reader";
  CHECK(Has(kubectl.Do({"auth", "can-i", "list", "configmaps", as}), "yes"));
  CHECK(Has(kubectl.Fail({"auth", "can-i", "list", "secrets", as}), "no"));
  CHECK(Has(kubectl.Do({"get", "configmaps", as}), "kube-root-ca.crt"));
  CHECK(Has(kubectl.Fail({"get", "secrets", as}), "Forbidden"));
  const std::string token = kubectl.Do({"create", "token", "reader"});
  CHECK(Has(kubectl.Do({"auth", "whoami", "--token", token.substr(0, token.find('\n'))}),
            "system:serviceaccount:default:reader"));
}

TEST_CASE("kubectl cascades as it is told", "[kubectl]") {
  if (FindKubectl().empty()) return;
  Session kubectl;
  kubectl.Do({"create", "deployment", "web", "--image=nginx"});
  kubectl.Do({"wait", "deployment/web", "--for=condition=available", "--timeout=30s"});
  kubectl.Do({"delete", "deployment", "web", "--cascade=orphan"});
  CHECK(Has(kubectl.Do({"get", "rs"}), "web-"));
  const std::string set = kubectl.Do({"get", "rs", "-o", "name"});
  kubectl.Do({"delete", set.substr(0, set.find('\n')), "--cascade=foreground", "--timeout=30s"});
  CHECK_FALSE(Has(kubectl.Do({"get", "pods"}), "web-"));

  kubectl.Do({"create", "deployment", "api", "--image=nginx"});
  kubectl.Do({"wait", "deployment/api", "--for=condition=available", "--timeout=30s"});
  kubectl.Do({"delete", "deployment", "api", "--cascade=background"});
  kubectl.Do({"wait", "--for=delete", "pod", "-l", "app=api", "--timeout=30s"});
  CHECK_FALSE(Has(kubectl.Do({"get", "rs,pods"}), "api-"));
}

}  // namespace
}  // namespace sluice::kubectl
