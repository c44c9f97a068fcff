// SPDX-License-Identifier: Apache-2.0
#include "common/http/proxy_rules.h"

#include <arpa/inet.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/redirect.h"

namespace sluice::http {
namespace {

constexpr size_t kV4 = 4;
constexpr size_t kV6 = 16;

// The bytes of an IP address, an IPv4 one inside IPv6 as the IPv4 one; nullopt if it is none.
std::optional<std::string> AddressBytes(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "[") && !absl::ConsumeSuffix(&text, "]")) return std::nullopt;
  unsigned char bytes[kV6];
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), bytes) == 1) {
    return std::string(reinterpret_cast<char*>(bytes), kV4);
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes) != 1) return std::nullopt;
  std::string address(reinterpret_cast<char*>(bytes), kV6);
  const absl::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return absl::StartsWith(address, mapped) ? address.substr(12) : address;
}

bool IsLoopback(const std::string& address) {
  if (address.size() == kV4) return address[0] == 127;
  return address == std::string(kV6 - 1, '\0') + '\1';
}

bool SameBits(const std::string& a, const std::string& b, int bits) {
  if (a.size() != b.size()) return false;
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<size_t>(bit / 8);
    if (((a[byte] ^ b[byte]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

// "host:port", "host", "[v6]:port" or "[v6]"; the port is 0 if there is none.
std::pair<absl::string_view, int> SplitPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  int port = 0;
  const bool several = text.find(':') != colon && !absl::StrContains(text, ']');
  if (colon == absl::string_view::npos || several ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port <= 0) {
    return {text, 0};
  }
  return {text.substr(0, colon), port};
}

bool IsProxyScheme(absl::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "socks5" || scheme == "socks5h";
}

absl::StatusOr<Url> ParseProxy(absl::string_view text) {
  const auto url = Url::Parse(absl::StrContains(text, "://") ? std::string(text)
                                                             : absl::StrCat("http://", text));
  if (!url.ok() || url->host.empty()) {
    return absl::InvalidArgumentError("a proxy is a URL, or host:port");
  }
  if (!IsProxyScheme(url->scheme)) {
    return absl::InvalidArgumentError(
        absl::StrCat("proxy \"", url->Redacted(), "\" is no http, https or socks5 URL"));
  }
  return url;
}

}  // namespace

NoProxy::NoProxy(absl::string_view list) {
  for (absl::string_view entry : absl::StrSplit(list, ',')) {
    const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(entry));
    if (text.empty()) continue;
    if (text == "*") {
      all_ = true;
      continue;
    }
    const std::pair<absl::string_view, absl::string_view> network =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    if (int bits = 0; absl::SimpleAtoi(network.second, &bits)) {
      const auto address = AddressBytes(network.first);
      if (address.has_value() && bits >= 0 && bits <= static_cast<int>(address->size()) * 8) {
        networks_.push_back({*address, bits});
        continue;
      }
    }
    auto [host, port] = SplitPort(text);
    if (const auto address = AddressBytes(host); address.has_value()) {
      addresses_.push_back({*address, port});
      continue;
    }
    if (absl::StartsWith(host, "*.")) host.remove_prefix(1);
    if (host.empty()) continue;
    const bool itself = host.front() != '.';
    domains_.push_back({absl::StrCat(itself ? "." : "", host), itself, port});
  }
}

bool NoProxy::Covers(absl::string_view host, int port) const {
  const std::string name =
      absl::AsciiStrToLower(absl::StripSuffix(absl::StripAsciiWhitespace(host), "."));
  if (name == "localhost") return true;
  const auto address = AddressBytes(name);
  if (address.has_value() && IsLoopback(*address)) return true;
  if (all_) return true;
  const auto here = [port](int wanted) { return wanted == 0 || wanted == port; };
  if (address.has_value()) {
    for (const Network& network : networks_) {
      if (SameBits(*address, network.address, network.bits)) return true;
    }
    for (const Address& one : addresses_) {
      if (*address == one.address && here(one.port)) return true;
    }
  }
  for (const Domain& domain : domains_) {
    const bool matches = absl::EndsWith(name, domain.suffix) ||
                         (domain.itself && name == absl::string_view(domain.suffix).substr(1));
    if (matches && here(domain.port)) return true;
  }
  return false;
}

absl::StatusOr<ProxyRules> ProxyRules::Fixed(absl::string_view proxy_url) {
  ASSIGN_OR_RETURN(const Url proxy, ParseProxy(proxy_url));
  ProxyRules rules;
  rules.http_ = rules.https_ = rules.connection_ = proxy;
  rules.fixed_ = true;
  return rules;
}

absl::StatusOr<ProxyRules> ProxyRules::FromEnvironment(const Lookup& variable) {
  const auto value = [&variable](const std::string& name) {
    const std::string upper = variable(name);
    return upper.empty() ? variable(absl::AsciiStrToLower(name)) : upper;
  };
  ProxyRules rules;
  rules.no_proxy_ = NoProxy(value("NO_PROXY"));
  struct Row {
    const char* name;
    std::optional<Url>& proxy;
  };
  for (const Row& row : {Row{"HTTP_PROXY", rules.http_}, Row{"HTTPS_PROXY", rules.https_},
                         Row{"ALL_PROXY", rules.connection_}}) {
    const std::string text = value(row.name);
    if (text.empty()) continue;
    auto proxy = ParseProxy(text);
    if (!proxy.ok()) return Annotate(proxy.status(), row.name);
    row.proxy = *std::move(proxy);
  }
  return rules;
}

absl::StatusOr<ProxyRules> ProxyRules::FromProcessEnvironment() {
  return FromEnvironment([](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  });
}

std::optional<Url> ProxyRules::For(const Url& target) const {
  const std::optional<Url>& proxy = target.scheme == "https" ? https_ : http_;
  if (!proxy.has_value()) return std::nullopt;
  if (!fixed_ && no_proxy_.Covers(target.host, EffectivePort(target))) return std::nullopt;
  return proxy;
}

std::optional<Url> ProxyRules::ForConnection(absl::string_view host, int port) const {
  if (!connection_.has_value()) return std::nullopt;
  if (!fixed_ && no_proxy_.Covers(host, port)) return std::nullopt;
  return connection_;
}

}  // namespace sluice::http
