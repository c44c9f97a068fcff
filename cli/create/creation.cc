// SPDX-License-Identifier: Apache-2.0
#include "cli/create/creation.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/create/manifest.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/steer/reconcile.h"
#include "cli/terminal.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

constexpr size_t kLongestName = 63;
constexpr size_t kLongestPrefix = 253;

// Letters, digits and, within, some signs; as Kubernetes has label names and values.
bool IsLabelText(absl::string_view text) {
  const auto alphanumeric = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  };
  if (text.empty() || text.size() > kLongestName || !alphanumeric(text.front()) ||
      !alphanumeric(text.back())) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool IsLabelKey(absl::string_view key) {
  const std::vector<absl::string_view> parts = absl::StrSplit(key, '/');
  if (parts.size() > 2 || !IsLabelText(parts.back())) return false;
  if (parts.size() == 1) return true;
  if (parts[0].size() > kLongestPrefix) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(parts[0], '.');
  return std::all_of(labels.begin(), labels.end(), [](absl::string_view label) {
    return IsLabelText(label) && !absl::StrContains(label, '_') &&
           std::none_of(label.begin(), label.end(), absl::ascii_isupper);
  });
}

absl::Status CheckName(const std::string& name) {
  const bool valid =
      name.size() >= 2 && name.size() <= kLongestName &&
      std::all_of(
          name.begin(), name.end(),
          [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; }) &&
      name.front() != '-' && name.back() != '-';
  if (valid) return absl::OkStatus();
  return UsageError(absl::StrCat("name '", name,
                                 "' is invalid, it should adhere to standard defined in RFC 1123, "
                                 "the name can only contain alphanumeric characters or '-'"));
}

absl::StatusOr<Value> Labels(const CreateOptions& options) {
  Value labels;
  for (const std::string& label : options.labels) {
    const std::vector<std::string> parts = absl::StrSplit(label, '=');
    if (parts.size() != 2) {
      return UsageError(absl::StrCat("invalid label format '", label, "', must be key=value"));
    }
    if (!IsLabelKey(parts[0])) return UsageError(absl::StrCat("invalid label '", parts[0], "'"));
    if (!parts[1].empty() && !IsLabelText(parts[1])) {
      return UsageError(absl::StrCat("invalid label value '", parts[1], "'"));
    }
    labels.Set(parts[0], parts[1]);
  }
  return labels;
}

// The object without its content.
absl::StatusOr<Value> Frame(const CreateOptions& options, absl::string_view api_version,
                            absl::string_view kind) {
  RETURN_IF_ERROR(CheckName(options.name));
  ASSIGN_OR_RETURN(const Value labels, Labels(options));
  ASSIGN_OR_RETURN(const std::string ns, NamespaceOf(options.connection));
  Value object({{"apiVersion", api_version}, {"kind", kind}});
  Value& metadata = object.Ensure("metadata");
  metadata.Set("name", options.name);
  metadata.Set("namespace", ns);
  if (!labels.empty()) metadata.Set("labels", labels);
  return object;
}

const kube::Resource& Secrets() {
  static const auto* const kResource = new kube::Resource{"", "v1", "secrets", "Secret", true};
  return *kResource;
}

// Writes `object` as a new one, or over the content and the labels of the one that is there.
// Whether it is new.
absl::StatusOr<bool> Upsert(const Context& ctx, Connection& connection,
                            const kube::Resource& resource, const Value& object) {
  auto live = connection.client->Get(ctx, resource, kube::KeyOf(object));
  if (absl::IsNotFound(live.status())) {
    RETURN_IF_ERROR(
        connection.client->Create(ctx, resource, object, {.field_manager = "sluice"}).status());
    return true;
  }
  RETURN_IF_ERROR(live.status());
  const bool is_secret = resource == Secrets();
  Value& metadata = live->Ensure("metadata");
  if (!is_secret) metadata.Erase("labels");
  for (const char* map : {"labels", "annotations"}) {
    for (const value::Member& entry : object["metadata"][map].members()) {
      metadata.Ensure(map).Set(entry.key, entry.value);
    }
  }
  for (const value::Member& member : object.members()) {
    if (member.key != "metadata") live->Set(member.key, member.value);
  }
  RETURN_IF_ERROR(
      connection.client->Update(ctx, resource, *live, {.field_manager = "sluice"}).status());
  return false;
}

