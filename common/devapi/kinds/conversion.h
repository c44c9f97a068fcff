// Conversion between the served versions of a resource and the one it is stored in.
//
// Custom resources and nearly all built-in kinds differ in apiVersion only (strategy None). Real
// conversions, after kube-apiserver's: autoscaling/v1, whose newer fields travel in annotations,
// and events.k8s.io/v1, another spelling of core events.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/kinds/resource.h"
#include "common/devapi/storage/object.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Whether the stored body cannot simply be shown under the resource's apiVersion.
bool NeedsConversion(const Resource& resource);

// An object as stored to what `resource` shows, and back.
Value FromStorage(const Resource& resource, const Value& stored);
Value ToStorage(const Resource& resource, const Value& shown);

// Appends the JSON of `object` as `resource` shows it, sharing its serialised body where possible.
// `typed` puts kind and apiVersion in front: single objects and events have them, items of a
// built-in kind's list do not.
void AppendJson(std::string& out, const Resource& resource, const Object& object, bool typed);

}  // namespace sluice::devapi
