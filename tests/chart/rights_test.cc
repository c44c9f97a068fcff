// The chart on an API server: its objects are accepted, and our four processes do their work with
// the rights that it gives them and no other.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/crypto/x509.h"
#include "common/kube/client.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::chart {
namespace {

using e2e::Cluster;
using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(40);
constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
const std::vector<std::string> kControllers = {"source-controller", "kustomize-controller",
                                               "helm-controller", "image-controller"};

Context Call() { return Context::Background().WithTimeout(absl::Seconds(20)); }

// A cluster with the chart in it, whose controllers run as its service accounts.
class Installed {
 public:
  // `values`, for --set, fit into processes that watch one namespace.
  explicit Installed(const std::string& values) {
    e2e::ClusterOptions options;
    options.controllers = {};
    options.later = kControllers;
    WriteCertificate();
    for (const std::string& name : kControllers) {
      options.flags[name] = {"--kubeconfig",
                             Kubeconfig(name),
                             "--no-cross-namespace-refs",
                             "--grpc-tls-cert-file=" + (dir_ / "tls.crt"),
                             "--grpc-tls-key-file=" + (dir_ / "tls.key"),
                             "--grpc-ca-file=" + (dir_ / "ca.crt")};
    }
    for (const char* name : {"kustomize-controller", "helm-controller"}) {
      options.flags[name].push_back("--default-service-account=default");
      options.flags[name].push_back("--sharding");
    }
    for (const char* name : {"source-controller", "image-controller"}) {
      options.flags[name].push_back("--enable-leader-election");
    }
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    Apply(values);
  }
  // What is cluster-wide does not go with the namespace.
  ~Installed() {
    for (const char* kind : {"ClusterRoleBinding", "ClusterRole"}) {
      for (const char* suffix : {"source-controller", "kustomize-controller", "helm-controller",
                                 "image-controller", "view", "edit"}) {
        cluster_
            ->Delete("rbac.authorization.k8s.io/v1", kind,
                     absl::StrCat("sluice-", cluster_->ns(), "-", suffix))
            .IgnoreError();
      }
    }
  }

  Cluster& cluster() { return *cluster_; }

  void Apply(const std::string& values) {
    const auto rendered = e2e::Run({e2e::Program("sluice"), "template", "sluice",
                                    absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice"), "-n",
                                    cluster_->ns(), "--skip-tests", "--set", values});
    REQUIRE_THAT(rendered.status(), IsOk());
    const std::string file = dir_ / "rendered.yaml";
    std::ofstream(file) << *rendered;
    const auto applied = e2e::Run(
        {e2e::Program("sluice"), "apply", "--kubeconfig", cluster_->kubeconfig(), "-f", file});
    INFO(applied.status());
    REQUIRE(applied.ok());
  }

  void StartControllers() {
    auto documents = value::ParseYamlStream(Read(cluster_->kubeconfig()));
    REQUIRE(documents.ok());
    for (const std::string& name : kControllers) {
      Value config = documents->front().value;
      const Value user = {{"name", config["users"].at(0)["name"]},
                          {"user", {{"token", Token(name)}}}};
      config.Set("users", Value(Value::Array{user}));
      std::ofstream(Kubeconfig(name)) << value::FormatJson(config);
      REQUIRE_THAT(cluster_->Restart(name), IsOk());
    }
  }

  // Whether the service account may do this anywhere.
  bool May(const std::string& account, const char* verb, const std::string& group,
           const std::string& resource) {
    kube::ApiRequest request;
    request.method = "POST";
    request.path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    request.content_type = "application/json";
    request.body = {
        {"apiVersion", "authorization.k8s.io/v1"},
        {"kind", "SubjectAccessReview"},
        {"spec",
         {{"user", absl::StrCat("system:serviceaccount:", cluster_->ns(), ":", account)},
          {"resourceAttributes",
           {{"verb", verb},
            {"group", group},
            {"resource", resource},
            {"namespace", cluster_->ns()}}}}}};
    const auto review = cluster_->client().Do(Call(), request);
    REQUIRE_THAT(review.status(), IsOk());
    return (*review)["status"]["allowed"].bool_or(false);
  }

  bool AwaitReady(const char* api, const char* kind, const char* name, const char* status = "True",
                  const char* message = "") {
    const bool ready = e2e::Eventually(kLimit, [&] {
      const auto said = e2e::ReadyMessage(cluster_->Get(api, kind, name), status);
      return said.has_value() && absl::StrContains(*said, message);
    });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    return ready;
  }

