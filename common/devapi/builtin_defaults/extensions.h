// Defaults of the kinds that extend the API server: webhooks, admission policies,
// CustomResourceDefinitions, API services, CSI drivers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::devapi {

void ApplyValidatingWebhookDefaults(Value& object);
void ApplyMutatingWebhookDefaults(Value& object);
void ApplyAdmissionPolicyDefaults(Value& object);
void ApplyAdmissionPolicyBindingDefaults(Value& object);
void ApplyCustomResourceDefinitionDefaults(Value& object);
void ApplyApiServiceDefaults(Value& object);
void ApplyCsiDriverDefaults(Value& object);

}  // namespace sluice::devapi
