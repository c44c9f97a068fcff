// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/testing.h"

// Expected texts are those of Helm 3.22 (Go 1.26).
namespace sluice::sprig {
namespace {

TEST_CASE("times are written by Go's layouts", "[sprig]") {
  const Row rows[] = {
      {"{{ date `Mon Jan _2 15:04:05 2006` now }}", "Sat Mar  9 17:05:09 2024"},
      {"{{ now | date `06 6 1 01 2 02 __2 002 3 03 4 04 5 05` }}",
       "24 6 3 03 9 09  69 069 5 05 5 05 9 09"},
      {"{{ now | date `PM pm .000 ,9 .999 Monday January` }}", "PM pm .500 ,5 .5 Saturday March"},
      {"{{ now | date `_2006 Janet Month` }}", "_2024 Janet Month"},
      {"{{ dateInZone `-07 -0700 -07:00 -07:00:00 Z07:00 MST` now `West` }}",
       "-03 -0330 -03:30 -03:30:00 -03:30 -0330"},
      {"{{ dateInZone `15:04 Z07:00` now `East` }}|{{ date_in_zone `15:04 Z07:00` now `` }}",
       "19:05 +02:00|17:05 Z"},
      {"{{ dateInZone `15:04 MST` now `No/Where` }}|{{ dateInZone `15:04` now `../etc` }}",
       "17:05 UTC|17:05"},
      {"{{ date `2006-01-02` 0 }}|{{ date `2006-01-02` (int64 86400) }}", "1970-01-01|1970-01-02"},
      // What is no time, a float64 too, stands for now.
      {"{{ date `2006-01-02` 0.0 }}|{{ htmlDate `x` }}|{{ htmlDateInZone nil `East` }}",
       "2024-03-09|2024-03-09|2024-03-09"},
      {"{{ unixEpoch now }}", "1710003909"},
  };
  CheckRows(rows);
}

TEST_CASE("times are read by Go's layouts", "[sprig]") {
  const Row rows[] = {
      {"{{ toDate `2006-01-02` `2020-02-29` }}", "2020-02-29 00:00:00 +0000 UTC"},
      {"{{ toDate `2006-01-02T15:04:05Z07:00` `2020-01-01T10:00:00.25+02:00` }}",
       "2020-01-01 10:00:00.25 +0200 +0200"},
      {"{{ toDate `3:04PM` `12:05AM` | date `15:04` }}", "00:05"},
      {"{{ toDate `2006-002` `2020-061` | date `01-02` }}", "03-01"},
      // The name of a zone moves no clock.
      {"{{ toDate `06 Jan MST` `69 feb GMT+3` }}", "1969-02-01 03:00:00 +0300 GMT+3"},
      {"{{ mustToDate `2006` `x` }}",
       "mustToDate: parsing time \"x\" as \"2006\": cannot parse \"x\" as \"2006\""},
      {"{{ mustToDate `2006-01-02` `2021-02-29` }}",
       "mustToDate: parsing time \"2021-02-29\": day out of range"},
      {"{{ mustToDate `15:04` `24:00` }}", "mustToDate: parsing time \"24:00\": hour out of range"},
      {"{{ mustToDate `15` `23x` }}", "mustToDate: parsing time \"23x\": extra text: \"x\""},
      {"{{ mustToDate `002` `400` }}",
       "mustToDate: parsing time \"400\": day-of-year out of range"},
      {"{{ (toDate `2006` `x`).IsZero }}", "true"},
  };
  CheckRows(rows);
}

TEST_CASE("durations are added, rounded and told", "[sprig]") {
  const Row rows[] = {
      {"{{ now | dateModify `-1h30m` | date `15:04` }}|{{ now | date_modify `x` | date `15:04` }}",
       "15:35|17:05"},
      {"{{ mustDateModify `1d` now }}",
       "mustDateModify: time: unknown unit \"d\" in duration \"1d\""},
      {"{{ duration `95` }}|{{ duration (int64 3661) }}|{{ duration 95 }}|{{ duration `x` }}",
       "1m35s|1h1m1s|0s|0s"},
      {"{{ durationRound `2h10m` }}|{{ durationRound `1h` }}|{{ durationRound `-2400h1s` }}"
       "|{{ durationRound (int64 1) }}|{{ durationRound (toDate `2006` `2020`) }}",
       "2h|60m|3mo|0s|4y"},
      {"{{ ago (toDate `2006-01-02 15:04:05` `2024-03-09 17:05:00`) }}", "10s"},
  };
  CheckRows(rows);
}

TEST_CASE("times have the methods of Go's", "[sprig]") {
  const Row rows[] = {
      {"{{ now.Year }} {{ now.Month }} {{ now.Weekday }} {{ now.YearDay }} {{ now.Nanosecond }}",
       "2024 March Saturday 69 500000000"},
      {"{{ (now.Sub (now.AddDate 0 -1 -1)).Hours }} {{ now.After (now.Add 1) }}", "720 false"},
      {"{{ (now.Truncate 3600000000000).Minute }} {{ (now.Round 3600000000000).Hour }}", "0 17"},
      {"{{ now.Location }} {{ now.UTC.Location }} {{ (now.In now.UTC.Location).Unix }}",
       "Local UTC 1710003909"},
      {"{{ toJson now }} {{ typeOf now }} {{ kindOf (now.Sub now) }}",
       "\"2024-03-09T17:05:09.5Z\" time.Time int64"},
      {"{{ eq now (now.Add 0) }}{{ eq now (now.Add 1) }}", "truefalse"},
      {"{{ now.Nope }}",
       "template: t:1:3: executing \"t\" at <now>: can't evaluate field Nope in type time.Time"},
      {"{{ now.Date }}",
       "template: t:1:3: executing \"t\" at <now>: function Date has 3 return values; should be 1 "
       "or 2"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace sluice::sprig
