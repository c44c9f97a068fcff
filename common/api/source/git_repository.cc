// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/git_repository.h"

#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"

namespace sluice::api {
namespace {

std::vector<GitInclude> DecodeIncludes(const Value& list) {
  std::vector<GitInclude> includes;
  for (const Value& item : list.items()) {
    includes.push_back(
        {Text(item["repository"]["name"]), Text(item["fromPath"]), Text(item["toPath"])});
  }
  return includes;
}

Value EncodeIncludes(const std::vector<GitInclude>& includes) {
  Value list = Value::EmptyArray();
  for (const GitInclude& include : includes) {
    Value item = {{"repository", {{"name", include.repository}}}};
    if (!include.from_path.empty()) item.Set("fromPath", include.from_path);
    if (!include.to_path.empty()) item.Set("toPath", include.to_path);
    list.Append(std::move(item));
  }
  return list;
}

}  // namespace

absl::StatusOr<GitRepositorySpec> DecodeGitRepositorySpec(const Value& spec) {
  GitRepositorySpec result;
  result.url = Text(spec["url"]);
  result.secret_name = Text(spec["secretRef"]["name"]);
  result.proxy_secret_name = Text(spec["proxySecretRef"]["name"]);
  result.provider = Text(spec["provider"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  ASSIGN_OR_RETURN(result.interval,
                   DurationField(spec["interval"], "spec.interval", absl::Minutes(1)));
  ASSIGN_OR_RETURN(result.timeout,
                   DurationField(spec["timeout"], "spec.timeout", absl::Seconds(60)));
  const Value& reference = spec["ref"];
  result.reference = {Text(reference["branch"]), Text(reference["tag"]), Text(reference["semver"]),
                      Text(reference["name"]), Text(reference["commit"])};
  if (result.reference == GitReference()) result.reference.branch = Text(spec["branch"]);
  result.ignore = OptionalText(spec["ignore"]);
  result.suspend = spec["suspend"].bool_or(false);
  result.recurse_submodules = spec["recurseSubmodules"].bool_or(false);
  result.include = DecodeIncludes(spec["include"]);
  result.sparse_checkout = TextList(spec["sparseCheckout"]);
  result.verify = spec["verify"].is_object();
  result.verify_mode = Text(spec["verify"]["mode"]);
  result.verify_secret_name = Text(spec["verify"]["secretRef"]["name"]);
  return result;
}

GitRepositoryObserved GitRepositoryObserved::Decode(const Value& status) {
  GitRepositoryObserved result;
  for (const Value& item : status["includedArtifacts"].items()) {
    if (auto artifact = Artifact::Decode(item)) {
      result.included_artifacts.push_back(std::move(*artifact));
    }
  }
  result.ignore = OptionalText(status["observedIgnore"]);
  result.recurse_submodules = status["observedRecurseSubmodules"].bool_or(false);
  result.include = DecodeIncludes(status["observedInclude"]);
  result.sparse_checkout = TextList(status["observedSparseCheckout"]);
  result.verification_mode = Text(status["sourceVerificationMode"]);
  return result;
}

void GitRepositoryObserved::EncodeInto(Value& status) const {
  if (!included_artifacts.empty()) {
    Value list = Value::EmptyArray();
    for (const Artifact& included : included_artifacts) list.Append(included.Encode());
    status.Set("includedArtifacts", std::move(list));
  }
  if (ignore.has_value()) status.Set("observedIgnore", *ignore);
  if (recurse_submodules) status.Set("observedRecurseSubmodules", true);
  if (!include.empty()) status.Set("observedInclude", EncodeIncludes(include));
  if (!sparse_checkout.empty()) {
    Value list = Value::EmptyArray();
    for (const std::string& path : sparse_checkout) list.Append(path);
    status.Set("observedSparseCheckout", std::move(list));
  }
  if (!verification_mode.empty()) status.Set("sourceVerificationMode", verification_mode);
}

}  // namespace sluice::api
