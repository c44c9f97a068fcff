// Canaries through every path on which the controllers are given a secret, where it serves and
// where it does not: logins of all kinds, keys, decrypted manifests, values, variables,
// kubeconfigs.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/git_testing/git_server.h"
#include "common/oci_testing/registry.h"
#include "common/value/json.h"
#include "tests/e2e/git_repository.h"
#include "tests/hostile/server.h"
#include "tests/images/ssh_server.h"
#include "tests/secrets/canaries.h"
#include "tests/secrets/places.h"

namespace sluice::secrets {
namespace {

using e2e::kSourceApi;

constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
constexpr absl::Duration kLimit = absl::Seconds(60);
using Entries = std::vector<std::pair<std::string, std::string>>;

// Tells a client all that it sent, as no server should.
void Echo(const hostile::Seen& seen, hostile::Answer& answer) {
  const Value body = {
      {"errors", Value(Value::Array{{{"code", "DENIED"}, {"message", seen.head}}})}};
  hostile::Reply(403, {{"Content-Type", "application/json"}},
                 absl::StrCat(value::FormatJson(body), "\n", seen.head))(seen, answer);
}

std::string DockerConfig(const std::string& host, const std::string& password) {
  const Value login = {{"username", "user"},
                       {"password", password},
                       {"auth", absl::Base64Escape("user:" + password)}};
  return value::FormatJson({{"auths", {{host, login}}}});
}

class Scene {
 public:
  Scene() : watched_(temporary_.path()) {
    echo_.On("/", Echo);
    auto repository = e2e::GitRepository::Create(cluster().git_root() + "/repo");
    REQUIRE(repository.ok());
    git_ = *std::move(repository);
  }

  e2e::Cluster& cluster() { return watched_.cluster(); }
  e2e::GitRepository& git() { return *git_; }
  Canaries& canaries() { return canaries_; }
  std::string echo() const { return echo_.url(); }
  std::string echo_host() const { return absl::StrReplaceAll(echo(), {{"http://", ""}}); }

