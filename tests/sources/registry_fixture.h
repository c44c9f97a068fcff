// For tests: artifacts as registries have them, and OCIRepositories that name them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/cloud_identity/token_cache.h"
#include "common/fs/tree.h"
#include "common/http/client.h"
#include "common/oci_testing/registry.h"
#include "common/value/json.h"
#include "services/source-controller/oci_repository/reconciliation.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

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
              with(), cloud_, std::move(object));
        }) {}

  const source_controller::CloudAccess& cloud() const { return cloud_; }
  // Of the process that the controller is.
  std::map<std::string, std::string> environment;

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
    const auto file = storage().Open(*artifact).value();
    std::string bytes(size_t{1} << 20, '\0');
    bytes.resize(disk::ReadSome(file.fd(), bytes.data(), bytes.size(), "").value());
    return bytes;
  }
  // The files of the artifact, by path.
  std::map<std::string, std::string> Files() {
    const auto artifact = api::Artifact::Decode(Live()["status"]["artifact"]);
    const auto tree = storage().Unpack(api().ctx(), *artifact).value();
    std::map<std::string, std::string> files;
    Collect(*tree, "", files);
    return files;
  }

 private:
  static void Collect(const fs::Tree& tree, const std::string& folder,
                      std::map<std::string, std::string>& files) {
    const auto entries = tree.List(folder).value();
    for (const fs::Entry& entry : entries) {
      const std::string path = folder.empty() ? entry.name : absl::StrCat(folder, "/", entry.name);
      if (entry.type == fs::EntryType::kDirectory) {
        Collect(tree, path, files);
      } else {
        files[path] = tree.Read(path).value();
      }
    }
  }

  const std::unique_ptr<http::Transport> transport_ = http::CreateClient({}).value();
  const cloud_identity::Environment surroundings_ = {
      [this](absl::string_view name) {
        const auto variable = environment.find(std::string(name));
        return variable == environment.end() ? "" : variable->second;
      },
      [](const std::string& path) -> absl::StatusOr<std::string> {
        return absl::NotFoundError(path);
      }};
  cloud_identity::TokenCache tokens_{{}, RealClock()};
  const source_controller::CloudAccess cloud_ = {
      {api().client(), *transport_, surroundings_, RealClock()}, tokens_, options()};
  source_controller::SourceReconciler reconciler_;
};

}  // namespace sluice::sources
