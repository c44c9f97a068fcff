// Tables: the meta.k8s.io/v1 Table that `kubectl get` asks for in place of objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/kinds/resource.h"
#include "common/devapi/storage/object.h"
#include "common/value/value.h"

namespace sluice::devapi {

// How much of each object goes into its row: includeObject=None, Metadata (the default), Object.
enum class RowObject { kNone, kMetadata, kObject };

struct TableRequest {
  RowObject row_object = RowObject::kMetadata;
  bool headers = true;  // false: no columnDefinitions (later events of a watch)
  absl::Time now;
};

// The Table of `objects`, as JSON text. `metadata` is that of the list or object.
std::string TableJson(const Resource& resource, std::span<const ObjectRef> objects,
                      const Value& metadata, const TableRequest& request);

// The PartialObjectMetadata of an object.
Value PartialMetadata(const Value& object);

}  // namespace sluice::devapi