  void Apply(Value object) {
    const absl::Status applied = cluster().Apply(std::move(object));
    INFO(applied);
    REQUIRE(applied.ok());
  }
  void AddSecret(const std::string& name, const Entries& entries, const char* type = "Opaque") {
    Value text = Value::EmptyObject();
    for (const auto& [key, value] : entries) text.Set(key, value);
    Apply({{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"metadata", {{"name", name}}},
           {"type", type},
           {"stringData", std::move(text)}});
  }
  // An object, with the status that Ready is to have.
  void Add(const char* api, const char* kind, const std::string& name, const char* status,
           Value spec) {
    if (!spec.Has("interval") && kind != std::string("ImagePolicy")) spec.Set("interval", "10m");
    Apply({{"apiVersion", api},
           {"kind", kind},
           {"metadata", {{"name", name}}},
           {"spec", std::move(spec)}});
    expected_.push_back({api, kind, name, status});
  }
  // A source whose Secret has the name of the object.
  void AddSource(const char* kind, const std::string& name, const char* status, Value spec) {
    spec.Set("secretRef", {{"name", name}});
    if (kind == std::string("GitRepository")) spec.Set("ref", {{"branch", "main"}});
    Add(kSourceApi, kind, name, status, std::move(spec));
  }
  void AddKustomization(const std::string& name, const char* status, const Value& more) {
    Value object = e2e::KustomizationManifest(name, "repo", "./" + name, "10m");
    Value spec = object["spec"];
    spec.Set("targetNamespace", cluster().ns());
    spec.Set("retryInterval", "2s");
    for (const value::Member& member : more.members()) spec.Set(member.key, member.value);
    Add(e2e::kKustomizeApi, "Kustomization", name, status, std::move(spec));
  }
  // A release of the chart in charts/`name`.
  void AddRelease(const std::string& name, const char* status, const Value& values_from) {
    Add(kHelmApi, "HelmRelease", name, status,
        {{"chart",
          {{"spec",
            {{"chart", "charts/" + name},
             {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}},
         {"driftDetection", {{"mode", "warn"}}},
         {"install", {{"disableWait", true}}},
         {"timeout", "10s"},
         {"interval", "3s"},
         {"valuesFrom", values_from}});
  }
  void WriteChart(const std::string& name, const std::string& manifest,
                  const std::string& schema = "") {
    const std::string folder = "charts/" + name;
    git().Write(folder + "/Chart.yaml",
                absl::StrCat("apiVersion: v2\nname: ", name, "\nversion: 0.1.0\n"));
    git().Write(folder + "/templates/all.yaml", manifest);
    if (!schema.empty()) git().Write(folder + "/values.schema.json", schema);
  }

  void AwaitAll() {
    for (const Expected& object : expected_) {
      INFO(object.kind << "/" << object.name << " should become Ready=" << object.status);
      const bool there = e2e::Eventually(kLimit, [&] {
        return e2e::ReadyMessage(cluster().Get(object.api, object.kind, object.name), object.status)
            .has_value();
      });
      if (!there) UNSCOPED_INFO(cluster().Describe());
      CHECK(there);
    }
  }

  void Search() {
    const auto told = watched_.Told();
    size_t bytes = 0;
    for (const auto& [place, text] : told) {
      bytes += text.size();
      CHECK_FALSE(text.empty());
      for (const std::string& path : canaries_.In(text)) {
        FAIL_CHECK("the canary of " << path << " is told in: " << place << Where(path, text));
      }
    }
    CHECK(cluster().Casualties() == "");
    std::cout << canaries_.size() << " canaries, " << expected_.size() << " objects, "
              << told.size() << " places, " << bytes << " bytes searched\n";
  }

 private:
  struct Expected {
    std::string api, kind, name, status;
  };

  // The line, for whoever has to mend it.
  std::string Where(const std::string& path, const std::string& text) {
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      const std::vector<std::string> found = canaries_.In(line);
      if (std::find(found.begin(), found.end(), path) != found.end()) {
        return absl::StrCat("\n", line.substr(0, 2000));
      }
    }
    return "";
  }

  e2e::TempDir temporary_;
  Canaries canaries_;
  hostile::Server echo_;
  Watched watched_;
  std::optional<e2e::GitRepository> git_;
  std::vector<Expected> expected_;
};

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

TEST_CASE("logins are told nowhere, whether they serve or not", "[secrets]") {
  Scene scene;
  Canaries& canaries = scene.canaries();
  const auto login = [&](const std::string& name, const std::string& password) {
    scene.AddSecret(name, {{"username", "user"}, {"password", password}});
  };
  REQUIRE(scene.git().Commit("first").ok());

  // Git over HTTP.
  const std::string basic = canaries.New("git-basic");
  git_testing::GitServer basic_server(
      scene.cluster().git_root(),
      {.allow_push = true, .username = "user", .password = Secret(basic)});
  const std::string bearer = canaries.NewPlain("git-bearer");
  git_testing::GitServer bearer_server(scene.cluster().git_root(),
                                       {.bearer_token = Secret(bearer)});
  login("git-basic", basic);
  scene.AddSource("GitRepository", "git-basic", "True", {{"url", basic_server.Url("repo")}});
  login("git-wrong", canaries.New("git-wrong"));
  scene.AddSource("GitRepository", "git-wrong", "False", {{"url", basic_server.Url("repo")}});
  login("git-echo", canaries.New("git-echo"));
  scene.AddSource("GitRepository", "git-echo", "False", {{"url", scene.echo() + "/repo"}});
  scene.AddSecret("git-bearer", {{"bearerToken", bearer}});
  scene.AddSource("GitRepository", "git-bearer", "True", {{"url", bearer_server.Url("repo")}});
  scene.AddSecret("git-bearer-wrong", {{"bearerToken", canaries.NewPlain("git-bearer-wrong")}});
  scene.AddSource("GitRepository", "git-bearer-wrong", "False",
                  {{"url", bearer_server.Url("repo")}});
  scene.Add(kSourceApi, "GitRepository", "git-url", "False",
            {{"url", absl::StrCat("http://user:", canaries.NewPlain("git-url"), "@",
                                  scene.echo_host(), "/repo")}});
  scene.AddSecret("git-half", {{"username", canaries.New("git-half")}});
  scene.AddSource("GitRepository", "git-half", "False", {{"url", basic_server.Url("repo")}});
  scene.AddSecret("git-app", {{"githubAppID", "1"},
                              {"githubAppInstallationID", "2"},
                              {"githubAppBaseURL", scene.echo()},
                              {"githubAppPrivateKey", canaries.New("github-app-key")}});
  scene.AddSource("GitRepository", "git-app", "False",
                  {{"url", scene.echo() + "/repo"}, {"provider", "github"}});
  scene.AddSecret("git-proxy", {{"address", scene.echo()},
                                {"username", "user"},
                                {"password", canaries.New("proxy-password")}});
  scene.Add(kSourceApi, "GitRepository", "git-proxy", "False",
            {{"url", "https://git.invalid/repo"}, {"proxySecretRef", {{"name", "git-proxy"}}}});

  // Git over SSH.
  std::optional<images::SshServer> ssh;
  if (images::SshServer::IsInstalled()) {
    ssh.emplace();
    const std::string key = ssh->client_key();
    // In the middle of the key, where its secret half is.
    canaries.Add("ssh-key", key.substr(key.size() / 2, 12));
    scene.AddSecret("git-ssh", {{"identity", key}, {"known_hosts", ssh->known_hosts()}});
    scene.AddSource("GitRepository", "git-ssh", "True", {{"url", ssh->Url(scene.git().path())}});
    scene.AddSecret("git-ssh-wrong", {{"identity", canaries.New("ssh-no-key")},
                                      {"password", canaries.New("ssh-passphrase")},
                                      {"known_hosts", ssh->known_hosts()}});
    scene.AddSource("GitRepository", "git-ssh-wrong", "False",
                    {{"url", ssh->Url(scene.git().path())}});
  } else {
    WARN("sshd is not installed: SSH keys were not tried");
  }

  // Registries.
  const std::string pull = canaries.New("registry");
  oci_testing::Registry registry({.access = oci_testing::RegistryOptions::Access::kBearer,
                                  .username = "user",
                                  .password = pull});
  registry.AddArtifact("org/app", "1.0.0", "application/octet-stream", "layer");
  struct Pull {
    const char* name;
    std::string host, config;
    const char* status;
  };
  const Pull pulls[] = {
      {"oci", registry.host(), DockerConfig(registry.host(), pull), "True"},
      {"oci-wrong", registry.host(), DockerConfig(registry.host(), canaries.New("oci-wrong")),
       "False"},
      {"oci-echo", scene.echo_host(), DockerConfig(scene.echo_host(), canaries.New("oci-echo")),
       "False"},
      {"oci-config", registry.host(), "{\"auths\": " + canaries.New("oci-config"), "False"},
  };
  for (const Pull& row : pulls) {
    // The API server refuses a broken configuration of that type.
    const bool whole = value::ParseJson(row.config).ok();
    scene.AddSecret(row.name, {{".dockerconfigjson", row.config}},
                    whole ? "kubernetes.io/dockerconfigjson" : "Opaque");
    const std::string repository = row.host + "/org/app";
    // The artifact has no layer that could be extracted: it is reached, and refused.
    scene.AddSource("OCIRepository", row.name, "False",
                    {{"url", "oci://" + repository}, {"ref", {{"tag", "1.0.0"}}}});
    scene.Add(kImageApi, "ImageRepository", row.name, row.status,
              {{"image", repository}, {"secretRef", {{"name", row.name}}}});
  }

  // Helm repositories and buckets.
  login("helm-echo", canaries.New("helm-echo"));
  scene.AddSource("HelmRepository", "helm-echo", "False", {{"url", scene.echo() + "/charts"}});
  hostile::Server charts;
  charts.On("/", hostile::Reply(200, {}, "apiVersion: v1\nentries: {}\n"));
  login("helm", canaries.New("helm"));
  scene.AddSource("HelmRepository", "helm", "True", {{"url", charts.url()}});
  scene.AddSecret("bucket", {{"accesskey", canaries.NewPlain("s3-access-key")},
                             {"secretkey", canaries.New("s3-secret-key")}});
  scene.AddSource("Bucket", "bucket", "False",
                  {{"endpoint", scene.echo_host()}, {"insecure", true}, {"bucketName", "data"}});
  scene.AddSecret("bucket-gcp", {{"serviceaccount", canaries.New("gcp-account")}});
  scene.AddSource(
      "Bucket", "bucket-gcp", "False",
      {{"provider", "gcp"}, {"endpoint", "storage.googleapis.com"}, {"bucketName", "data"}});
  scene.AddSecret("bucket-azure", {{"accountKey", canaries.New("azure-key")}});
  scene.AddSource("Bucket", "bucket-azure", "False",
                  {{"provider", "azure"}, {"endpoint", scene.echo()}, {"bucketName", "data"}});
  scene.AddSecret(
      "tls", {{"tls.crt", canaries.New("tls-certificate")}, {"tls.key", canaries.New("tls-key")}});
  scene.Add(kSourceApi, "HelmRepository", "tls", "False",
            {{"url", "https://127.0.0.1:1"}, {"certSecretRef", {{"name", "tls"}}}});

  // Image automation, which pushes.
  const auto automate = [&](const std::string& name, const char* status, const Value& git) {
    scene.Add(kImageApi, "ImageUpdateAutomation", name, status,
              {{"sourceRef", {{"kind", "GitRepository"}, {"name", "git-basic"}}},
               {"git", git},
               {"update", {{"strategy", "Setters"}, {"path", "./"}}}});
  };
  Value git = {{"checkout", {{"ref", {{"branch", "main"}}}}},
               {"commit", {{"author", {{"name", "Bot"}, {"email", "bot@example.org"}}}}}};
  automate("automation", "True", git);
  scene.AddSecret("signing", {{"git.asc", canaries.New("signing-key")},
                              {"passphrase", canaries.New("signing-passphrase")}});
  git.Ensure("commit").Set("signingKey", {{"secretRef", {{"name", "signing"}}}});
  automate("automation-signing", "False", git);

  scene.AwaitAll();
  scene.Search();
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

TEST_CASE("controllers leave no core dumps", "[secrets]") {
  const e2e::TempDir temporary;
  Watched watched(temporary.path());
  for (const char* name :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    CAPTURE(name);
    // A limit of one byte also keeps the kernel from piping a dump to a program.
    REQUIRE(e2e::Eventually(kLimit, [&] {
      return absl::StrContains(watched.cluster().process(name).Proc("limits"),
                               "Max core file size        1                    1 ");
    }));
  }
}

}  // namespace
}  // namespace sluice::secrets
