// What is decrypted, filled in and given as values, where it is taken and where it is refused.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/secrets/scene.h"

namespace sluice::secrets {
namespace {

using e2e::kSourceApi;

constexpr absl::Duration kLimit = absl::Seconds(60);

Value FromSecret(const std::string& name, const std::string& path = "") {
  Value reference = {{"kind", "Secret"}, {"name", name}};
  if (!path.empty()) reference.Set("targetPath", path);
  return Value(Value::Array{reference});
}

std::string Deployment(const std::string& name, const std::string& text) {
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ", name,
      "}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: a}}\n",
      "  template:\n    metadata: {labels: {app: a}}\n    spec:\n",
      "      containers:\n      - {name: a, image: a, env: [{name: TEXT, value: ", text, "}]}\n");
}

// The API server says which label it does not like.
std::string Labelled(const std::string& name, const std::string& label) {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name,
                      ", labels: {a: ", label, "}}\n");
}

TEST_CASE("decrypted manifests, variables and values are told nowhere, whether they serve or not",
          "[secrets]") {
  Scene scene;
  Canaries& canaries = scene.canaries();
  const auto sops = [](const std::string& file) {
    const std::string content = e2e::ReadFile("tests/e2e/testdata/sops/" + file);
    REQUIRE(!content.empty());
    return content;
  };
  const auto write = [&](const std::string& file, const std::string& content) {
    scene.git().Write(file, content);
  };

  // What was encrypted with SOPS: all of it begins with "hunter2".
  canaries.Add("sops", "hunter2");
  const std::string key = sops("age.agekey");
  canaries.Add("age-key", key.substr(key.find("AGE-SECRET-KEY-") + 20, 16));
  for (const char* file : {"secret.yaml", "settings.yaml"}) {
    write(absl::StrCat("sops/", file), sops(file));
  }
  // A decrypted text where the API server wants a number, and says which text it was.
  write("sops-refused/patch.yaml", sops("patch.yaml"));
  write("sops-refused/plain.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {patched: \"no\"}\n");
  write("sops-refused/deployment.yaml", Deployment("sops-refused", "a"));
  write("sops-refused/kustomization.yaml",
        "resources: [plain.yaml, deployment.yaml]\npatches: [{path: patch.yaml}]\n"
        "replacements:\n- source: {kind: ConfigMap, name: plain, fieldPath: data.patched}\n"
        "  targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]\n");
  write("sops-key/secret.yaml", sops("secret.yaml"));

  // Variables.
  const std::string variables[] = {canaries.New("variable"),
                                   canaries.NewPlain("variable-refused") + "-",
                                   canaries.NewPlain("variable-of-secret") + ": ["};
  scene.AddSecret("variables",
                  {{"good", variables[0]}, {"refused", variables[1]}, {"broken", variables[2]}});
  write("variable/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: variable}\nstringData:\n  a: |-\n    "
        "${good}\n");
  write("variable-refused/labelled.yaml", Labelled("variable-refused", "\"${refused}\""));
  write("variable-secret/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: variable-secret}\n"
        "data:\n  a: ${refused}\n");
  write("variable-broken/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken}\ndata:\n  a: ${broken}\n");

  // Values of releases.
  scene.WriteChart("values",
                   absl::StrCat(Deployment("values", "{{ .Values.text | quote }}"),
                                "---\napiVersion: v1\nkind: Secret\nmetadata: {name: "
                                "values}\nstringData: {a: {{ .Values.text | quote }}}\n"));
  scene.WriteChart("template", "{{ fail (printf \"no %s\" .Values.text) }}");
  scene.WriteChart("parse",
                   "a: {{ atoi (.Values.text | upper | lower) | required .Values.text "
                   "| int }}\n{{ .Values.text.part }}\n");
  scene.WriteChart("yaml",
                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: "
                   "{{ .Values.text }}: [\n");
  scene.WriteChart(
      "schema", "a: b\n",
      R"({"properties": {"text": {"type": "string", "pattern": "^x$", "enum": ["y"]}}})");
  scene.WriteChart("refused", Labelled("refused", "{{ .Values.text | quote }}"));
  for (const char* chart : {"document", "list", "path"}) scene.WriteChart(chart, "a: b\n");
  REQUIRE(scene.git().Commit("first").ok());

  scene.Apply(e2e::GitRepositoryManifest("repo", scene.cluster().git_url() + "/repo"));
  scene.AddSecret("keys", {{"age.agekey", key}});
  const Value decryption = {
      {"decryption", {{"provider", "sops"}, {"secretRef", {{"name", "keys"}}}}}};
  scene.AddKustomization("sops", "True", decryption);
  scene.AddKustomization("sops-refused", "False", decryption);
  scene.AddSecret("wrong-keys", {{"age.agekey", "AGE-SECRET-KEY-1" + canaries.New("wrong-age-key")},
                                 {"key.asc", canaries.New("wrong-pgp-key")}});
  scene.AddKustomization(
      "sops-key", "False",
      {{"decryption", {{"provider", "sops"}, {"secretRef", {{"name", "wrong-keys"}}}}}});
  const Value post_build = {{"postBuild", {{"substituteFrom", FromSecret("variables")}}}};
  scene.AddKustomization("variable", "True", post_build);
  for (const char* name : {"variable-refused", "variable-secret", "variable-broken"}) {
    scene.AddKustomization(name, "False", post_build);
  }

  // Kubeconfigs.
  const auto kubeconfig = [&](const std::string& name, const std::string& server) {
    return absl::StrCat(
        "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n",
        "clusters: [{name: k, cluster: {server: '", server, "'}}]\n",
        "users: [{name: u, user: {token: ", canaries.NewPlain(name), "}}]\n");
  };
  write("kubeconfig/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  write("kubeconfig-broken/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  REQUIRE(scene.git().Commit("second").ok());
  REQUIRE(scene.cluster().Trigger(kSourceApi, "GitRepository", "repo").ok());
  scene.AddSecret("kubeconfig", {{"value", kubeconfig("kubeconfig-token", scene.echo())}});
  scene.AddSecret("kubeconfig-broken", {{"value", canaries.New("kubeconfig-broken") + ": ["}});
  for (const char* name : {"kubeconfig", "kubeconfig-broken"}) {
    scene.AddKustomization(name, "False",
                           {{"kubeConfig", {{"secretRef", {{"name", name}}}}}, {"timeout", "5s"}});
  }

  for (const char* name : {"values", "template", "parse", "yaml", "schema", "refused"}) {
    const std::string secret = absl::StrCat("values-", name);
    scene.AddSecret(secret,
                    {{"values.yaml", absl::StrCat("text: ", canaries.NewPlain(secret), "-")}});
    scene.AddRelease(name, name == std::string("values") ? "True" : "False", FromSecret(secret));
  }
  scene.AddSecret("values-document", {{"values.yaml", canaries.New("values-document") + ": ["}});
  scene.AddRelease("document", "False", FromSecret("values-document"));
  scene.AddSecret("values-list", {{"values.yaml", "- " + canaries.NewPlain("values-list")}});
  scene.AddRelease("list", "False", FromSecret("values-list"));
  scene.AddSecret("values-path", {{"values.yaml", "a," + canaries.NewPlain("values-path")}});
  scene.AddRelease("path", "False", FromSecret("values-path", "some.path"));

  scene.AwaitAll();
  // Drift, which is warned of with the difference.
  for (const char* kind : {"Deployment", "Secret"}) {
    const bool secret = kind == std::string("Secret");
    REQUIRE(
        scene.cluster()
            .Edit(secret ? "v1" : "apps/v1", kind, "values",
                  secret
                      ? Value({{"data", {{"a", "ZHJpZnRlZA=="}}}})
                      : Value({{"spec",
                                {{"template",
                                  {{"spec",
                                    {{"containers",
                                      Value(Value::Array{{{"name", "a"}, {"image", "a"}}})}}}}}}}}))
            .ok());
  }
  const bool warned = e2e::Eventually(kLimit, [&] {
    for (const std::string& event : scene.cluster().Events("HelmRelease", "values")) {
      if (absl::StrContains(event, "DriftDetected") && absl::StrContains(event, "Deployment")) {
        return true;
      }
    }
    return false;
  });
  if (!warned) UNSCOPED_INFO(scene.cluster().Describe());
  CHECK(warned);
  scene.Search();
}

}  // namespace
}  // namespace sluice::secrets
