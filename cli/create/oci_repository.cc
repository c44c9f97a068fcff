// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/create/commands.h"
#include "cli/create/source_flags.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options : SourceOptions {
  std::string tag, semver, digest;
  std::string provider = "generic";
  std::string service_account, cert_ref, layer_selector;
  bool insecure = false;
  VerifyOptions verify;
};

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.url.empty()) return UsageError("url is required");
  Value ref;
  SetText(ref, "digest", options.digest);
  SetText(ref, "semver", options.semver);
  SetText(ref, "tag", options.tag);
  if (ref.empty()) return UsageError("--tag, --tag-semver or --digest is required");
  Creation creation;
  Value& spec = creation.spec;
  SetSourceFields(options, spec);
  spec.Set("ref", ref);
  SetText(spec, "provider", options.provider);
  SetText(spec, "serviceAccountName", options.service_account);
  SetNameOf(spec, "certSecretRef", options.cert_ref);
  SetTrue(spec, "insecure", options.insecure);
  RETURN_IF_ERROR(SetVerifyFields(options.verify, spec));
  if (options.layer_selector.empty()) return creation;
  const std::vector<std::string> parts =
      absl::StrSplit(options.layer_selector, absl::MaxSplits(':', 1));
  if (parts.size() != 2 || parts[0].empty() || (parts[1] != "extract" && parts[1] != "copy")) {
    return UsageError(absl::StrCat("invalid --layer-selector \"", options.layer_selector,
                                   "\": must be in the format '<media-type>:<operation>', the "
                                   "operation extract or copy"));
  }
  spec.Set("layerSelector", {{"mediaType", parts[0]}, {"operation", parts[1]}});
  return creation;
}

}  // namespace

void AddCreateOciRepository(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& oci =
      AddCreation(create, "oci", "OCIRepository", options, [options] { return Create(*options); });
  oci.Text("--url", options->url, "such as oci://ghcr.io/org/repository");
  oci.Text("--tag", options->tag, "tag to follow");
  oci.Text("--tag-semver", options->semver, "range of versions, the newest tag of which to take");
  oci.Text("--digest", options->digest, "digest to stay at");
  oci.Choice("--provider", options->provider, {"generic", "aws", "azure", "gcp"},
             "whose login to use");
  oci.Text("--service-account", options->service_account, "whose image pull secrets to use");
  oci.Text("--cert-ref", options->cert_ref, "name of a Secret with certificates");
  oci.Text("--layer-selector", options->layer_selector, "<media-type>:extract or :copy");
  oci.Bool("--insecure", options->insecure, "plain HTTP is allowed");
  AddSourceFlags(oci, *options);
  AddFilesFlags(oci, *options);
  AddVerifyFlags(oci, options->verify);
}

}  // namespace sluice::cli
