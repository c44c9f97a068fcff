// SPDX-License-Identifier: Apache-2.0
#include "common/oci/local_logins.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::oci {
namespace {

constexpr size_t kMaxFile = size_t{1} << 20;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// `folder`/`path`, or "" where there is no such folder.
std::string Below(const std::string& folder, absl::string_view path) {
  return folder.empty() ? "" : absl::StrCat(folder, "/", path);
}

std::string DockerConfig() {
  const std::string folder = Variable("DOCKER_CONFIG");
  return Below(folder.empty() ? Below(Variable("HOME"), ".docker") : folder, "config.json");
}

std::string HelmRegistryConfig() {
  std::string file = Variable("HELM_REGISTRY_CONFIG");
  if (!file.empty()) return file;
  std::string folder = Variable("HELM_CONFIG_HOME");
  if (folder.empty()) folder = Below(Variable("XDG_CONFIG_HOME"), "helm");
  if (folder.empty()) folder = Below(Variable("HOME"), ".config/helm");
  return Below(folder, "registry/config.json");
}

absl::Status AddFile(const std::string& path, Keyring& keyring) {
  std::ifstream stream(path, std::ios::binary);
  if (path.empty() || !stream) return absl::OkStatus();
  std::string text(kMaxFile + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxFile) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than 1 MiB"));
  }
  return Annotate(keyring.AddDockerConfigJson(text), path);
}

}  // namespace

absl::StatusOr<Keyring> LocalLogins() {
  Keyring keyring;
  for (const std::string& path : {DockerConfig(), HelmRegistryConfig()}) {
    RETURN_IF_ERROR(AddFile(path, keyring));
  }
  return keyring;
}

}  // namespace sluice::oci
