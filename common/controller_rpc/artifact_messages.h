// sluice.source.v1 messages to and from our own types: one function per message.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/hub.h"

namespace sluice::source::v1 {
class ArtifactEvent;
}  // namespace sluice::source::v1

namespace sluice::controller_rpc {

sluice::source::v1::ArtifactEvent ToMessage(const artifact::Event& event);
// An event that a newer server sent and this version does not know is nullopt.
std::optional<artifact::Event> FromMessage(const sluice::source::v1::ArtifactEvent& message);

}  // namespace sluice::controller_rpc
