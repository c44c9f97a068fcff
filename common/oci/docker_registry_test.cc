// Against Debian's docker-registry, the reference implementation, if it is installed.

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/crypto/x509.h"
#include "common/oci/client.h"
#include "common/process/reserve_port.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr const char* kProgram = "/usr/bin/docker-registry";

const Context& Ctx() {
  static const Context* const context = new Context(Context::Background());
  return *context;
}

// The real registry, in a process and a folder of its own, with TLS and one user: me / secret.
class DockerRegistry {
 public:
  DockerRegistry() {
    std::string pattern = (std::filesystem::temp_directory_path() / "registry.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    port_ = process::ReservePort();
    const absl::Time now = absl::Now();
    authority_ = crypto::CreateAuthority("ca", now - absl::Hours(1), now + absl::Hours(1)).value();
    crypto::CertificateRequest request;
    request.common_name = "registry";
    request.ip_addresses = {"127.0.0.1"};
    request.server = true;
    request.not_before = now - absl::Hours(1);
    request.not_after = now + absl::Hours(1);
    const crypto::KeyPair server = crypto::IssueCertificate(authority_, request).value();
    Write("server.crt", server.certificate_pem);
    Write("server.key", server.private_key_pem.Reveal());
    // crypt(3) of "secret" with the method that the registry knows.
    Write("users", "me:$2b$04$4OwYelMgDQqKdeC.wqXoj.Z/wTorL1F7fEN4R8xlJFAOKP6Z7iMKu\n");
    Write("config.yml",
          absl::StrCat("version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: "
                       "{rootdirectory: ",
                       folder_, "/data}\nhttp:\n  addr: 127.0.0.1:", port_,
                       "\n  tls: {certificate: ", folder_, "/server.crt, key: ", folder_,
                       "/server.key}\nauth:\n  htpasswd: {realm: test, path: ", folder_,
                       "/users}\n"));
    const std::string config = folder_ + "/config.yml";
    std::vector<char*> arguments = {const_cast<char*>(kProgram), const_cast<char*>("serve"),
                                    const_cast<char*>(config.c_str()), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, (folder_ + "/log").c_str(), O_WRONLY | O_CREAT,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    REQUIRE(posix_spawn(&process_, kProgram, &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~DockerRegistry() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  std::string host() const { return absl::StrCat("127.0.0.1:", port_); }
  const std::string& ca_pem() const { return authority_.certificate_pem; }

  // Sends a request with the user's credentials, waiting for the server to come up.
  http::Response Send(http::Request request) const {
    http::ClientOptions options;
    options.tls.ca_pem = ca_pem();
    const auto transport = http::CreateClient(options).value();
    if (absl::StartsWith(request.url, "/"))
      request.url = absl::StrCat("https://", host(), request.url);
    request.headers.Set("Authorization", "Basic bWU6c2VjcmV0");
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (true) {
      const auto response = transport->Send(Ctx(), request);
      if (response.ok()) return *response;
      REQUIRE(absl::Now() < end);
      REQUIRE(RealClock().Sleep(Ctx(), absl::Milliseconds(20)).ok());
    }
  }

  std::string PushBlob(absl::string_view repository, const std::string& bytes) const {
    http::Request start;
    start.method = "POST";
    start.url = absl::StrCat("/v2/", repository, "/blobs/uploads/");
    const http::Response upload = Send(start);
    REQUIRE(upload.status == 202);
    http::Request put;
    put.method = "PUT";
    const std::string digest = Digest::Of(bytes).ToString();
    put.url = absl::StrCat(upload.headers.Get("Location"), "&digest=", digest);
    put.headers.Set("Content-Type", "application/octet-stream");
    put.body = bytes;
    REQUIRE(Send(put).status == 201);
    return digest;
  }

  std::string PushManifest(absl::string_view repository, absl::string_view tag,
                           absl::string_view type, const std::string& bytes) const {
    http::Request put;
    put.method = "PUT";
    put.url = absl::StrCat("/v2/", repository, "/manifests/", tag);
    put.headers.Set("Content-Type", type);
    put.body = bytes;
    REQUIRE(Send(put).status == 201);
    return Digest::Of(bytes).ToString();
  }

 private:
  void Write(const std::string& name, absl::string_view text) const {
    std::ofstream(folder_ + "/" + name) << std::string(text);
  }

  std::string folder_;
  int port_ = 0;
  crypto::KeyPair authority_;
  pid_t process_ = 0;
};

std::string ManifestText(const std::string& config, const std::string& layer, size_t layer_size) {
  return value::FormatJson(Value(
      {{"schemaVersion", 2},
       {"mediaType", kOciManifest},
       {"config", Value({{"mediaType", "application/vnd.cncf.flux.config.v1+json"},
                         {"digest", config},
                         {"size", 2}})},
       {"layers", Value(Value::Array{Value({{"mediaType", "application/x"},
                                            {"digest", layer},
                                            {"size", static_cast<int64_t>(layer_size)}})})}}));
}

TEST_CASE("artifacts are read from Debian's docker-registry", "[oci]") {
  if (access(kProgram, X_OK) != 0) {
    WARN("skipped: docker-registry is not installed");
    return;
  }
  WARN("docker-registry is installed: testing against it");
  const DockerRegistry registry;
  std::string layer;
  for (int i = 0; i < 200'000; ++i) absl::StrAppend(&layer, i, ",");
  const std::string config = registry.PushBlob("org/app", "{}");
  const std::string blob = registry.PushBlob("org/app", layer);
  const std::string text = ManifestText(config, blob, layer.size());
  std::string digest;
  for (int i = 0; i < 5; ++i) {
    digest = registry.PushManifest("org/app", absl::StrCat("v", i), kOciManifest, text);
  }
  registry.PushManifest("org/app", "multi", kOciIndex,
                        absl::StrCat(R"({"schemaVersion":2,"mediaType":")", kOciIndex,
                                     R"(","manifests":[{"mediaType":")", kOciManifest,
                                     R"(","digest":")", digest, R"(","size":)", text.size(),
                                     R"(,"platform":{"os":"linux","architecture":"amd64"}}]})"));

  ClientOptions options;
  options.tls.ca_pem = registry.ca_pem();
  options.first_wait = absl::Milliseconds(1);
  Keyring keyring;
  REQUIRE(keyring
              .AddDockerConfigJson(
                  absl::StrCat(R"({"auths":{")", registry.host(), R"(":{"auth":"bWU6c2VjcmV0"}}})"))
              .ok());
  options.credentials = [&](const Context&, const Repository& repository) {
    return keyring.Find(repository).value_or(Credential());
  };
  const auto client = Client::Create(options).value();
  const auto reference = [&](absl::string_view rest) {
    return ParseReference(absl::StrCat(registry.host(), "/org/app", rest)).value();
  };

  std::vector<std::string> tags = client->ListTags(Ctx(), reference("").repository).value();
  std::sort(tags.begin(), tags.end());  // they come in no order
  CHECK(tags == std::vector<std::string>{"multi", "v0", "v1", "v2", "v3", "v4"});
  CHECK(client->Head(Ctx(), reference(":v1"))->digest.ToString() == digest);
  CHECK(client->Resolve(Ctx(), reference("@" + digest))->size == static_cast<int64_t>(text.size()));
  for (const char* tag : {":v4", ":multi"}) {
    const Image image = client->GetImage(Ctx(), reference(tag), Platform()).value();
    CHECK(image.descriptor.digest.ToString() == digest);
    REQUIRE(image.manifest.layers.size() == 1);
    std::string got;
    CHECK_THAT(client->FetchBlob(Ctx(), reference(tag).repository, image.manifest.layers[0],
                                 [&](absl::string_view bytes) {
                                   got.append(bytes.data(), bytes.size());
                                   return absl::OkStatus();
                                 }),
               IsOk());
    CHECK(got == layer);
  }
  CHECK(client->ListReferrers(Ctx(), reference("").repository, Digest::Parse(digest).value(), "")
            ->empty());
  CHECK_THAT(client->Resolve(Ctx(), reference(":v9")).status(),
             StatusIs(absl::StatusCode::kNotFound, "MANIFEST_UNKNOWN: manifest unknown; "));

  options.credentials = nullptr;
  CHECK_THAT(Client::Create(options).value()->Resolve(Ctx(), reference(":v1")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "UNAUTHORIZED"));
}

}  // namespace
}  // namespace sluice::oci
