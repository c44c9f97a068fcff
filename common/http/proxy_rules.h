// Which proxy a request goes through, as Go's golang.org/x/net/http/httpproxy decides it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/message.h"

namespace sluice::http {

// Which hosts are reached without a proxy: NO_PROXY. Entries, separated by commas, are "*" for all,
// an IP address, a network ("10.0.0.0/8"), a domain with all below it ("example.com") or only what
// is below it (".example.com", "*.example.com"); all but networks may end in ":port". localhost and
// loopback addresses are never proxied.
class NoProxy {
 public:
  NoProxy() = default;
  explicit NoProxy(absl::string_view list);

  bool Covers(absl::string_view host, int port) const;

 private:
  struct Network {
    std::string address;  // 4 or 16 bytes, those beyond `bits` as they were written
    int bits;
  };
  struct Address {
    std::string address;
    int port;  // 0: any
  };
  struct Domain {
    std::string suffix;  // ".example.com"
    bool itself;         // "example.com" too
    int port;
  };

  bool all_ = false;
  std::vector<Network> networks_;
  std::vector<Address> addresses_;
  std::vector<Domain> domains_;
};

// Immutable, thread-safe.
class ProxyRules {
 public:
  // No proxy for anything.
  ProxyRules() = default;

  // One proxy for everything: "http://", "https://" or "socks5://", with user info if it wants any.
  // kInvalidArgument, without the user info, for another URL.
  static absl::StatusOr<ProxyRules> Fixed(absl::string_view proxy_url);

  // HTTP_PROXY and HTTPS_PROXY for URLs of these schemes and ALL_PROXY for other connections, each
  // unless NO_PROXY covers the host; names in lower case count where those in upper case are not
  // set. A proxy without scheme is an http one. `variable` gives "" for what is not set.
  // kInvalidArgument, naming the variable, for one that is no proxy.
  using Lookup = std::function<std::string(const std::string& name)>;
  static absl::StatusOr<ProxyRules> FromEnvironment(const Lookup& variable);
  // The same with this process's environment.
  static absl::StatusOr<ProxyRules> FromProcessEnvironment();

  // The proxy for requests to `target`, http or https; nullopt: directly.
  std::optional<Url> For(const Url& target) const;
  // The proxy for a connection of another kind; nullopt: directly.
  std::optional<Url> ForConnection(absl::string_view host, int port) const;

 private:
  std::optional<Url> http_;
  std::optional<Url> https_;
  std::optional<Url> connection_;
  // The environment's rules about hosts do not bind a proxy that is given for all.
  bool fixed_ = false;
  NoProxy no_proxy_;
};

}  // namespace sluice::http
