// SPDX-License-Identifier: Apache-2.0
#include "common/template_environment/resolving_environment.h"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

namespace sluice::template_environment {

std::optional<std::vector<std::string>> ResolvingEnvironment::FindAddresses(
    absl::string_view host) {
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