absl::Status CreateObject(const Context& ctx, Connection& connection, const CreateOptions& options,
                          const KindView& view, Value object, const Creation& creation) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  if (!creation.secret.empty()) {
    PrintProgress(Mark::kAction, "applying secret with the credentials");
    Value secret({{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", object["metadata"]}});
    secret.Ensure("metadata").Set("name", creation.secret_name);
    secret.Set("stringData", creation.secret);
    RETURN_IF_ERROR(Upsert(limited, connection, Secrets(), secret).status());
    SetNameOf(object.Ensure("spec"), "secretRef", creation.secret_name);
    PrintProgress(Mark::kSuccess, "authentication configured");
  }
  PrintProgress(Mark::kAction, absl::StrCat("applying ", view.resource));
  ASSIGN_OR_RETURN(const bool is_new, Upsert(limited, connection, view.Resource(), object));
  PrintProgress(Mark::kSuccess, absl::StrCat(view.resource, is_new ? " created" : " updated"));
  PrintProgress(Mark::kWaiting, absl::StrCat("waiting for ", view.resource, " reconciliation"));
  ASSIGN_OR_RETURN(const Value ready,
                   AwaitObject(limited, connection, {&view, kube::KeyOf(object)}, ReadyProgress));
  PrintProgress(Mark::kSuccess, absl::StrCat(view.resource, " reconciliation completed"));
  if (!IsStatic(ready)) PrintProgress(Mark::kSuccess, SuccessLine(ready));
  return absl::OkStatus();
}

Command& AddCommand(Command& command, const std::string& name, absl::string_view kind,
                    CreateOptions& options, std::function<int()> run) {
  Command& create = command.Sub(name, absl::StrCat("Creates or updates a ", kind), std::move(run));
  create.Positional("NAME", options.name, "of the object", /*required=*/true);
  AddConnectionFlags(create, options.connection);
  create.Bool("--export", options.exported, "print it as YAML and write nothing");
  create.List("--label", options.labels, "key=value; may be repeated");
  return create;
}

absl::Status RunCreation(const Context& ctx, const CreateOptions& options, const KindView& view,
                         const absl::StatusOr<Creation>& creation) {
  RETURN_IF_ERROR(creation.status());
  ASSIGN_OR_RETURN(Value object,
                   Frame(options, view.Resource().gvk().api_version(), view.resource));
  object.Set("spec", creation->spec);
  if (options.exported) {
    std::cout << FormatManifest(object);
    return absl::OkStatus();
  }
  PrintProgress(Mark::kGenerate, absl::StrCat("generating ", view.resource));
  ASSIGN_OR_RETURN(Connection connection, Connect(options.connection));
  return CreateObject(ctx, connection, options, view, std::move(object), *creation);
}

absl::Status RunSecret(
    const Context& ctx, const CreateOptions& options, const std::string& name,
    const std::function<absl::StatusOr<Value>(const kube::ObjectKey&)>& content) {
  ASSIGN_OR_RETURN(Value secret, Frame(options, "v1", "Secret"));
  const kube::ObjectKey key = kube::KeyOf(secret);
  ASSIGN_OR_RETURN(const Value parts, content(key));
  for (const value::Member& part : parts.members()) {
    if (part.key == "annotations") {
      secret.Ensure("metadata").Set(part.key, part.value);
    } else {
      secret.Set(part.key, part.value);
    }
  }
  if (options.exported) {
    std::cout << FormatManifest(secret);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Connection connection, Connect(options.connection));
  RETURN_IF_ERROR(
      Upsert(ctx.WithTimeout(options.connection.timeout), connection, Secrets(), secret).status());
  PrintProgress(Mark::kAction,
                absl::StrCat(name, " secret '", key.name, "' created in '", key.ns, "' namespace"));
  return absl::OkStatus();
}

}  // namespace

Command& AddCreation(Command& command, const std::string& name, absl::string_view kind,
                     const std::shared_ptr<CreateOptions>& options,
                     std::function<absl::StatusOr<Creation>()> creation) {
  const KindView* view = FindView(kind);
  Command& create =
      AddCommand(command, name, kind, *options, [options, view, creation = std::move(creation)] {
        return Run(
            [&](const Context& ctx) { return RunCreation(ctx, *options, *view, creation()); });
      });
  create.Duration("--interval", options->interval, "how often to reconcile it");
  return create;
}

Command& AddSecretCreation(
    Command& command, const std::string& name, const std::shared_ptr<CreateOptions>& options,
    std::function<absl::StatusOr<Value>(const kube::ObjectKey& key)> secret) {
  return AddCommand(
      command, name, absl::StrCat("Secret for ", name), *options,
      [options, name, secret = std::move(secret)] {
        return Run([&](const Context& ctx) { return RunSecret(ctx, *options, name, secret); });
      });
}

void SetText(Value& object, absl::string_view field, absl::string_view text) {
  if (!text.empty()) object.Set(field, text);
}

void SetNameOf(Value& object, absl::string_view field, absl::string_view name) {
  if (!name.empty()) object.Set(field, {{"name", name}});
}

void SetDuration(Value& object, absl::string_view field, absl::Duration duration) {
  if (duration > absl::ZeroDuration()) object.Set(field, FormatGoDuration(duration));
}

void SetTrue(Value& object, absl::string_view field, bool on) {
  if (on) object.Set(field, true);
}

void AppendTo(Value& object, absl::string_view field, Value value) {
  if (!object[field].is_array()) object.Set(field, Value::EmptyArray());
  object.FindMutable(field)->Append(std::move(value));
}

absl::StatusOr<Value> ParseReference(absl::string_view flag, absl::string_view text,
                                     std::vector<std::string> kinds, bool kind_required) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  const absl::string_view full_name = parts.back();
  if (full_name.empty() || parts.size() > 2 || (kind_required && parts.size() < 2)) {
    return UsageError(
        absl::StrCat("invalid ", flag, " '", text, "', must be in format <kind>/<name>"));
  }
  std::string kind = kinds.front();
  if (parts.size() == 2) {
    const auto match = std::find_if(kinds.begin(), kinds.end(), [&](const std::string& known) {
      return absl::EqualsIgnoreCase(known, parts[0]);
    });
    if (match == kinds.end()) {
      return UsageError(
          absl::StrCat(flag, ": kind '", parts[0],
                       "' is not supported, must be one of: ", absl::StrJoin(kinds, ", ")));
    }
    kind = *match;
  }
  Value reference({{"kind", kind}});
  const size_t dot = full_name.rfind('.');
  reference.Set("name", full_name.substr(0, dot));
  if (dot != absl::string_view::npos) SetText(reference, "namespace", full_name.substr(dot + 1));
  return reference;
}

Value ParseDependency(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  Value dependency({{"name", parts.back()}});
  if (parts.size() == 2) SetText(dependency, "namespace", parts[0]);
  return dependency;
}

}  // namespace sluice::cli
