// Decryption of what Kustomizations sync (spec/kustomize.md §2.6). Files under testdata/sops were
// encrypted by sops 3.11; every secret in them begins with "hunter2".

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/aead.h"
#include "common/crypto/private_key.h"
#include "common/crypto/random.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);

std::string File(absl::string_view name) {
  std::string content = ReadFile(absl::StrCat("tests/e2e/testdata/sops/", name));
  REQUIRE(!content.empty());
  return content;
}

// A cluster and a repository in it.
class Synced {
 public:
  explicit Synced(const ClusterOptions& options = {}) {
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    auto git = GitRepository::Create(cluster_->git_root() + "/repo");
    REQUIRE(git.ok());
    git_ = *std::move(git);
  }

  Cluster& cluster() { return *cluster_; }
  GitRepository& git() { return *git_; }

  void Apply(Value object) { REQUIRE_THAT(cluster_->Apply(std::move(object)), IsOk()); }
  void AddSecret(const std::string& name, const std::map<std::string, std::string>& entries) {
    Value text = Value::EmptyObject();
    for (const auto& [key, value] : entries) text.Set(key, value);
    Apply({{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"metadata", {{"name", name}}},
           {"stringData", std::move(text)}});
  }
  // Commits, and adds the source; call once.
  void Publish() {
    REQUIRE_THAT(git_->Commit("first").status(), IsOk());
    Apply(GitRepositoryManifest("repo", cluster_->git_url() + "/repo"));
  }
  // A Kustomization of folder `name` whose keys are in Secret `keys`; none if that is "".
  void Add(const std::string& name, const std::string& keys) {
    Value object = KustomizationManifest(name, "repo", absl::StrCat("./", name));
    object.Ensure("spec").Set("targetNamespace", cluster_->ns());
    if (!keys.empty()) {
      object.Ensure("spec").Set("decryption",
                                {{"provider", "sops"}, {"secretRef", {{"name", keys}}}});
    }
    Apply(std::move(object));
  }

  void ExpectReady(const std::string& name) {
    CAPTURE(name);
    const bool ready = Eventually(kLimit, [&] { return Ready(name, "True").has_value(); });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(ready);
  }
  void ExpectRefused(const std::string& name, const std::string& reason, const std::string& text) {
    CAPTURE(name, reason, text);
    const bool refused = Eventually(kLimit, [&] {
      return absl::StrContains(Ready(name, "False").value_or(""), text) && reason_ == reason;
    });
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
  }
  // The entry of a ConfigMap, or of a Secret as bytes.
  std::string Entry(const std::string& kind, const std::string& name, const std::string& key) {
    const auto object = cluster_->Get("v1", kind, name);
    if (!object.has_value()) return "(no such object)";
    std::string text((*object)["data"][key].str());
    if (kind == "Secret") absl::Base64Unescape(std::string(text), &text);
    return text;
  }
  // What the program told whoever looks: status, events, logs.
  std::string Told(const std::vector<std::string>& names) {
    std::string told = cluster_->Describe();
    for (const std::string& name : names) {
      for (const std::string& event : cluster_->Events("Kustomization", name)) {
        absl::StrAppend(&told, "\n", event);
      }
    }
    return absl::StrCat(told, cluster_->process("kustomize-controller").Output());
  }

 private:
  std::optional<std::string> Ready(const std::string& name, absl::string_view status) {
    const auto object = cluster_->Get(kKustomizeApi, "Kustomization", name);
    if (!object.has_value()) return std::nullopt;
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() == "Ready") reason_ = std::string(condition["reason"].str());
    }
    return ReadyMessage(object, status);
  }

  std::unique_ptr<Cluster> cluster_;
  std::optional<GitRepository> git_;
  std::string reason_;  // of Ready, as last seen
};

constexpr char kBuild[] = R"(apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [secret.yaml, settings.yaml, plain.yaml]
generatorOptions: {disableNameSuffixHash: true}
secretGenerator:
  - name: generated
    files: [registry.json, token=token.txt]
    envs: [login.env]
patches:
  - path: patch.yaml
)";

