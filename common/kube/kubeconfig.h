// Where the API server is and who we are to it: a kubeconfig file or a pod's service account.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/client.h"

namespace sluice::kube {

// Gives the bearer token for one request. Thread-safe.
using TokenSource = std::function<absl::StatusOr<Secret>(const Context& ctx)>;

struct ClusterConfig {
  std::string server;  // "https://127.0.0.1:6443", no trailing slash
  http::TlsOptions tls;
  Secret token;
  std::string token_file;    // read again every minute when set: bound tokens are rotated
  TokenSource token_source;  // asked before each request when set
  std::string ns;            // of the context; "" if it names none
  std::string username;      // basic auth
  Secret password;
  std::string proxy_url;  // "": what the environment says
};

// The current context (or `context` if given) of the kubeconfig text. `base_dir` is where its
// relative file names start. kInvalidArgument names the file's part at fault; exec and
// auth-provider plugins are refused, since they would run programs.
absl::StatusOr<ClusterConfig> ParseKubeconfig(absl::string_view text, absl::string_view base_dir,
                                              absl::string_view context = "");

// The same for the text of somebody who may not touch this machine, as Flux sanitises kubeconfigs
// for remote clusters: files are not read, plugins are not run but left out, and so is
// insecure-skip-tls-verify unless it is allowed. Impersonation that it asks for is left out, too.
absl::StatusOr<ClusterConfig> ParseForeignKubeconfig(absl::string_view text, bool allow_insecure);

// `path` if given, else $KUBECONFIG (its first existing file), else the pod's service account, else
// ~/.kube/config: the order of controller-runtime's GetConfig.
absl::StatusOr<ClusterConfig> LoadClusterConfig(absl::string_view path = "",
                                                absl::string_view context = "");

// The bearer token that `config` has: asked for, read from its file (again each minute, since the
// kubelet renews it) or fixed; empty if it has none. For others that this identity is shown to.
TokenSource TokensOf(const ClusterConfig& config);

// The namespace of the pod's service account, or "" outside of a cluster.
std::string InClusterNamespace();

}  // namespace sluice::kube