 private:
  // As the chart's, but for this machine.
  void WriteCertificate() {
    const absl::Time now = RealClock().Now();
    const auto authority =
        crypto::CreateAuthority("test", now - absl::Hours(1), now + absl::Hours(1)).value();
    const auto pair = crypto::IssueCertificate(authority, {.common_name = "controllers",
                                                           .organizations = {},
                                                           .dns_names = {"localhost"},
                                                           .ip_addresses = {"127.0.0.1"},
                                                           .server = true,
                                                           .not_before = now - absl::Hours(1),
                                                           .not_after = now + absl::Hours(1)})
                          .value();
    std::ofstream(dir_ / "ca.crt") << authority.certificate_pem;
    std::ofstream(dir_ / "tls.crt") << pair.certificate_pem;
    std::ofstream(dir_ / "tls.key") << pair.private_key_pem.Reveal();
  }

  std::string Kubeconfig(const std::string& name) const { return dir_ / name; }

  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string Token(const std::string& account) {
    kube::ApiRequest request;
    request.method = "POST";
    request.path =
        absl::StrCat("/api/v1/namespaces/", cluster_->ns(), "/serviceaccounts/", account, "/token");
    request.content_type = "application/json";
    request.body = {{"apiVersion", "authentication.k8s.io/v1"},
                    {"kind", "TokenRequest"},
                    {"spec", {{"expirationSeconds", 3600}}}};
    const auto answer = cluster_->client().Do(Call(), request);
    REQUIRE_THAT(answer.status(), IsOk());
    return std::string((*answer)["status"]["token"].str());
  }

