// What the API server sets in an object of a built-in kind on its own account, before validation:
// the PrepareForCreate and PrepareForUpdate of its strategies and the admission plugins that are on
// by default (Kubernetes 1.34). Left to the caller, who has the state for it: uid, generation,
// resourceVersion, creationTimestamp, cluster IPs and node ports, service accounts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct BuiltinType {
  absl::string_view group;
  absl::string_view version;
  absl::string_view kind;
  const Schema* schema = nullptr;  // from BuiltinKinds; not null
  bool has_status = false;         // there is a status subresource
};

// `object` is decoded and defaulted, and has its uid. Sets the first status, drops the client's;
// turns a Secret's stringData into data; sets the labels and the selector of a Job, the finalizer
// of a Namespace, tolerations and priority of a Pod, the IP families of a Service.
//
// The finalizers that protect claims and volumes in use are not added: no controller here would
// take them off.
void PrepareBuiltinCreate(const BuiltinType& type, absl::Time now, Value& object);

// `object` is to replace `old`: keeps the status of `old` and what only the server may change.
void PrepareBuiltinUpdate(const BuiltinType& type, const Value& old, Value& object);

// `object` comes by the status subresource: everything else stays as in `old`. Of metadata,
// built-in kinds let annotations, finalizers and owners through; custom resources nothing but
// managed fields.
void PrepareStatusUpdate(bool is_custom, const Value& old, Value& object);

// Whether objects of the kind count their changes in metadata.generation.
bool HasGeneration(absl::string_view group, absl::string_view kind);

// Whether `object` differs from `old` in what metadata.generation counts: for most kinds, custom
// ones included, everything but metadata and status.
bool ChangesGeneration(absl::string_view group, absl::string_view kind, const Value& old,
                       const Value& object);

}  // namespace sluice::devapi
