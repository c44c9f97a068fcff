// SPDX-License-Identifier: Apache-2.0
#include "common/kube/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::kube {
namespace {

constexpr size_t kMaxForeignText = size_t{1} << 20;  // what fits into a Secret
// The kubelet renews a bound token's file long before it ends.
constexpr absl::Duration kTokenLifetime = absl::Minutes(1);
constexpr char kServiceAccountDir[] = "/var/run/secrets/kubernetes.io/serviceaccount";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("unable to read ", path));
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// A token that is in a file. Between two versions of the file the old one goes on working.
class TokenFile {
 public:
  TokenFile(std::string path, Secret token) : path_(std::move(path)), token_(std::move(token)) {}

  Secret Read() {
    const absl::MutexLock lock(&mutex_);
    const absl::Time now = RealClock().Now();
    if (now < expires_) return token_;
    if (const auto text = ReadFile(path_); text.ok()) {
      token_ = Secret(std::string(absl::StripAsciiWhitespace(*text)));
    }
    expires_ = now + kTokenLifetime;
    return token_;
  }

 private:
  const std::string path_;
  absl::Mutex mutex_;
  Secret token_ ABSL_GUARDED_BY(mutex_);
  absl::Time expires_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

std::string Text(const YAML::Node& node, const char* key) {
  return node[key] && node[key].IsScalar() ? node[key].as<std::string>() : "";
}

// The entry of the list `root[list]` with that name, its `field` part.
absl::StatusOr<YAML::Node> Named(const YAML::Node& root, const char* list, const char* field,
                                 const std::string& name) {
  for (const YAML::Node& entry : root[list]) {
    if (Text(entry, "name") == name) return YAML::Node(entry[field]);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("kubeconfig has no entry \"", name, "\" under ", list));
}

// What a kubeconfig may make us do.
struct Trust {
  std::string base_dir;      // where its relative file names start
  bool files = true;         // otherwise they are not read
  bool plugins_fail = true;  // otherwise they are left out
  bool insecure = true;      // it may switch the verification of certificates off
};

// The content of `key`-data (base64) or of the file that `key` names.
absl::StatusOr<std::string> DataOrFile(const YAML::Node& node, const std::string& key,
                                       const Trust& trust) {
  if (const std::string data = Text(node, (key + "-data").c_str()); !data.empty()) {
    std::string decoded;
    if (!absl::Base64Unescape(data, &decoded)) {
      return absl::InvalidArgumentError(absl::StrCat("kubeconfig: ", key, "-data is not base64"));
    }
    return decoded;
  }
  const std::string file = Text(node, key.c_str());
  if (file.empty() || !trust.files) return std::string();
  return ReadFile((std::filesystem::path(trust.base_dir) / file).string());
}

absl::StatusOr<ClusterConfig> FromNodes(const YAML::Node& root, const Trust& trust,
                                        std::string context_name) {
  if (context_name.empty()) context_name = Text(root, "current-context");
  if (context_name.empty()) {
    return absl::InvalidArgumentError("kubeconfig names no current-context");
  }
  ASSIGN_OR_RETURN(const YAML::Node context, Named(root, "contexts", "context", context_name));
  ASSIGN_OR_RETURN(const YAML::Node cluster,
                   Named(root, "clusters", "cluster", Text(context, "cluster")));
  ClusterConfig config;
  config.ns = Text(context, "namespace");
  config.server = std::string(absl::StripSuffix(Text(cluster, "server"), "/"));
  if (!absl::StartsWith(config.server, "https://") && !absl::StartsWith(config.server, "http://")) {
    return absl::InvalidArgumentError(absl::StrCat("kubeconfig: server \"", config.server,
                                                   "\" of cluster \"", Text(context, "cluster"),
                                                   "\" is no http(s) URL"));
  }
  config.tls.insecure_skip_verify =
      trust.insecure && Text(cluster, "insecure-skip-tls-verify") == "true";
  config.tls.server_name = Text(cluster, "tls-server-name");
  ASSIGN_OR_RETURN(config.tls.ca_pem, DataOrFile(cluster, "certificate-authority", trust));
  config.proxy_url = Text(cluster, "proxy-url");
  if (const std::string user_name = Text(context, "user"); !user_name.empty()) {
    ASSIGN_OR_RETURN(const YAML::Node user, Named(root, "users", "user", user_name));
    if (trust.plugins_fail && (user["exec"] || user["auth-provider"])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "kubeconfig: user \"", user_name,
          "\" needs an exec or auth-provider plugin, which is not run; use a token or a client "
          "certificate"));
    }
    ASSIGN_OR_RETURN(config.tls.certificate_pem, DataOrFile(user, "client-certificate", trust));
    ASSIGN_OR_RETURN(std::string key, DataOrFile(user, "client-key", trust));
    config.tls.private_key_pem = Secret(std::move(key));
    config.token = Secret(Text(user, "token"));
    if (const std::string file = Text(user, "tokenFile"); !file.empty() && trust.files) {
      config.token_file = (std::filesystem::path(trust.base_dir) / file).string();
    }
    config.username = Text(user, "username");
    config.password = Secret(Text(user, "password"));
  }
  return config;
}

