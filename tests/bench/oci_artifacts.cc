// How long source-controller takes to publish many artifacts of one registry, and how much memory
// it needs for that: first all of them, then each once more when nothing has changed.
//
//   build/release/bin/oci_artifacts [--artifacts 1000] [--kilobytes 100] [--concurrent 4]

// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/archive/pack.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/flags/command.h"
#include "common/fs/memory_tree.h"
#include "common/oci_testing/registry.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

constexpr absl::Duration kLimit = absl::Minutes(10);
constexpr char kKind[] = "OCIRepository";
constexpr char kLayer[] = "application/vnd.cncf.flux.content.v1.tar+gzip";

struct Options {
  int artifacts = 1000;
  int kilobytes = 100;  // of each, which do not compress
  int concurrent = 4;
};

std::string NameOf(int artifact) { return absl::StrFormat("artifact-%04d", artifact); }

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

absl::StatusOr<Served> Serve(const Options& options) {
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
  for (int i = 0; i < options.artifacts; ++i) {
    ASSIGN_OR_RETURN(const std::string archive, Archive(options.kilobytes));
    served.registry->AddArtifact(NameOf(i), "v1", kLayer, archive);
  }
  return served;
}

Value Source(const oci_testing::Registry& registry, int artifact) {
  return {{"apiVersion", kSourceApi},
          {"kind", kKind},
          {"metadata", {{"name", NameOf(artifact)}}},
          {"spec",
           {{"interval", "1h"},
            {"url", absl::StrCat("oci://", registry.host(), "/", NameOf(artifact))},
            {"ref", {{"tag", "v1"}}},
            {"certSecretRef", {{"name", "ca"}}}}}};
}

// Waits until `done` of every artifact, asking again only about those that are not.
absl::Status Await(const Options& options, Cluster& cluster,
                   const std::function<bool(const Value& source)>& done) {
  int next = 0;
  const bool all = Eventually(kLimit, [&] {
    while (next < options.artifacts) {
      const auto source = cluster.Get(kSourceApi, kKind, NameOf(next));
      if (!source.has_value() || !done(*source)) return false;
      ++next;
    }
    return true;
  });
  if (all) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(NameOf(next), " is not done:\n", cluster.Describe()));
}

absl::Status Measure(const Options& options) {
  ASSIGN_OR_RETURN(const Served served, Serve(options));
  ClusterOptions cluster_options;
  cluster_options.controllers = {"source-controller"};
  cluster_options.flags["source-controller"] = {"--concurrent", absl::StrCat(options.concurrent)};
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(cluster_options));
  RETURN_IF_ERROR(cluster->Apply({{"apiVersion", "v1"},
                                  {"kind", "Secret"},
                                  {"metadata", {{"name", "ca"}}},
                                  {"stringData", {{"ca.crt", served.authority}}}}));
  Process& controller = cluster->process("source-controller");
  const Process::Usage idle = controller.usage();
  absl::Time begun = RealClock().Now();
  for (int i = 0; i < options.artifacts; ++i) {
    RETURN_IF_ERROR(cluster->Apply(Source(*served.registry, i)));
  }
  RETURN_IF_ERROR(Await(options, *cluster, [](const Value& source) {
    return ReadyMessage(source, "True").has_value();
  }));
  const Process::Usage published = controller.usage();
  std::cout << absl::StreamFormat(
      "%d artifacts of %d kB published in %.1f s (%.1f s of CPU); peak memory %.1f MiB\n",
      options.artifacts, options.kilobytes, absl::ToDoubleSeconds(RealClock().Now() - begun),
      published.cpu_seconds - idle.cpu_seconds, published.peak_mib);

  begun = RealClock().Now();
  for (int i = 0; i < options.artifacts; ++i) {
    RETURN_IF_ERROR(cluster->Trigger(kSourceApi, kKind, NameOf(i)));
  }
  RETURN_IF_ERROR(Await(options, *cluster, [](const Value& source) {
    return !source["status"]["lastHandledReconcileAt"].str().empty();
  }));
  const Process::Usage again = controller.usage();
  std::cout << absl::StreamFormat(
      "looked at again, nothing new: %.1f s (%.1f s of CPU); peak memory %.1f MiB\n",
      absl::ToDoubleSeconds(RealClock().Now() - begun), again.cpu_seconds - published.cpu_seconds,
      again.peak_mib);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  Command command("oci_artifacts", "Measures the artifacts of one registry.");
  command.Int("--artifacts", options.artifacts, "how many artifacts");
  command.Int("--kilobytes", options.kilobytes, "how large each is");
  command.Int("--concurrent", options.concurrent, "how many are worked on at a time");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const absl::Status status = Measure(options);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
