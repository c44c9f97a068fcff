// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/creation.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/oci/reference.h"
#include "common/text/regexp.h"

namespace sluice::cli {
namespace {

struct RepositoryOptions : CreateOptions {
  std::string image, secret_ref, cert_ref;
  absl::Duration scan_timeout;
};

absl::StatusOr<Creation> CreateRepository(const RepositoryOptions& options) {
  if (options.image.empty()) return UsageError("an image repository (--image) is required");
  const absl::Status parsed = oci::ParseRepository(options.image).status();
  if (!parsed.ok()) {
    return UsageError(absl::StrCat("unable to parse image value: ", parsed.message()));
  }
  Creation creation;
  creation.spec.Set("image", options.image);
  creation.spec.Set("interval", FormatGoDuration(options.interval));
  SetDuration(creation.spec, "timeout", options.scan_timeout);
  SetNameOf(creation.spec, "secretRef", options.secret_ref);
  SetNameOf(creation.spec, "certSecretRef", options.cert_ref);
  return creation;
}

void AddRepository(Command& create) {
  const auto options = std::make_shared<RepositoryOptions>();
  Command& repository = AddCreation(create, "repository", "ImageRepository", options,
                                    [options] { return CreateRepository(*options); });
  repository.Text("--image", options->image, "repository whose tags to scan: library/alpine");
  repository.Text("--secret-ref", options->secret_ref, "name of an image pull secret");
  repository.Text("--cert-ref", options->cert_ref, "name of a Secret with certificates");
  repository.Duration("--scan-timeout", options->scan_timeout, "how long scanning may take");
}

struct PolicyOptions : CreateOptions {
  PolicyOptions() { interval = absl::ZeroDuration(); }

