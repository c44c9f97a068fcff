// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_defaults/extensions.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/builtin_defaults/pod.h"

namespace sluice::devapi {
namespace {

template <typename Function>
void ForEach(Value& object, absl::string_view key, Function apply) {
  Value* const list = object.FindMutable(key);
  if (list == nullptr || !list->is_array()) return;
  for (Value& item : list->mutable_items()) apply(item);
}

// The service that a client configuration names.
void ApplyServicePort(Value& holder) {
  if (Value* service = holder.FindMutable("service"); service != nullptr && service->is_object()) {
    SetDefault(*service, "port", 443);
  }
}

void ApplyRuleScope(Value& rule) { SetDefault(rule, "scope", "*"); }

void ApplyWebhook(Value& webhook) {
  SetDefault(webhook, "failurePolicy", "Fail");
  SetDefault(webhook, "matchPolicy", "Equivalent");
  SetDefault(webhook, "namespaceSelector", Value::EmptyObject());
  SetDefault(webhook, "objectSelector", Value::EmptyObject());
  SetDefault(webhook, "timeoutSeconds", 10);
  ForEach(webhook, "rules", ApplyRuleScope);
  ApplyServicePort(webhook.Ensure("clientConfig"));
}

void ApplyMatchResources(Value& match) {
  SetDefault(match, "matchPolicy", "Equivalent");
  SetDefault(match, "namespaceSelector", Value::EmptyObject());
  SetDefault(match, "objectSelector", Value::EmptyObject());
  ForEach(match, "resourceRules", ApplyRuleScope);
  ForEach(match, "excludeResourceRules", ApplyRuleScope);
}

}  // namespace

void ApplyValidatingWebhookDefaults(Value& object) { ForEach(object, "webhooks", ApplyWebhook); }

void ApplyMutatingWebhookDefaults(Value& object) {
  ForEach(object, "webhooks", [](Value& webhook) {
    ApplyWebhook(webhook);
    SetDefault(webhook, "reinvocationPolicy", "Never");
  });
}

void ApplyAdmissionPolicyDefaults(Value& object) {
  Value& spec = object.Ensure("spec");
  SetDefault(spec, "failurePolicy", "Fail");
  if (Value* match = spec.FindMutable("matchConstraints"); match != nullptr) {
    ApplyMatchResources(*match);
  }
}

void ApplyAdmissionPolicyBindingDefaults(Value& object) {
  if (Value* match = object.Ensure("spec").FindMutable("matchResources"); match != nullptr) {
    ApplyMatchResources(*match);
  }
}

void ApplyCustomResourceDefinitionDefaults(Value& object) {
  Value& spec = object.Ensure("spec");
  Value& names = spec.Ensure("names");
  const std::string kind(names["kind"].str());
  SetDefault(names, "singular", absl::AsciiStrToLower(kind));
  if (names["listKind"].str().empty() && !kind.empty()) {
    names.Set("listKind", absl::StrCat(kind, "List"));
  }
  if (!spec.Has("conversion")) spec.Set("conversion", Value{{"strategy", "None"}});
  if (Value* webhook = spec.Ensure("conversion").FindMutable("webhook"); webhook != nullptr) {
    if (Value* client = webhook->FindMutable("clientConfig"); client != nullptr) {
      ApplyServicePort(*client);
    }
  }
  if (!object["status"]["storedVersions"].empty()) return;
  const Value versions = object["spec"]["versions"];
  for (const Value& version : versions.items()) {
    if (!version["storage"].bool_or(false)) continue;
    object.Ensure("status").Set("storedVersions", Value(Value::Array{version["name"]}));
    return;
  }
}

void ApplyApiServiceDefaults(Value& object) { ApplyServicePort(object.Ensure("spec")); }

void ApplyCsiDriverDefaults(Value& object) {
  Value& spec = object.Ensure("spec");
  SetDefault(spec, "attachRequired", true);
  SetDefault(spec, "podInfoOnMount", false);
  SetDefault(spec, "storageCapacity", false);
  SetDefault(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
  SetDefault(spec, "volumeLifecycleModes", Value(Value::Array{"Persistent"}));
  SetDefault(spec, "requiresRepublish", false);
  SetDefault(spec, "seLinuxMount", false);
}

}  // namespace sluice::devapi
