// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/resource.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"
#include "common/value/yaml.h"

namespace sluice::helm_controller {
namespace {

constexpr char kManagedBy[] = "app.kubernetes.io/managed-by";
constexpr char kReleaseName[] = "meta.helm.sh/release-name";
constexpr char kReleaseNamespace[] = "meta.helm.sh/release-namespace";
constexpr char kResourcePolicy[] = "helm.sh/resource-policy";

// Lists become their items.
void Flatten(Value object, std::vector<Value>& objects) {
  if (absl::EndsWith(object["kind"].str(), "List") && object["items"].is_array()) {
    for (const Value& item : object["items"].items()) Flatten(item, objects);
    return;
  }
  objects.push_back(std::move(object));
}

std::string Mismatch(absl::string_view what, const Value& entries, absl::string_view key,
                     absl::string_view wanted) {
  const Value& found = entries[key];
  if (!found.is_null() && found.str() == wanted) return "";
  const std::string reason =
      found.is_null()
          ? absl::StrCat("missing key ", text::Quote(key), ": must be set to ", text::Quote(wanted))
          : absl::StrCat("key ", text::Quote(key), " must equal ", text::Quote(wanted),
                         ": current value is ", text::Quote(found.str()));
  return absl::StrCat(what, " validation error: ", reason);
}

}  // namespace

std::string Resource::ToString() const {
  return absl::StrCat(key().ToString(), " ",
                      at.gvk().api_version().find('/') == std::string::npos
                          ? absl::StrCat("/", at.version)
                          : at.gvk().api_version(),
                      ", Kind=", at.kind);
}

absl::StatusOr<Resources> BuildResources(const Context& ctx, kube::Discovery& discovery,
                                         absl::string_view manifest, const std::string& ns) {
  ASSIGN_OR_RETURN(std::vector<value::YamlDocument> documents, value::ParseYamlStream(manifest));
  std::vector<Value> objects;
  for (value::YamlDocument& document : documents) Flatten(std::move(document.value), objects);
  Resources resources;
  std::vector<std::string> unknown;
  for (Value& object : objects) {
    const kube::GroupVersionKind gvk = kube::GvkOf(object);
    if (gvk.kind.empty() || gvk.version.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Object '", gvk.kind.empty() ? "Kind" : "apiVersion", "' is missing in ",
          kube::Name(object).empty() ? "a document of the manifest" : kube::Name(object)));
    }
    auto at = discovery.Resolve(ctx, gvk);
    if (absl::IsNotFound(at.status())) {
      unknown.push_back(
          absl::StrCat("resource mapping not found for name: ", text::Quote(kube::Name(object)),
                       " namespace: ", text::Quote(kube::Namespace(object)),
                       " from \"\": ", at.status().message(), "\nensure CRDs are installed first"));
      continue;
    }
    RETURN_IF_ERROR(at.status());
    if (at->namespaced && kube::Namespace(object).empty()) {
      object.Ensure("metadata").Set("namespace", ns);
    }
    resources.push_back({std::move(object), *std::move(at)});
  }
  if (unknown.empty()) return resources;
  return absl::FailedPreconditionError(
      unknown.size() == 1 ? unknown.front() : absl::StrCat("[", absl::StrJoin(unknown, ", "), "]"));
}

void SetOwnership(const std::string& release, const std::string& ns, Resources& resources) {
  for (Resource& resource : resources) {
    kube::SetMetadataEntry(resource.object, "labels", kManagedBy, "Helm");
    kube::SetMetadataEntry(resource.object, "annotations", kReleaseName, release);
    kube::SetMetadataEntry(resource.object, "annotations", kReleaseNamespace, ns);
  }
}

absl::Status CheckOwnership(const std::string& release, const std::string& ns, const Value& live) {
  const Value& metadata = live["metadata"];
  std::vector<std::string> findings = {
      Mismatch("label", metadata["labels"], kManagedBy, "Helm"),
      Mismatch("annotation", metadata["annotations"], kReleaseName, release),
      Mismatch("annotation", metadata["annotations"], kReleaseNamespace, ns)};
  std::erase(findings, "");
  if (findings.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      live["kind"].str(), " ", text::Quote(kube::Name(live)), " in namespace ",
      text::Quote(kube::Namespace(live)),
      " exists and cannot be imported into the current release: invalid ownership metadata; ",
      absl::StrJoin(findings, "; ")));
}

bool KeepsResource(const Value& object) {
  return absl::AsciiStrToLower(
             absl::StripAsciiWhitespace(kube::Annotation(object, kResourcePolicy))) == "keep";
}

bool HasResourcePolicy(const Value& object) {
  return object["metadata"]["annotations"].Has(kResourcePolicy);
}

}  // namespace sluice::helm_controller
