// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/creation.h"
#include "cli/create/credential_files.h"
#include "cli/offline/input.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/notation/trust_policy.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

constexpr size_t kTokenBytes = 32;

// A Secret of `type`, "" for one that says none.
Value Secret(Value data, absl::string_view type) {
  Value secret({{"stringData", std::move(data)}});
  SetText(secret, "type", type);
  return secret;
}

void AddGit(Command& create) {
  struct Options : CreateOptions {
    std::string url;
    GitCredentials credentials;
  };
  const auto options = std::make_shared<Options>();
  Command& git = AddSecretCreation(
      create, "git", options, [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        if (options->url.empty()) return UsageError("url is required");
        ASSIGN_OR_RETURN(Value data, GitSecretData(options->url, options->credentials));
        return Secret(std::move(data), "");
      });
  git.Text("--url", options->url, "of the repository");
  AddGitCredentialFlags(git, options->credentials);
}

void AddHelm(Command& create) {
  struct Options : CreateOptions {
    HelmCredentials credentials;
  };
  const auto options = std::make_shared<Options>();
  Command& helm = AddSecretCreation(
      create, "helm", options,
      [options](const kube::ObjectKey& /*key*/) { return HelmSecret(options->credentials); });
  helm.Text("-u,--username", options->credentials.username, "for basic authentication");
  helm.Text("-p,--password", options->credentials.password, "for basic authentication");
  AddTlsFileFlags(helm, "--tls-crt-file", "--tls-key-file", "--ca-crt-file",
                  options->credentials.tls);
}

void AddTls(Command& create) {
  struct Options : CreateOptions {
    TlsFiles files;
  };
  const auto options = std::make_shared<Options>();
  Command& tls = AddSecretCreation(
      create, "tls", options, [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        ASSIGN_OR_RETURN(Value data, TlsSecretData(options->files));
        if (data.empty()) {
          return UsageError("no CA certificate or client certificate pair found");
        }
        const bool pair = data.Has("tls.crt");
        return Secret(std::move(data), pair ? "kubernetes.io/tls" : "Opaque");
      });
  AddTlsFileFlags(tls, "--tls-crt-file", "--tls-key-file", "--ca-crt-file", options->files);
}

void AddOci(Command& create) {
  struct Options : CreateOptions {
    std::string url, username, password;
  };
  const auto options = std::make_shared<Options>();
  Command& oci = AddSecretCreation(
      create, "oci", options, [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        if (options->url.empty()) return UsageError("--url is required");
        if (options->username.empty()) return UsageError("--username is required");
        if (options->password.empty()) return UsageError("--password is required");
        // In the order in which Docker writes them, which a Value would sort.
        std::string config = "{\n  \"auths\": {\n    ";
        value::AppendJsonString(options->url, true, config);
        absl::StrAppend(&config, ": {\n      \"username\": ");
        value::AppendJsonString(options->username, true, config);
        absl::StrAppend(&config, ",\n      \"password\": ");
        value::AppendJsonString(options->password, true, config);
        absl::StrAppend(&config, ",\n      \"auth\": \"",
                        absl::Base64Escape(absl::StrCat(options->username, ":", options->password)),
                        "\"\n    }\n  }\n}");
        return Secret({{".dockerconfigjson", config}}, "kubernetes.io/dockerconfigjson");
      });
  oci.Text("--url", options->url, "of the registry, or of a repository in it");
  oci.Text("-u,--username", options->username, "for basic authentication");
  oci.Text("-p,--password", options->password, "for basic authentication");
}

void AddProxy(Command& create) {
  struct Options : CreateOptions {
    std::string address, username, password;
  };
  const auto options = std::make_shared<Options>();
  Command& proxy = AddSecretCreation(
      create, "proxy", options, [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        if (options->address.empty()) return UsageError("address is required");
        Value data({{"address", options->address}});
        SetText(data, "username", options->username);
        SetText(data, "password", options->password);
        return Secret(std::move(data), "Opaque");
      });
  proxy.Text("--address", options->address, "of the proxy, a URL");
  proxy.Text("-u,--username", options->username, "for basic authentication");
  proxy.Text("-p,--password", options->password, "for basic authentication");
}

