// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/address.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

absl::Status Fault(absl::string_view whole, absl::string_view problem, absl::string_view at = {}) {
  std::string message = absl::StrCat("ParseAddr(", text::Quote(whole), "): ", problem);
  if (!at.empty()) absl::StrAppend(&message, " (at ", text::Quote(at), ")");
  return absl::InvalidArgumentError(message);
}

// Four decimals in `part` of `whole`.
absl::Status CheckIpv4(absl::string_view whole, absl::string_view part) {
  int value = 0, digits = 0, dots = 0;
  for (size_t i = 0; i < part.size(); ++i) {
    const char c = part[i];
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      if (digits == 1 && value == 0) {
        return Fault(whole, "IPv4 field has octet with leading zero");
      }
      value = value * 10 + (c - '0');
      ++digits;
      if (value > 255) return Fault(whole, "IPv4 field has value >255");
    } else if (c == '.') {
      if (digits == 0 || i + 1 == part.size()) {
        return Fault(whole, "IPv4 field must have at least one digit", part.substr(i));
      }
      if (dots == 3) return Fault(whole, "IPv4 address too long");
      ++dots;
      value = digits = 0;
    } else {
      return Fault(whole, "unexpected character", part.substr(i));
    }
  }
  return dots < 3 ? Fault(whole, "IPv4 address too short") : absl::OkStatus();
}

// The groups of an IPv6 address, in two-byte fields.
class Ipv6Reader {
 public:
  Ipv6Reader(absl::string_view whole, absl::string_view rest) : whole_(whole), rest_(rest) {}

  absl::Status Run() {
    if (absl::StartsWith(rest_, "::")) {
      gap_ = 0;
      rest_.remove_prefix(2);
      if (rest_.empty()) return absl::OkStatus();
    }
    while (bytes_ < 16 && !done_) RETURN_IF_ERROR(Group());
    if (!rest_.empty()) return Fault(whole_, "trailing garbage after address", rest_);
    if (bytes_ < 16 && !gap_.has_value()) return Fault(whole_, "address string too short");
    if (bytes_ == 16 && gap_.has_value()) {
      return Fault(whole_, "the :: must expand to at least one field of zeros");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Group() {
    size_t size = 0;
    while (size < rest_.size() && absl::ascii_isxdigit(static_cast<unsigned char>(rest_[size]))) {
      if (++size > 4) return Fault(whole_, "each group must have 4 or less digits", rest_);
    }
    if (size == 0) {
      return Fault(whole_, "each colon-separated field must have at least one digit", rest_);
    }
    if (size < rest_.size() && rest_[size] == '.') return EmbeddedIpv4();
    bytes_ += 2;
    rest_.remove_prefix(size);
    if (rest_.empty()) {
      done_ = true;
      return absl::OkStatus();
    }
    if (rest_[0] != ':') return Fault(whole_, "unexpected character, want colon", rest_);
    if (rest_.size() == 1) {
      return Fault(whole_, "colon must be followed by more characters", rest_);
    }
    rest_.remove_prefix(1);
    if (rest_[0] == ':') {
      if (gap_.has_value()) return Fault(whole_, "multiple :: in address", rest_);
      gap_ = bytes_;
      rest_.remove_prefix(1);
      done_ = rest_.empty();
    }
    return absl::OkStatus();
  }

  absl::Status EmbeddedIpv4() {
    if (!gap_.has_value() && bytes_ != 12) {
      return Fault(whole_, "embedded IPv4 address must replace the final 2 fields of the address",
                   rest_);
    }
    if (bytes_ > 12) {
      return Fault(whole_, "too many hex fields to fit an embedded IPv4 at the end of the address",
                   rest_);
    }
    RETURN_IF_ERROR(CheckIpv4(whole_, rest_));
    rest_ = {};
    bytes_ += 4;
    done_ = true;
    return absl::OkStatus();
  }

  const absl::string_view whole_;
  absl::string_view rest_;
  std::optional<int> gap_;  // where "::" stands
  int bytes_ = 0;
  bool done_ = false;
};

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const size_t decides = text.find_first_of(".:%");
  if (decides == absl::string_view::npos) return Fault(text, "unable to parse IP");
  Address address;
  switch (text[decides]) {
    case '.':
      RETURN_IF_ERROR(CheckIpv4(text, text));
      address.is_ipv4 = true;
      return address;
    case '%':
      return Fault(text, "missing IPv6 address");
    default:
      break;
  }
  absl::string_view rest = text;
  if (const size_t percent = text.find('%'); percent != absl::string_view::npos) {
    rest = text.substr(0, percent);
    address.zone = std::string(text.substr(percent + 1));
    if (address.zone.empty()) return Fault(text, "zone must be a non-empty string");
  }
  RETURN_IF_ERROR(Ipv6Reader(text, rest).Run());
  return address;
}

}  // namespace sluice::jsonschema
