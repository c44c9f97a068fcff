// What the chart renders to: the same with helm and with our own engine, nothing that restricted
// pod security refuses, nothing that lint or the schema of the values objects to.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/process.h"

namespace sluice::chart {
namespace {

using ::sluice::testing::IsOk;

const std::string kChart = absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice");

// Values that show every template, in the form of --set. The certificate is given: one that is made
// is another each time.
constexpr char kGivenCertificate[] = "tls.mode=secret,tls.secretName=grpc";
const std::vector<std::string> kValues = {
    "tls.mode=off",
    "watchAllNamespaces=false,rbac.clusterAdmin=true,lockdown.defaultServiceAccount=",
    "prometheusRule.enabled=true,dashboard.enabled=true,serviceMonitor.enabled=true",
    "defaults.autoscaling.enabled=true,controllers.helm-controller.enabled=false",
    "controllers.source-controller.replicas=3,controllers.source-controller.persistence.claim=data",
    "defaults.featureGates.ObjectLevelWorkloadIdentity=true,image.tag=1.2.3,image.pullSecrets[0]=a",
    "networkPolicy.enabled=false,tests.enabled=false,rbac.create=false,rbac.aggregate=false",
    "eventsAddr=http://notification-controller/,otlpEndpoint=http://collector:4318",
};

std::vector<std::string> Template(std::vector<std::string> command, const std::string& values) {
  for (const char* word : {"template", "sluice"}) command.push_back(word);
  command.push_back(kChart);
  for (const char* word : {"-n", "flux-system"}) command.push_back(word);
  for (const std::string& word :
       {std::string("--set"), std::string(kGivenCertificate), std::string("--set"), values}) {
    command.push_back(word);
  }
  return command;
}

std::string Ours(const std::string& values, const char* version = "4") {
  auto command = Template({e2e::Program("sluice")}, values);
  command.push_back("--helm");
  command.push_back(version);
  auto rendered = e2e::Run(command);
  INFO(rendered.status());
  REQUIRE(rendered.ok());
  return *std::move(rendered);
}

TEST_CASE("helm renders the chart to the same bytes and has nothing to object", "[chart]") {
  const char* helm = std::getenv("SLUICE_TEST_HELM");
  if (helm == nullptr) {
    WARN("skipped: SLUICE_TEST_HELM names no helm program");
    return;
  }
  const std::string version =
      e2e::Run({helm, "version", "--template", "{{.Version}}"}).value_or("");
  const char* generation = absl::StartsWith(version, "v3") ? "3" : "4";
  const auto linted = e2e::Run({helm, "lint", "--strict", kChart});
  INFO(linted.status());
  CHECK(linted.ok());
  for (const std::string& values : kValues) {
    CAPTURE(version, values);
    const auto theirs = e2e::Run(Template({helm}, values));
    REQUIRE_THAT(theirs.status(), IsOk());
    CHECK(Ours(values, generation) == *theirs);
  }
}

TEST_CASE("a value that does not exist is refused", "[chart]") {
  for (const char* values :
       {"controllers.source-controller.replica=3", "lockdown.noRemoteBase=false", "logLevel=warn",
        "defaults.extraArgs[0]=concurrent", "controllers.other-controller.replicas=1",
        "defaults.podDisruptionBudget.minAvailable=1", "eventsAddr=notification-controller"}) {
    CAPTURE(values);
    const auto rendered = e2e::Run(Template({e2e::Program("sluice")}, values));
    CHECK_FALSE(rendered.ok());
    CHECK(absl::StrContains(rendered.status().message(), "values don't meet the specifications"));
  }
}

TEST_CASE("the chart is locked down unless told otherwise", "[chart]") {
  struct Row {
    const char* values;
    const char* cross_namespace;
    const char* remote_bases;
    const char* account;  // "": none is given
  };
  for (const Row& row : {Row{"logLevel=info", "true", "true", "default"},
                         Row{"lockdown.noCrossNamespaceRefs=false,lockdown.noRemoteBases=false,"
                             "lockdown.defaultServiceAccount=,rbac.clusterAdmin=true",
                             "false", "false", ""}}) {
    CAPTURE(row.values);
    const auto documents = value::ParseYamlStream(Ours(row.values));
    REQUIRE(documents.ok());
    size_t controllers = 0;
    for (const value::YamlDocument& document : *documents) {
      if (document.value["kind"].str() != "Deployment") continue;
      ++controllers;
      const absl::string_view name = document.value["metadata"]["name"].str();
      CAPTURE(name);
      std::string arguments;
      const Value& pod = document.value["spec"]["template"]["spec"];
      for (const Value& word : pod["containers"].at(0)["args"].items()) {
        absl::StrAppend(&arguments, word.str(), " ");
      }
      CHECK(absl::StrContains(
          arguments, absl::StrCat("--no-cross-namespace-refs=", row.cross_namespace, " ")));
      CHECK_FALSE(absl::StrContains(arguments, "insecure"));
      CHECK_FALSE(absl::StrContains(arguments, "--allow-local-git"));
      if (absl::StrContains(name, "kustomize-controller")) {
        CHECK(absl::StrContains(arguments, absl::StrCat("--no-remote-bases=", row.remote_bases)));
      }
      if (absl::StrContains(name, "kustomize") || absl::StrContains(name, "helm")) {
        CHECK(absl::StrContains(arguments, absl::StrCat("--default-service-account=",
                                                        row.account)) == (row.account[0] != '\0'));
      }
    }
    CHECK(controllers == 4);
  }
}

void CheckRestricted(const Value& pod) {
  const Value& security = pod["securityContext"];
  CHECK(security["runAsNonRoot"] == Value(true));
  CHECK(security["seccompProfile"]["type"].str() == "RuntimeDefault");
  CHECK_FALSE(pod["hostNetwork"].bool_or(false));
  for (const Value& container : pod["containers"].items()) {
    const Value& own = container["securityContext"];
    CHECK(own["allowPrivilegeEscalation"] == Value(false));
    CHECK(own["readOnlyRootFilesystem"] == Value(true));
    CHECK(own["capabilities"] == Value{{"drop", Value(Value::Array{"ALL"})}});
  }
  for (const Value& volume : pod["volumes"].items()) {
    CAPTURE(volume["name"].str());
    CHECK((volume.Has("emptyDir") || volume.Has("persistentVolumeClaim") || volume.Has("secret")));
  }
}

TEST_CASE("every pod keeps to restricted pod security and is bounded", "[chart]") {
  for (const std::string& values : kValues) {
    CAPTURE(values);
    size_t pods = 0;
    const auto documents = value::ParseYamlStream(Ours(values));
    REQUIRE(documents.ok());
    for (const value::YamlDocument& document : *documents) {
      const Value& object = document.value;
      const bool deployment = object["kind"].str() == "Deployment";
      if (!deployment && object["kind"].str() != "Pod") continue;
      CAPTURE(object["metadata"]["name"].str());
      const Value& pod = deployment ? object["spec"]["template"]["spec"] : object["spec"];
      CheckRestricted(pod);
      ++pods;
      if (!deployment) continue;
      const Value& container = pod["containers"].at(0);
      CHECK(container["resources"]["limits"].Has("memory"));
      CHECK(container.Has("livenessProbe"));
      CHECK(container.Has("readinessProbe"));
    }
    CHECK(pods >= 3);
  }
}

}  // namespace
}  // namespace sluice::chart