void AddGithubApp(Command& create) {
  struct Options : CreateOptions {
    std::string id, installation_id, installation_owner, key_file, base_url;
  };
  const auto options = std::make_shared<Options>();
  Command& app = AddSecretCreation(
      create, "githubapp", options,
      [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        if (options->id.empty()) return UsageError("--app-id is required");
        if (options->key_file.empty()) return UsageError("--app-private-key is required");
        if (options->installation_id.empty() == options->installation_owner.empty()) {
          return UsageError(
              "exactly one of --app-installation-id and --app-installation-owner is required");
        }
        ASSIGN_OR_RETURN(const std::string key, ReadFile(options->key_file));
        Value data({{"githubAppID", options->id}, {"githubAppPrivateKey", key}});
        SetText(data, "githubAppInstallationID", options->installation_id);
        SetText(data, "githubAppInstallationOwner", options->installation_owner);
        SetText(data, "githubAppBaseURL", options->base_url);
        return Secret(std::move(data), "Opaque");
      });
  app.Text("--app-id", options->id, "number of the app");
  app.Text("--app-installation-id", options->installation_id, "number of its installation");
  app.Text("--app-installation-owner", options->installation_owner, "or whose it is");
  app.Text("--app-private-key", options->key_file, "file with the app's private key");
  app.Text("--app-base-url", options->base_url, "of the API, if it is not github.com's");
}

void AddNotation(Command& create) {
  struct Options : CreateOptions {
    std::vector<std::string> ca_files;
    std::string policy_file;
  };
  const auto options = std::make_shared<Options>();
  Command& notation = AddSecretCreation(
      create, "notation", options,
      [options](const kube::ObjectKey& /*key*/) -> absl::StatusOr<Value> {
        if (options->ca_files.empty()) return UsageError("--ca-cert-file is required");
        if (options->policy_file.empty()) return UsageError("--trust-policy-file is required");
        ASSIGN_OR_RETURN(const std::string policy, ReadFile(options->policy_file));
        RETURN_IF_ERROR(
            Annotate(notation::TrustPolicy::Parse(policy).status(), "invalid trust policy"));
        Value data({{"trustpolicy.json", policy}});
        for (const std::string& file : options->ca_files) {
          const std::string name = std::filesystem::path(file).filename().string();
          if (!absl::EndsWith(name, ".crt") && !absl::EndsWith(name, ".pem")) {
            return UsageError(absl::StrCat(name, " must end with either .crt or .pem"));
          }
          ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
          data.Set(name, content);
        }
        return Secret(std::move(data), "");
      });
  notation.List("--ca-cert-file", options->ca_files, "files with the authorities' certificates");
  notation.Text("--trust-policy-file", options->policy_file, "file with a trust policy (JSON)");
}

void AddReceiver(Command& create) {
  struct Options : CreateOptions {
    std::string type, token, hostname, email, audience;
  };
  const auto options = std::make_shared<Options>();
  Command& receiver = AddSecretCreation(
      create, "receiver", options, [options](const kube::ObjectKey& key) -> absl::StatusOr<Value> {
        if (options->type.empty()) return UsageError("--type is required");
        if (options->hostname.empty()) return UsageError("--hostname is required");
        if (options->type == "gcr" && options->email.empty()) {
          return UsageError("--email-claim is required for gcr receiver type");
        }
        const std::string token =
            options->token.empty() ? crypto::RandomHex(kTokenBytes) : options->token;
        // As notification-controller makes the path.
        const std::string url =
            absl::StrCat("https://", options->hostname, "/hook/",
                         crypto::Sha256Hex(absl::StrCat(token, key.name, key.ns)));
        Value data({{"token", token}});
        if (options->type == "gcr") {
          data.Set("email", options->email);
          data.Set("audience", options->audience.empty() ? url : options->audience);
        }
        Value secret = Secret(std::move(data), "");
        secret.Ensure("annotations").Set("notification.toolkit.fluxcd.io/webhook", url);
        return secret;
      });
  receiver.Choice("--type", options->type,
                  {"", "generic", "generic-hmac", "github", "gitlab", "bitbucket", "harbor",
                   "dockerhub", "quay", "gcr", "nexus", "acr", "cdevents"},
                  "who calls");
  receiver.Text("--token", options->token, "shared with the caller; default: a random one");
  receiver.Text("--hostname", options->hostname, "under which the receiver is reached");
  receiver.Text("--email-claim", options->email, "gcr: e-mail of the service account");
  receiver.Text("--audience-claim", options->audience, "gcr: audience; default: the URL");
}

}  // namespace

void AddCreateSecrets(Command& create) {
  AddGit(create);
  AddGithubApp(create);
  AddHelm(create);
  AddNotation(create);
  AddOci(create);
  AddProxy(create);
  AddReceiver(create);
  AddTls(create);
}

}  // namespace sluice::cli
