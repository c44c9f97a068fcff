// Reading Kubernetes' protobuf encoding, in which kubectl and Go controllers send objects of
// built-in kinds. We always answer in JSON, which they accept too.
//
// The field numbers stand in data/proto_fields.tsv (written by tools/proto_fields). The result is
// what the same object looks like in JSON, apart from zero values that Go's JSON would leave out:
// decode it by go_codec.h as one does with JSON.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/value/value.h"

namespace sluice::devapi {

inline constexpr char kProtobuf[] = "application/vnd.kubernetes.protobuf";

// Thread-safe.
class ProtoCodec {
 public:
  // `kinds` must outlive this. The table is read when it is first needed.
  explicit ProtoCodec(const BuiltinKinds& kinds);
  ~ProtoCodec();

  // The object in an envelope ("k8s\0", runtime.Unknown). kInvalidArgument for bytes that are none,
  // for a kind that has no protobuf form, and beyond 100 levels.
  absl::StatusOr<Value> Decode(absl::string_view bytes) const;

 private:
  struct Table;
  const Table& table() const;

  const BuiltinKinds& kinds_;
  mutable std::unique_ptr<Table> table_;
};

}  // namespace sluice::devapi
