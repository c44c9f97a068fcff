// Catch2 matchers for absl::Status, which Debian's Abseil (20220623) does not have.
//
//   CHECK_THAT(Parse("x").status(), StatusIs(absl::StatusCode::kInvalidArgument, "improper"));

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::testing {

class StatusMatcher : public Catch::MatcherBase<absl::Status> {
 public:
  StatusMatcher(absl::StatusCode code, std::string fragment)
      : code_(code), fragment_(std::move(fragment)) {}

  bool match(const absl::Status& status) const override {
    return status.code() == code_ && absl::StrContains(status.message(), fragment_);
  }
  std::string describe() const override {
    return absl::StrCat("is ", absl::StatusCodeToString(code_), " with \"", fragment_, "\"");
  }

 private:
  absl::StatusCode code_;
  std::string fragment_;
};

// Matches a status with this code whose message contains `fragment`.
inline StatusMatcher StatusIs(absl::StatusCode code, std::string fragment = "") {
  return StatusMatcher(code, std::move(fragment));
}

inline StatusMatcher IsOk() { return StatusMatcher(absl::StatusCode::kOk, ""); }

}  // namespace sluice::testing

namespace Catch {
template <>
struct StringMaker<absl::Status> {
  static std::string convert(const absl::Status& status) { return status.ToString(); }
};
}  // namespace Catch
