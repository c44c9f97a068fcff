// For tests: artifacts as registries have them, and OCIRepositories that name them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/crypto/certificate.h"
#include "common/crypto/private_key.h"
#include "common/crypto/signing.h"
#include "common/crypto/x509.h"
#include "common/oci_testing/registry.h"
#include "common/value/json.h"
#include "services/source-controller/oci_repository/reconciliation.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

inline constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
inline constexpr char kFluxLayer[] = "application/vnd.cncf.flux.content.v1.tar+gzip";

// A tar.gz of these entries, in their order.
inline std::string TarGz(const std::vector<std::pair<archive::TarEntry, std::string>>& entries) {
  std::string tar;
  archive::TarWriter writer([&tar](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  for (const auto& [entry, content] : entries) {
    REQUIRE(writer.Begin(entry).ok());
    if (!content.empty()) REQUIRE(writer.Write(content).ok());
  }
  REQUIRE(writer.Finish().ok());
  return archive::Gzip(tar);
}

inline std::string TarGz(const std::map<std::string, std::string>& files) {
  std::vector<std::pair<archive::TarEntry, std::string>> entries;
  for (const auto& [name, content] : files) {
    entries.push_back({{.name = name, .mode = 0644, .size = content.size()}, content});
  }
  return TarGz(entries);
}

// Where OCIRepositories find what AddManifest() adds.
inline std::string UrlOf(const oci_testing::Registry& registry) {
  return absl::StrCat("oci://", registry.host(), "/org/app");
}

// A manifest of these layers, types to bytes, with annotations.
inline std::string AddManifest(oci_testing::Registry& registry, const std::string& tag,
                               const std::vector<std::pair<std::string, std::string>>& layers,
                               const Value& annotations = Value::EmptyObject()) {
  Value::Array list;
  for (const auto& [type, bytes] : layers) {
    list.push_back({{"mediaType", type},
                    {"digest", registry.AddBlob("org/app", bytes)},
                    {"size", static_cast<int64_t>(bytes.size())}});
  }
  const Value manifest = {{"schemaVersion", 2},
                          {"mediaType", kManifestType},
                          {"config",
                           {{"mediaType", "application/x"},
                            {"digest", registry.AddBlob("org/app", "{}")},
                            {"size", 2}}},
                          {"layers", Value(std::move(list))},
                          {"annotations", annotations}};
  return registry.AddManifest("org/app", tag, kManifestType, value::FormatJson(manifest));
}

// An RSA key of cosign's kind, made anew.
struct SigningKey {
  Secret private_pem;
  std::string public_pem;
};
inline SigningKey MakeSigningKey() {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyKind::kRsa2048).value();
  crypto::CertificateRequest request;
  request.common_name = "signer";
  request.not_before = absl::Now() - absl::Hours(1);
  request.not_after = absl::Now() + absl::Hours(1);
  const std::string certificate =
      crypto::IssueTlsCertificate(request, key, /*authority=*/false, nullptr).value();
  const std::string der =
      crypto::Certificate::FromPem(certificate).value()[0].Key().value().ToDer();
  return {key.ToPem().value(), absl::StrCat("-----BEGIN PUBLIC KEY-----\n", absl::Base64Escape(der),
                                            "\n-----END PUBLIC KEY-----\n")};
}

// Signs the artifact `digest` as cosign 2 does.
inline void CosignWith(const SigningKey& key, oci_testing::Registry& registry,
                       const std::string& repository, const std::string& digest) {
  const std::string payload = absl::StrCat(
      R"({"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":")",
      digest, R"("},"type":"cosign container image signature"},"optional":null})");
  const std::string signature =
      absl::Base64Escape(crypto::SignRsaSha256(key.private_pem, payload).value());
  const Value manifest = {
      {"schemaVersion", 2},
      {"mediaType", kManifestType},
      {"config",
       {{"mediaType", "application/vnd.oci.image.config.v1+json"},
        {"digest", registry.AddBlob(repository, "{}")},
        {"size", 2}}},
      {"layers", Value(Value::Array{
                     {{"mediaType", "application/vnd.dev.cosign.simplesigning.v1+json"},
                      {"digest", registry.AddBlob(repository, payload)},
                      {"size", static_cast<int64_t>(payload.size())},
                      {"annotations", {{"dev.cosignproject.cosign/signature", signature}}}}})}};
  registry.AddManifest(repository, absl::StrCat("sha256-", digest.substr(7), ".sig"), kManifestType,
                       value::FormatJson(manifest));
}

// {"auths":{…}} with one entry.
inline std::string DockerConfig(const std::string& host, const std::string& user,
                                const std::string& password) {
  return absl::StrCat(R"({"auths":{")", host, R"(":{"auth":")",
                      absl::Base64Escape(absl::StrCat(user, ":", password)), R"("}}})");
}

// Reconciles the OCIRepository "o".
class OciRepositories : public TestController {
 public:
  OciRepositories()
      : TestController({"ocirepositories"}),
        reconciler_(source_controller::kOciRepository, store(), with(), [this](Value object) {
          return std::make_unique<source_controller::OciRepositoryReconciliation>(
              with(), cloud(), std::move(object));
        }) {}

  // `more` is the rest of the spec: ", ref: {tag: v1}".
  void Add(const std::string& url, const std::string& more = "",
           const std::string& api_version = "v1") {
    Apply(absl::StrCat("apiVersion: source.toolkit.fluxcd.io/", api_version,
                       "\nkind: OCIRepository\nmetadata: {name: o, namespace: default}\n"
                       "spec: {interval: 10m, url: '",
                       url, "'", more, "}\n"));
  }
  absl::StatusOr<runtime::Action> Run() { return Reconcile(reconciler_, "OCIRepository", "o"); }
  Value Live() { return TestController::Live("OCIRepository", "o"); }
  std::string Condition(absl::string_view type) { return ConditionText(Live(), type); }
  std::string Revision() { return std::string(Live()["status"]["artifact"]["revision"].str()); }
  // The stored bytes.
  std::string Stored() {
    const auto artifact = api::Artifact::Decode(Live()["status"]["artifact"]);
    const auto file = storage().Open(api().ctx(), *artifact).value();
    std::string bytes(size_t{1} << 20, '\0');
    bytes.resize(disk::ReadSome(file.fd(), bytes.data(), bytes.size(), "").value());
    return bytes;
  }
  // The files of the artifact, by path.
  std::map<std::string, std::string> Files() { return FilesOf(Live()); }

 private:
  source_controller::SourceReconciler reconciler_;
};

// Whether there is this event about the OCIRepository: "Normal NewArtifact text".
inline bool HasEvent(OciRepositories& repositories, absl::string_view wanted) {
  const auto events = repositories.Events("o");
  CAPTURE(events, wanted);
  return std::any_of(events.begin(), events.end(),
                     [&](const std::string& event) { return event == wanted; });
}

}  // namespace sluice::sources
