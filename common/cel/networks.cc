// IP addresses and networks: ip("…"), cidr("…").

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cel/function.h"
#include "common/cel/ip_address.h"
#include "common/text/quote.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

constexpr absl::string_view kIpType = "net.IP";
constexpr absl::string_view kCidrType = "net.CIDR";

class Ip : public Opaque {
 public:
  explicit Ip(IpAddress address) : address_(address) {}
  absl::string_view type_name() const override { return kIpType; }
  bool Equals(const Opaque& other) const override {
    return address_ == static_cast<const Ip&>(other).address_;
  }
  std::string ToString() const override { return address_.ToString(); }
  uint64_t size() const override { return static_cast<uint64_t>(address_.bits()) / 8; }
  const IpAddress& address() const { return address_; }

 private:
  IpAddress address_;
};

class Cidr : public Opaque {
 public:
  Cidr(IpAddress address, int prefix) : address_(address), prefix_(prefix) {}
  absl::string_view type_name() const override { return kCidrType; }
  bool Equals(const Opaque& other) const override {
    const auto& cidr = static_cast<const Cidr&>(other);
    return address_ == cidr.address_ && prefix_ == cidr.prefix_;
  }
  std::string ToString() const override { return absl::StrCat(address_.ToString(), "/", prefix_); }
  uint64_t size() const override { return (static_cast<uint64_t>(prefix_) + 7) / 8; }
  const IpAddress& address() const { return address_; }
  int prefix() const { return prefix_; }

  bool Contains(const IpAddress& other) const {
    return other.is_v4 == address_.is_v4 && !other.has_zone &&
           other.Masked(prefix_) == address_.Masked(prefix_);
  }

 private:
  IpAddress address_;
  int prefix_;
};

absl::StatusOr<IpAddress> ParseIp(absl::string_view text) {
  const absl::StatusOr<IpAddress> address = IpAddress::Parse(text);
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("IP Address ", text::Quote(text),
                     " parse error during conversion from string: ", address.status().message()));
  }
  if (address->has_zone) {
    return absl::InvalidArgumentError(
        absl::StrCat("IP address ", text::Quote(text), " with zone value is not allowed"));
  }
  if (address->is_mapped_v4()) {
    return absl::InvalidArgumentError(
        absl::StrCat("IPv4-mapped IPv6 address ", text::Quote(text), " is not allowed"));
  }
  return address;
}

absl::StatusOr<Cidr> ParsePrefix(absl::string_view text) {
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "network address parse error during conversion from string: netip.ParsePrefix(",
        text::Quote(text), "): ", what));
  };
  const size_t slash = text.rfind('/');
  if (slash == absl::string_view::npos) return wrong("no '/'");
  const absl::StatusOr<IpAddress> address = IpAddress::Parse(text.substr(0, slash));
  if (!address.ok()) return wrong(address.status().message());
  if (address->has_zone) return wrong("IPv6 zones cannot be present in a prefix");
  const absl::string_view digits = text.substr(slash + 1);
  bool good = !digits.empty() && (digits.size() == 1 || digits[0] != '0');
  for (const char c : digits) good = good && absl::ascii_isdigit(static_cast<unsigned char>(c));
  if (!good) return wrong(absl::StrCat("bad bits after slash: ", text::Quote(digits)));
  int prefix = 0;
  if (!absl::SimpleAtoi(digits, &prefix) || prefix > address->bits()) {
    return wrong("prefix length out of range");
  }
  if (address->is_mapped_v4()) {
    return absl::InvalidArgumentError(
        absl::StrCat("IPv4-mapped IPv6 address ", text::Quote(text), " is not allowed"));
  }
  return Cidr(*address, prefix);
}

absl::StatusOr<Cidr> ParseCidr(absl::string_view text) {
  absl::StatusOr<Cidr> cidr = ParsePrefix(text);
  if (cidr.ok()) return cidr;
  return absl::InvalidArgumentError(absl::StrCat(
      "network address parse error during conversion from string: ", cidr.status().message()));
}

