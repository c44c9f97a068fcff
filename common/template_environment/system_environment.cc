// SPDX-License-Identifier: Apache-2.0
#include "common/template_environment/system_environment.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/crypto/random.h"

namespace sluice::template_environment {
namespace {

constexpr size_t kMaxZoneName = 100;

bool IsZoneName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxZoneName || name[0] == '/') return false;
  if (absl::StrContains(name, "..")) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || absl::StrContains("/_+-", c); });
}

}  // namespace

absl::Time SystemEnvironment::Now() { return absl::Now(); }

std::string SystemEnvironment::RandomBytes(size_t count) { return crypto::RandomBytes(count); }

std::optional<absl::TimeZone> SystemEnvironment::FindTimeZone(absl::string_view name) {
  absl::TimeZone zone;
  if (!IsZoneName(name) || !absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

std::optional<std::vector<std::string>> SystemEnvironment::FindAddresses(absl::string_view host) {
  if (!look_up_hosts_) return std::nullopt;
  std::vector<std::string> addresses;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(std::string(host).c_str(), nullptr, &hints, &found) != 0) return addresses;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  return addresses;
}

}  // namespace sluice::template_environment
