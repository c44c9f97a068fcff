// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/body.h"

#include "absl/strings/str_cat.h"
#include "common/devapi/requests/proto_codec.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

absl::StatusOr<Value> Read(const Cluster& cluster, const Call& call) {
  if (call.content_type == "application/yaml") return value::ParseYaml(call.body);
  if (call.content_type == kProtobuf) return cluster.proto().Decode(call.body);
  return value::ParseJson(call.body);
}

}  // namespace

absl::StatusOr<Value> ParseBody(const Cluster& cluster, const Call& call, absl::string_view kind) {
  const std::string& type = call.content_type;
  const bool builtin = call.resource->custom == nullptr;
  const bool known = type.empty() || type == "application/json" || type == "application/yaml" ||
                     (builtin && type == kProtobuf);
  if (!known) {
    return UnsupportedMediaType(
        builtin ? absl::StrCat("application/json, application/yaml, ", kProtobuf)
                : "application/json, application/yaml");
  }
  absl::StatusOr<Value> parsed = Read(cluster, call);
  if (parsed.ok() && parsed->is_object()) return parsed;
  const std::string why =
      parsed.ok() ? "json: cannot unmarshal the document into an object with apiVersion and kind"
                  : std::string(parsed.status().message());
  return BadRequest(absl::StrCat("the object provided is unrecognized (must be of type ", kind,
                                 "): couldn't get version/kind; json parse error: ", why, " (",
                                 absl::string_view(call.body).substr(0, 40), ")"));
}

}  // namespace sluice::devapi
