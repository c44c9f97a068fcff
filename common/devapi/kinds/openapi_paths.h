// The `paths` of an OpenAPI v3 document: the operations of a resource.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/devapi/kinds/resource.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Adds the paths of `resource`, whose objects are of the schema `definition` and whose lists are of
// `list_definition`.
void AddPaths(const Resource& resource, const std::string& definition,
              const std::string& list_definition, Value& paths);

// "com.example.v1.Widget": the definition's name of a custom kind.
std::string CustomDefinitionName(const GroupVersionKind& kind);

}  // namespace sluice::devapi
