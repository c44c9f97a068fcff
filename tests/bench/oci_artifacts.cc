// How long source-controller takes to publish many artifacts of one registry, and how much memory
// it needs for that: first all of them, then each once more when nothing has changed.
//
//   build/release/bin/oci_artifacts [--objects 100] [--kilobytes 100] [--concurrent 10]

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive/pack.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/flags/command.h"
#include "common/fs/memory_tree.h"
#include "common/oci_testing/registry.h"
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"

namespace sluice::bench {
namespace {

constexpr char kLayer[] = "application/vnd.cncf.flux.content.v1.tar+gzip";

struct Options {
  FleetOptions fleet;
  int kilobytes = 100;  // of each, which do not compress
};

absl::StatusOr<std::string> Archive(int kilobytes) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 10; ++i) {
    files[absl::StrCat("app/", i, ".yaml")] =
        crypto::RandomBytes(static_cast<size_t>(kilobytes) * 100);
  }
  ASSIGN_OR_RETURN(const fs::MemoryTree tree, fs::MemoryTree::FromFiles(files));
  std::string archive;
  RETURN_IF_ERROR(archive::Pack(tree, [&archive](absl::string_view bytes) {
    archive.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }));
  return archive;
}

// With TLS, as registries have it.
struct Served {
  std::string authority;
  std::unique_ptr<oci_testing::Registry> registry;
};

absl::StatusOr<Served> Serve(const Options& options, const std::vector<std::string>& names) {
  const absl::Time now = RealClock().Now();
  ASSIGN_OR_RETURN(const crypto::KeyPair authority,
                   crypto::CreateAuthority("ca", now - absl::Hours(1), now + absl::Hours(9)));
  crypto::CertificateRequest request;
  request.common_name = "registry";
  request.ip_addresses = {"127.0.0.1"};
  request.server = true;
  request.not_before = now - absl::Hours(1);
  request.not_after = now + absl::Hours(9);
  ASSIGN_OR_RETURN(const crypto::KeyPair server, crypto::IssueCertificate(authority, request));
  oci_testing::RegistryOptions registry;
  registry.certificate_pem = server.certificate_pem;
  registry.private_key_pem = server.private_key_pem;
  Served served = {authority.certificate_pem,
                   std::make_unique<oci_testing::Registry>(std::move(registry))};
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const std::string archive, Archive(options.kilobytes));
    served.registry->AddArtifact(name, "v1", kLayer, archive);
  }
  return served;
}

Value Source(const oci_testing::Registry& registry, const std::string& name) {
  return {{"apiVersion", e2e::kSourceApi},
          {"kind", "OCIRepository"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"interval", "1h"},
            {"url", absl::StrCat("oci://", registry.host(), "/", name)},
            {"ref", {{"tag", "v1"}}},
            {"certSecretRef", {{"name", "ca"}}}}}};
}

absl::Status Measure(const Options& options, Figures& figures) {
  ASSIGN_OR_RETURN(const auto fleet,
                   Fleet::Start(options.fleet, "OCIRepository", {"source-controller"}));
  ASSIGN_OR_RETURN(const Served served, Serve(options, fleet->names()));
  RETURN_IF_ERROR(fleet->cluster().Apply({{"apiVersion", "v1"},
                                          {"kind", "Secret"},
                                          {"metadata", {{"name", "ca"}}},
                                          {"stringData", {{"ca.crt", served.authority}}}}));
  RETURN_IF_ERROR(fleet->Install(
      figures, [&](const std::string& name) { return Source(*served.registry, name); }));
  return fleet->ReconcileAll(figures);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("oci_artifacts", "Measures the artifacts of one registry.");
  options.fleet.AddTo(command);
  command.Int("--kilobytes", options.kilobytes, "how large each is");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
