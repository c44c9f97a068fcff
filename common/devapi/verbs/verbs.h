// The verbs of a resource request. Each takes a resolved call that has been authorized and gives
// what to answer; rendering it is the router's business (render.h).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

absl::StatusOr<Reply> Get(Cluster& cluster, Call& call);
absl::StatusOr<Reply> List(Cluster& cluster, Call& call);
absl::StatusOr<Reply> StartWatch(Cluster& cluster, Call& call);
absl::StatusOr<Reply> Create(Cluster& cluster, Call& call);
absl::StatusOr<Reply> Update(Cluster& cluster, Call& call);
absl::StatusOr<Reply> Patch(Cluster& cluster, Call& call);
absl::StatusOr<Reply> Delete(Cluster& cluster, Call& call);
absl::StatusOr<Reply> DeleteCollection(Cluster& cluster, Call& call);

// The body of a create or update as a decoded object of the call's resource: right type, right
// names, unknown fields handled as options.validation says.
absl::StatusOr<Value> DecodeBody(Cluster& cluster, Call& call, const WriteOptions& options);
// The part of DecodeBody() after parsing, for objects that patches made. `sent` is the text, if it
// is JSON and field names may stand in it twice. kInvalidArgument with the decoder's text.
absl::Status FinishDecoding(Cluster& cluster, Call& call, const WriteOptions& options,
                            absl::string_view sent, Value& object);
// Whether `object` has the name and the namespace that the request is about.
absl::Status CheckPlace(const Call& call, const Value& object);

}  // namespace sluice::devapi
