// Cron schedules as CronJobs have them (robfig/cron's standard parser): five fields with lists,
// ranges, steps and names, or "@hourly" and its like.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::devapi {

class CronSchedule {
 public:
  // kInvalidArgument, quoting the field at fault.
  static absl::StatusOr<CronSchedule> Parse(absl::string_view text);

  // The first time after `after`; absl::InfiniteFuture() if there is none within five years.
  absl::Time Next(absl::Time after, const absl::TimeZone& zone) const;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;  // 1 to 31
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // 0 is Sunday
  bool any_day_ = false;     // the day field is "*"
  bool any_weekday_ = false;
};

}  // namespace sluice::devapi