TEST_CASE("encrypted resources, generator inputs and patches are applied in the clear", "[e2e]") {
  Synced synced;
  for (const char* file :
       {"secret.yaml", "settings.yaml", "registry.json", "token.txt", "login.env", "patch.yaml"}) {
    synced.git().Write(absl::StrCat("app/", file), File(file));
  }
  synced.git().Write("app/kustomization.yaml", kBuild);
  synced.git().Write(
      "app/plain.yaml",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {patched: \"no\"}\n");
  synced.git().Write("pgp/openpgp.yaml", File("openpgp.yaml"));
  synced.AddSecret("keys", {{"age.agekey", File("age.agekey")}, {"note", "ignored"}});
  synced.AddSecret("pgp-keys", {{"key.asc", File("pgp.asc")}});
  synced.Publish();
  synced.Add("app", "keys");
  synced.Add("pgp", "pgp-keys");
  synced.ExpectReady("app");
  synced.ExpectReady("pgp");

  CHECK(synced.Entry("Secret", "resource", "password") == "hunter2-resource");
  CHECK(synced.Entry("ConfigMap", "settings", "key") == "hunter2-settings");
  CHECK(synced.Entry("ConfigMap", "plain", "patched") == "hunter2-patch");
  CHECK(
      synced.Entry("Secret", "generated", "registry.json") ==
      "{\n\t\"auths\": {\n\t\t\"registry\": {\n\t\t\t\"auth\": \"hunter2-registry\"\n\t\t}\n\t}\n}"
      "\n");
  CHECK(synced.Entry("Secret", "generated", "token") == "hunter2-binary\n");
  CHECK(synced.Entry("Secret", "generated", "PASSWORD") == "hunter2-env");
  CHECK(synced.Entry("Secret", "generated", "USER") == "admin");
  CHECK(synced.Entry("Secret", "openpgp", "password") == "hunter2-pgp");
  CHECK_FALSE(absl::StrContains(synced.Told({"app", "pgp"}), "hunter2"));
  CHECK(synced.cluster().Casualties() == "");
}

TEST_CASE("what cannot be decrypted is not applied, and says why without secrets", "[e2e]") {
  Synced synced;
  const std::string secret = File("secret.yaml");
  synced.git().Write("no-decryption/secret.yaml", secret);
  synced.git().Write("no-key/secret.yaml", secret);
  synced.git().Write("no-secret/secret.yaml", secret);
  synced.git().Write("bad-key/secret.yaml", secret);
  // The value under another key than it was encrypted for.
  synced.git().Write(
      "moved/secret.yaml",
      absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata: {name: moved}\n",
                   "stringData:\n    username", secret.substr(secret.find(": ENC["))));
  synced.git().Write("missing/kustomization.yaml",
                     "secretGenerator:\n  - name: x\n    envs: [missing.env]\n");
  synced.git().Write("large/kustomization.yaml",
                     "secretGenerator:\n  - name: x\n    files: [large.txt]\n");
  synced.git().Write("large/large.txt", std::string((5 << 20) + 1, 'x'));
  synced.AddSecret("keys", {{"age.agekey", File("age.agekey")}});
  synced.AddSecret("empty", {{"note", "no key"}});
  synced.AddSecret("broken", {{"age.agekey", "AGE-SECRET-KEY-1HUNTER2"}});
  synced.Publish();
  synced.Add("no-decryption", "");
  synced.Add("no-key", "empty");
  synced.Add("no-secret", "absent");
  synced.Add("bad-key", "broken");
  for (const char* name : {"moved", "missing", "large"}) synced.Add(name, "keys");

  synced.ExpectRefused("no-decryption", "ReconciliationFailed",
                       "resource is SOPS encrypted, configuring decryption is required for this "
                       "secret to be reconciled");
  synced.ExpectRefused("no-key", "BuildFailed", "cannot get sops data key");
  synced.ExpectRefused("no-key", "BuildFailed", "age1");  // who could
  synced.ExpectRefused("no-secret", "BuildFailed", "secrets \"absent\" not found");
  synced.ExpectRefused("bad-key", "BuildFailed",
                       "failed to import 'age.agekey' data from sops decryption Secret");
  synced.ExpectRefused("moved", "BuildFailed", "message authentication failed");
  synced.ExpectRefused("missing", "BuildFailed",
                       "error decrypting sources: lstat missing/missing.env: no such file");
  synced.ExpectRefused("large", "BuildFailed", "exceeding limit (5242880)");
  CHECK(synced.Entry("Secret", "resource", "password") == "(no such object)");
  CHECK_FALSE(
      absl::StrContains(synced.Told({"no-decryption", "no-key", "bad-key", "moved"}), "HUNTER2"));
}

