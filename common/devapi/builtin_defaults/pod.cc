// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_defaults/pod.h"
#include "common/devapi/schema/quantity.h"

#include "absl/strings/str_split.h"

namespace sluice::devapi {
namespace {

// Calls `apply` on each element of the list `key`, if there is one.
template <typename Function>
void ForEach(Value& object, absl::string_view key, Function apply) {
  Value* const list = object.FindMutable(key);
  if (list == nullptr || !list->is_array()) return;
  for (Value& item : list->mutable_items()) apply(item);
}

// Calls `apply` on the member `key`, if it is there.
template <typename Function>
void IfPresent(Value& object, absl::string_view key, Function apply) {
  Value* const member = object.FindMutable(key);
  if (member != nullptr && !member->is_null()) apply(*member);
}

// Whether an image without a policy is always pulled: its tag is "latest", given or implied.
bool IsLatest(absl::string_view image) {
  if (image.find('@') != absl::string_view::npos) return false;
  const size_t slash = image.rfind('/');
  const absl::string_view last = slash == absl::string_view::npos ? image : image.substr(slash + 1);
  const size_t colon = last.find(':');
  return colon == absl::string_view::npos || last.substr(colon + 1) == "latest";
}

void ApplyHttpGet(Value& get) {
  SetDefault(get, "path", "/");
  SetDefault(get, "scheme", "HTTP");
}

void ApplyProbe(Value& probe) {
  SetDefault(probe, "timeoutSeconds", 1);
  SetDefault(probe, "periodSeconds", 10);
  SetDefault(probe, "successThreshold", 1);
  SetDefault(probe, "failureThreshold", 3);
  IfPresent(probe, "httpGet", ApplyHttpGet);
  IfPresent(probe, "grpc", [](Value& grpc) {
    if (grpc["service"].is_null()) grpc.Set("service", "");
  });
}

void ApplyFieldRef(Value& holder) {
  IfPresent(holder, "fieldRef", [](Value& ref) { SetDefault(ref, "apiVersion", "v1"); });
}

void ApplyContainer(Value& container) {
  SetDefault(container, "imagePullPolicy",
             IsLatest(container["image"].str()) ? "Always" : "IfNotPresent");
  SetDefault(container, "terminationMessagePath", "/dev/termination-log");
  SetDefault(container, "terminationMessagePolicy", "File");
  ForEach(container, "ports", [](Value& port) { SetDefault(port, "protocol", "TCP"); });
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    IfPresent(container, probe, ApplyProbe);
  }
  IfPresent(container, "lifecycle", [](Value& lifecycle) {
    for (const char* hook : {"postStart", "preStop"}) {
      IfPresent(lifecycle, hook,
                [](Value& handler) { IfPresent(handler, "httpGet", ApplyHttpGet); });
    }
  });
  ForEach(container, "env",
          [](Value& variable) { IfPresent(variable, "valueFrom", ApplyFieldRef); });
}

void ApplyProjection(Value& source) {
  IfPresent(source, "serviceAccountToken",
            [](Value& token) { SetDefault(token, "expirationSeconds", 3600); });
  IfPresent(source, "downwardAPI",
            [](Value& downward) { ForEach(downward, "items", ApplyFieldRef); });
}

void ApplyVolume(Value& volume) {
  if (volume.size() <= 1 && volume["name"].is_string()) {
    volume.Set("emptyDir", Value::EmptyObject());
  }
  for (const char* source : {"configMap", "secret", "downwardAPI", "projected"}) {
    IfPresent(volume, source, [](Value& files) { SetDefault(files, "defaultMode", 420); });
  }
  IfPresent(volume, "downwardAPI",
            [](Value& downward) { ForEach(downward, "items", ApplyFieldRef); });
  IfPresent(volume, "projected",
            [](Value& projected) { ForEach(projected, "sources", ApplyProjection); });
  IfPresent(volume, "hostPath", [](Value& path) { SetDefault(path, "type", ""); });
  IfPresent(volume, "iscsi", [](Value& disk) { SetDefault(disk, "iscsiInterface", "default"); });
  IfPresent(volume, "rbd", [](Value& disk) {
    SetDefault(disk, "pool", "rbd");
    SetDefault(disk, "user", "admin");
    SetDefault(disk, "keyring", "/etc/ceph/keyring");
  });
  IfPresent(volume, "azureDisk", [](Value& disk) {
    SetDefault(disk, "cachingMode", "ReadWrite");
    SetDefault(disk, "kind", "Shared");
    SetDefault(disk, "fsType", "ext4");
    SetDefault(disk, "readOnly", false);
  });
  IfPresent(volume, "scaleIO", [](Value& disk) {
    SetDefault(disk, "storageMode", "ThinProvisioned");
    SetDefault(disk, "fsType", "xfs");
  });
  IfPresent(volume, "image", [](Value& image) {
    SetDefault(image, "pullPolicy", IsLatest(image["reference"].str()) ? "Always" : "IfNotPresent");
  });
  IfPresent(volume, "ephemeral", [](Value& ephemeral) {
    IfPresent(ephemeral, "volumeClaimTemplate",
              [](Value& claim) { IfPresent(claim, "spec", ApplyClaimSpecDefaults); });
  });
}

}  // namespace

void SetDefault(Value& object, absl::string_view key, Value value) {
  if (!object.Has(key)) object.Set(key, std::move(value));
}

void ApplyClaimSpecDefaults(Value& spec) { SetDefault(spec, "volumeMode", "Filesystem"); }

void ApplyPodSpecDefaults(Value& spec) {
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    ForEach(spec, list, ApplyContainer);
  }
  SetDefault(spec, "dnsPolicy", "ClusterFirst");
  SetDefault(spec, "restartPolicy", "Always");
  SetDefault(spec, "securityContext", Value::EmptyObject());
  SetDefault(spec, "terminationGracePeriodSeconds", 30);
  SetDefault(spec, "schedulerName", "default-scheduler");
  // The old name of the field follows the new one.
  if (!spec.Has("serviceAccountName") && spec.Has("serviceAccount")) {
    spec.Set("serviceAccountName", Value(spec["serviceAccount"]));
  } else if (spec.Has("serviceAccountName")) {
    spec.Set("serviceAccount", Value(spec["serviceAccountName"]));
  }
  ForEach(spec, "volumes", ApplyVolume);
}

void ApplyPodDefaults(Value& pod) {
  Value& spec = pod.Ensure("spec");
  ApplyPodSpecDefaults(spec);
  SetDefault(spec, "enableServiceLinks", true);
  const bool host_network = spec["hostNetwork"].bool_or(false);
  for (const char* list : {"containers", "initContainers"}) {
    ForEach(spec, list, [host_network](Value& container) {
      for (const char* list_name : {"limits", "requests"}) {
        const Value amounts = container["resources"][list_name];
        for (const value::Member& amount : amounts.members()) {
          const std::string rounded = RoundUpToMilli(amount.value.str());
          if (rounded != amount.value.str()) {
            container.Ensure("resources").Ensure(list_name).Set(amount.key, rounded);
          }
        }
      }
      const Value limits = container["resources"]["limits"];
      for (const value::Member& limit : limits.members()) {
        SetDefault(container.Ensure("resources").Ensure("requests"), limit.key, limit.value);
      }
      if (!host_network) return;
      ForEach(container, "ports",
              [](Value& port) { SetDefault(port, "hostPort", Value(port["containerPort"])); });
    });
  }
}

}  // namespace sluice::devapi
