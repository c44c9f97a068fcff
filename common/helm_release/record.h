// Record: one revision of a Helm release as Helm itself stores it (spec/helm.md §3), so that the
// `helm` program and other controllers read what we write, and the other way round.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"
#include "common/helm/manifests.h"
#include "common/value/value.h"

namespace sluice::helm_release {

enum class Status : uint8_t {
  kUnknown,
  kDeployed,
  kUninstalled,
  kSuperseded,
  kFailed,
  kUninstalling,
  kPendingInstall,
  kPendingUpgrade,
  kPendingRollback,
};

// "pending-install"
absl::string_view ToText(Status status);
// kUnknown for what is none.
Status ParseStatus(absl::string_view text);
bool IsPending(Status status);

// Times are kept as the texts that were stored (RFC 3339 with nanoseconds), "" for none: the digest
// of a record is over these bytes.
struct Info {
  std::string first_deployed;
  std::string last_deployed;
  std::string deleted;
  std::string description;
  Status status = Status::kUnknown;
  std::string notes;
};

struct HookRun {
  std::string started_at;
  std::string completed_at;
  std::string phase;  // "", Unknown, Running, Succeeded, Failed
};

struct HookRecord {
  helm::Hook hook;
  HookRun last_run;
};

// What the controller notes beside a revision that it writes, in an annotation of the Secret: Helm
// does not keep annotations, so that one is there says that nobody else has written since.
struct Intent {
  std::string owner;       // uid of the HelmRelease
  std::string action;      // "install", "upgrade", "rollback"
  std::string oci_digest;  // of the chart's artifact
  std::string instance;    // the controller process that wrote it last

  bool empty() const { return owner.empty(); }
};

struct Record {
  std::string name;
  std::string ns;
  int64_t version = 0;  // the revision, from 1
  Info info;
  Value chart;   // as stored: metadata, templates, values, files …
  Value config;  // the user's values; null or an object
  std::string manifest;
  std::vector<HookRecord> hooks;
  std::string apply_method;                   // "ssa", "csa" or "", which is "csa"
  std::map<std::string, std::string> labels;  // of the Secret, those of Helm's own left out
  Intent intent;

  // Of the chart's metadata; "" where there is none.
  std::string chart_name() const;
  std::string chart_version() const;
  std::string app_version() const;
};

// The chart as a record stores it: its own templates, files and values, without the charts below.
// `metadata` and `values` are those after dependencies were processed.
Value ChartJson(const helm::Chart& chart, const helm::Metadata& metadata, const Value& values);

// The payload of the Secret: base64 of gzipped JSON.
std::string Encode(const Record& record);
// Also of a payload that is not compressed. kInvalidArgument for what is no release,
// kResourceExhausted for one of more than 64 MiB. Labels and intent are not in it.
absl::StatusOr<Record> Decode(absl::string_view payload);

// What a snapshot remembers of a record: "sha256:…" over all that Helm would change; hooks that are
// tests are left out, so that a user may run them (spec/helm.md §3.3). `algorithm` is one of
// crypto::ParseAlgorithm's; `oci_digest` is the snapshot's.
absl::StatusOr<std::string> ObservationDigest(const Record& record, absl::string_view oci_digest,
                                              absl::string_view algorithm = "sha256");

}  // namespace sluice::helm_release