  e2e::TempDir dir_;
  std::unique_ptr<Cluster> cluster_;
};

Value HelmRelease() {
  return {
      {"apiVersion", kHelmApi},
      {"kind", "HelmRelease"},
      {"metadata", {{"name", "app"}}},
      {"spec",
       {{"interval", "1m"},
        {"chart",
         {{"spec",
           {{"chart", "chart"}, {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}}}}};
}

Value ImageUpdateAutomation() {
  return {{"apiVersion", kImageApi},
          {"kind", "ImageUpdateAutomation"},
          {"metadata", {{"name", "update"}}},
          {"spec",
           {{"interval", "1m"},
            {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}},
            {"git", {{"commit", {{"author", {{"name", "a"}, {"email", "a@example.com"}}}}}}},
            {"update", {{"strategy", "Setters"}}}}}};
}

Value AdminForDefault(const std::string& ns) {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", "RoleBinding"},
          {"metadata", {{"name", "default-admin"}}},
          {"roleRef",
           {{"apiGroup", "rbac.authorization.k8s.io"},
            {"kind", "ClusterRole"},
            {"name", "cluster-admin"}}},
          {"subjects", Value(Value::Array{Value{
                           {"kind", "ServiceAccount"}, {"name", "default"}, {"namespace", ns}}})}};
}

TEST_CASE("the controllers work with the chart's rights and no other", "[chart]") {
  // In all namespaces, and confined to one.
  for (const char* values : {"watchAllNamespaces=true", "watchAllNamespaces=false"}) {
    CAPTURE(values);
    Installed chart(values);
    Cluster& cluster = chart.cluster();
    const std::string ns = cluster.ns();
    auto git = e2e::GitRepository::Create(absl::StrCat(cluster.git_root(), "/repo"));
    REQUIRE(git.ok());
    git->Write("app/config.yaml", e2e::ConfigMapYaml(ns, "from-kustomization", "a", "1"));
    git->Write("chart/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
    git->Write("chart/templates/config.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-release}\n");
    REQUIRE(git->Commit("1").ok());

    chart.StartControllers();
    REQUIRE_THAT(cluster.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo")),
                 IsOk());
    REQUIRE_THAT(cluster.Apply(e2e::KustomizationManifest("app", "repo", "./app")), IsOk());
    REQUIRE_THAT(cluster.Apply(HelmRelease()), IsOk());
    REQUIRE_THAT(cluster.Apply(ImageUpdateAutomation()), IsOk());

    // The API server lets them call each other.
    for (const char* name : {"kustomize-controller", "helm-controller", "image-controller"}) {
      CAPTURE(name);
      CHECK(e2e::Eventually(kLimit, [&] {
        return absl::StrContains(cluster.process(name).Output(), "receiving artifact events");
      }));
    }

    // Locked down: an account without rights applies nothing.
    CHECK(chart.AwaitReady(e2e::kSourceApi, "GitRepository", "repo"));
    CHECK(chart.AwaitReady(e2e::kKustomizeApi, "Kustomization", "app", "False",
                           absl::StrCat("system:serviceaccount:", ns, ":default").c_str()));
    // Made by kube-controller-manager, where there is one.
    REQUIRE_THAT(cluster.Apply({{"apiVersion", "v1"},
                                {"kind", "ServiceAccount"},
                                {"metadata", {{"name", "default"}}}}),
                 IsOk());
    REQUIRE_THAT(cluster.Apply(AdminForDefault(ns)), IsOk());
    for (const auto& [kind, api] :
         {std::pair("Kustomization", e2e::kKustomizeApi), std::pair("HelmRelease", kHelmApi)}) {
      REQUIRE_THAT(cluster.Trigger(api, kind, "app"), IsOk());
    }
    CHECK(chart.AwaitReady(e2e::kKustomizeApi, "Kustomization", "app"));
    CHECK(chart.AwaitReady(kHelmApi, "HelmRelease", "app"));
    CHECK(chart.AwaitReady(kImageApi, "ImageUpdateAutomation", "update"));
    CHECK(cluster.Get("v1", "ConfigMap", "from-kustomization").has_value());
    CHECK(cluster.Get("v1", "ConfigMap", "from-release").has_value());
    CHECK_FALSE(cluster.Events("Kustomization", "app").empty());
    for (const auto& [api, kind, name] : {std::tuple(e2e::kKustomizeApi, "Kustomization", "app"),
                                          std::tuple(kHelmApi, "HelmRelease", "app"),
                                          std::tuple(e2e::kSourceApi, "GitRepository", "repo")}) {
      CAPTURE(kind);
      REQUIRE_THAT(cluster.Delete(api, kind, name), IsOk());
      CHECK(e2e::Eventually(kLimit, [&] { return !cluster.Get(api, kind, name).has_value(); }));
    }
    CHECK_FALSE(cluster.Get("v1", "ConfigMap", "from-release").has_value());

    // Nothing was asked for in vain in the controllers' own name.
    for (const std::string& name : kControllers) {
      CAPTURE(name);
      const std::string own = absl::StrCat("system:serviceaccount:", ns, ":", name);
      CHECK_FALSE(absl::StrContains(cluster.process(name).Output(), own));
    }
    CHECK(cluster.Casualties() == "");
  }
}

TEST_CASE("an API server accepts whatever the chart renders", "[chart]") {
  // ServiceMonitors and PrometheusRules are kinds of somebody else.
  Installed chart("dashboard.enabled=true,tls.mode=off,logLevel=debug");
  chart.Apply(
      "defaults.autoscaling.enabled=true,defaults.priorityClassName=system-cluster-critical");
  chart.Apply(
      "defaults.replicas=2,controllers.source-controller.persistence.claim=data,"
      "image.pullSecrets[0]=registry,defaults.serviceAccount.annotations.a=b");
  Cluster& cluster = chart.cluster();
  CHECK(cluster.Get("autoscaling/v2", "HorizontalPodAutoscaler", "source-controller").has_value());
  CHECK(cluster.Get("policy/v1", "PodDisruptionBudget", "image-controller").has_value());
  CHECK(cluster.Get("networking.k8s.io/v1", "NetworkPolicy", "helm-controller").has_value());
  const auto dashboard = cluster.Get("v1", "ConfigMap", "sluice-dashboard");
  REQUIRE(dashboard.has_value());
  CHECK(value::ParseJson((*dashboard)["data"]["sluice.json"].str()).ok());
}

TEST_CASE("the chart's rights end where they should", "[chart]") {
  Installed chart("watchAllNamespaces=true");
  for (const std::string& account : kControllers) {
    CAPTURE(account);
    for (const auto& [group, resource] :
         {std::pair("apps", "deployments"), std::pair("", "configmaps"), std::pair("", "secrets"),
          std::pair("", "pods"), std::pair("rbac.authorization.k8s.io", "rolebindings"),
          std::pair("rbac.authorization.k8s.io", "clusterroles")}) {
      CAPTURE(resource);
      for (const char* verb : {"create", "update", "patch", "delete", "escalate", "bind"}) {
        CHECK_FALSE(chart.May(account, verb, group, resource));
      }
    }
    CHECK_FALSE(chart.May(account, "create", "", "serviceaccounts/token"));
    CHECK_FALSE(chart.May(account, "impersonate", "", "users"));
    CHECK_FALSE(chart.May(account, "impersonate", "", "groups"));
    const bool applies = account == "kustomize-controller" || account == "helm-controller";
    CHECK(chart.May(account, "impersonate", "", "serviceaccounts") == applies);
    CHECK(chart.May(account, "list", "", "secrets") == applies);
  }
  CHECK_FALSE(
      chart.May("helm-controller", "patch", "kustomize.toolkit.fluxcd.io", "kustomizations"));
  // The opt-outs.
  chart.Apply("rbac.clusterAdmin=true,defaults.featureGates.ObjectLevelWorkloadIdentity=true");
  CHECK(chart.May("kustomize-controller", "create", "apps", "deployments"));
  CHECK(chart.May("helm-controller", "create", "apps", "deployments"));
  CHECK_FALSE(chart.May("source-controller", "create", "apps", "deployments"));
  CHECK(chart.May("source-controller", "create", "", "serviceaccounts/token"));
}

}  // namespace
}  // namespace sluice::chart
