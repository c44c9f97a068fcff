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

GitRepositoryStatus GitRepositoryStatus::Decode(const Value& status) {
  GitRepositoryStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.artifact = Artifact::Decode(status["artifact"]);
  for (const Value& item : status["includedArtifacts"].items()) {
    if (auto artifact = Artifact::Decode(item)) {
      result.included_artifacts.push_back(std::move(*artifact));
    }
  }
  result.observed_ignore = OptionalText(status["observedIgnore"]);
  result.observed_recurse_submodules = status["observedRecurseSubmodules"].bool_or(false);
  result.observed_include = DecodeIncludes(status["observedInclude"]);
  result.observed_sparse_checkout = TextList(status["observedSparseCheckout"]);
  result.source_verification_mode = Text(status["sourceVerificationMode"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value GitRepositoryStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (artifact.has_value()) status.Set("artifact", artifact->Encode());
  if (!included_artifacts.empty()) {
    Value list = Value::EmptyArray();
    for (const Artifact& included : included_artifacts) list.Append(included.Encode());
    status.Set("includedArtifacts", std::move(list));
  }
  if (observed_ignore.has_value()) status.Set("observedIgnore", *observed_ignore);
  if (observed_recurse_submodules) status.Set("observedRecurseSubmodules", true);
  if (!observed_include.empty()) status.Set("observedInclude", EncodeIncludes(observed_include));
  if (!observed_sparse_checkout.empty()) {
    Value list = Value::EmptyArray();
    for (const std::string& path : observed_sparse_checkout) list.Append(path);
    status.Set("observedSparseCheckout", std::move(list));
  }
  if (!source_verification_mode.empty()) {
    status.Set("sourceVerificationMode", source_verification_mode);
  }
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

}  // namespace sluice::api
