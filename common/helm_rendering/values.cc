// SPDX-License-Identifier: Apache-2.0
#include "common/helm_rendering/values.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm/set_values.h"
#include "common/value/yaml.h"

namespace sluice::helm_rendering {
namespace {

const kube::Resource& ConfigMaps() {
  static const auto* const kConfigMaps =
      new kube::Resource{"", "v1", "configmaps", "ConfigMap", true};
  return *kConfigMaps;
}

const kube::Resource& Secrets() {
  static const auto* const kSecrets = new kube::Resource{"", "v1", "secrets", "Secret", true};
  return *kSecrets;
}

// Maps merge, anything else is replaced by what is on top.
void Merge(Value& values, const Value& top) {
  for (const value::Member& member : top.members()) {
    Value* const below = values.FindMutable(member.key);
    if (below != nullptr && below->is_object() && member.value.is_object()) {
      Merge(*below, member.value);
    } else {
      values.Set(member.key, member.value);
    }
  }
}

std::string Escaped(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::StrContains("\\,[]{}", absl::string_view(&c, 1))) out += '\\';
    out += c;
  }
  return out;
}

std::string TrimQuotes(absl::string_view text) {
  const auto quote = [](char c) { return c == '\'' || c == '"'; };
  while (!text.empty() && quote(text.front())) text.remove_prefix(1);
  while (!text.empty() && quote(text.back())) text.remove_suffix(1);
  return std::string(text);
}

bool IsQuoted(absl::string_view text) {
  return text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
         text.front() == text.back();
}

absl::Status SetAtPath(const api::ValuesReference& reference, const std::string& content,
                       Value& values) {
  const auto set = [&](helm::SetForm form, const std::string& text) {
    return helm::SetValues(absl::StrCat(reference.target_path, "=", text), form,
                           helm::Dialect::kHelm4, values);
  };
  if (reference.literal) return set(helm::SetForm::kString, Escaped(content));
  if (IsQuoted(content)) return set(helm::SetForm::kString, TrimQuotes(content));
  return set(helm::SetForm::kTyped, content);
}

absl::Status MergeDocument(const std::string& content, Value& values) {
  const absl::StatusOr<Value> document = value::ParseYaml(content);
  // What the parser quotes may be secret.
  if (!document.ok()) return absl::InvalidArgumentError("the value is not YAML");
  if (!document->is_null() && !document->is_object()) {
    return absl::InvalidArgumentError("the value is not a YAML map");
  }
  Merge(values, *document);
  return absl::OkStatus();
}

// Each object is read once, so that all references to it see one state.
class ReferencedObjects {
 public:
  ReferencedObjects(const Context& ctx, kube::Client& client, const std::string& ns)
      : ctx_(ctx), client_(client), ns_(ns) {}

  // nullopt without error for what is lacking and optional.
  absl::StatusOr<std::optional<std::string>> Content(const api::ValuesReference& reference) {
    const bool secret = reference.kind == "Secret";
    if (!secret && reference.kind != "ConfigMap") {
      return absl::InvalidArgumentError("unsupported values reference kind");
    }
    const auto& object = Read(secret, reference.name);
    if (absl::IsNotFound(object.status()) && reference.optional) return std::nullopt;
    RETURN_IF_ERROR(object.status());
    const Value& entry = (*object)["data"][reference.key];
    if (entry.is_null()) {
      if (reference.optional) return std::nullopt;
      return absl::NotFoundError("key not found");
    }
    if (!secret) return std::string(entry.str());
    std::string content;
    if (!absl::Base64Unescape(entry.str(), &content)) {
      return absl::InvalidArgumentError("the value is not in base64");
    }
    return content;
  }

 private:
  const absl::StatusOr<Value>& Read(bool secret, const std::string& name) {
    const auto key = std::make_pair(secret, name);
    auto found = objects_.find(key);
    if (found == objects_.end()) {
      found =
          objects_.emplace(key, client_.Get(ctx_, secret ? Secrets() : ConfigMaps(), {ns_, name}))
              .first;
    }
    return found->second;
  }

  const Context& ctx_;
  kube::Client& client_;
  const std::string& ns_;
  std::map<std::pair<bool, std::string>, absl::StatusOr<Value>> objects_;
};

}  // namespace

absl::StatusOr<Value> ComposeValues(const Context& ctx, kube::Client& client, const std::string& ns,
                                    const api::HelmReleaseSpec& spec, value::SecretTexts* secrets) {
  ReferencedObjects objects(ctx, client, ns);
  Value values = Value::EmptyObject();
  Value inline_values = spec.values.is_object() ? spec.values : Value::EmptyObject();
  for (const api::ValuesReference& reference : spec.values_from) {
    const std::string what = absl::StrCat(
        "could not resolve ", reference.optional ? "optional " : "", reference.kind,
        " chart values reference '", ns, "/", reference.name, "' with key '", reference.key, "'");
    const auto content = objects.Content(reference);
    if (!content.ok()) return Annotate(content.status(), what);
    if (!content->has_value()) continue;
    if (reference.kind == "Secret" && secrets != nullptr) {
      secrets->Add(**content);
      secrets->AddAll(value::ParseYaml(**content).value_or(Value()));
    }
    absl::Status merged;
    if (reference.target_path.empty()) {
      merged = MergeDocument(**content, values);
    } else {
      // What is set here wins over what spec.values says of the same path (spec/helm.md §2.8).
      Merge(values, inline_values);
      merged = SetAtPath(reference, **content, values);
      if (merged.ok()) merged = SetAtPath(reference, **content, inline_values);
      // The words of Helm quote the value.
      if (!merged.ok() && reference.kind == "Secret") {
        merged = absl::InvalidArgumentError(
            absl::StrCat("the value cannot be set at '", reference.target_path, "'"));
      }
    }
    if (!merged.ok()) return Annotate(merged, what);
  }
  Merge(values, inline_values);
  return values;
}

std::string ValuesDigest(const Value& values, absl::string_view algorithm) {
  const auto chosen = crypto::ParseAlgorithm(algorithm);
  const std::string text = values.empty() ? "" : value::FormatYaml(values);
  return absl::StrCat(
      algorithm, ":",
      absl::BytesToHexString(crypto::Digest(chosen.value_or(crypto::Algorithm::kSha256), text)));
}

bool VerifyValues(const std::string& digest, const Value& values) {
  const std::string algorithm = digest.substr(0, std::min(digest.find(':'), digest.size()));
  return crypto::ParseAlgorithm(algorithm).ok() && ValuesDigest(values, algorithm) == digest;
}

}  // namespace sluice::helm_rendering