// Answers for all key services, and what it was asked.
class FakeServices {
 public:
  explicit FakeServices(std::string data_key) : data_key_(std::move(data_key)) {
    server_ =
        http::Server::Start({.address = "127.0.0.1:0"}, [this](const Context&,
                                                               const http::ServerRequest& request) {
          return Answer(request);
        }).value();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  // The request to `path`, as "header: body".
  std::string Asked(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    return asked_[path];
  }

 private:
  http::ServerResponse Answer(const http::ServerRequest& request) {
    const std::string path = request.path.substr(0, request.path.find('?'));
    http::ServerResponse response;
    Value body = Value::EmptyObject();
    std::string credential(request.headers.Get("Authorization"));
    if (absl::EndsWith(path, "/token")) {
      body = {{"access_token", "token-1"}, {"expires_in", 3600}};
    } else if (path == "/v1/transit/decrypt/vault-key") {
      credential = std::string(request.headers.Get("X-Vault-Token"));
      body = {{"data", {{"plaintext", absl::Base64Escape(data_key_)}}}};
    } else if (path == "/") {
      body = {{"Plaintext", absl::Base64Escape(data_key_)}};
    } else if (path == "/v1/projects/p/locations/l/keyRings/r/cryptoKeys/k:decrypt") {
      body = {{"plaintext", absl::Base64Escape(data_key_)}};
    } else if (path == "/keys/azure-key/1/decrypt") {
      body = {{"value", absl::WebSafeBase64Escape(data_key_)}};
    } else {
      response.status = 404;
    }
    absl::MutexLock lock(&mutex_);
    asked_[path] = credential;
    response.body = value::FormatJson(body);
    return response;
  }

  const std::string data_key_;
  absl::Mutex mutex_;
  std::map<std::string, std::string> asked_;
  std::unique_ptr<http::Server> server_;
};

// A Secret named `name` that SOPS might have encrypted, its data key in `keys` of list `list`.
std::string EncryptedSecret(const std::string& name, const std::string& data_key,
                            const std::string& list, const std::string& key) {
  const std::string nonce = crypto::RandomBytes(32);
  const std::string sealed = crypto::Seal(crypto::Aead::kAes256Gcm, Secret(data_key), nonce,
                                          absl::StrCat("hunter2-", name), "stringData:password:")
                                 .value();
  const size_t text = sealed.size() - crypto::kAeadTagBytes;
  return absl::StrCat(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: ", name, "}\nstringData:\n  password: ENC[",
      "AES256_GCM,data:", absl::Base64Escape(sealed.substr(0, text)),
      ",iv:", absl::Base64Escape(nonce), ",tag:", absl::Base64Escape(sealed.substr(text)),
      ",type:str]\nsops:\n  ", list, ":\n    - {", key, ", created_at: \"2026-01-01T00:00:00Z\"}\n",
      "  lastmodified: \"2026-01-01T00:00:00Z\"\n  mac: "
      "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]\n",
      "  encrypted_regex: ^stringData$\n  version: 3.11.0\n");
}

TEST_CASE("key services are asked with the credentials of the Secret", "[e2e]") {
  const std::string data_key = crypto::RandomBytes(32);
  FakeServices services(data_key);
  ClusterOptions options;
  options.environment = {{"AWS_ENDPOINT_URL_KMS", services.url()},
                         {"SOPS_GCP_KMS_ENDPOINT", services.url()},
                         {"AZURE_KEY_VAULT_ENDPOINT", services.url()}};
  Synced synced(options);
  const std::string wrapped = absl::Base64Escape("wrapped");
  const auto write = [&](const std::string& name, const std::string& list, const std::string& key) {
    synced.git().Write(absl::StrCat(name, "/secret.yaml"),
                       EncryptedSecret(name, data_key, list, key));
  };
  write("vault", "hc_vault",
        absl::StrCat("vault_address: \"", services.url(),
                     "\", engine_path: transit, key_name: vault-key, enc: \"vault:v1:x\""));
  write("aws", "kms",
        absl::StrCat("arn: \"arn:aws:kms:eu-west-1:1:key/k\", enc: ", wrapped,
                     ", aws_profile: \"\""));
  write(
      "gcp", "gcp_kms",
      absl::StrCat("resource_id: projects/p/locations/l/keyRings/r/cryptoKeys/k, enc: ", wrapped));
  write("azure", "azure_kv",
        absl::StrCat("vault_url: \"https://v.vault.azure.net\", name: azure-key, version: \"1\", ",
                     "enc: ", wrapped));
  write("azure-elsewhere", "azure_kv",
        absl::StrCat("vault_url: \"", services.url(),
                     "\", name: azure-key, version: \"1\", enc: ", wrapped));
  const auto rsa = crypto::PrivateKey::Generate(crypto::KeyKind::kRsa2048).value();
  synced.AddSecret(
      "keys",
      {{"sops.vault-token", "vault-token-1\n"},
       {"sops.aws-kms", "aws_access_key_id: AKID\naws_secret_access_key: secret\n"},
       {"sops.gcp-kms", value::FormatJson({{"type", "service_account"},
                                           {"client_email", "a@b"},
                                           {"private_key", std::string(rsa.ToPem()->Reveal())},
                                           {"private_key_id", "1"},
                                           {"token_uri", services.url() + "/google/token"}})},
       {"sops.azure-kv", absl::StrCat("tenantId: t\nclientId: c\nclientSecret: s\nauthorityHost: ",
                                      services.url(), "\n")}});
  synced.Publish();
  for (const char* name : {"vault", "aws", "gcp", "azure", "azure-elsewhere"}) {
    synced.Add(name, "keys");
  }
  for (const char* name : {"vault", "aws", "gcp", "azure"}) {
    synced.ExpectReady(name);
    CHECK(synced.Entry("Secret", name, "password") == absl::StrCat("hunter2-", name));
  }
  synced.ExpectRefused("azure-elsewhere", "BuildFailed", "none of an Azure Key Vault");
  CHECK(services.Asked("/v1/transit/decrypt/vault-key") == "vault-token-1");
  CHECK(absl::StartsWith(services.Asked("/"), "AWS4-HMAC-SHA256 Credential=AKID/"));
  CHECK(absl::StrContains(services.Asked("/"), "/eu-west-1/kms/aws4_request"));
  CHECK(services.Asked("/v1/projects/p/locations/l/keyRings/r/cryptoKeys/k:decrypt") ==
        "Bearer token-1");
  CHECK(services.Asked("/keys/azure-key/1/decrypt") == "Bearer token-1");
}

}  // namespace
}  // namespace sluice::e2e
