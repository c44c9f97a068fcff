// SPDX-License-Identifier: Apache-2.0
#include "cli/create/source_flags.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/duration.h"

namespace sluice::cli {

void AddSourceFlags(Command& command, SourceOptions& options) {
  command.Text("--secret-ref", options.secret_ref, "name of a Secret with credentials");
  command.Duration("--fetch-timeout", options.fetch_timeout, "how long fetching may take");
}

void AddFilesFlags(Command& command, SourceOptions& options) {
  command.List("--ignore-paths", options.ignore_paths, "paths to leave out, as in .gitignore");
  command.Text("--proxy-secret-ref", options.proxy_secret_ref,
               "name of a Secret with the address of a proxy");
}

void SetSourceFields(const SourceOptions& options, Value& spec) {
  SetText(spec, "url", options.url);
  spec.Set("interval", FormatGoDuration(options.interval));
  SetDuration(spec, "timeout", options.fetch_timeout);
  SetNameOf(spec, "secretRef", options.secret_ref);
  SetNameOf(spec, "proxySecretRef", options.proxy_secret_ref);
  SetText(spec, "ignore", absl::StrJoin(options.ignore_paths, "\n"));
}

void AddVerifyFlags(Command& command, VerifyOptions& options) {
  command.Choice("--verify-provider", options.provider, {"", "cosign", "notation"},
                 "whose signatures to check");
  command.Text("--verify-secret-ref", options.secret_ref, "name of a Secret with keys");
  command.Text("--verify-issuer", options.issuer, "expression for the identity's issuer");
  command.Text("--verify-subject", options.subject, "expression for the identity's subject");
}

absl::Status SetVerifyFields(const VerifyOptions& options, Value& spec) {
  const bool identity = !options.issuer.empty() || !options.subject.empty();
  if (options.provider.empty()) {
    if (options.secret_ref.empty() && !identity) return absl::OkStatus();
    return UsageError(absl::StrCat("a verification provider must be specified when ",
                                   identity ? "OIDC issuer/subject" : "a secret", " is specified"));
  }
  Value& verify = spec.Ensure("verify");
  verify.Set("provider", options.provider);
  SetNameOf(verify, "secretRef", options.secret_ref);
  if (identity) {
    verify.Set("matchOIDCIdentity", Value::EmptyArray())
        .Append({{"issuer", options.issuer}, {"subject", options.subject}});
  }
  return absl::OkStatus();
}

std::string SchemeOf(absl::string_view url) {
  const size_t end = url.find("://");
  return std::string(url.substr(0, end == absl::string_view::npos ? 0 : end));
}

}  // namespace sluice::cli
