// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/credential_files.h"
#include "cli/create/source_flags.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options : SourceOptions {
  std::string branch, tag, semver, ref_name, commit;
  std::string provider;
  std::vector<std::string> sparse_checkout;
  bool submodules = false;
  GitCredentials credentials;
};

// The one that decides is written; a commit is on its branch.
Value Reference(const Options& options) {
  Value ref = Value::EmptyObject();
  if (!options.commit.empty()) {
    ref.Set("commit", options.commit);
    SetText(ref, "branch", options.branch);
  } else if (!options.ref_name.empty()) {
    ref.Set("name", options.ref_name);
  } else if (!options.semver.empty()) {
    ref.Set("semver", options.semver);
  } else if (!options.tag.empty()) {
    ref.Set("tag", options.tag);
  } else {
    SetText(ref, "branch", options.branch);
  }
  return ref;
}

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.url.empty()) return UsageError("url is required");
  const std::string scheme = SchemeOf(options.url);
  // file: for clusters whose controllers run with --allow-local-git, as those of `up` do.
  if (scheme != "ssh" && scheme != "http" && scheme != "https" && scheme != "file") {
    return UsageError(
        absl::StrCat("git URL scheme '", scheme, "' not supported, can be: ssh, http and https"));
  }
  const Value ref = Reference(options);
  if (ref.empty()) {
    return UsageError(
        "a Git ref is required, use one of the following: --branch, --tag, --commit, --ref-name or "
        "--tag-semver");
  }
  Creation creation;
  SetSourceFields(options, creation.spec);
  creation.spec.Set("ref", ref);
  SetText(creation.spec, "provider", options.provider);
  SetTrue(creation.spec, "recurseSubmodules", options.submodules);
  for (const std::string& path : options.sparse_checkout) {
    AppendTo(creation.spec, "sparseCheckout", path);
  }
  if (options.exported || !options.secret_ref.empty() || options.credentials.empty()) {
    return creation;
  }
  creation.secret_name = options.name;
  ASSIGN_OR_RETURN(creation.secret, GitSecretData(options.url, options.credentials));
  return creation;
}

}  // namespace

void AddCreateGitRepository(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& git =
      AddCreation(create, "git", "GitRepository", options, [options] { return Create(*options); });
  git.Text("--url", options->url, "such as https://example.org/repository");
  git.Text("--branch", options->branch, "branch to follow");
  git.Text("--tag", options->tag, "tag to stay at");
  git.Text("--tag-semver", options->semver, "range of versions, the newest tag of which to take");
  git.Text("--ref-name", options->ref_name, "full name of a reference to follow");
  git.Text("--commit", options->commit, "commit to stay at");
  git.Choice("--provider", options->provider, {"", "generic", "github", "aws", "azure"},
             "whose login to use");
  git.Bool("--recurse-submodules", options->submodules, "with the submodules' files");
  git.List("--sparse-checkout-paths", options->sparse_checkout, "only these folders");
  AddSourceFlags(git, *options);
  AddFilesFlags(git, *options);
  AddGitCredentialFlags(git, options->credentials);
}

}  // namespace sluice::cli
