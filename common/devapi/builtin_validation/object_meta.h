// Checking metadata (apimachinery api/validation, 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/names.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct MetadataRules {
  NameRule name = NameRule::kDnsSubdomain;
  bool namespaced = false;
  // Built-in kinds allow only finalizers with a prefix, and a few old ones without; custom ones and
  // those of the API machinery itself (definitions, aggregated services) are not so strict.
  bool builtin = true;
};

// Of an object that is to be created; its name is there, generated if it had to be.
void ValidateObjectMeta(const Value& metadata, const MetadataRules& rules, FieldErrors& errors);

// Of an object that is to replace one with metadata `old`. `metadata` has the old's resourceVersion
// or that which the client sent.
void ValidateObjectMetaUpdate(const Value& old, const Value& metadata, const MetadataRules& rules,
                              FieldErrors& errors);

// A map of labels, such as a selector or matchLabels.
void ValidateLabels(const Value& labels, const FieldPath& path, FieldErrors& errors);

}  // namespace sluice::devapi
