// SPDX-License-Identifier: Apache-2.0
#include "common/explain/references.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/kube/object.h"

namespace sluice::explain {
namespace {

// The object that `reference` ({kind, name, namespace, apiVersion}) names from within `ns`.
ssa::ObjectId Named(const Value& reference, absl::string_view default_kind, absl::string_view ns) {
  const absl::string_view kind = reference["kind"].string_or(default_kind);
  ssa::ObjectId id = OwnObject(kind, reference["namespace"].string_or(ns), reference["name"].str());
  const absl::string_view api_version = reference["apiVersion"].str();
  if (!api_version.empty()) id.gvk = kube::ParseGvk(api_version, kind);
  return id;
}

// The chart that helm-controller made for a HelmRelease: status.helmChart says which.
ssa::ObjectId MadeChart(const Value& release, absl::string_view ns) {
  const std::string recorded = api::Text(release["status"]["helmChart"]);
  if (const size_t slash = recorded.find('/'); slash != std::string::npos) {
    return OwnObject("HelmChart", recorded.substr(0, slash), recorded.substr(slash + 1));
  }
  return OwnObject("HelmChart",
                   release["spec"]["chart"]["spec"]["sourceRef"]["namespace"].string_or(ns),
                   absl::StrCat(ns, "-", kube::Name(release)));
}

}  // namespace

ssa::ObjectId OwnObject(absl::string_view kind, absl::string_view ns, absl::string_view name) {
  ssa::ObjectId id;
  id.key = {std::string(ns), std::string(name)};
  const kube::Resource* resource = api::FindKind(kind);
  id.gvk =
      resource != nullptr ? resource->gvk() : kube::GroupVersionKind{"", "", std::string(kind)};
  return id;
}

std::vector<Reference> SourcesOf(const Value& object) {
  const absl::string_view kind = object["kind"].str();
  const absl::string_view ns = kube::Namespace(object);
  const Value& spec = object["spec"];
  std::vector<Reference> sources;
  const auto add = [&](const char* relation, const Value& reference,
                       absl::string_view default_kind) {
    if (!reference["name"].str().empty()) {
      sources.push_back({relation, Named(reference, default_kind, ns)});
    }
  };
  if (kind == "HelmRelease") {
    if (spec["chartRef"].is_object()) {
      add("chartRef", spec["chartRef"], "OCIRepository");
    } else if (spec["chart"].is_object()) {
      sources.push_back({"chart", MadeChart(object, ns)});
    }
  } else if (kind == "GitRepository") {
    for (const Value& include : spec["include"].items()) {
      add("include", include["repository"], "GitRepository");
    }
  } else if (kind == "ArtifactGenerator") {
    for (const Value& source : spec["sources"].items()) add("sources", source, "GitRepository");
  } else if (kind == "ImagePolicy") {
    add("imageRepositoryRef", spec["imageRepositoryRef"], "ImageRepository");
  } else {
    add("sourceRef", spec["sourceRef"], "GitRepository");
  }
  return sources;
}

std::vector<Reference> DependenciesOf(const Value& object) {
  std::vector<Reference> dependencies;
  for (const Value& entry : object["spec"]["dependsOn"].items()) {
    dependencies.push_back(
        {"dependsOn", Named(entry, object["kind"].str(), kube::Namespace(object))});
  }
  return dependencies;
}

}  // namespace sluice::explain