absl::StatusOr<ClusterConfig> Parse(absl::string_view text, const Trust& trust,
                                    absl::string_view context) {
  try {
    return FromNodes(YAML::Load(std::string(text)), trust, std::string(context));
  } catch (const YAML::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat("kubeconfig is not valid YAML: ", e.what()));
  }
}

absl::StatusOr<ClusterConfig> LoadFile(const std::string& path, absl::string_view context) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto config =
      ParseKubeconfig(text, std::filesystem::absolute(path).parent_path().string(), context);
  if (!config.ok()) return Annotate(config.status(), path);
  return config;
}

absl::StatusOr<ClusterConfig> InCluster() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  const std::string dir = kServiceAccountDir;
  if (host == nullptr || port == nullptr || !std::filesystem::exists(dir + "/token")) {
    return absl::NotFoundError("not running in a pod");
  }
  ClusterConfig config;
  const bool ipv6 = absl::StrContains(host, ":");
  config.server = absl::StrCat("https://", ipv6 ? "[" : "", host, ipv6 ? "]" : "", ":", port);
  ASSIGN_OR_RETURN(config.tls.ca_pem, ReadFile(dir + "/ca.crt"));
  config.token_file = dir + "/token";
  config.ns = InClusterNamespace();
  return config;
}

}  // namespace

absl::StatusOr<ClusterConfig> ParseKubeconfig(absl::string_view text, absl::string_view base_dir,
                                              absl::string_view context) {
  return Parse(text, {.base_dir = std::string(base_dir)}, context);
}

absl::StatusOr<ClusterConfig> ParseForeignKubeconfig(absl::string_view text, bool allow_insecure) {
  if (text.size() > kMaxForeignText) {
    return absl::ResourceExhaustedError(
        absl::StrCat("kubeconfig is longer than ", kMaxForeignText, " bytes"));
  }
  return Parse(text, {.files = false, .plugins_fail = false, .insecure = allow_insecure}, "");
}

absl::StatusOr<ClusterConfig> LoadClusterConfig(absl::string_view path, absl::string_view context) {
  if (!path.empty()) return LoadFile(std::string(path), context);
  if (const char* list = std::getenv("KUBECONFIG"); list != nullptr && *list != '\0') {
    for (const std::string& file :
         std::vector<std::string>(absl::StrSplit(list, ':', absl::SkipEmpty()))) {
      if (std::filesystem::exists(file)) return LoadFile(file, context);
    }
    return absl::NotFoundError(absl::StrCat("KUBECONFIG names no existing file: ", list));
  }
  if (auto config = InCluster(); config.ok() || !absl::IsNotFound(config.status())) return config;
  const char* home = std::getenv("HOME");
  const std::string file = absl::StrCat(home == nullptr ? "" : home, "/.kube/config");
  if (std::filesystem::exists(file)) return LoadFile(file, context);
  return absl::NotFoundError(
      "no cluster configured: set KUBECONFIG to a kubeconfig file, or run in a pod");
}

TokenSource TokensOf(const ClusterConfig& config) {
  if (config.token_source) return config.token_source;
  if (config.token_file.empty()) {
    return [token = config.token](const Context&) -> absl::StatusOr<Secret> { return token; };
  }
  return [file = std::make_shared<TokenFile>(config.token_file, config.token)](
             const Context&) -> absl::StatusOr<Secret> { return file->Read(); };
}

std::string InClusterNamespace() {
  const auto text = ReadFile(absl::StrCat(kServiceAccountDir, "/namespace"));
  return text.ok() ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

}  // namespace sluice::kube