bool IsOf(const Value& value, absl::string_view type) {
  return value.kind() == Kind::kOpaque && value.opaque().type_name() == type;
}
const IpAddress& AsIp(const Value& value) {
  return static_cast<const Ip&>(value.opaque()).address();
}
const Cidr& AsCidr(const Value& value) { return static_cast<const Cidr&>(value.opaque()); }

Value MakeIp(const IpAddress& address, Arena& arena) {
  return Value::OfOpaque(arena.New<Ip>(address));
}
Value MakeCidr(const Cidr& cidr, Arena& arena) { return Value::OfOpaque(arena.New<Cidr>(cidr)); }

Value IpFromString(Args args, Arena& arena) {
  if (args[0].is_string()) {
    const absl::StatusOr<IpAddress> address = ParseIp(args[0].text());
    if (!address.ok()) return Value::Error(address.status().message(), arena);
    return MakeIp(*address, arena);
  }
  return IsOf(args[0], kCidrType) ? MakeIp(AsCidr(args[0]).address(), arena) : NoMatch();
}
Value IsIp(Args args, Arena&) {
  return args[0].is_string() ? Value::Bool(ParseIp(args[0].text()).ok()) : NoMatch();
}
Value IsCanonical(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  const absl::StatusOr<IpAddress> address = ParseIp(args[0].text());
  if (!address.ok()) return Value::Error(address.status().message(), arena);
  return Value::Bool(address->ToString() == args[0].text());
}
Value ToString(Args args, Arena& arena) {
  if (!IsOf(args[0], kIpType) && !IsOf(args[0], kCidrType)) return NoMatch();
  return Value::String(arena.Copy(args[0].opaque().ToString()));
}

bool IsUnspecified(const IpAddress& ip) {
  for (const uint8_t byte : ip.bytes) {
    if (byte != 0) return false;
  }
  return true;
}
bool IsLoopback(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[12] == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return ip.bytes == one.bytes;
}
bool IsMulticast(const IpAddress& ip) {
  return ip.is_v4 ? (ip.bytes[12] & 0xF0) == 0xE0 : ip.bytes[0] == 0xFF;
}
bool IsLinkLocalMulticast(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[12] == 224 && ip.bytes[13] == 0 && ip.bytes[14] == 0;
  return ip.bytes[0] == 0xFF && (ip.bytes[1] & 0x0F) == 2;
}
bool IsLinkLocalUnicast(const IpAddress& ip) {
  if (ip.is_v4) return ip.bytes[12] == 169 && ip.bytes[13] == 254;
  return ip.bytes[0] == 0xFE && (ip.bytes[1] & 0xC0) == 0x80;
}
bool IsGlobalUnicast(const IpAddress& ip) {
  const bool broadcast = ip.is_v4 && ip.bytes[12] == 255 && ip.bytes[13] == 255 &&
                         ip.bytes[14] == 255 && ip.bytes[15] == 255;
  return !broadcast && !IsUnspecified(ip) && !IsLoopback(ip) && !IsMulticast(ip) &&
         !IsLinkLocalUnicast(ip);
}

template <bool (*test)(const IpAddress&)>
Value IpTest(Args args, Arena&) {
  return IsOf(args[0], kIpType) ? Value::Bool(test(AsIp(args[0]))) : NoMatch();
}
Value Family(Args args, Arena&) {
  return IsOf(args[0], kIpType) ? Value::Int(AsIp(args[0]).is_v4 ? 4 : 6) : NoMatch();
}