  std::string image_ref, semver, alphabetical, numerical, regex, extract, reflect_digest;
};

absl::StatusOr<Value> PolicyRule(const PolicyOptions& options) {
  const int given = static_cast<int>(!options.semver.empty()) +
                    static_cast<int>(!options.alphabetical.empty()) +
                    static_cast<int>(!options.numerical.empty());
  if (given == 0) {
    return UsageError("a policy must be provided with either --select-semver or --select-alpha");
  }
  if (given > 1) {
    return UsageError(
        "only one of --select-semver, --select-alpha or --select-numeric can be specified");
  }
  Value rule;
  if (!options.semver.empty()) rule.Set("semver", {{"range", options.semver}});
  if (!options.alphabetical.empty()) rule.Set("alphabetical", {{"order", options.alphabetical}});
  if (!options.numerical.empty()) rule.Set("numerical", {{"order", options.numerical}});
  return rule;
}

absl::StatusOr<Creation> CreatePolicy(const PolicyOptions& options) {
  if (options.image_ref.empty()) {
    return UsageError("the name of an ImageRepository in the namespace is required (--image-ref)");
  }
  Creation creation;
  Value& spec = creation.spec;
  SetNameOf(spec, "imageRepositoryRef", options.image_ref);
  ASSIGN_OR_RETURN(const Value rule, PolicyRule(options));
  spec.Set("policy", rule);
  if (options.regex.empty() && !options.extract.empty()) {
    return UsageError("cannot specify --filter-extract without specifying --filter-regex");
  }
  if (!options.regex.empty()) {
    if (!text::Regexp::Compile(options.regex).ok()) {
      return UsageError("--filter-regex is an invalid regex pattern");
    }
    Value& filter = spec.Ensure("filterTags");
    filter.Set("pattern", options.regex);
    SetText(filter, "extract", options.extract);
  }
  SetText(spec, "digestReflectionPolicy", options.reflect_digest);
  if (options.interval > absl::ZeroDuration() && options.reflect_digest != "Always") {
    return UsageError("--interval goes with --reflect-digest=Always only");
  }
  SetDuration(spec, "interval", options.interval);
  return creation;
}

void AddPolicy(Command& create) {
  const auto options = std::make_shared<PolicyOptions>();
  Command& policy = AddCreation(create, "policy", "ImagePolicy", options,
                                [options] { return CreatePolicy(*options); });
  policy.Text("--image-ref", options->image_ref, "name of the ImageRepository");
  policy.Text("--select-semver", options->semver, "the newest version of this range");
  policy.Choice("--select-alpha", options->alphabetical, {"", "asc", "desc"},
                "by the alphabet: the last (asc) or the first");
  policy.Choice("--select-numeric", options->numerical, {"", "asc", "desc"},
                "by number: the last (asc) or the first");
  policy.Text("--filter-regex", options->regex, "only tags that this expression matches");
  policy.Text("--filter-extract", options->extract, "what of a tag to sort by: $name of a group");
  policy.Choice("--reflect-digest", options->reflect_digest,
                {"", "Never", "IfNotPresent", "Always"}, "whether status names the digest, too");
}

struct UpdateOptions : CreateOptions {
  std::string repository, repository_namespace, path, checkout, push, message, author, email;
  std::string signing_secret, signing_type;
};

absl::StatusOr<Creation> CreateUpdate(const UpdateOptions& options) {
  struct Required {
    const std::string& text;
    const char* message;
  };
  const Required required[] = {
      {options.repository, "a reference to a GitRepository is required (--git-repo-ref)"},
      {options.checkout, "the Git repository branch is required (--checkout-branch)"},
      {options.author, "the author name is required (--author-name)"},
      {options.email, "the author email is required (--author-email)"},
  };
  for (const Required& field : required) {
    if (field.text.empty()) return UsageError(field.message);
  }
  if (!options.signing_type.empty() && options.signing_secret.empty()) {
    return UsageError("--signing-key-type requires --signing-key-secret");
  }
  Creation creation;
  Value& spec = creation.spec;
  spec.Set("interval", FormatGoDuration(options.interval));
  Value& source = spec.Set("sourceRef", {{"kind", "GitRepository"}, {"name", options.repository}});
  SetText(source, "namespace", options.repository_namespace);
  Value& git = spec.Ensure("git");
  git.Ensure("checkout").Ensure("ref").Set("branch", options.checkout);
  Value& commit = git.Ensure("commit");
  commit.Set("author", {{"email", options.email}, {"name", options.author}});
  SetText(commit, "messageTemplate", options.message);
  if (!options.signing_secret.empty()) {
    Value& key = commit.Ensure("signingKey");
    SetNameOf(key, "secretRef", options.signing_secret);
    SetText(key, "type", options.signing_type);
  }
  if (!options.push.empty()) git.Ensure("push").Set("branch", options.push);
  if (!options.path.empty()) {
    spec.Set("update", {{"path", options.path}, {"strategy", "Setters"}});
  }
  return creation;
}

void AddUpdate(Command& create) {
  const auto options = std::make_shared<UpdateOptions>();
  Command& update = AddCreation(create, "update", "ImageUpdateAutomation", options,
                                [options] { return CreateUpdate(*options); });
  update.Text("--git-repo-ref", options->repository, "name of the GitRepository");
  update.Text("--git-repo-namespace", options->repository_namespace, "of the GitRepository");
  update.Text("--git-repo-path", options->path, "folder whose manifests to update");
  update.Text("--checkout-branch", options->checkout, "branch to start from");
  update.Text("--push-branch", options->push, "branch to push to; default: the same");
  update.Text("--commit-template", options->message, "of the commit's message");
  update.Text("--author-name", options->author, "of the commit");
  update.Text("--author-email", options->email, "of the commit");
  update.Text("--signing-key-secret", options->signing_secret, "name of a Secret with a key");
  update.Choice("--signing-key-type", options->signing_type, {"", "gpg", "ssh"}, "of that key");
}

}  // namespace

void AddCreateImageKinds(Command& create) {
  AddRepository(create);
  AddPolicy(create);
  AddUpdate(create);
}

}  // namespace sluice::cli
