// The Kubernetes API's protobuf form, as the development API server reads it.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/proto_codec.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(proto_codec, input) {
  static const auto* const kKinds = new devapi::BuiltinKinds();
  static const auto* const kCodec = new devapi::ProtoCodec(*kKinds);
  const auto object = kCodec->Decode(input);
  if (!object.ok()) return;
  Require(value::ParseJson(value::FormatJson(*object)).ok(), "the result is a document");
}

}  // namespace sluice::fuzz
