// Defaults of the kinds that make pods: groups apps and batch, replication controllers, pod
// templates, autoscalers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::devapi {

void ApplyDeploymentDefaults(Value& object);
void ApplyStatefulSetDefaults(Value& object);
void ApplyDaemonSetDefaults(Value& object);
void ApplyReplicaSetDefaults(Value& object);
void ApplyReplicationControllerDefaults(Value& object);
void ApplyJobDefaults(Value& object);
void ApplyCronJobDefaults(Value& object);
void ApplyPodTemplateDefaults(Value& object);
void ApplyAutoscalerV1Defaults(Value& object);
void ApplyAutoscalerV2Defaults(Value& object);

}  // namespace sluice::devapi
