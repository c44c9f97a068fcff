// SPDX-License-Identifier: Apache-2.0
#include "common/kustomization_build/substitute.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/envsubst/expand.h"
#include "common/envsubst/manifest.h"
#include "common/kube/object.h"

namespace sluice::kustomization_build {
namespace {

constexpr char kOptOut[] = "kustomize.toolkit.fluxcd.io/substitute";

absl::Status AddData(const Value& object, Variables& variables) {
  const bool secret = object["kind"].str() == "Secret";
  for (const value::Member& member : object["data"].members()) {
    std::string text(member.value.str());
    if (secret && !absl::Base64Unescape(member.value.str(), &text)) {
      return absl::InvalidArgumentError(absl::StrCat("key '", member.key, "' is not base64"));
    }
    variables[member.key] = std::move(text);
  }
  return absl::OkStatus();
}

bool OptedOut(const Value& object) {
  return kube::Annotation(object, kOptOut) == "disabled" ||
         kube::Label(object, kOptOut) == "disabled";
}

}  // namespace

absl::StatusOr<Variables> LoadVariables(const Context& ctx, kube::Client& client,
                                        const std::string& ns, const api::PostBuild& post_build,
                                        value::SecretTexts* secrets) {
  Variables variables;
  for (const api::SubstituteReference& reference : post_build.substitute_from) {
    const bool secret = reference.kind == "Secret";
    const kube::Resource resource = {"", "v1", secret ? "secrets" : "configmaps", reference.kind,
                                     true};
    auto object = client.Get(ctx, resource, {ns, reference.name});
    if (absl::IsNotFound(object.status()) && reference.optional) continue;
    absl::Status status = object.status();
    if (status.ok()) {
      object->Set("kind", reference.kind);
      if (secret && secrets != nullptr) secrets->AddSecret(*object);
      status = AddData(*object, variables);
    }
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("substitute from '", reference.kind, "/", reference.name,
                                           "' error"));
    }
  }
  for (const auto& [name, text] : post_build.substitute) variables[name] = text;
  for (auto& [name, text] : variables) {
    RETURN_IF_ERROR(envsubst::CheckName(name));
    absl::StrReplaceAll({{"\n", ""}}, &text);
  }
  return variables;
}

absl::StatusOr<Value> Substitute(const Value& object, const Variables& variables, bool strict) {
  if (OptedOut(object)) return object;
  const auto lookup = [&variables](absl::string_view name) -> const std::string* {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? nullptr : &it->second;
  };
  auto result = envsubst::ExpandManifest(object, lookup, {.strict = strict});
  if (!result.ok()) return Annotate(result.status(), "envsubst error");
  return result;
}

}  // namespace sluice::kustomization_build
