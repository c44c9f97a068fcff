// Cells of volumes, claims and storage classes.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

using Cells = Value::Array;

const Value& Name(const Value& object) { return object["metadata"]["name"]; }

std::string AccessModes(const Value& modes) {
  std::vector<std::string> parts;
  const auto has = [&](absl::string_view wanted) {
    for (const Value& mode : modes.items()) {
      if (mode.str() == wanted) return true;
    }
    return false;
  };
  for (const auto& [mode, text] : {std::pair<const char*, const char*>{"ReadWriteOnce", "RWO"},
                                   {"ReadOnlyMany", "ROX"},
                                   {"ReadWriteMany", "RWX"},
                                   {"ReadWriteOncePod", "RWOP"}}) {
    if (has(mode)) parts.emplace_back(text);
  }
  return absl::StrJoin(parts, ",");
}

std::string Phase(const Value& object) {
  if (!object["metadata"]["deletionTimestamp"].is_null()) return "Terminating";
  return std::string(object["status"]["phase"].str());
}

// The class of a claim or volume; an annotation said it before there was a field.
std::string Class(const Value& object) {
  constexpr char kAnnotation[] = "volume.beta.kubernetes.io/storage-class";
  const Value& annotated = object["metadata"]["annotations"][kAnnotation];
  if (annotated.is_string()) return std::string(annotated.str());
  return std::string(object["spec"]["storageClassName"].str());
}

void PrintClaim(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  std::string capacity;
  std::string modes;
  if (!spec["volumeName"].str().empty()) {
    modes = AccessModes(object["status"]["accessModes"]);
    capacity = std::string(object["status"]["capacity"]["storage"].str());
  }
  cells.insert(cells.end(), {Name(object), Phase(object), spec["volumeName"].str(), capacity, modes,
                             Class(object), spec["volumeAttributesClassName"].string_or("<unset>"),
                             ObjectAge(object, now), spec["volumeMode"].string_or("<unset>")});
}

void PrintVolume(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  std::string claim;
  if (spec["claimRef"].is_object()) {
    claim = absl::StrCat(spec["claimRef"]["namespace"].str(), "/", spec["claimRef"]["name"].str());
  }
  cells.insert(
      cells.end(),
      {Name(object), spec["capacity"]["storage"].str(), AccessModes(spec["accessModes"]),
       spec["persistentVolumeReclaimPolicy"].str(), Phase(object), claim, Class(object),
       spec["volumeAttributesClassName"].string_or("<unset>"), object["status"]["reason"].str(),
       ObjectAge(object, now), spec["volumeMode"].string_or("<unset>")});
}

void PrintStorageClass(const Value& object, absl::Time now, Cells& cells) {
  std::string name(Name(object).str());
  const Value& annotations = object["metadata"]["annotations"];
  if (annotations["storageclass.kubernetes.io/is-default-class"].str() == "true") {
    name += " (default)";
  }
  cells.insert(cells.end(),
               {name, object["provisioner"].str(), object["reclaimPolicy"].string_or("Delete"),
                object["volumeBindingMode"].string_or("Immediate"),
                object["allowVolumeExpansion"].bool_or(false), ObjectAge(object, now)});
}

void PrintAttachment(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  cells.insert(cells.end(), {Name(object), spec["attacher"].str(),
                             spec["source"]["persistentVolumeName"].str(), spec["nodeName"].str(),
                             object["status"]["attached"].bool_or(false), ObjectAge(object, now)});
}

void PrintCsiNode(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), static_cast<int64_t>(object["spec"]["drivers"].size()),
                             ObjectAge(object, now)});
}

void PrintCsiDriver(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  std::vector<std::string> audiences;
  for (const Value& request : spec["tokenRequests"].items()) {
    audiences.emplace_back(request["audience"].str());
  }
  std::vector<std::string> modes;
  for (const Value& mode : spec["volumeLifecycleModes"].items()) modes.emplace_back(mode.str());
  cells.insert(
      cells.end(),
      {Name(object), spec["attachRequired"].bool_or(true), spec["podInfoOnMount"].bool_or(false),
       spec["storageCapacity"].bool_or(false),
       audiences.empty() ? std::string("<unset>") : absl::StrJoin(audiences, ","),
       spec["requiresRepublish"].bool_or(false),
       modes.empty() ? std::string("<none>") : absl::StrJoin(modes, ","), ObjectAge(object, now)});
}

void PrintAttributesClass(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), object["driverName"].str(), ObjectAge(object, now)});
}

constexpr NamedPrinter kPrinters[] = {
    {"persistentvolumeclaims", PrintClaim},
    {"persistentvolumes", PrintVolume},
    {"storageclasses.storage.k8s.io", PrintStorageClass},
    {"volumeattachments.storage.k8s.io", PrintAttachment},
    {"csinodes.storage.k8s.io", PrintCsiNode},
    {"csidrivers.storage.k8s.io", PrintCsiDriver},
    {"volumeattributesclasses.storage.k8s.io", PrintAttributesClass},
};

}  // namespace

std::span<const NamedPrinter> StoragePrinters() { return kPrinters; }

}  // namespace sluice::devapi
