// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/triggers.h"

#include "common/api/meta/reference.h"
#include "common/kube/object.h"

namespace sluice::source_controller {
namespace {

std::string SourceOf(const Value& chart) {
  const Value& reference = chart["spec"]["sourceRef"];
  return api::SourceReference{
      std::string(reference["kind"].str()),
      {std::string(kube::Namespace(chart)), std::string(reference["name"].str())}}
      .ToString();
}

}  // namespace

ChartTriggers::ChartTriggers(runtime::Informer& charts, runtime::Controller& controller)
    : charts_(charts.store()), controller_(controller) {
  charts.AddHandler([this](const runtime::Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    if (change.after == nullptr) {
      sources_.Remove(key);
    } else {
      sources_.Set(key, {SourceOf(*change.after)});
    }
  });
}

void ChartTriggers::Follow(runtime::Informer& sources) {
  sources.AddHandler([this, kind = sources.resource().kind](const runtime::Change& change) {
    if (change.before == nullptr || change.after == nullptr) return;
    const absl::string_view revision = (*change.after)["status"]["artifact"]["revision"].str();
    if (revision.empty() || revision == (*change.before)["status"]["artifact"]["revision"].str()) {
      return;
    }
    const api::SourceReference source = {kind, kube::KeyOf(*change.after)};
    for (const kube::ObjectKey& key : sources_.ReferrersOf(source.ToString())) {
      const kube::ObjectPtr chart = charts_.Find(key);
      if (chart != nullptr &&
          (*chart)["status"]["observedSourceArtifactRevision"].str() != revision) {
        controller_.Wake(key);
      }
    }
  });
}

}  // namespace sluice::source_controller