Value CidrFromString(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  const absl::StatusOr<Cidr> cidr = ParseCidr(args[0].text());
  if (!cidr.ok()) return Value::Error(cidr.status().message(), arena);
  return MakeCidr(*cidr, arena);
}
Value IsCidr(Args args, Arena&) {
  return args[0].is_string() ? Value::Bool(ParseCidr(args[0].text()).ok()) : NoMatch();
}
Value ContainsIp(Args args, Arena&) {
  if (!IsOf(args[0], kCidrType)) return NoMatch();
  if (IsOf(args[1], kIpType)) return Value::Bool(AsCidr(args[0]).Contains(AsIp(args[1])));
  if (!args[1].is_string()) return NoMatch();
  const absl::StatusOr<IpAddress> address = ParseIp(args[1].text());
  if (!address.ok()) return Value::NoSuchOverload();
  return Value::Bool(AsCidr(args[0]).Contains(*address));
}
Value ContainsCidr(Args args, Arena& arena) {
  if (!IsOf(args[0], kCidrType)) return NoMatch();
  const Cidr& outer = AsCidr(args[0]);
  const auto contains = [&](const Cidr& inner) {
    return Value::Bool(inner.prefix() >= outer.prefix() && outer.Contains(inner.address()));
  };
  if (IsOf(args[1], kCidrType)) return contains(AsCidr(args[1]));
  if (!args[1].is_string()) return NoMatch();
  const absl::StatusOr<Cidr> inner = ParseCidr(args[1].text());
  if (!inner.ok()) return Value::Error(inner.status().message(), arena);
  return contains(*inner);
}
Value Masked(Args args, Arena& arena) {
  if (!IsOf(args[0], kCidrType)) return NoMatch();
  const Cidr& cidr = AsCidr(args[0]);
  return MakeCidr(Cidr(cidr.address().Masked(cidr.prefix()), cidr.prefix()), arena);
}
Value PrefixLength(Args args, Arena&) {
  return IsOf(args[0], kCidrType) ? Value::Int(AsCidr(args[0]).prefix()) : NoMatch();
}

}  // namespace

std::vector<Function> NetworkFunctions() {
  std::vector<Function> functions = {
      {"ip", {"string_to_ip: string -> net.IP", "cidr_ip: .net.CIDR -> net.IP"}, IpFromString},
      {"isIP", {"is_ip: string -> bool"}, IsIp},
      {"ip.isCanonical", {"ip_is_canonical: string -> bool"}, IsCanonical},
      {"string",
       {"ip_to_string: net.IP -> string", "cidr_to_string: net.CIDR -> string"},
       ToString},
      {"family", {"ip_family: .net.IP -> int"}, Family},
      {"isUnspecified", {"ip_is_unspecified: .net.IP -> bool"}, IpTest<IsUnspecified>},
      {"isLoopback", {"ip_is_loopback: .net.IP -> bool"}, IpTest<IsLoopback>},
      {"isLinkLocalMulticast",
       {"ip_is_link_local_multicast: .net.IP -> bool"},
       IpTest<IsLinkLocalMulticast>},
      {"isLinkLocalUnicast",
       {"ip_is_link_local_unicast: .net.IP -> bool"},
       IpTest<IsLinkLocalUnicast>},
      {"isGlobalUnicast", {"ip_is_global_unicast: .net.IP -> bool"}, IpTest<IsGlobalUnicast>},
      {"cidr", {"string_to_cidr: string -> net.CIDR"}, CidrFromString},
      {"isCIDR", {"is_cidr: string -> bool"}, IsCidr},
      {"containsIP",
       {"cidr_contains_ip_string: .net.CIDR, string -> bool",
        "cidr_contains_ip_ip: .net.CIDR, net.IP -> bool"},
       ContainsIp},
      {"containsCIDR",
       {"cidr_contains_cidr_string: .net.CIDR, string -> bool",
        "cidr_contains_cidr: .net.CIDR, net.CIDR -> bool"},
       ContainsCidr},
      {"masked", {"cidr_masked: .net.CIDR -> net.CIDR"}, Masked},
      {"prefixLength", {"cidr_prefix_length: .net.CIDR -> int"}, PrefixLength},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
