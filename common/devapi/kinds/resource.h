// Resource: what the server knows about one served version of one kind, built-in or custom.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/devapi/requests/api_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct CustomSchema;

struct GroupVersionKind {
  std::string group;
  std::string version;
  std::string kind;

  // "v1", "apps/v1".
  std::string ApiVersion() const { return group.empty() ? version : group + "/" + version; }
  friend bool operator==(const GroupVersionKind& a, const GroupVersionKind& b) = default;
};

// "apps/v1" to its two parts; "v1" has the empty group.
std::pair<std::string, std::string> SplitApiVersion(absl::string_view api_version);

struct Subresource {
  std::string name;       // "status", "scale", "token", ...
  GroupVersionKind kind;  // of what is sent and answered
  std::vector<std::string> verbs;
};

// A column of a CustomResourceDefinition's additionalPrinterColumns.
struct PrinterColumn {
  std::string name;
  std::string type;
  std::string format;
  std::string description;
  int priority = 0;
  std::string json_path;
};

// What only a custom resource's version has.
struct CustomVersion {
  Value schema;  // openAPIV3Schema as written in the CRD; null if there is none
  std::shared_ptr<const CustomSchema> compiled;  // the same, compiled (schema.h); never null
  bool has_status = false;
  bool has_scale = false;
  std::string scale_spec_path;  // ".spec.replicas"
  std::string scale_status_path;
  std::string scale_selector_path;
  std::vector<PrinterColumn> columns;
  std::vector<std::string> selectable_fields;  // JSON paths, ".spec.color"
  bool deprecated = false;
  std::string deprecation_warning;
  std::string crd_name;
};

// Immutable once registered; shared by all requests.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
  std::string singular;
  std::string kind;
  std::string list_kind;
  bool namespaced = true;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<std::string> verbs;  // of the main resource
  std::vector<Subresource> subresources;
  // Under which name and in which version objects are stored. Several served resources may share
  // one storage (versions of a kind; core and events.k8s.io events).
  std::string storage;                          // "deployments.apps"
  std::string storage_api_version;              // "apps/v1"
  std::shared_ptr<const CustomVersion> custom;  // null for built-in kinds

  GroupVersionKind gvk() const { return {group, version, kind}; }
  GroupResource group_resource() const { return {group, plural}; }
  std::string api_version() const { return gvk().ApiVersion(); }
  bool HasVerb(absl::string_view verb) const;
  const Subresource* FindSubresource(absl::string_view name) const;
};

}  // namespace sluice::devapi
