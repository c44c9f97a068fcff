// Where a release's chart comes from: the source object, its artifact, the chart in it
// (spec/helm.md §2.6, §2.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/meta/artifact.h"
#include "common/base/context.h"
#include "common/helm/parsed_chart.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// The source object as the API server has it. kPermissionDenied with Flux's words if references to
// other namespaces are blocked; kInvalidArgument for a kind that is switched off.
absl::StatusOr<Value> GetSource(const Context& ctx, const Services& services,
                                const Session& session);

// Its artifact; kFailedPrecondition "Kind 'ns/name' is not ready: …" if it has none that is good.
absl::StatusOr<api::Artifact> ReadyArtifact(const Value& source);

struct LoadedChart {
  std::shared_ptr<const helm::ParsedChart> chart;
  std::string oci_digest;  // of artifacts that come from registries, else ""
};

// kNotFound if the artifact's URL answers 404.
absl::StatusOr<LoadedChart> LoadChart(const Context& ctx, const Services& services,
                                      const api::Artifact& artifact);

// The version that a chart gets which comes as artifact `revision`: that of a registry is told
// apart by its digest ("1.2.0+0123456789ab"). kInvalidArgument if its tag is another version.
struct ChartVersion {
  std::string version;
  std::string oci_digest;
};
absl::StatusOr<ChartVersion> VersionFor(const std::string& chart_version,
                                        const std::string& revision, bool track_digest);

}  // namespace sluice::helm_controller
