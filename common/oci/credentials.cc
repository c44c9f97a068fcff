// SPDX-License-Identifier: Apache-2.0
#include "common/oci/credentials.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/fs/glob.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

constexpr absl::string_view kDockerHub = "index.docker.io";

struct Location {
  std::vector<std::string> labels;  // of the host
  std::string port;
  std::string path;  // with its leading "/", or ""
};

Location Split(absl::string_view key) {
  Location location;
  const size_t slash = std::min(key.find('/'), key.size());
  absl::string_view host = key.substr(0, slash);
  location.path = std::string(key.substr(slash));
  const size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && !absl::StrContains(host.substr(colon), "]")) {
    location.port = std::string(host.substr(colon + 1));
    host = host.substr(0, colon);
  }
  location.labels = absl::StrSplit(host, '.');
  return location;
}

// A key as it is written in the configuration, without scheme and API version.
std::string Normalized(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, "https://")) absl::ConsumePrefix(&key, "http://");
  const size_t slash = std::min(key.find('/'), key.size());
  absl::string_view host = key.substr(0, slash);
  absl::string_view path = key.substr(slash);
  if (absl::StartsWith(path, "/v1/") || absl::StartsWith(path, "/v2/")) path.remove_prefix(3);
  if (path == "/") path = {};
  if (host == "docker.io") host = kDockerHub;
  return absl::StrCat(host, path);
}

bool Fits(absl::string_view key, const Location& target) {
  const Location pattern = Split(key);
  if (pattern.port != target.port || pattern.labels.size() != target.labels.size() ||
      !absl::StartsWith(target.path, pattern.path)) {
    return false;
  }
  for (size_t i = 0; i < pattern.labels.size(); ++i) {
    // An IPv6 address in brackets would be a class of characters.
    if (pattern.labels[i] != target.labels[i] &&
        !fs::Glob(pattern.labels[i]).Matches(target.labels[i])) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<Credential> ParseEntry(absl::string_view key, const Value& entry) {
  Credential credential;
  credential.username = std::string(entry["username"].str());
  credential.password = Secret(std::string(entry["password"].str()));
  credential.identity_token = Secret(std::string(entry["identitytoken"].str()));
  credential.registry_token = Secret(std::string(entry["registrytoken"].str()));
  const absl::string_view auth = entry["auth"].str();
  if (auth.empty()) return credential;
  std::string decoded;
  const bool base64 = absl::Base64Unescape(auth, &decoded);
  const size_t colon = decoded.find(':');
  if (!base64 || colon == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the \"auth\" of \"", key, "\" is not the base64 of user:password"));
  }
  credential.username = decoded.substr(0, colon);
  // Docker pads the password with zero bytes.
  credential.password =
      Secret(std::string(absl::StripSuffix(decoded.substr(colon + 1), std::string(1, '\0'))));
  return credential;
}

absl::StatusOr<Value> ParseObject(absl::string_view text) {
  const absl::StatusOr<Value> value = value::ParseJson(text);
  if (!value.ok() || !value->is_object()) {
    return absl::InvalidArgumentError("the Docker configuration is no JSON object");
  }
  return *value;
}

}  // namespace

absl::Status Keyring::AddEntries(const Value& entries) {
  for (const value::Member& member : entries.members()) {
    if (!member.value.is_object()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the entry of \"", member.key, "\" is no object"));
    }
    ASSIGN_OR_RETURN(Credential credential, ParseEntry(member.key, member.value));
    entries_.emplace(Normalized(member.key), std::move(credential));
  }
  return absl::OkStatus();
}

absl::Status Keyring::AddDockerConfigJson(absl::string_view text) {
  ASSIGN_OR_RETURN(const Value value, ParseObject(text));
  return AddEntries(value["auths"]);
}

absl::Status Keyring::AddDockerCfg(absl::string_view text) {
  ASSIGN_OR_RETURN(const Value value, ParseObject(text));
  return AddEntries(value);
}

std::optional<Credential> Keyring::Find(const Repository& repository) const {
  const Location target = Split(repository.Name());
  for (const auto& [key, credential] : entries_) {
    if (Fits(key, target)) return credential;
  }
  return std::nullopt;
}

RegistryCredentials FromKeyring(Keyring keyring) {
  return [keyring = std::move(keyring)](const Context&, const Repository& repository) {
    return keyring.Find(repository).value_or(Credential());
  };
}

RegistryCredentials OnlyFor(std::string registry, Credential credential) {
  return [registry = std::move(registry), credential = std::move(credential)](
             const Context&, const Repository& repository) {
    return repository.registry == registry ? credential : Credential();
  };
}

}  // namespace sluice::oci
