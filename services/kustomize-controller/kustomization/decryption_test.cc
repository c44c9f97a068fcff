// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/decryption.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/fs/memory_tree.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize_controller {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

Context Ctx() { return Context::Background().WithTimeout(absl::Seconds(30)); }

// Made by sops for the key age.agekey.
std::string File(absl::string_view name) {
  std::ifstream in(absl::StrCat("tests/e2e/testdata/sops/", name), std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// An API server, and what a controller in namespace "kube-system" would decrypt with.
class World {
 public:
  World() {
    options.process.runtime_namespace = "kube-system";
    services_ = std::make_unique<DecryptionServices>(
        DecryptionServices{{api.client(), *transport_, environment_, clock_}, tokens_});
  }

  void AddSecret(const std::string& ns, const std::string& name,
                 const std::map<std::string, std::string>& entries) {
    Value data = Value::EmptyObject();
    for (const auto& [key, value] : entries) data.Set(key, absl::Base64Escape(value));
    api.Write(value::FormatYaml({{"apiVersion", "v1"},
                                 {"kind", "Secret"},
                                 {"metadata", {{"name", name}, {"namespace", ns}}},
                                 {"data", std::move(data)}}),
              "test");
  }

  // The decryption of an object in namespace "default" with this spec.decryption.
  absl::StatusOr<std::unique_ptr<kustomization_build::Decryption>> Create(const Value& settings) {
    return CreateDecryption(Ctx(), *services_, options, "default", Spec(settings));
  }
  static api::KustomizationSpec Spec(const Value& settings) {
    api::KustomizationSpec spec;
    spec.raw = {{"decryption", settings}};
    return spec;
  }

  kube_testing::ApiServer api;
  Options options;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

 private:
  FakeClock clock_;
  std::unique_ptr<http::Transport> transport_ = http::CreateClient({}).value();
  cloud_identity::TokenCache tokens_{{}, clock_};
  const cloud_identity::Environment environment_ = {
      [this](absl::string_view name) {
        const auto it = variables.find(std::string(name));
        return it == variables.end() ? std::string() : it->second;
      },
      [this](const std::string& path) -> absl::StatusOr<std::string> {
        const auto it = files.find(path);
        if (it == files.end()) return absl::NotFoundError(path);
        return it->second;
      }};
  std::unique_ptr<DecryptionServices> services_;
};

const Value& BySecret() {
  static const auto* const kSettings =
      new Value({{"provider", "sops"}, {"secretRef", {{"name", "keys"}}}});
  return *kSettings;
}

Value ObjectOf(const std::string& file) { return value::ParseYaml(File(file)).value(); }

TEST_CASE("keys come from the object's Secret, the controller's, or the environment",
          "[decryption]") {
  World world;
  world.AddSecret("default", "keys", {{"a.agekey", File("age.agekey")}});
  world.AddSecret("kube-system", "global",
                  {{"a.agekey", File("age.agekey")}, {"k.asc", "ignored"}});
  const auto decrypts = [&](const Value& settings) {
    const auto decryption = world.Create(settings);
    REQUIRE_THAT(decryption.status(), IsOk());
    const auto object = (*decryption)->DecryptObject(Ctx(), ObjectOf("secret.yaml"));
    return object.ok() && (*object)["stringData"]["password"].str() == "hunter2-resource" &&
           !object->Has("sops");
  };
  const Value no_secret = {{"provider", "sops"}};
  CHECK(decrypts(BySecret()));
  CHECK_FALSE(decrypts(no_secret));
  world.options.sops_age_secret = "global";
  CHECK(decrypts(no_secret));
  world.options.sops_age_secret = "";
  world.variables["SOPS_AGE_KEY_FILE"] = "/keys";
  world.files["/keys"] = File("age.agekey");
  CHECK(decrypts(no_secret));
  CHECK(world.Create(Value()).value() == nullptr);
  CHECK(world.Create({{"provider", "other"}}).value() == nullptr);
}

TEST_CASE("entries that cannot be read are refused without showing them", "[decryption]") {
  struct Row {
    const char *entry, *value, *problem;
  };
  const Row rows[] = {
      {"a.agekey", "hunter2", "failed to parse and add to age identities: unknown identity type"},
      {"a.asc", "hunter2", "no private keys"},
      {"sops.aws-kms", "hunter2", "failed to unmarshal AWS credentials file"},
      {"sops.azure-kv", "hunter2", "failed to unmarshal Azure authentication file"},
      {"sops.azure-kv", "tenantId: hunter2", "invalid data: requires a 'clientId' field"},
      {"sops.azure-kv", "{tenantId: t, clientId: c, clientCertificate: hunter2}", "must be PEM"},
      {"sops.azure-kv",
       "{tenantId: t, clientId: c, clientCertificate: x, clientCertificatePassword: hunter2}",
       "clientCertificatePassword is not supported"},
      {"sops.gcp-kms", "hunter2", "no JSON"},
      {"sops.gcp-kms", R"({"type": "service_account", "client_email": "hunter2"})", "private_key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.entry, row.value);
    World world;
    world.AddSecret("default", "keys", {{row.entry, row.value}});
    const absl::Status status = world.Create(BySecret()).status();
    CHECK(absl::StrContains(status.message(),
                            absl::StrCat("failed to import '", row.entry,
                                         "' data from sops decryption Secret 'default/keys': ")));
    CHECK(absl::StrContains(status.message(), row.problem));
    CHECK_FALSE(absl::StrContains(status.message(), "hunter2"));
  }
  World world;
  CHECK_THAT(world.Create(BySecret()).status(),
             StatusIs(absl::StatusCode::kNotFound, "secrets \"keys\" not found"));
  // UTF-16 with a byte order mark, as PowerShell writes it; others that are taken.
  const std::string utf16(
      "\xFF\xFE"
      "c\0l\0i\0e\0n\0t\0I\0d\0:\0 \0c\0",
      24);
  for (const std::string& azure :
       {utf16, std::string("{tenant: t, appId: a, password: p}"),
        std::string("{\"tenantId\": \"t\", \"clientId\": \"c\", \"clientSecret\": \"s\"}")}) {
    World good;
    good.AddSecret("default", "keys", {{"sops.azure-kv", azure}, {"other", "ignored"}});
    CHECK_THAT(good.Create(BySecret()).status(), IsOk());
  }
}

TEST_CASE("sources are decrypted where kustomizations name them", "[decryption]") {
  World world;
  world.AddSecret("default", "keys", {{"a.agekey", File("age.agekey")}});
  const auto decryption = world.Create(BySecret()).value();
  auto tree = std::make_shared<fs::MemoryTree>();
  const auto add = [&](const std::string& path, const std::string& text) {
    REQUIRE_THAT(tree->AddFile(path, text), IsOk());
  };
  add("app/kustomization.yaml",
      "resources: [../base, https://example.com/x, missing, plain.yaml]\n"
      "components: [/parts/one]\n"
      "secretGenerator:\n  - {name: a, files: [token=token.txt, plain.txt], envs: [login.env]}\n"
      "configMapGenerator:\n  - {name: b, files: [untouched=settings.yaml]}\n");
  add("app/token.txt", File("token.txt"));
  add("app/plain.txt", "plain");
  add("app/login.env", File("login.env"));
  add("app/settings.yaml", File("settings.yaml"));
  add("app/plain.yaml", "kind: ConfigMap\n");
  add("base/kustomization.yml",
      "resources: [../app]\npatches: [{path: patch.yaml}, {path: 'https://example.com/p'}]\n");
  add("base/patch.yaml", File("patch.yaml"));
  add("parts/one/Kustomization", "secretGenerator:\n  - {name: c, files: [../../shared.json]}\n");
  add("shared.json", File("registry.json"));
  const auto decrypted = decryption->DecryptSources(Ctx(), tree, "app");
  REQUIRE_THAT(decrypted.status(), IsOk());
  CHECK((*decrypted)->Read("app/token.txt").value() == "hunter2-binary\n");
  CHECK((*decrypted)->Read("app/plain.txt").value() == "plain");
  CHECK((*decrypted)->Read("app/login.env").value() == "PASSWORD=hunter2-env\nUSER=admin\n");
  CHECK((*decrypted)->Read("app/settings.yaml").value() == File("settings.yaml"));
  CHECK(absl::StrContains((*decrypted)->Read("base/patch.yaml").value(), "hunter2-patch"));
  CHECK(absl::StrContains((*decrypted)->Read("shared.json").value(), "hunter2-registry"));
  // The artifact is as it was.
  CHECK(tree->Read("app/token.txt").value() == File("token.txt"));
}

TEST_CASE("sources that cannot be decrypted fail the build", "[decryption]") {
  World world;
  world.AddSecret("default", "keys", {{"other", "no key"}});
  const auto decryption = world.Create(BySecret()).value();
  struct Row {
    const char* kustomization;
    const char* problem;
  };
  const Row rows[] = {
      {"secretGenerator: [{name: a, files: [token.txt]}]\n",
       "error decrypting sources: app/token.txt: cannot get sops data key"},
      {"secretGenerator: [{name: a, files: [none.txt]}]\n",
       "error decrypting sources: lstat app/none.txt: no such file or directory"},
      {"secretGenerator: [{name: a, envs: [../../../etc/passwd]}]\n",
       "error decrypting sources: lstat etc/passwd: no such file or directory"},
      {"patches: [{path: folder}]\n", "cannot decrypt irregular file"},
      {"resources: [folder]\n", "no kustomization file found"},
      {"resources: [two]\n", "found multiple kustomization files"},
      {"resources: [link]\n", "to be a regular file"},
      {"resources: [", "failed to unmarshal kustomization file from 'app/kustomization.yaml'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kustomization);
    auto tree = std::make_shared<fs::MemoryTree>();
    REQUIRE_THAT(tree->AddFile("app/kustomization.yaml", row.kustomization), IsOk());
    REQUIRE_THAT(tree->AddFile("app/token.txt", File("token.txt")), IsOk());
    REQUIRE_THAT(tree->AddFile("app/folder/file", "x"), IsOk());
    REQUIRE_THAT(tree->AddFile("app/two/kustomization.yaml", "{}"), IsOk());
    REQUIRE_THAT(tree->AddFile("app/two/kustomization.yml", "{}"), IsOk());
    REQUIRE_THAT(tree->AddFile("app/link/Kustomization/file", "x"), IsOk());
    const absl::Status status = decryption->DecryptSources(Ctx(), tree, "app").status();
    CHECK_FALSE(status.ok());
    CHECK(absl::StrContains(status.message(), row.problem));
  }
}

TEST_CASE("objects are decrypted whole, or Secrets entry by entry", "[decryption]") {
  World world;
  world.AddSecret("default", "keys", {{"a.agekey", File("age.agekey")}});
  const auto decryption = world.Create(BySecret()).value();
  // What the build adds changes nothing of the rest.
  Value labelled = ObjectOf("settings.yaml");
  labelled.Ensure("metadata").Ensure("labels").Set("added", "yes");
  auto object = decryption->DecryptObject(Ctx(), labelled);
  REQUIRE_THAT(object.status(), IsOk());
  CHECK((*object)["data"]["key"].str() == "hunter2-settings");
  CHECK((*object)["metadata"]["labels"]["added"].str() == "yes");

  const Value secret = {{"apiVersion", "v1"},
                        {"kind", "Secret"},
                        {"metadata", {{"name", "s"}}},
                        {"data",
                         {{"login.env", absl::Base64Escape(File("login.env"))},
                          {"plain", absl::Base64Escape("plain")},
                          {"token", absl::Base64Escape(File("token.txt"))},
                          {"wrong", "not base64!"}}}};
  object = decryption->DecryptObject(Ctx(), secret);
  REQUIRE_THAT(object.status(), IsOk());
  CHECK((*object)["data"]["login.env"].str() ==
        absl::Base64Escape("PASSWORD=hunter2-env\nUSER=admin\n"));
  CHECK((*object)["data"]["plain"].str() == absl::Base64Escape("plain"));
  CHECK((*object)["data"]["token"].str() == absl::Base64Escape("hunter2-binary\n"));
  CHECK((*object)["data"]["wrong"].str() == "not base64!");

  Value opted_out = ObjectOf("secret.yaml");
  opted_out.Ensure("metadata")
      .Ensure("annotations")
      .Set("kustomize.toolkit.fluxcd.io/decrypt", "Disabled");
  CHECK(decryption->DecryptObject(Ctx(), opted_out).value() == opted_out);
  CHECK_THAT(kustomization_build::CheckNotEncrypted(opted_out), IsOk());
  CHECK_THAT(kustomization_build::CheckNotEncrypted(ObjectOf("secret.yaml")),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "Secret/resource is SOPS encrypted, configuring decryption is required for "
                      "this secret to be reconciled"));
  CHECK_THAT(kustomization_build::CheckNotEncrypted(ObjectOf("settings.yaml")),
             IsOk());  // no Secret

  Value mixed = secret;
  mixed.Ensure("data").Set("x.yaml", absl::Base64Escape("sops:\n  mac: ENC[x]\n"));
  CHECK_THAT(decryption->DecryptObject(Ctx(), mixed).status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "failed to decrypt and format '/s' Secret field 'x.yaml': failed to load "
                      "encrypted YAML data"));
}

TEST_CASE("the MAC is looked at where that is asked for", "[decryption]") {
  const std::string file = File("login.env");
  const std::string changed = absl::StrCat("ADDED_unencrypted=1\n", file);
  for (const bool verify : {false, true}) {
    World world;
    world.options.sops_verify_mac = verify;
    world.AddSecret("default", "keys", {{"a.agekey", File("age.agekey")}});
    auto tree = std::make_shared<fs::MemoryTree>();
    REQUIRE_THAT(
        tree->AddFile("kustomization.yaml", "secretGenerator: [{name: a, envs: [login.env]}]\n"),
        IsOk());
    REQUIRE_THAT(tree->AddFile("login.env", changed), IsOk());
    const auto decryption = world.Create(BySecret()).value();
    const auto decrypted = decryption->DecryptSources(Ctx(), tree, "");
    if (verify) {
      CHECK_THAT(decrypted.status(),
                 StatusIs(absl::StatusCode::kPermissionDenied, "the MAC does not match"));
    } else {
      REQUIRE_THAT(decrypted.status(), IsOk());
      CHECK((*decrypted)->Read("login.env").value() ==
            "ADDED_unencrypted=1\nPASSWORD=hunter2-env\nUSER=admin\n");
    }
  }
}

TEST_CASE("an identity of an object's own needs the gate", "[decryption]") {
  Options options;
  const auto spec = World::Spec({{"provider", "sops"}, {"serviceAccountName", "tenant"}});
  CHECK_THAT(CheckDecryptionIdentity(spec, options),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "to use spec.decryption.serviceAccountName for decryption authentication "
                      "please enable the ObjectLevelWorkloadIdentity feature gate in the "
                      "controller"));
  CHECK_THAT(CheckDecryptionIdentity(World::Spec({{"provider", "sops"}}), options), IsOk());
  options.process.feature_gates = runtime::FeatureGates({{"ObjectLevelWorkloadIdentity", true}});
  CHECK_THAT(CheckDecryptionIdentity(spec, options), IsOk());
}

// Vaults that are on the list are logged in at, once; tokens of the Secret come before.
TEST_CASE("service accounts log in at the Vaults of the list", "[decryption]") {
  World world;
  absl::Mutex mutex;
  std::vector<std::string> asked;
  const auto vault =
      http::Server::Start({.address = "127.0.0.1:0"}, [&](const Context&,
                                                          const http::ServerRequest& request) {
        absl::MutexLock lock(&mutex);
        asked.push_back(absl::StrCat(request.path, " ", request.headers.Get("X-Vault-Token")));
        http::ServerResponse response;
        response.body = request.path == "/v1/auth/jwt/login"
                            ? R"({"auth": {"client_token": "logged-in"}})"
                            : R"({"data": {"plaintext": "cGxhaW4="}})";
        return response;
      }).value();
  const std::string address = absl::StrCat("http://127.0.0.1:", vault->port());
  world.api.Write(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: tenant, namespace: default}\n",
      "test");
  world.api.Write(
      absl::StrCat("apiVersion: v1\nkind: ConfigMap\n"
                   "metadata: {name: vaults, namespace: kube-system}\ndata:\n  config.yaml: "
                   "'instances: [{address: \"",
                   address, "\", loginPath: auth/jwt/login}]'\n"),
      "test");
  FakeClock clock;
  cloud_identity::TokenCache tokens({}, clock);
  const auto transport = http::CreateClient({}).value();
  std::map<std::string, std::string> variables;
  const cloud_identity::Environment environment = {
      [&](absl::string_view name) { return variables[std::string(name)]; },
      [](const std::string& path) -> absl::StatusOr<std::string> {
        return absl::NotFoundError(path);
      }};
  const DecryptionServices services = {{world.api.client(), *transport, environment, clock},
                                       tokens};
  sops::MasterKey key;
  key.type = sops::KeyType::kVault;
  key.id = address;
  key.engine_path = "transit";
  key.key_name = "k";
  key.encrypted_key = "vault:v1:x";

  DecryptionKeys keys(
      services, {kube::ObjectKey{"default", "tenant"}, kube::ObjectKey{"kube-system", "vaults"}});
  for (int i = 0; i < 2; ++i) CHECK(keys.Decrypt(Ctx(), key)->Reveal() == "plain");
  CHECK(asked == std::vector<std::string>{"/v1/auth/jwt/login ", "/v1/transit/decrypt/k logged-in",
                                          "/v1/transit/decrypt/k logged-in"});
  sops::MasterKey elsewhere = key;
  elsewhere.id = "http://127.0.0.1:1";
  CHECK_THAT(keys.Decrypt(Ctx(), elsewhere).status(),
             StatusIs(absl::StatusCode::kPermissionDenied,
                      "no Vault login path configured for address 'http://127.0.0.1:1' in "
                      "ConfigMap 'kube-system/vaults'"));
  REQUIRE_THAT(keys.Import("sops.vault-token", Secret(" static\n")), IsOk());
  asked.clear();
  CHECK_THAT(keys.Decrypt(Ctx(), key).status(), IsOk());
  CHECK(asked == std::vector<std::string>{"/v1/transit/decrypt/k static"});

  // The controller's own token, and where it may go.
  DecryptionKeys own(services, {});
  variables["VAULT_TOKEN"] = "own";
  asked.clear();
  CHECK_THAT(own.Decrypt(Ctx(), key).status(), IsOk());
  CHECK(asked == std::vector<std::string>{"/v1/transit/decrypt/k own"});
  variables["VAULT_ADDR"] = "https://vault.example.com";
  CHECK_THAT(own.Decrypt(Ctx(), key).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "VAULT_TOKEN is for the Vault at"));
}

}  // namespace
}  // namespace sluice::kustomize_controller
