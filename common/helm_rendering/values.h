// The values of a release: spec.valuesFrom and spec.values merged (spec/helm.md §2.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/api/helm/helm_release.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/value/secret_texts.h"
#include "common/value/value.h"

namespace sluice::helm_rendering {

// `ns` is that of the HelmRelease, where the references are. Errors are worded "could not resolve
// Kind chart values reference 'ns/name' with key 'k': reason", never with what a Secret holds. That
// is added to `secrets`, if it is not null.
absl::StatusOr<Value> ComposeValues(const Context& ctx, kube::Client& client, const std::string& ns,
                                    const api::HelmReleaseSpec& spec,
                                    value::SecretTexts* secrets = nullptr);

// "sha256:…" of the values as YAML. Equal values have equal digests, whole numbers that are held as
// doubles included.
std::string ValuesDigest(const Value& values, absl::string_view algorithm = "sha256");
// Whether `digest` is that of `values`, by whatever algorithm it names.
bool VerifyValues(const std::string& digest, const Value& values);

}  // namespace sluice::helm_rendering
