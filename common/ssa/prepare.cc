// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/prepare.h"

#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/x509.h"
#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

void FoldStringData(Value& secret) {
  const Value texts = secret["stringData"];
  if (!texts.is_object()) return;
  for (const value::Member& text : texts.members()) {
    if (!text.value.is_string()) return;  // the API server says what is wrong
  }
  Value& data = secret.Ensure("data");
  for (const value::Member& text : texts.members()) {
    data.Set(text.key, absl::Base64Escape(text.value.str()));
  }
  secret.Erase("stringData");
}

bool IsCertificates(absl::string_view ca_bundle) {
  std::string pem;
  return absl::Base64Unescape(ca_bundle, &pem) && crypto::CheckCertificate(pem).ok();
}

// Newer API servers refuse placeholders such as "Cg==", which cert-manager's injector replaces.
void DropPlaceholder(Value& definition) {
  Value* at = &definition;
  for (const char* step : {"spec", "conversion", "webhook", "clientConfig"}) {
    at = at->FindMutable(step);
    if (at == nullptr) return;
  }
  const absl::string_view bundle = (*at)["caBundle"].str();
  if (!bundle.empty() && !IsCertificates(bundle)) at->Erase("caBundle");
}

}  // namespace

void Prepare(Value& object) {
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  const bool definition =
      gvk.group == "apiextensions.k8s.io" && gvk.kind == "CustomResourceDefinition";
  if (definition) {
    DropPlaceholder(object);
  } else {
    object.Erase("status");
  }
  if (gvk.group.empty() && gvk.kind == "Secret") FoldStringData(object);
  Value* metadata = object.FindMutable("metadata");
  if (metadata == nullptr) return;
  metadata->Erase("creationTimestamp");
  for (const char* field : {"annotations", "labels"}) {
    Value* entries = metadata->FindMutable(field);
    if (entries == nullptr || !entries->is_object()) continue;
    for (value::Member& entry : entries->mutable_members()) {
      if (entry.value.is_null()) entry.value = "";
    }
  }
}

}  // namespace sluice::ssa
